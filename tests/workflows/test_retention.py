from datetime import timedelta

from diag.core.records import FailureRow
from diag.workflows.ports import FailureQuery
from diag.workflows.retention import BATCH, WINDOWS, Keep, ages, delete_old
from tests.workflows.fakes import NOW, TENANT, FakeClock
from tests.workflows.memory_database import MemoryDatabase

RECORDS = timedelta(days=90)
KEEP = Keep(records=RECORDS, history=timedelta(days=400))


def _row(number: int, age: timedelta) -> FailureRow:
    return FailureRow(
        tenant_id=TENANT,
        id=f"f{number}",
        created_at=NOW - age,
        event_type="interactiveUser",
        error_code=50126,
        interrupt=False,
    )


async def test_rows_go_at_their_age_and_not_before_and_incidents_stay() -> None:
    database = MemoryDatabase()
    rows = [_row(1, RECORDS + timedelta(microseconds=1)), _row(2, RECORDS), _row(3, timedelta())]
    with database.write() as stores:
        stores.failures.add(rows)
        stores.incidents.touch(TENANT, rows)
    assert await delete_old(database, FakeClock(), KEEP) == {"failures": 1}
    with database.read() as stores:
        assert {row.id for row in stores.failures.find(FailureQuery())} == {"f2", "f3"}
        assert stores.incidents.undiagnosed(TENANT, "", 1)[0].count == 3


async def test_many_go_in_batches_with_a_pause_for_others_between() -> None:
    database, clock = MemoryDatabase(), FakeClock()
    with database.write() as stores:
        stores.failures.add([_row(number, RECORDS * 2) for number in range(BATCH * 2 + 5)])
    writes = database.writes
    assert await delete_old(database, clock, KEEP) == {"failures": BATCH * 2 + 5}
    assert len(clock.slept) == 3
    assert database.writes - writes <= 3 + len(ages(KEEP))
    assert database.shrunk == 1


async def test_nothing_old_deletes_nothing() -> None:
    assert await delete_old(MemoryDatabase(), FakeClock(), KEEP) == {}


def test_what_sums_up_outlives_what_it_sums_up_whatever_is_configured() -> None:
    kept = ages(Keep(records=timedelta(days=1000), history=timedelta(days=10)))
    assert set(kept.values()) == {timedelta(days=1000), WINDOWS}
    assert ages(KEEP)["incidents"] == ages(KEEP)["versions"] == timedelta(days=400)
