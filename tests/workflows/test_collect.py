from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest

from diag.core.errors import (
    AuthenticationFailed,
    ForeignLink,
    LicenceMissing,
    PermissionLost,
    SourceError,
    Throttled,
    Unreachable,
    WindowRefused,
)
from diag.core.records import FailureRow
from diag.core.successes import Success
from diag.core.windows import ReadWindow
from diag.workflows.collect import OVERLAP, RETENTION, SMALLEST_WINDOW, Collector
from diag.workflows.ports import FailureQuery, IncidentQuery, Progress
from tests.conftest import Campaign
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock, FakeSignInLog
from tests.workflows.memory_database import MemoryDatabase

POLL = timedelta(seconds=60)


def _row(number: int, age: timedelta, *, code: int = 7000215, interrupt: bool = False) -> FailureRow:
    return FailureRow(
        tenant_id=TENANT,
        id=f"f{number:05}",
        created_at=NOW - age,
        event_type="servicePrincipal",
        error_code=code,
        interrupt=interrupt,
        app_id=APP,
        raw=b"{}",
    )


def _success(number: int, age: timedelta, *, key: str = "key") -> Success:
    return Success(f"s{number:05}", NOW - age, APP, key, "resource")


class Tenant:
    def __init__(self, *rows: FailureRow) -> None:
        self.log = FakeSignInLog(rows)
        self.database = MemoryDatabase()
        self.clock = FakeClock()

    def collector(self) -> Collector:
        """A new one each time: nothing may be kept in the process."""
        return Collector(TENANT, "service", self.log, self.database, self.clock, POLL)

    async def collect(self) -> Progress:
        collector = self.collector()
        progress = await collector.run()
        while collector.backfilling(progress):
            progress = await collector.run()
        return progress

    def stored(self) -> list[str]:
        with self.database.read() as stores:
            return sorted(row.id for row in stores.failures.find(FailureQuery(interrupts=True, limit=100_000)))

    def progress(self) -> Progress:
        with self.database.read() as stores:
            return stores.progress.get(TENANT, "sign_ins:service")

    def windows(self, source: str = "sign_ins:service") -> list[ReadWindow]:
        with self.database.read() as stores:
            return list(stores.windows.find(TENANT, source))

    def counted(self) -> int:
        with self.database.read() as stores:
            return sum(incident.count for incident in stores.incidents.find(IncidentQuery(limit=1000)))


async def test_everything_the_log_keeps_is_stored_once_and_counted_once() -> None:
    rows = [_row(number, timedelta(hours=number * 2)) for number in range(350)]
    tenant = Tenant(*rows)
    progress = await tenant.collect()
    assert (progress.state, progress.records) == ("ok", 350)
    assert tenant.stored() == [row.id for row in rows]
    assert tenant.counted() == 350


async def test_the_newest_window_comes_first_and_windows_join_without_a_gap() -> None:
    tenant = Tenant()
    await tenant.collect()
    windows = tenant.log.windows
    assert windows[0].end == NOW
    assert all(later.start == earlier.end for later, earlier in pairwise(windows))
    assert windows[-1].start <= NOW - RETENTION + timedelta(hours=1)


async def test_an_empty_month_costs_few_requests() -> None:
    tenant = Tenant()
    await tenant.collect()
    assert tenant.log.pages_given <= 9


async def test_windows_shrink_when_there_is_much_and_grow_when_there_is_little() -> None:
    tenant = Tenant(*[_row(number, timedelta(minutes=number)) for number in range(3000)])
    await tenant.collect()
    lengths = [window.end - window.start for window in tenant.log.windows]
    assert lengths[1] == lengths[0]
    assert max(lengths) > 4 * lengths[0]
    busy = Tenant(*[_row(number, timedelta(seconds=5 * number)) for number in range(6000)])
    await busy.collect()
    lengths = [window.end - window.start for window in busy.log.windows]
    assert min(lengths) < lengths[0]
    assert min(lengths) >= SMALLEST_WINDOW


async def test_a_poll_reads_an_overlap_so_that_late_rows_are_found_and_known_ones_stay_single() -> None:
    tenant = Tenant(*[_row(number, timedelta(minutes=number)) for number in range(30)])
    await tenant.collect()
    tenant.clock.pass_by(minutes=5)
    tenant.log.rows.append(_row(900, timedelta(minutes=54)))
    progress = await tenant.collect()
    assert tenant.log.windows[-1].start == NOW - OVERLAP
    assert "f00900" in tenant.stored()
    assert (len(tenant.stored()), tenant.counted(), progress.records) == (31, 31, 31)


async def test_no_poll_is_made_before_it_is_due() -> None:
    tenant = Tenant()
    await tenant.collect()
    asked = tenant.log.pages_given
    tenant.clock.pass_by(seconds=59)
    await tenant.collect()
    assert tenant.log.pages_given == asked
    tenant.clock.pass_by(seconds=1)
    await tenant.collect()
    assert tenant.log.pages_given == asked + 1


