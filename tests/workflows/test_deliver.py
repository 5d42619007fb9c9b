import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from diag.core.alerts import Action, Address, Alert, ChannelState, Delivery, Message
from diag.core.errors import NotifyError
from diag.workflows.deliver import (
    AT_ONCE,
    GIVE_UP_AFTER,
    LEASE_SECONDS,
    LEAST_ATTEMPTS,
    LONGEST_WAIT,
    RETRY_AFTER,
    SEND_WITHIN,
    Deliverer,
)
from tests.workflows.fakes import NOW, TENANT, FakeClock, FakeNotifier
from tests.workflows.memory_database import MemoryDatabase

DOWN = NotifyError("The receiver answered HTTP 500.", permanent=False)
REFUSED = NotifyError("The receiver answered HTTP 400.", permanent=True, hint="Look there.")
GONE = NotifyError("The receiver answered HTTP 410.", permanent=True, hint="Look there.", disables=True)


def _alerts(count: int) -> Iterable[Alert]:
    for number in range(count):
        yield Alert(
            key=f"{TENANT}|o|k{number:03}|7",
            tenant_id=TENANT,
            kind="credential_ending",
            app_id="a",
            app_name="Orders",
            subject=f"number {number}",
            body="",
            due_at=NOW,
        )


class Post:
    """An outbox with alerts in it; ``each``: every alert is for a reader of its own, and so a message of its own."""

    def __init__(self, *channels: FakeNotifier, alerts: int = 1, each: bool = False) -> None:
        self.database = MemoryDatabase()
        self.clock = FakeClock()
        with self.database.write() as stores:
            for number, alert in enumerate(_alerts(alerts)):
                reader = f"reader-{number:03}" if each else ""
                stores.alerts.add([alert], [Address(channel.name, reader) for channel in channels], NOW)

    def deliverer(self, channel: FakeNotifier, owner: str = "one", **more: Any) -> Deliverer:
        return Deliverer(channel, self.database, self.clock, owner, "https://diag.contoso.example", True, **more)

    def deliveries(self) -> list[Delivery]:
        with self.database.read() as stores:
            return list(stores.alerts.deliveries(None, 1000))

    def state(self, channel: str = "hook") -> ChannelState:
        with self.database.read() as stores:
            return stores.channels.get(channel)


async def test_what_is_due_is_sent_once_with_all_that_the_channel_needs() -> None:
    channel = FakeNotifier("hook", "HTTP 200")
    post = Post(channel)
    assert [await post.deliverer(channel).run(), await post.deliverer(channel).run()] == [1, 0]
    (message,) = channel.sent
    (delivery,) = post.deliveries()
    assert (message.id, message.public_url, message.sample) == (delivery.id, "https://diag.contoso.example", True)
    assert (delivery.state, delivery.answer, delivery.finished_at) == ("delivered", "HTTP 200", NOW)


async def test_attempts_follow_the_schedule_carry_one_id_and_end_after_75_hours() -> None:
    channel = FakeNotifier("hook", *[DOWN] * 1000)
    post = Post(channel)
    waits = []
    while post.deliveries()[0].state == "pending":
        await post.deliverer(channel).run()
        wait = post.deliveries()[0].next_at - post.clock.now()
        post.clock.pass_by(seconds=wait.total_seconds() - 1)
        assert await post.deliverer(channel).run() == 0
        post.clock.pass_by(seconds=1)
        waits.append(wait.total_seconds())
    assert tuple(waits[:4]) == RETRY_AFTER
    assert set(waits[4:-1]) == {RETRY_AFTER[-1]}
    assert GIVE_UP_AFTER <= post.clock.now() - NOW < GIVE_UP_AFTER + timedelta(seconds=RETRY_AFTER[-1])
    assert len({message.id for message in channel.sent}) == 1
    (dead,) = post.deliveries()
    assert (dead.state, dead.answer[:31]) == ("dead", "The receiver answered HTTP 500.")


async def test_a_permanent_refusal_is_dead_at_once_with_its_answer_and_the_others_go_on() -> None:
    channel = FakeNotifier("hook", REFUSED)
    post = Post(channel, alerts=3, each=True)
    assert await post.deliverer(channel).run() == 2
    states = [delivery.state for delivery in post.deliveries()]
    assert sorted(states) == ["dead", "delivered", "delivered"]
    (dead,) = [delivery for delivery in post.deliveries() if delivery.state == "dead"]
    assert dead.answer == "The receiver answered HTTP 400. Look there."
    assert post.state().disabled_at is None
    post.clock.pass_by(days=30)
    assert await post.deliverer(channel).run() == 0


