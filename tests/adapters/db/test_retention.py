"""What is old goes, kind by kind, with what belongs to it; the file gives the space back; others get their turn."""

import asyncio
import contextlib
import random
import sqlite3
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import get_args

from diag.adapters.db.database import SqlDatabase, sqlite_module
from diag.adapters.db.migrate import compact
from diag.adapters.db.retention import TABLES
from diag.core.alerts import Alert
from diag.core.directory import Change
from diag.core.inventory import RegistrationObject
from diag.core.records import FailureRow, SuccessCount
from diag.core.windows import ReadWindow, Window
from diag.workflows.ports import FailureQuery, IncidentQuery, Progress
from diag.workflows.ports_retention import RetainedKind
from diag.workflows.retention import PAGES, Keep, ages, delete_old
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock

KEEP = Keep(records=timedelta(days=90), history=timedelta(days=400))
SECOND = timedelta(seconds=1)


def _row(key: str, age: timedelta, size: int = 10) -> FailureRow:
    noise = random.Random(key).randbytes(size)
    return FailureRow(
        tenant_id=TENANT, id=key, created_at=NOW - age, event_type="interactiveUser", error_code=50126, interrupt=False,
        app_id=APP, user_id=f"user of {key}", raw=noise,
    )  # fmt: skip


def _alert(key: str, age: timedelta) -> Alert:
    return Alert(
        key=key, tenant_id=TENANT, kind="incident", app_id=APP, app_name="", subject="s", body="b", due_at=NOW - age,
        topic=key,
    )  # fmt: skip


