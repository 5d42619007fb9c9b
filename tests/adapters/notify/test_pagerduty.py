import pytest
from msgspec.structs import replace

from diag.adapters.notify.channels import build
from diag.core.alerts import Message
from diag.core.channels import PagerDutyChannel
from diag.core.errors import NotifyError
from diag.workflows.ports import Notifier
from tests.adapters.notify.conftest import several
from tests.adapters.notify.limits import check_pagerduty
from tests.adapters.notify.receiver import Answer, http, receiver
from tests.workflows.fakes import FakeClock

KEY = "0123456789abcdef0123456789ABCDEF"
ACCEPTED = http("202 Accepted", body=b'{"status":"success","message":"Event processed","dedup_key":"x"}')


def _channel(url: str, key: str = KEY) -> Notifier:
    channel = PagerDutyChannel(name="duty", routing_key_env="PAGERDUTY_KEY", url=f"{url}v2/enqueue")
    return build(channel, {"PAGERDUTY_KEY": key}, False, FakeClock())


async def _refusal(answer: Answer, message: Message) -> NotifyError:
    async with receiver(answer) as running:
        with pytest.raises(NotifyError) as refused:
            await _channel(running.url).send(message)
    return refused.value


async def test_alerts_about_one_credential_are_one_incident(message: Message) -> None:
    message = replace(message, alerts=(replace(message.alert, topic="tenant|o|k"),))
    sooner = replace(message, alerts=(replace(message.alert, key="tenant|o|k|1"),), id="2")
    other = replace(message, alerts=(replace(message.alert, topic="tenant|o|other"),), id="3")
    async with receiver(ACCEPTED) as running:
        channel = _channel(running.url)
        assert await channel.send(message) == "HTTP 202: accepted, and processed later"
        await channel.send(sooner)
        await channel.send(other)
    for _, body in running.taken:
        check_pagerduty(body)
    first, second, third = running.bodies()
    assert first["event_action"] == "trigger"
    assert first["dedup_key"] == second["dedup_key"] != third["dedup_key"]
    assert first["payload"]["custom_details"]["Application"] == "Orders & more (a)"
    assert first["links"][0]["href"] == "https://diag.contoso.example/applications/a?tenant_id=contoso.example"


async def test_a_test_calls_nobody(message: Message) -> None:
    test = replace(message, alerts=(replace(message.alert, kind="test", key="test|1"),))
    async with receiver(ACCEPTED) as running:
        await _channel(running.url).send(test)
    for _, body in running.taken:
        check_pagerduty(body)
    opened, closed = running.bodies()
    assert (opened["event_action"], opened["payload"]["severity"]) == ("trigger", "info")
    assert (closed["event_action"], closed["dedup_key"]) == ("resolve", opened["dedup_key"])


async def test_the_all_clear_resolves_what_was_triggered_and_a_summary_is_no_incident(rich: Message) -> None:
    over = replace(rich, id="2", alerts=(replace(rich.alert, kind="all_clear", key="other"),))
    summary = replace(rich, id="3", alerts=(replace(rich.alert, kind="digest", topic="tenant|digest"),))
    async with receiver(ACCEPTED) as running:
        channel = _channel(running.url)
        await channel.send(rich)
        await channel.send(over)
        assert "no incident" in await channel.send(summary)
    for _, body in running.taken:
        check_pagerduty(body)
    opened, closed = running.bodies()
    assert (opened["event_action"], opened["payload"]["severity"]) == ("trigger", "warning")
    assert (closed["event_action"], closed["dedup_key"]) == ("resolve", opened["dedup_key"])


async def test_a_thousand_alerts_are_twenty_events_and_go_on_where_a_limit_stopped_them(rich: Message) -> None:
    many = several(1000)
    async with receiver(ACCEPTED) as running:
        channel = _channel(running.url)
        running.answer = http("429 Slow", "retry-after: 5")
        with pytest.raises(NotifyError) as refused:
            await channel.send(many)
        assert (refused.value.permanent, refused.value.retry_after) == (False, 5)
        running.answer, running.taken = ACCEPTED, []
        await channel.send(many)
        sent = running.bodies()
        assert len(sent) == 20
        assert sent[-1]["payload"]["summary"] == "981 more alerts of aadsts-diag"
        assert len({event["dedup_key"] for event in sent}) == 20
        for _, body in running.taken:
            check_pagerduty(body)
        running.taken = []
        await channel.send(many)
        assert running.taken == []


async def test_an_endless_text_stays_within_the_limits(message: Message) -> None:
    body = "\n".join(f"Line {number}: {'漢' * 5000}" for number in range(500))
    large = replace(message.alert, subject="x" * 50_000, body=body, key="k" * 5000)
    async with receiver(ACCEPTED) as running:
        await _channel(running.url).send(replace(message, alerts=(large,)))
    check_pagerduty(running.taken[0][1])


@pytest.mark.parametrize(
    ("status", "body", "permanent", "disables"),
    [
        ("400", b'{"errors":["\'routing_key\' is invalid"]}', True, True),
        ("400", b'{"errors":["\'payload.severity\' is invalid"]}', True, False),
        ("413", b"", True, False),
        ("403", b"", False, False),
        ("429", b"", False, False),
        ("500", b"", False, False),
    ],
)
async def test_a_refusal_is_final_where_the_api_says_so(
    message: Message, status: str, body: bytes, permanent: bool, disables: bool
) -> None:
    refused = await _refusal(http(f"{status} No", body=body), message)
    assert (refused.permanent, refused.disables) == (permanent, disables)
    assert KEY not in f"{refused} {refused.hint}"


@pytest.mark.parametrize("key", ["", "short", f"{KEY}0", "é" * 32])
def test_a_key_of_another_kind_is_refused_at_the_start_without_being_shown(key: str) -> None:
    with pytest.raises(NotifyError, match="32 letters and digits") as refused:
        _channel("https://events.pagerduty.com/", key)
    assert not key or key not in f"{refused.value} {refused.value.hint}"