async def test_what_is_due_for_one_reader_is_told_in_one_message_the_most_urgent_first() -> None:
    channel = FakeNotifier("hook")
    post = Post(channel)
    (mild,) = _alerts(1)
    urgent = replace(mild, key="urgent", severity="critical", subject="look here")
    with post.database.write() as stores:
        stores.alerts.add([*_alerts(40), urgent], ["hook"], NOW)
    assert await post.deliverer(channel).run() == 41
    (message,) = channel.sent
    assert message.alert.subject == "look here"
    assert len(message.alerts) == 41


async def test_a_reader_is_not_written_to_again_within_the_pause() -> None:
    channel = FakeNotifier("hook")
    post = Post(channel)
    pause = {"apart": timedelta(minutes=10)}
    assert await post.deliverer(channel, **pause).run() == 1
    with post.database.write() as stores:
        stores.alerts.add(list(_alerts(5)), ["hook"], NOW)
    post.clock.pass_by(minutes=9, seconds=59)
    assert await post.deliverer(channel, **pause).run() == 0
    post.clock.pass_by(seconds=1)
    assert await post.deliverer(channel, **pause).run() == 4
    assert len(channel.sent) == 2


async def test_a_channel_whose_receiver_is_gone_is_disabled_says_so_elsewhere_and_keeps_what_waits() -> None:
    gone, other = FakeNotifier("hook", GONE), FakeNotifier("mail")
    post = Post(gone, alerts=3)
    assert await post.deliverer(gone, others=("hook", "mail")).run() == 0
    assert post.state().disabled_because == "The receiver answered HTTP 410. Look there."
    assert {d.state for d in post.deliveries() if d.channel == "hook"} == {"pending"}
    post.clock.pass_by(days=1)
    assert await post.deliverer(gone, others=("hook", "mail")).run() == 0
    assert len(gone.sent) == 1
    assert await post.deliverer(other).run() == 1
    (message,) = other.sent
    assert message.alert.kind == "channel"
    assert "hook" in message.alert.subject
    assert "HTTP 410" in message.alert.body


async def test_a_corrected_configuration_enables_the_channel_and_what_waited_arrives() -> None:
    channel = FakeNotifier("hook", GONE)
    post = Post(channel, alerts=3)
    await post.deliverer(channel, configured="before").run()
    assert await post.deliverer(channel, configured="before").run() == 0
    assert await post.deliverer(channel, configured="after").run() == 3
    assert channel.sent[0].id == channel.sent[1].id
    assert post.state().disabled_at is None


async def test_dead_letters_are_replayed_under_their_id() -> None:
    channel = FakeNotifier("hook", REFUSED)
    post = Post(channel, alerts=3)
    await post.deliverer(channel).run()
    with post.database.write() as stores:
        assert stores.alerts.replay([delivery.id for delivery in post.deliveries()], post.clock.now()) == 3
    assert await post.deliverer(channel).run() == 3
    assert len({message.id for message in channel.sent}) == 1


async def test_a_message_about_one_alert_carries_what_its_reader_may_do() -> None:
    channel = FakeNotifier("hook")
    post = Post(channel)

    def links(alert: Alert, reader: str) -> tuple[Action, ...]:
        return (Action(f"{reader} snoozes {alert.subject}", "https://diag.contoso.example/act?t=x"),)

    await post.deliverer(channel, links=links, zone="Asia/Kathmandu").run()
    assert [action.title for action in channel.sent[0].actions] == ["hook snoozes number 0"]
    assert channel.sent[0].zone == "Asia/Kathmandu"


async def test_a_receiver_that_is_down_gets_one_attempt_a_round() -> None:
    channel = FakeNotifier("hook", *[DOWN] * 50)
    post = Post(channel, alerts=30)
    await post.deliverer(channel).run()
    assert len(channel.sent) == 1


async def test_after_an_outage_everything_arrives_once() -> None:
    channel = FakeNotifier("hook", *[DOWN] * 12)
    post = Post(channel, alerts=50, each=True)
    for _ in range(4000):
        await post.deliverer(channel).run()
        post.clock.pass_by(seconds=10)
        if len(channel.taken) == 50:
            break
    assert len({message.id for message in channel.taken}) == len(channel.taken) == 50


async def test_a_round_is_bounded() -> None:
    channel = FakeNotifier("hook")
    post = Post(channel, alerts=AT_ONCE + 5, each=True)
    assert [await post.deliverer(channel).run() for _ in range(3)] == [AT_ONCE, 5, 0]


