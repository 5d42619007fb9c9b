"""What the calendar of alerts foretells is what the watcher then writes."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from diag.core.alert_policy import LADDER, Policy, Rule
from diag.core.alerts import Quieting, credential_topic
from diag.core.inventory import CredentialRow, RegistrationObject
from diag.workflows.next_alerts import next_alerts
from diag.workflows.watch import CredentialWatcher
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock
from tests.workflows.memory_database import MemoryDatabase

AHEAD = timedelta(days=90)
DAYS = (-40.0, -20.5, -3.0, 0.0, 0.2, 1.0, 6.9, 45.0, 60.0, 89.0, 140.0, 149.0, 400.0)


def _rows(*days: float) -> tuple[CredentialRow, ...]:
    return tuple(
        CredentialRow(
            owner_kind="application",
            owner_object_id="o",
            app_id=APP,
            key_id=f"k{number}",
            kind="secret",
            starts=NOW - timedelta(days=300),
            ends=NOW + timedelta(days=day),
        )
        for number, day in enumerate(days)
    )


def _database(*days: float) -> MemoryDatabase:
    database = MemoryDatabase()
    item = RegistrationObject(
        kind="application", object_id="o", app_id=APP, display_name="Orders", body=b"{}", credentials=_rows(*days)
    )
    with database.write() as stores:
        stores.registrations.put(TENANT, [item], NOW)
    return database


def _foretold(database: MemoryDatabase, now: datetime, policy: Policy | None = None) -> list[tuple[datetime, str, int]]:
    with database.read() as stores:
        found = next_alerts(stores, None, policy or Policy(), LADDER, now, AHEAD, TENANT)
    return [(one.due.reached_at, one.stored.credential.key_id, one.due.threshold_days) for one in found]


def _until(clock: FakeClock, at: datetime) -> None:
    clock.pass_by(seconds=(at - clock.now()).total_seconds())


async def _written(database: MemoryDatabase, clock: FakeClock) -> set[tuple[str, int]]:
    await CredentialWatcher(TENANT, database, clock, LADDER, ()).run()
    with database.read() as stores:
        keys = [alert.key.split("|") for alert in stores.alerts.find(None, None, 5000)]
    return {(key[-2], int(key[-1])) for key in keys}


async def test_what_is_foretold_is_what_the_watcher_then_writes_and_nothing_else() -> None:
    database, clock = _database(*DAYS), FakeClock()
    foretold = _foretold(database, NOW)
    assert foretold == sorted(foretold)
    before: set[tuple[str, int]] = set()
    for at in sorted({max(instant, NOW) for instant, _, _ in foretold}):
        _until(clock, max(at - timedelta(seconds=1), NOW))
        early = await _written(database, clock)
        assert at == NOW or early == before, "something came that was not foretold"
        _until(clock, at)
        now_written = await _written(database, clock)
        assert now_written - before == {(key, days) for instant, key, days in foretold if max(instant, NOW) == at}
        before = now_written
    _until(clock, NOW + AHEAD)
    assert await _written(database, clock) == before


async def test_what_was_told_is_not_foretold_again() -> None:
    database = _database(6.9)
    assert [days for _, _, days in _foretold(database, NOW)] == [7, 3, 1, 0, -7]
    await _written(database, FakeClock())
    assert [days for _, _, days in _foretold(database, NOW)] == [3, 1, 0, -7]


@pytest.mark.parametrize(("until", "expected"), [(timedelta(days=20), [7, 3, 1, 0, -7]), (None, [])])
def test_a_snoozed_credential_is_foretold_from_the_snoozes_end(until: timedelta | None, expected: list[int]) -> None:
    database = _database(25.0)
    snooze = Quieting(
        tenant_id=TENANT,
        topic=credential_topic(TENANT, "o", "k0"),
        action="snooze",
        until=NOW + until if until else None,
        by="ada",
        at=NOW,
    )
    with database.write() as stores:
        stores.topics.put(snooze)
    foretold = _foretold(database, NOW)
    assert [days for _, _, days in foretold if days != 14] == expected
    assert all(at >= NOW + timedelta(days=18) for at, _, _ in foretold)
    with database.write() as stores:
        stores.topics.put(replace(snooze, until=NOW - timedelta(days=1)))
    assert next(days for _, _, days in _foretold(database, NOW)) == 30


def test_a_rule_that_keeps_a_credential_quiet_or_changes_its_ladder_counts() -> None:
    database = _database(25.0)
    quiet = Policy(rules=(Rule(name="vendor", quiet_because="The vendor renews it."),))
    assert _foretold(database, NOW, quiet) == []
    twice = Policy(rules=(Rule(name="rarely", thresholds_days=(10, 2)),))
    assert [days for _, _, days in _foretold(database, NOW, twice)] == [10, 2]
