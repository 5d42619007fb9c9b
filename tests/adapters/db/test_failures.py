from datetime import timedelta

from msgspec.structs import replace

from diag.adapters.db.database import SqlDatabase
from diag.core.incidents import fingerprint_of
from diag.core.records import FailureRow
from diag.workflows.ports import Database, FailureQuery
from tests.workflows.fakes import APP, NOW, TENANT


def _row(number: int = 1, *, minutes: float = 0, **more: object) -> FailureRow:
    row = FailureRow(
        tenant_id=TENANT,
        id=f"f{number:03}",
        created_at=NOW - timedelta(minutes=minutes),
        event_type="servicePrincipal",
        error_code=7000215,
        interrupt=False,
        app_id=APP,
        raw=b'{"id": "f"}',
    )
    return replace(row, **more)


def _add(database: Database, *rows: FailureRow) -> list[str]:
    with database.write() as stores:
        return [row.id for row in stores.failures.add(rows)]


def _find(database: Database, **query: object) -> list[str]:
    with database.read() as stores:
        return [row.id for row in stores.failures.find(FailureQuery(**query))]  # type: ignore[arg-type]


def test_a_row_is_stored_once_however_often_it_comes(database: Database) -> None:
    row = _row()
    assert [_add(database, row, row), _add(database, row)] == [["f001"], []]
    with database.read() as stores:
        assert stores.failures.get("f001", TENANT) == row
        assert stores.failures.get("f001", "elsewhere") is None
        assert stores.failures.get("f002") is None
        assert [hour.failures for hour in stores.failures.hourly(TENANT, NOW - timedelta(days=1))] == [1]


def test_the_same_id_in_another_tenant_is_another_row(database: Database) -> None:
    assert _add(database, _row(), _row(tenant_id="fabrikam.example")) == ["f001", "f001"]
    assert len(_find(database, tenant_id=TENANT)) == 1


def test_a_known_row_that_changed_is_replaced_and_not_counted(database: Database) -> None:
    _add(database, _row())
    changed = _row(raw=b'{"id": "f", "x": 1}', failure_reason="later")
    assert _add(database, changed) == []
    with database.read() as stores:
        assert stores.failures.get("f001") == changed
        assert sum(hour.failures for hour in stores.failures.hourly(None, NOW - timedelta(days=1))) == 1


def test_failures_come_newest_first_without_interrupts_unless_asked(database: Database) -> None:
    _add(database, *[_row(number, minutes=number, interrupt=number == 2) for number in (1, 2, 3)])
    assert _find(database) == ["f001", "f003"]
    assert _find(database, interrupts=True) == ["f001", "f002", "f003"]
    assert _find(database, limit=1) == ["f001"]


def test_failures_of_one_incident_are_found_by_its_fingerprint(database: Database) -> None:
    paused = _row(2, interrupt=True, error_code=50140)
    _add(database, _row(1), paused, _row(3, credential_key_id="k"))
    assert _find(database, fingerprint=fingerprint_of(paused)) == ["f002"]
    assert _find(database, fingerprint=fingerprint_of(_row(1))) == ["f001"]


def test_each_filter_finds_its_rows_and_no_others(sqlite: SqlDatabase) -> None:
    _add(
        sqlite,
        _row(1, minutes=1, app_id="a", correlation_id="c1"),
        _row(2, minutes=2, error_code=50011, event_type="interactiveUser"),
        _row(3, minutes=3, event_type="nonInteractiveUser,servicePrincipal"),
    )
    assert _find(sqlite, app_id="a") == ["f001"]
    assert _find(sqlite, code=50011) == ["f002"]
    assert _find(sqlite, correlation_id="c1") == ["f001"]
    assert _find(sqlite, event_type="interactiveUser") == ["f002"]
    assert _find(sqlite, event_type="servicePrincipal") == ["f001", "f003"]
    assert _find(sqlite, event_type="%") == []
    assert _find(sqlite, since=NOW - timedelta(minutes=2)) == ["f001", "f002"]
    assert _find(sqlite, until=NOW - timedelta(minutes=2)) == ["f002", "f003"]


def test_pages_hold_each_row_once_though_many_share_an_instant(sqlite: SqlDatabase) -> None:
    _add(sqlite, *[_row(number, minutes=number // 10) for number in range(45)])
    found: list[str] = []
    before = None
    with sqlite.read() as stores:
        while page := stores.failures.find(FailureQuery(before=before, limit=7)):
            found += [row.id for row in page]
            before = f"{page[-1].created_at.isoformat()}\n{page[-1].id}"
    assert len(found) == len(set(found)) == 45


def test_more_rows_than_a_statement_may_name_are_known_again(sqlite: SqlDatabase) -> None:
    rows = [_row(number) for number in range(1200)]
    assert len(_add(sqlite, *rows)) == 1200
    assert _add(sqlite, *rows, _row(5000)) == ["f5000"]


def test_attempts_are_counted_by_the_way_they_were_made(database: Database) -> None:
    _add(
        database,
        _row(1, minutes=5),
        _row(2, minutes=3),
        _row(3, event_type="interactiveUser", protocol="deviceCode", interrupt=True),
        _row(4, minutes=60 * 24 * 31),
        _row(5, app_id="another"),
        _row(6, tenant_id="fabrikam.example"),
    )
    with database.read() as stores:
        found = stores.failures.attempts(TENANT, APP, NOW - timedelta(days=30))
    assert [(item.event_type, item.protocol, item.count) for item in found] == [
        ("servicePrincipal", "", 2),
        ("interactiveUser", "deviceCode", 1),
    ]
    assert found[0].last == NOW - timedelta(minutes=3)
