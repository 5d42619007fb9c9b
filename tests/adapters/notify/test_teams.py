import pytest
from msgspec.structs import replace

from diag.adapters.notify.channels import build
from diag.core.alerts import Message
from diag.core.channels import TeamsChannel
from diag.core.errors import NotifyError
from diag.workflows.ports import Notifier
from tests.adapters.notify.conftest import several
from tests.adapters.notify.limits import check_teams
from tests.adapters.notify.receiver import Answer, http, receiver
from tests.workflows.fakes import FakeClock


def _channel(url: str) -> Notifier:
    return build(TeamsChannel(name="team", url_env="TEAMS_URL"), {"TEAMS_URL": url}, False, FakeClock())


async def _refusal(answer: Answer, message: Message) -> NotifyError:
    async with receiver(answer) as running:
        with pytest.raises(NotifyError) as refused:
            await _channel(running.url).send(message)
    return refused.value


@pytest.mark.parametrize("status", ["202 Accepted", "200 OK"])
async def test_a_card_arrives_and_the_answer_says_no_more_than_is_known(message: Message, status: str) -> None:
    async with receiver(http(status)) as running:
        said = await _channel(running.url).send(message)
    assert "accepted by the workflow, which does not tell whether Teams shows it" in said
    (_, body) = running.taken[0]
    texts = check_teams(body)
    assert texts[0] == message.alert.subject
    assert "Orders & more (a)" in texts
    (card,) = [attachment["content"] for attachment in running.bodies()[0]["attachments"]]
    (action,) = card["actions"]
    assert action["url"] == "https://diag.contoso.example/applications/a?tenant_id=contoso.example"


async def test_what_a_reader_may_do_is_a_button(rich: Message) -> None:
    async with receiver(http("202 Accepted")) as running:
        await _channel(running.url).send(rich)
    texts = check_teams(running.taken[0][1])
    assert {"2026-11-29 11:00 CET in 7 days", "2. Give its value to Orders & more.", "You own Orders & more."} <= {
        *texts
    }
    card = running.bodies()[0]["attachments"][0]["content"]
    assert [action["title"] for action in card["actions"]] == [
        "Open in aadsts-diag",
        "Acknowledge",
        "Snooze for a week",
    ]


async def test_a_thousand_alerts_are_one_card_that_links_to_the_page(rich: Message) -> None:
    async with receiver(http("202 Accepted")) as running:
        await _channel(running.url).send(several(1000))
    texts = check_teams(running.taken[0][1])
    assert sum("client secret ends" in text for text in texts) > 20
    assert any(text.endswith("more lines are on the page.") for text in texts)
    (action,) = running.bodies()[0]["attachments"][0]["content"]["actions"]
    assert action["url"] == "https://diag.contoso.example/alerts"


@pytest.mark.parametrize("character", ["x", "é", "漢", "😀", '"', "\u202e"])
async def test_a_card_never_outgrows_its_budget_and_says_what_it_left_out(message: Message, character: str) -> None:
    body = "\n".join(f"Line {number}: {character * 500}" for number in range(200))
    large = replace(message.alert, subject=character * 5000, body=body)
    async with receiver(http("202 Accepted")) as running:
        await _channel(running.url).send(replace(message, alerts=(large,)))
    texts = check_teams(running.taken[0][1])
    assert any("more lines are on the page" in text for text in texts)
    assert sum(text.startswith("Line ") for text in texts) >= 3


@pytest.mark.parametrize(
    ("status", "permanent", "disables"),
    [
        ("400", False, False),
        ("401", False, False),
        ("404", False, False),
        ("410", True, True),
        ("413", True, False),
        ("429", False, False),
        ("500", False, False),
        ("502", False, False),
        ("302", False, False),
    ],
)
async def test_a_refusal_is_final_only_when_the_workflow_says_so(
    message: Message, status: str, permanent: bool, disables: bool
) -> None:
    refused = await _refusal(http(f"{status} No", "retry-after: 7"), message)
    assert (refused.permanent, refused.disables) == (permanent, disables)
    assert refused.retry_after == 7


async def test_the_secret_address_is_told_by_nobody(message: Message) -> None:
    with pytest.raises(NotifyError) as unusable:
        _channel("https://u:p@flow.contoso.example/?sig=very-secret")
    refused = await _refusal(http("500 No"), message)
    for problem in (unusable.value, refused):
        assert "very-secret" not in f"{problem} {problem.hint}"
        assert "127.0.0.1" not in f"{problem} {problem.hint}"