async def test_a_window_that_was_not_read_to_its_end_is_not_closed() -> None:
    tenant = Tenant(*[_row(number, timedelta(seconds=number)) for number in range(200)])
    tenant.log.failing = {2: Unreachable("reset")}
    progress = await tenant.collect()
    assert (progress.state, progress.newest, progress.oldest) == ("unreachable", None, None)
    assert tenant.stored() == [f"f{number:05}" for number in range(100)]
    assert tenant.windows() == []
    progress = await tenant.collect()
    assert (len(tenant.stored()), tenant.counted(), progress.records) == (200, 200, 200)


async def test_rows_and_watermark_move_together() -> None:
    tenant = Tenant(*[_row(number, timedelta(seconds=number)) for number in range(10)])

    def fail() -> None:
        raise OSError("the disk is full")

    tenant.database.before_commit = fail
    with pytest.raises(OSError, match="full"):
        await tenant.collect()
    assert tenant.stored() == []
    assert tenant.progress().newest is None


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (PermissionLost("no", permission="AuditLog.Read.All"), "permission_lost"),
        (LicenceMissing("no"), "licence_missing"),
        (AuthenticationFailed("no"), "authentication_failed"),
        (Throttled("wait", retry_after=5), "throttled"),
        (Unreachable("no"), "unreachable"),
        (ForeignLink("no"), "unreachable"),
        (WindowRefused("no"), "unreachable"),
    ],
)
async def test_a_failing_source_is_a_named_state_and_heals_by_itself(error: SourceError, state: str) -> None:
    tenant = Tenant(_row(1, timedelta(minutes=1)))
    tenant.log.failing = {0: error}
    progress = await tenant.collect()
    assert (progress.state, progress.problem, progress.hint) == (state, str(error), error.hint)
    assert tenant.progress() == progress
    assert progress.succeeded_at is None
    healed = await tenant.collect()
    assert (healed.state, healed.problem) == ("ok", "")
    assert tenant.stored() == ["f00001"]


async def test_a_refused_window_is_asked_again_in_smaller_ones_and_never_skipped() -> None:
    rows = [_row(number, timedelta(hours=number)) for number in range(700)]
    tenant = Tenant(*rows)
    longest = timedelta(minutes=70)
    tenant.log.refuses = lambda window: WindowRefused("too long") if window.end - window.start > longest else None
    for _ in range(3):
        await tenant.collect()
    tenant.log.refuses = lambda window: None
    await tenant.collect()
    assert tenant.stored() == [row.id for row in rows]


async def test_after_a_long_absence_the_time_between_is_read_in_windows_that_close_one_by_one() -> None:
    tenant = Tenant(*[_row(number, timedelta(minutes=10 * number)) for number in range(4300)])
    await tenant.collect()
    windows, late = len(tenant.log.windows), timedelta(days=3)
    added = [_row(10_000 + number, -timedelta(minutes=number)) for number in range(1, 72 * 60)]
    tenant.log.rows.extend(added)
    tenant.clock.pass_by(days=3)
    asked = tenant.log.asked
    tenant.log.failing = {asked + 50: Unreachable("reset")}
    assert (await tenant.collect()).state == "unreachable"
    reached = tenant.progress().newest
    assert reached is not None
    assert NOW < reached < NOW + late
    assert (await tenant.collect()).newest == NOW + late
    assert len(tenant.log.windows) > windows + 2
    assert set(tenant.stored()) == {row.id for row in tenant.log.rows}
    assert tenant.counted() == len(tenant.log.rows)


async def test_an_absence_longer_than_the_log_keeps_asks_for_no_more_than_it_keeps() -> None:
    tenant = Tenant()
    await tenant.collect()
    tenant.clock.pass_by(days=90)
    first = len(tenant.log.windows)
    assert (await tenant.collect()).state == "ok"
    assert tenant.log.windows[first].start == tenant.clock.now() - RETENTION


async def test_a_clock_that_was_a_day_ahead_loses_nothing_once_it_is_right() -> None:
    tenant = Tenant()
    tenant.clock.pass_by(days=1)
    await tenant.collect()
    tenant.clock.pass_by(days=-1)
    tenant.log.rows.append(_row(1, -timedelta(minutes=5)))
    tenant.clock.pass_by(minutes=10)
    await tenant.collect()
    assert tenant.stored() == ["f00001"]


@pytest.mark.parametrize("hours", [2, 48])
async def test_a_clock_that_is_ahead_of_the_logs_own_loses_nothing_while_it_is(hours: int) -> None:
    tenant = Tenant()
    tenant.clock.pass_by(hours=hours)
    for minutes in range(0, 30, 5):
        tenant.log.told = NOW + timedelta(minutes=minutes)
        await tenant.collect()
        assert tenant.progress().newest == tenant.log.told
        tenant.log.rows.append(_row(minutes, -timedelta(minutes=minutes + 1)))
        tenant.clock.pass_by(minutes=5)
    await tenant.collect()
    assert len(tenant.stored()) == 6


