from datetime import timedelta

from diag.core.errors import Unreachable
from diag.core.successes import Success
from diag.core.windows import HOUR, gaps
from diag.core.windows import Window as Span
from diag.workflows.collect import RETENTION, Collector
from diag.workflows.ports import Progress
from diag.workflows.reconcile import Reconciler
from diag.workflows.successes import PACE, SHARE, SuccessCollector
from tests.conftest import Campaign
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock, FakeSignInLog
from tests.workflows.memory_database import MemoryDatabase


def _success(number: int, age: timedelta, key: str = "key") -> Success:
    return Success(f"s{number:05}", NOW - age, APP, key, "resource")


class Tenant:
    def __init__(self, *successes: Success) -> None:
        self.log, self.database, self.clock = FakeSignInLog(), MemoryDatabase(), FakeClock()
        self.log.successes = list(successes)
        self.successes = SuccessCollector(TENANT, self.log, self.database, self.clock)

    async def probed(self) -> "Tenant":
        """Once the failures were asked for, it is known whether the log filters."""
        await Collector(TENANT, "service", self.log, self.database, self.clock, HOUR).run()
        self.log.windows.clear()
        self.log.outcomes.clear()
        return self

    async def count(self) -> Progress:
        progress = await self.successes.run()
        while self.successes.backfilling(progress):
            progress = await self.successes.run()
        return progress

    def hours(self) -> dict[int, int]:
        """Successes by how many hours before ``NOW`` their hour began."""
        with self.database.read() as stores:
            found = stores.successes.hourly(TENANT, NOW - 2 * RETENTION)
        return {(NOW - item.hour) // HOUR: item.successes for item in found}


async def test_successes_are_asked_for_by_themselves_and_counted_over_all_that_the_log_keeps() -> None:
    tenant = await Tenant(*[_success(n, timedelta(hours=7 * n, minutes=5)) for n in range(100)]).probed()
    progress = await tenant.count()
    assert (progress.state, progress.records) == ("ok", 100)
    assert set(tenant.log.outcomes) == {"succeeded"}
    assert tenant.hours() == {7 * n + 1: 1 for n in range(100)}
    with tenant.database.read() as stores:
        windows = [Span(item.start, item.end) for item in stores.windows.find(TENANT, "successes")]
    assert gaps(windows, Span(NOW - RETENTION + HOUR, NOW)) == []


async def test_nothing_is_asked_before_it_is_known_whether_the_log_filters() -> None:
    tenant = Tenant(_success(1, HOUR))
    assert (await tenant.count()).state == "new"
    assert tenant.log.windows == []
    tenant.log.accepts_filter = False
    await tenant.probed()
    await tenant.count()
    assert tenant.log.windows == []
    tenant.clock.pass_by(days=2)
    assert not await Reconciler(tenant.successes, TENANT, tenant.database, tenant.clock).run()
    assert "succeeded" not in tenant.log.outcomes


async def test_every_window_begins_with_an_hour_so_that_reading_it_again_counts_nothing_twice() -> None:
    tenant = await Tenant(*[_success(n, timedelta(minutes=n)) for n in range(1, 400)]).probed()
    for minutes in (1, 4, 5, 55, 7, 130):
        await tenant.count()
        tenant.clock.pass_by(minutes=minutes)
        tenant.log.successes.append(_success(1000 + minutes, -(tenant.clock.now() - NOW) + timedelta(seconds=30)))
    progress = await tenant.count()
    assert all(window.start.minute == 0 for window in tenant.log.windows)
    assert sum(tenant.hours().values()) == progress.records == len(tenant.log.successes)


async def test_a_success_is_seen_a_few_minutes_after_it_was_delivered() -> None:
    tenant = await Tenant().probed()
    await tenant.count()
    tenant.clock.pass_by(minutes=2)
    tenant.log.successes.append(_success(1, -timedelta(minutes=1)))
    tenant.clock.pass_by(seconds=PACE.total_seconds())
    await tenant.count()
    with tenant.database.read() as stores:
        assert stores.successes.last(TENANT, APP, credential_key_id="key") == NOW + timedelta(minutes=1)


async def test_what_takes_long_is_asked_for_less_often() -> None:
    tenant = await Tenant().probed()
    await tenant.count()
    slow = tenant.log.pages
    pause = timedelta(minutes=10)

    async def pages(*given: object, **more: object):  # type: ignore[no-untyped-def]
        tenant.clock.pass_by(seconds=pause.total_seconds())
        async for page in slow(*given, **more):  # type: ignore[arg-type]
            yield page

    tenant.log.pages = pages  # type: ignore[method-assign]
    tenant.clock.pass_by(minutes=6)
    await tenant.count()
    asked = len(tenant.log.windows)
    tenant.clock.pass_by(seconds=(SHARE * pause - timedelta(minutes=11)).total_seconds())
    await tenant.count()
    assert len(tenant.log.windows) == asked
    tenant.clock.pass_by(minutes=2)
    await tenant.count()
    assert len(tenant.log.windows) == asked + 1


async def test_whatever_fails_when_each_success_is_counted_once(campaign: Campaign) -> None:
    for number in range(campaign.rounds(100)):
        chance = campaign.generator(f"successes {number}")
        tenant = Tenant()
        tenant.log.accepts_filter = chance.random() < 0.5
        tenant.log.page_size = chance.choice((1, 7, 50))
        ages = [timedelta(hours=chance.expovariate(1 / 50)) for _ in range(chance.randrange(150))]
        kept = RETENTION - 2 * HOUR
        tenant.log.successes = [_success(index, min(age, kept)) for index, age in enumerate(ages)]
        failures = Collector(TENANT, "service", tenant.log, tenant.database, tenant.clock)
        tenant.log.failing = {chance.randrange(300): Unreachable("reset") for _ in range(chance.randrange(30))}
        for step in range(30):
            for collector in (failures, tenant.successes):
                progress = await collector.run()
                while collector.backfilling(progress):
                    progress = await collector.run()
            tenant.clock.pass_by(seconds=chance.randrange(1, 8000))
            tenant.log.successes.append(_success(1000 + step, NOW - tenant.clock.now() + timedelta(seconds=1)))
        tenant.log.failing = {}
        tenant.clock.pass_by(hours=1)
        await failures.run()
        progress = await tenant.count()
        assert sum(tenant.hours().values()) == len(tenant.log.successes) == progress.records, f"round {number}"
