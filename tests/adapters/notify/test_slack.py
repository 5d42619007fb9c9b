import json
from typing import Any

import pytest
from msgspec.structs import replace

from diag.adapters.notify.channels import build
from diag.core.alerts import Message
from diag.core.channels import SlackChannel
from diag.core.errors import NotifyError
from diag.workflows.ports import Notifier
from tests.adapters.notify.conftest import several
from tests.adapters.notify.limits import check_slack
from tests.adapters.notify.receiver import Answer, http, receiver
from tests.workflows.fakes import FakeClock

TOKEN = "xoxb-0000-very-secret"


def _hook(url: str) -> Notifier:
    return build(SlackChannel(name="chat", url_env="SLACK_URL"), {"SLACK_URL": url}, False, FakeClock())


def _bot(url: str, token: str = TOKEN) -> Notifier:
    channel = SlackChannel(name="chat", token_env="SLACK_TOKEN", channel="C0123", api_url=f"{url}api")
    return build(channel, {"SLACK_TOKEN": token}, False, FakeClock())


def _told(**answer: Any) -> bytes:
    return http("200 OK", "content-type: application/json", body=json.dumps(answer).encode())


async def _refusal(answer: Answer, message: Message, *, bot: bool) -> NotifyError:
    async with receiver(answer) as running:
        with pytest.raises(NotifyError) as refused:
            await (_bot if bot else _hook)(running.url).send(message)
    return refused.value


async def test_a_webhook_gets_a_message_within_the_limits(message: Message) -> None:
    async with receiver(http("200 OK", body=b"ok")) as running:
        assert await _hook(running.url).send(message) == "HTTP 200"
    (given,) = running.bodies()
    texts = check_slack(given)
    assert texts[0] == "Orders &amp; more: client secret ends in 7 days"
    assert "Orders & more (a)\n" in texts
    assert "channel" not in given


async def test_steps_items_and_links_stand_where_they_belong(rich: Message) -> None:
    async with receiver(http("200 OK", body=b"ok")) as running:
        await _hook(running.url).send(rich)
        await _hook(running.url).send(several(1000))
    one, many = (check_slack(given) for given in running.bodies())
    assert [one.index(text) for text in ("End: ", "\nWhat to do, in this order:\n", "Acknowledge")] == sorted(
        one.index(text) for text in ("End: ", "\nWhat to do, in this order:\n", "Acknowledge")
    )
    assert {"2026-11-29 11:00 CET in 7 days\n", "1. Add a new one.\n", "Snooze for a week"} <= {*one}
    assert sum("client secret ends" in text for text in many) > 20
    assert any(text.endswith("more lines are on the page.\n") for text in many)


async def test_a_bot_posts_to_its_channel_with_its_token(message: Message) -> None:
    async with receiver(_told(ok=True, channel="C0123", message={"text": "x" * 100_000})) as running:
        assert await _bot(running.url).send(message) == "HTTP 200: posted"
    (headers, _), (given,) = running.taken[0], running.bodies()
    assert headers["authorization"] == f"Bearer {TOKEN}"
    check_slack(given)
    assert (given["channel"], given["unfurl_links"], given["unfurl_media"]) == ("C0123", False, False)


@pytest.mark.parametrize("character", ["x", "漢", "😀", '"', "<", "\u202e"])
async def test_a_message_never_outgrows_what_slack_takes(message: Message, character: str) -> None:
    body = "\n".join(f"Line {number}: {character * 500}" for number in range(200))
    large = replace(message.alert, subject=character * 5000, body=body)
    async with receiver(http("200 OK", body=b"ok")) as running:
        await _hook(running.url).send(replace(message, alerts=(large,)))
    texts = check_slack(running.bodies()[0])
    assert any("more lines are on the page" in text for text in texts)
    assert texts[-1] == "Open in aadsts-diag"


@pytest.mark.parametrize(
    ("status", "permanent", "disables"),
    [
        ("400", True, False),
        ("403", True, True),
        ("404", True, True),
        ("410", True, True),
        ("429", False, False),
        ("500", False, False),
        ("503", False, False),
    ],
)
async def test_a_webhooks_refusal_is_final_where_slack_says_so(
    message: Message, status: str, permanent: bool, disables: bool
) -> None:
    refused = await _refusal(http(f"{status} No", "retry-after: 30", body=b"no_service"), message, bot=False)
    assert (refused.permanent, refused.disables) == (permanent, disables)
    assert refused.retry_after == 30
    assert "no_service" in str(refused)


@pytest.mark.parametrize(
    ("error", "permanent", "disables"),
    [
        ("not_in_channel", True, True),
        ("token_revoked", True, True),
        ("invalid_blocks", True, False),
        ("msg_too_long", True, False),
        ("ratelimited", False, False),
        ("internal_error", False, False),
        ("", False, False),
    ],
)
async def test_the_apis_error_counts_and_not_its_status(
    message: Message, error: str, permanent: bool, disables: bool
) -> None:
    refused = await _refusal(_told(ok=False, error=error), message, bot=True)
    assert (refused.permanent, refused.disables) == (permanent, disables)
    assert TOKEN not in f"{refused} {refused.hint}"


@pytest.mark.parametrize("body", [b"", b"ok", b"[]", b'{"ok": "yes"}', b'{"ok": tru', b"\xff"])
async def test_what_cannot_be_read_is_no_acceptance(message: Message, body: bytes) -> None:
    assert not (await _refusal(http("200 OK", body=body), message, bot=True)).permanent


async def test_the_api_asking_for_time_gets_it(message: Message) -> None:
    refused = await _refusal(http("429 Slow", "retry-after: 600"), message, bot=True)
    assert (refused.permanent, refused.retry_after) == (False, 600)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"url_env": "SLACK_URL", "token_env": "SLACK_TOKEN", "channel": "C1"},
        {"token_env": "SLACK_TOKEN"},
        {"url_env": "SLACK_URL", "channel": "C1"},
    ],
)
def test_a_channel_that_is_neither_webhook_nor_bot_is_refused_at_the_start(given: dict[str, str]) -> None:
    secrets = {"SLACK_URL": "https://hooks.slack.com/services/x", "SLACK_TOKEN": TOKEN}
    with pytest.raises(NotifyError, match="neither a webhook nor a bot"):
        build(SlackChannel(name="chat", **given), secrets, False, FakeClock())


@pytest.mark.parametrize("token", ["xoxb-ü", "xoxb-\r\nx: y", "a b"])
def test_a_token_that_would_break_the_request_is_refused_at_the_start(token: str) -> None:
    with pytest.raises(NotifyError, match="token") as refused:
        _bot("https://slack.example/", token)
    assert token not in f"{refused.value} {refused.value.hint}"