@pytest.mark.parametrize(
    ("asked", "waited"), [(600.0, 600.0), (1.0, 5.0), (1e300, LONGEST_WAIT), (float("inf"), LONGEST_WAIT)]
)
async def test_a_receiver_that_asks_for_time_gets_it_within_reason(asked: float, waited: float) -> None:
    channel = FakeNotifier("hook", NotifyError("busy", permanent=False, retry_after=asked))
    post = Post(channel)
    await post.deliverer(channel).run()
    post.clock.pass_by(seconds=waited - 1)
    assert await post.deliverer(channel).run() == 0
    post.clock.pass_by(seconds=1)
    assert await post.deliverer(channel).run() == 1


async def test_one_channel_down_takes_nothing_from_the_other() -> None:
    down, up = FakeNotifier("mail", *[DOWN] * 9), FakeNotifier("hook")
    post = Post(down, up, alerts=4)
    assert await asyncio.gather(post.deliverer(down).run(), post.deliverer(up).run()) == [0, 4]


class Dies(Exception):
    """The process ends here."""


class MortalNotifier(FakeNotifier):
    """Takes the message, and then the process dies before anybody can write that down."""

    async def send(self, message: Message) -> str:
        await super().send(message)
        raise Dies


async def test_a_death_after_sending_repeats_the_message_with_the_same_id_once_the_lease_is_over() -> None:
    mortal, channel = MortalNotifier("hook"), FakeNotifier("hook")
    post = Post(channel)
    with pytest.raises(Dies):
        await post.deliverer(mortal).run()
    post.clock.pass_by(seconds=LEASE_SECONDS - 1)
    assert await post.deliverer(channel, "two").run() == 0
    post.clock.pass_by(seconds=1)
    assert await post.deliverer(channel, "two").run() == 1
    assert mortal.sent[0].id == channel.sent[0].id


async def test_deaths_of_the_process_do_not_use_up_the_attempts() -> None:
    mortal, channel = MortalNotifier("hook"), FakeNotifier("hook", DOWN)
    post = Post(channel)
    for _ in range(LEAST_ATTEMPTS + 5):
        with pytest.raises(Dies):
            await post.deliverer(mortal).run()
        post.clock.pass_by(seconds=LEASE_SECONDS)
    await post.deliverer(channel).run()
    assert post.deliveries()[0].state == "pending"


class SlowNotifier(FakeNotifier):
    """Answers after time has passed on the clock."""

    def __init__(self, name: str, clock: FakeClock, seconds: float) -> None:
        super().__init__(name)
        self._clock, self._seconds = clock, seconds

    async def send(self, message: Message) -> str:
        self._clock.pass_by(seconds=self._seconds)
        return await super().send(message)


async def test_messages_that_wait_behind_slow_ones_are_not_taken_for_abandoned() -> None:
    post = Post(FakeNotifier("hook"), alerts=4, each=True)
    slow = SlowNotifier("hook", post.clock, LEASE_SECONDS - 1)
    other = FakeNotifier("hook")
    one, two = post.deliverer(slow, "one"), post.deliverer(other, "two")
    await asyncio.gather(one.run(), two.run())
    sent = [message.id for message in (*slow.sent, *other.sent)]
    assert len(sent) == len(set(sent)) == 4


async def test_who_lost_the_claim_meanwhile_does_not_overwrite_the_outcome() -> None:
    post = Post(FakeNotifier("hook"))
    quick = FakeNotifier("hook")

    class Frozen(FakeNotifier):
        async def send(self, message: Message) -> str:
            post.clock.pass_by(seconds=LEASE_SECONDS)
            await post.deliverer(quick, "two").run()
            raise GONE

    await post.deliverer(Frozen("hook"), "one").run()
    (delivery,) = post.deliveries()
    assert (delivery.state, delivery.attempts) == ("delivered", 2)


async def test_a_channel_that_never_answers_is_given_up_within_the_lease() -> None:
    assert SEND_WITHIN < LEASE_SECONDS

    class Silent(FakeNotifier):
        async def send(self, message: Message) -> str:
            await asyncio.Event().wait()
            return ""

    post = Post(FakeNotifier("hook"))
    silent = Deliverer(Silent("hook"), post.database, post.clock, "one", "", True, send_within=0.02)
    assert await silent.run() == 0
    (delivery,) = post.deliveries()
    assert (delivery.state, delivery.next_at) == ("pending", NOW + timedelta(seconds=RETRY_AFTER[0]))
