from datetime import timedelta

import pytest

from diag.core.errors import Unreachable
from diag.core.records import FailureRow
from diag.core.successes import Success
from diag.core.windows import HOUR
from diag.workflows.collect import Collector
from diag.workflows.ports import FailureQuery, IncidentQuery, Progress
from diag.workflows.reconcile import Reconciler
from diag.workflows.successes import SuccessCollector
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock, FakeSignInLog
from tests.workflows.memory_database import MemoryDatabase


class Tenant:
    def __init__(self) -> None:
        self.log, self.database, self.clock = FakeSignInLog(), MemoryDatabase(), FakeClock()
        self.number = 0
        self.late: list[tuple[timedelta, FailureRow | Success]] = []

    def fails(self, age: timedelta, *, arrives_after: timedelta = timedelta(0)) -> None:
        self.number += 1
        at = self.clock.now() - age
        row = FailureRow(
            tenant_id=TENANT, id=f"f{self.number:05}", created_at=at, event_type="servicePrincipal", error_code=7000215,
            interrupt=False, app_id=APP, raw=b"{}",
        )  # fmt: skip
        self.late.append((self.clock.now() - NOW + arrives_after - age, row))

    def succeeds(self, age: timedelta, *, arrives_after: timedelta = timedelta(0)) -> None:
        self.number += 1
        row = Success(f"s{self.number:05}", self.clock.now() - age, APP, "key", "resource")
        self.late.append((self.clock.now() - NOW + arrives_after - age, row))

    def collectors(self) -> list[Collector]:
        given = (self.log, self.database, self.clock)
        return [Collector(TENANT, "service", *given), SuccessCollector(TENANT, *given)]

    async def tick(self) -> None:
        """A poll and, where it is due, a second reading, by a process that remembers nothing."""
        passed = self.clock.now() - NOW
        arrived = [row for arrives, row in self.late if arrives <= passed]
        self.late = [item for item in self.late if item[0] > passed]
        self.log.rows += [row for row in arrived if isinstance(row, FailureRow)]
        self.log.successes += [row for row in arrived if isinstance(row, Success)]
        for collector in self.collectors():
            progress = await collector.run()
            while collector.backfilling(progress):
                progress = await collector.run()
        for collector in self.collectors():
            await Reconciler(collector, TENANT, self.database, self.clock).run()

    async def pass_by(self, span: timedelta) -> None:
        for _ in range(int(span / HOUR)):
            self.clock.pass_by(hours=1)
            await self.tick()

    def stored(self) -> int:
        with self.database.read() as stores:
            rows = stores.failures.find(FailureQuery(interrupts=True, limit=100_000))
            assert sum(item.count for item in stores.incidents.find(IncidentQuery(limit=100))) == len(rows)
            return len(rows)

    def counted(self) -> int:
        with self.database.read() as stores:
            return sum(item.successes for item in stores.successes.hourly(TENANT, NOW - timedelta(days=90)))

    def progress(self, source: str = "sign_ins:service") -> Progress:
        with self.database.read() as stores:
            return stores.progress.get(TENANT, source)


@pytest.mark.parametrize("filters", [True, False])
@pytest.mark.parametrize(
    ("late", "within"),
    [
        (timedelta(minutes=5), HOUR),
        (timedelta(minutes=59), HOUR),
        (timedelta(hours=6), timedelta(hours=25)),
        (timedelta(hours=26), timedelta(days=7)),
        (timedelta(days=6) - 2 * HOUR, timedelta(days=7)),
    ],
)
async def test_a_row_that_comes_late_is_found_and_counted_once(
    late: timedelta, within: timedelta, filters: bool
) -> None:
    tenant = Tenant()
    tenant.log.accepts_filter = filters
    await tenant.tick()
    await tenant.pass_by(timedelta(hours=30))
    tenant.fails(timedelta(minutes=1), arrives_after=late)
    tenant.succeeds(timedelta(minutes=1), arrives_after=late)
    await tenant.pass_by(max(within, late + HOUR))
    assert (tenant.stored(), tenant.counted()) == (1, 1)
    assert tenant.progress().records == 1
    assert tenant.progress("successes").records == 1


async def test_what_was_read_a_moment_ago_is_not_read_again_before_tomorrow() -> None:
    tenant = Tenant()
    await tenant.tick()
    asked = tenant.log.pages_given
    await tenant.tick()
    assert tenant.log.pages_given == asked
    with tenant.database.read() as stores:
        assert not [item for item in stores.windows.find(TENANT) if item.kind == "reconcile"]


async def test_a_second_reading_that_fails_goes_on_where_it_ended_and_leaves_the_state_alone() -> None:
    tenant = Tenant()
    await tenant.tick()
    for hour in range(5):
        tenant.fails(timedelta(hours=hour, minutes=1))
    await tenant.tick()
    tenant.clock.pass_by(hours=25)
    collector = tenant.collectors()[0]
    await collector.run()
    reconciler = Reconciler(collector, TENANT, tenant.database, tenant.clock)
    first = len(tenant.log.windows)
    tenant.log.failing = {tenant.log.asked + 1: Unreachable("reset")}
    assert not await reconciler.run()
    assert tenant.progress().state == "ok"
    assert await reconciler.run()
    again = tenant.log.windows[first:]
    assert len({(window.start, window.end) for window in again}) >= len(again) - 1
    assert not await reconciler.run()
    assert tenant.stored() == 5


async def test_a_window_that_was_lost_is_read_although_it_is_older_than_a_day() -> None:
    tenant = Tenant()
    await tenant.tick()
    await tenant.pass_by(timedelta(days=4))
    tenant.fails(timedelta(days=3))
    lost = tenant.clock.now() - timedelta(days=3)
    with tenant.database.write() as stores:
        for key, row in list(stores.windows._state["windows"].items()):
            if row.start < lost < row.end or (row.start < lost + HOUR < row.end):
                del stores.windows._state["windows"][key]
    await tenant.pass_by(timedelta(hours=25))
    assert tenant.stored() == 1
