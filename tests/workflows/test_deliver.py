import asyncio
from collections.abc import Iterable
from datetime import timedelta

import pytest

from diag.core.alerts import Alert, Delivery, Message
from diag.core.errors import NotifyError
from diag.workflows.deliver import AT_ONCE, LEASE_SECONDS, RETRY_AFTER, SEND_WITHIN, Deliverer
from tests.workflows.fakes import NOW, TENANT, FakeClock, FakeNotifier
from tests.workflows.memory_database import MemoryDatabase

DOWN = NotifyError("The receiver answered HTTP 500.", permanent=False)
GONE = NotifyError("The receiver answered HTTP 410.", permanent=True, hint="Look there.")


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
    def __init__(self, *channels: FakeNotifier, alerts: int = 1) -> None:
        self.database = MemoryDatabase()
        self.clock = FakeClock()
        self.channels = channels
        with self.database.write() as stores:
            stores.alerts.add(list(_alerts(alerts)), [channel.name for channel in channels], NOW)

    def deliverer(self, channel: FakeNotifier, owner: str = "one") -> Deliverer:
        return Deliverer(channel, self.database, self.clock, owner, "https://diag.contoso.example", True)

    def deliveries(self) -> list[Delivery]:
        with self.database.read() as stores:
            return list(stores.alerts.deliveries(None, 1000))


async def test_what_is_due_is_sent_once_with_all_that_the_channel_needs() -> None:
    channel = FakeNotifier("hook", "HTTP 200")
    post = Post(channel)
    assert [await post.deliverer(channel).run(), await post.deliverer(channel).run()] == [1, 0]
    (message,) = channel.sent
    (delivery,) = post.deliveries()
    assert (message.id, message.public_url, message.sample) == (delivery.id, "https://diag.contoso.example", True)
    assert (delivery.state, delivery.answer, delivery.finished_at) == ("delivered", "HTTP 200", NOW)


async def test_attempts_follow_the_schedule_carry_one_id_and_end_after_75_hours() -> None:
    channel = FakeNotifier("hook", *[DOWN] * 20)
    post = Post(channel)
    waits = []
    while post.deliveries()[0].state == "pending":
        await post.deliverer(channel).run()
        wait = post.deliveries()[0].next_at - post.clock.now()
        post.clock.pass_by(seconds=wait.total_seconds() - 1)
        assert await post.deliverer(channel).run() == 0
        post.clock.pass_by(seconds=1)
        waits.append(wait.total_seconds())
    assert tuple(waits[:-1]) == RETRY_AFTER
    assert 75 * 3600 <= sum(RETRY_AFTER) < 76 * 3600
    assert len(channel.sent) == len(RETRY_AFTER) + 1
    assert len({message.id for message in channel.sent}) == 1
    (dead,) = post.deliveries()
    assert (dead.state, dead.answer[:31]) == ("dead", "The receiver answered HTTP 500.")


async def test_a_permanent_refusal_is_dead_at_once_with_its_answer_and_the_others_go_on() -> None:
    channel = FakeNotifier("hook", GONE)
    post = Post(channel, alerts=3)
    assert await post.deliverer(channel).run() == 2
    states = [delivery.state for delivery in post.deliveries()]
    assert sorted(states) == ["dead", "delivered", "delivered"]
    (dead,) = [delivery for delivery in post.deliveries() if delivery.state == "dead"]
    assert dead.answer == "The receiver answered HTTP 410. Look there."
    post.clock.pass_by(days=30)
    assert await post.deliverer(channel).run() == 0


async def test_a_receiver_that_is_down_gets_one_attempt_a_round() -> None:
    channel = FakeNotifier("hook", *[DOWN] * 50)
    post = Post(channel, alerts=30)
    await post.deliverer(channel).run()
    assert len(channel.sent) == 1


async def test_after_an_outage_everything_arrives_once() -> None:
    channel = FakeNotifier("hook", *[DOWN] * 12)
    post = Post(channel, alerts=50)
    for _ in range(4000):
        await post.deliverer(channel).run()
        post.clock.pass_by(seconds=10)
        if len(channel.taken) == 50:
            break
    assert len({message.id for message in channel.taken}) == len(channel.taken) == 50


async def test_a_round_is_bounded() -> None:
    channel = FakeNotifier("hook")
    post = Post(channel, alerts=AT_ONCE + 5)
    assert [await post.deliverer(channel).run() for _ in range(3)] == [AT_ONCE, 5, 0]


@pytest.mark.parametrize(
    ("asked", "waited"), [(600.0, 600.0), (1.0, 5.0), (1e300, float(sum(RETRY_AFTER))), (float("inf"), 272105.0)]
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
    for _ in range(len(RETRY_AFTER) + 5):
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
    post = Post(FakeNotifier("hook"), alerts=4)
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