def _tables(file: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


def _fill(sqlite: SqlDatabase, age: timedelta, name: str) -> None:
    """One of everything that has an age."""
    at = NOW - age
    row = _row(name, age)
    with sqlite.write() as stores:
        stores.progress.save(Progress(tenant_id=TENANT, source="changes"))
        stores.failures.add([row])
        stores.incidents.touch(TENANT, [row])
        stores.successes.replace(
            TENANT,
            Window(at, at + timedelta(microseconds=1)),
            [SuccessCount(hour=at, app_id=APP, credential_key_id=name, resource_id="", count=1, last_at=at)],
        )
        stores.changes.add(TENANT, [Change(at, "Update application", target_object_id=name)])
        stores.windows.close(
            ReadWindow(
                tenant_id=TENANT, source=name, kind="poll", start=at, end=at, read_at=at, pages=1, records=1, new=1
            )
        )
        stores.alerts.add([_alert(name, age)], ["mail"], at)
        stores.topics.use_link(name, at)
        for version in range(2):
            body = f"{name} {version}".encode()
            item = RegistrationObject(kind="application", object_id=name, app_id=APP, body=body)
            stores.registrations.put(TENANT, [item], at - timedelta(days=1) * (1 - version))


async def test_everything_goes_at_its_age_and_not_before(sqlite: SqlDatabase, file: Path) -> None:
    for kind in ("records", "history"):
        age = getattr(KEEP, kind)
        _fill(sqlite, age - SECOND, f"young {kind}")
        _fill(sqlite, age + SECOND, f"old {kind}")
    with sqlite.write() as stores:
        for delivery in stores.alerts.deliveries(None, 10):
            if delivery.alert.key != "old history":
                continue
            (claimed,) = stores.alerts.claim("mail", "o", NOW - KEEP.history, 60, 1)
            stores.alerts.finish(claimed, NOW - KEEP.history, state="delivered", answer="ok")
    deleted = await delete_old(sqlite, FakeClock(), KEEP)
    left = _tables(file)
    assert deleted["failures"] == 3
    with sqlite.read() as stores:
        assert [row.id for row in stores.failures.find(FailureQuery())] == ["young records"]
        incident = stores.incidents.find(IncidentQuery())
        assert len(incident) == 1
        assert incident[0].count == 4
    assert left["failure_hour"] == 3
    assert left["success_hour"] == 3
    assert left["change"] == 3
    assert left["alert"] == 3
    assert left["delivery"] == 3
    assert left["object_version"] == 7
    assert left["used_link"] == 3
    assert left["read_window"] == 0


async def test_an_alert_that_still_waits_to_be_told_is_kept_however_old_it_is(sqlite: SqlDatabase) -> None:
    with sqlite.write() as stores:
        stores.alerts.add([_alert("waits", timedelta(days=900))], ["mail"], NOW - timedelta(days=900))
        stores.alerts.add([_alert("nobody", timedelta(days=900))], [], NOW - timedelta(days=900))
    await delete_old(sqlite, FakeClock(), KEEP)
    with sqlite.read() as stores:
        assert [alert.key for alert in stores.alerts.find(None, None, 10)] == ["waits"]


async def test_people_go_with_their_incident(sqlite: SqlDatabase, file: Path) -> None:
    _fill(sqlite, timedelta(days=500), "gone")
    assert _tables(file)["incident_person"] == 1
    await delete_old(sqlite, FakeClock(), KEEP)
    assert _tables(file)["incident_person"] == 0


async def test_the_version_of_an_incidents_time_outlives_the_incident(sqlite: SqlDatabase) -> None:
    seen = NOW - KEEP.history + timedelta(hours=1)
    with sqlite.write() as stores:
        for at, body in ((seen - timedelta(days=50), b"then"), (seen + timedelta(days=1), b"now")):
            item = RegistrationObject(kind="application", object_id="o", app_id=APP, body=body)
            stores.registrations.put(TENANT, [item], at)
        stores.incidents.touch(TENANT, [_row("f", NOW - seen)])
    await delete_old(sqlite, FakeClock(), KEEP)
    with sqlite.read() as stores:
        (incident,) = stores.incidents.find(IncidentQuery())
        assert stores.registrations.as_of(TENANT, APP, incident.last_seen)["application"].body == b"then"


def test_every_kind_has_an_age_and_can_be_asked_for(sqlite: SqlDatabase) -> None:
    assert set(ages(KEEP)) == set(get_args(RetainedKind))
    with sqlite.write() as stores:
        for kind in ages(KEEP):
            assert not stores.retention.due(kind, NOW)
            assert stores.retention.delete(kind, NOW, 10) == 0


def test_every_table_of_the_database_has_an_age_or_a_reason_to_stay(file: Path) -> None:
    kept = {
        "alembic_version", "channel_state", "connection", "credential", "lease", "privacy", "progress",
        "registered_value", "trouble",
    }  # fmt: skip
    owned = {"delivery", "incident_person"}
    assert set(_tables(file)) == kept | owned | {table.name for table, _ in TABLES.values()}


async def test_the_file_shrinks_and_others_write_meanwhile(sqlite: SqlDatabase, file: Path) -> None:
    rows = [_row(f"f{number}", timedelta(days=91), 3000) for number in range(2000)]
    with sqlite.write() as stores:
        stores.failures.add(rows)
    before = _size(file)
    waits: list[float] = []
    stopped = threading.Event()

    def collect() -> None:
        other = SqlDatabase(f"sqlite:///{file}")
        while not stopped.is_set():
            began = time.monotonic()
            with other.write() as stores:
                stores.progress.save(Progress(tenant_id=TENANT, source="changes"))
            waits.append(time.monotonic() - began)
        other.close()

    beside = threading.Thread(target=collect)
    beside.start()
    try:
        assert (await delete_old(sqlite, _Paused(), KEEP))["failures"] == len(rows)
    finally:
        stopped.set()
        beside.join()
    after = _size(file)
    assert after < before / 2, (before, after)
    assert len(waits) > 20
    assert max(waits) < 2, sorted(waits)[-5:]


def _size(file: Path) -> int:
    """Bytes of the database once its log is carried over."""
    with contextlib.closing(sqlite_module().connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return file.stat().st_size


class _Paused(FakeClock):
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 10)


def test_a_file_of_an_earlier_version_is_made_able_to_shrink_once(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with contextlib.closing(sqlite_module().connect(file)) as connection:
        connection.execute("CREATE TABLE kept (body BLOB)")
        connection.execute("INSERT INTO kept VALUES (zeroblob(100000))")
        connection.commit()
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    url = f"sqlite:///{file}"
    assert compact(url)
    assert not compact(url)
    with contextlib.closing(sqlite_module().connect(file)) as connection:
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
        assert connection.execute("SELECT length(body) FROM kept").fetchone() == (100000,)


def test_a_new_database_can_shrink(file: Path, sqlite: SqlDatabase) -> None:
    with contextlib.closing(sqlite_module().connect(file)) as connection:
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert sqlite.shrink(PAGES) is False
