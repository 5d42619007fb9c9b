"""What attackers choose as a name is shown and does nothing, whatever channel carries it."""

import email
import email.policy
import html.parser
import re
import smtplib
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import msgspec
import pytest
from msgspec.structs import replace

from diag.adapters.notify import pagerduty, slack, teams
from diag.adapters.notify.email import Email
from diag.core.alerts import Content, Message
from diag.core.channels import EmailChannel
from tests.adapters.notify.conftest import named, several
from tests.adapters.notify.limits import check_pagerduty, check_slack, check_teams
from tests.entrypoints.web.hostile import PAYLOADS

CHAT = (
    "<!channel> <!here> <!everyone>", "<@U012345> <#C012345>", "<https://fabrikam.example|Open in aadsts-diag>",
    "@channel @here @everyone", "<at>Ada</at>", "**bold** _it_ ~~x~~ `code`", "[click](https://fabrikam.example/x)",
    "![img](https://fabrikam.example/x.png)", "# heading\n- list\n1. item", "> quote", ":rotating_light:",
    "{{DATE(2026-11-22T10:00:00Z,SHORT)}}", "${name}", "@{triggerBody()}", "&lt;!channel&gt;", "*Resolved*", "a\nb\rc",
    "\u2028line\u2029paragraph", "\u202egnitset\u202c", "\u200b\u2060\ufeff", "\x1b[31mred", "tel:+491234",
    "x" * 100_000, "\r\nBcc: all@contoso.example",
    "=?utf-8?q?=0d=0aBcc:_x?=", "</p></body><h1>", "\ud7ff\U0010ffff", "漢" * 5000,
)  # fmt: skip
HIDDEN = re.compile("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
OURS = "https://diag.contoso.example"


def _plain(name: str) -> Message:
    """An alert that an older version wrote as text."""
    body = f"Application: {name}\nCredential: {name}\n\nWhat to do, in this order:\n1. Look at {name}\n{name}\n"
    made = named(name)
    return replace(made, alerts=(replace(made.alert, body=body, content=Content()),))


FORMS: dict[str, Callable[[str], Message]] = {"data": named, "text": _plain, "many": lambda name: several(7, name)}


def _mail(message: Message) -> EmailMessage:
    channel = EmailChannel(name="m", host="h", sender="a@contoso.example", recipients=("b@contoso.example",))
    mail = Email(channel, "", sample=False)._composed(message)
    raw = mail.as_bytes(policy=email.policy.SMTP)
    assert isinstance(smtplib.quotedata(raw.decode("ascii", "replace")), str)
    return email.message_from_bytes(raw, policy=email.policy.default)


class _Page(html.parser.HTMLParser):
    """Every element of a page with its attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


def _shape(page: _Page) -> Iterator[str]:
    """Tags and attribute names in order, without the elements that repeat with the number of lines."""
    for tag, attributes in page.elements:
        yield f"{tag} {sorted(attributes)}"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [*CHAT, *PAYLOADS], ids=range(len(CHAT) + len(PAYLOADS)))
def test_a_name_is_inert_in_every_channel(form: str, name: str) -> None:
    given = FORMS[form](name)
    texts = [
        *check_teams(msgspec.json.encode(teams.envelope(given))),
        *check_slack(slack.payload(given)),
    ]
    for event in pagerduty.events(given):
        texts += check_pagerduty(msgspec.json.encode({"routing_key": "0" * 32, **event}))
    assert not any(HIDDEN.search(text) for text in texts)

    mail = _mail(given)
    expected = {"From", "To", "Subject"}
    assert expected <= set(mail.keys())
    assert not {"Bcc", "Cc", "Reply-To", "Set-Cookie"} & set(mail.keys())
    assert mail["To"] == "b@contoso.example"
    assert not HIDDEN.search(mail["Subject"])
    rich, plain = mail.get_body(("html",)), mail.get_body(("plain",))
    assert rich is not None
    assert plain is not None
    page = _Page(rich.get_content())
    calm = _Page(_calm(form))
    assert set(_shape(page)) == set(_shape(calm)), "a name made markup"
    for tag, attributes in page.elements:
        assert tag not in ("script", "img", "iframe", "form", "base", "svg", "object"), tag
        assert (attributes.get("href") or OURS).startswith(OURS)
    assert not HIDDEN.search(page.text.replace("\r\n", "\n").replace("\n", ""))
    assert not HIDDEN.search(re.sub("\r\n|[\n\t]", "", plain.get_content()))


def _calm(form: str) -> str:
    rich = _mail(FORMS[form]("Orders")).get_body(("html",))
    assert rich is not None
    content: str = rich.get_content()
    return content