async def test_a_logs_clock_that_is_off_by_a_year_is_not_believed() -> None:
    tenant = Tenant()
    tenant.log.told = NOW - timedelta(days=365)
    await tenant.collect()
    assert tenant.progress().newest == NOW


async def test_a_clock_that_is_behind_the_logs_own_sees_what_has_just_happened() -> None:
    tenant = Tenant()
    tenant.log.told = NOW + timedelta(hours=2)
    tenant.log.rows.append(_row(1, -timedelta(minutes=90)))
    await tenant.collect()
    assert tenant.stored() == ["f00001"]
    assert tenant.progress().newest == NOW


async def test_what_happens_while_a_window_is_read_is_not_claimed_to_be_read() -> None:
    tenant = Tenant()
    tenant.log.told = NOW + timedelta(minutes=2)
    tenant.log.refuses = lambda _window: tenant.clock.pass_by(seconds=50)
    await tenant.collector().run()
    assert tenant.log.windows[0].end == NOW + timedelta(minutes=2)
    assert tenant.progress().newest == NOW


async def test_a_filter_that_is_refused_later_on_is_asked_for_anew() -> None:
    tenant = Tenant(_row(1, timedelta(minutes=1)))
    await tenant.collect()
    assert tenant.progress().failure_filter is True
    tenant.log.accepts_filter = False
    tenant.log.refuses = lambda _window: WindowRefused("400") if tenant.log.outcomes[-1] == "failed" else None
    tenant.clock.pass_by(minutes=2)
    assert (await tenant.collect()).state == "unreachable"
    assert (await tenant.collect()).state == "ok"
    assert tenant.progress().failure_filter is False


async def test_a_first_reading_that_takes_hours_is_followed_up_a_day_after_it_began() -> None:
    tenant = Tenant()
    collector = tenant.collector()
    progress = await collector.run()
    began = tenant.clock.now()
    while collector.backfilling(progress):
        tenant.clock.pass_by(hours=1)
        progress = await collector.run()
    assert progress.state == "ok"
    assert progress.reconciled_at == began < tenant.clock.now()


async def test_interrupts_are_kept_apart_from_failures() -> None:
    tenant = Tenant(_row(1, timedelta(minutes=1)), _row(2, timedelta(minutes=2), code=50140, interrupt=True))
    await tenant.collect()
    with tenant.database.read() as stores:
        assert [row.id for row in stores.failures.find(FailureQuery())] == ["f00001"]
        assert [i.fingerprint.code for i in stores.incidents.find(IncidentQuery(interrupts=True))] == [50140]


async def test_the_filter_is_probed_once_and_where_it_is_refused_successes_are_counted() -> None:
    tenant = Tenant(_row(1, timedelta(minutes=1)))
    tenant.log.accepts_filter = False
    tenant.log.successes = [_success(number, timedelta(minutes=20 * number)) for number in range(7)]
    assert (await tenant.collect()).failure_filter is False
    tenant.log.accepts_filter = True
    for _ in range(5):
        tenant.clock.pass_by(minutes=13)
        assert (await tenant.collect()).failure_filter is False
    with tenant.database.read() as stores:
        hours = {item.hour: item.successes for item in stores.successes.hourly(TENANT, NOW - RETENTION)}
        reach = stores.progress.get(TENANT, "successes")
    assert hours == {NOW: 1, NOW - timedelta(hours=1): 3, NOW - timedelta(hours=2): 3}
    assert (reach.records, reach.state, reach.newest) == (7, "ok", tenant.clock.now())


async def test_whatever_fails_when_nothing_is_lost_and_nothing_doubled(campaign: Campaign) -> None:
    errors = (Unreachable("reset"), Throttled("wait", retry_after=1), WindowRefused("token"), AuthenticationFailed("x"))
    for number in range(campaign.rounds(200)):
        chance = campaign.generator(f"collect {number}")
        tenant = Tenant()
        tenant.log.page_size = chance.choice((1, 7, 50))
        ages = [timedelta(hours=chance.expovariate(1 / 100)) for _ in range(chance.randrange(150))]
        tenant.log.rows = [_row(index, min(age, RETENTION - OVERLAP)) for index, age in enumerate(ages)]
        tenant.log.failing = {chance.randrange(200): chance.choice(errors) for _ in range(chance.randrange(20))}
        for step in range(60):
            await tenant.collect()
            tenant.clock.pass_by(seconds=chance.randrange(1, 4000))
            if chance.random() < 0.3:
                late = tenant.clock.now() - NOW - timedelta(seconds=chance.randrange(3000))
                tenant.log.rows.append(_row(1000 + step, -late))
        tenant.log.failing = {}
        tenant.clock.pass_by(minutes=2)
        assert (await tenant.collect()).state == "ok"
        expected = Counter(row.id for row in tenant.log.rows)
        assert Counter(tenant.stored()) == expected, f"round {number}"
        assert tenant.counted() == len(expected), f"round {number}"
