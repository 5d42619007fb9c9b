"""A database that has been in use for long: collecting into five million rows, overviews over ten million failures."""

import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from diag.adapters.db.database import SqlDatabase, open_engine
from diag.adapters.db.migrate import migrate
from diag.adapters.db.types import to_micros
from diag.core.windows import whole_hour
from diag.workflows.ports import IncidentQuery
from tests.bench.bench_collect import measured
from tests.bench.sample import page_server

STORED = 5_000_000
COLLECTED = 40_000
TENANT = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"
FAILURES = 10_000_000
APPLICATIONS, HOURS = 1000, 720
_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'failure' AND sql IS NOT NULL"
_GUID = "printf('%08x-1111-4222-8333-444444444444', n * {step})"


def _numbers(count: int) -> str:
    """The numbers from 0 on, to be selected from."""
    return f"WITH RECURSIVE one(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM one WHERE n < {count - 1})"  # noqa: S608


def stored(url: str, rows: int) -> None:
    """A database with so many failures, whose ids are spread over all GUIDs; indexes are made afterwards."""
    migrate(url)
    engine = open_engine(url)
    connection = engine.raw_connection().driver_connection
    assert connection is not None
    connection.execute("PRAGMA synchronous=OFF")
    indexes = connection.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    columns = [(name, kind) for _, name, kind, *_ in connection.execute("PRAGMA table_info(failure)")]
    given = {
        "tenant_id": f"'{TENANT}'",
        "id": _GUID.format(step=2**32 // rows),
        "created_at": f"{to_micros(datetime(2026, 1, 1, tzinfo=UTC))} + n * 500000",
        "app_id": _GUID.format(step="1 % 500"),
        "correlation_id": "hex(randomblob(16))",
        "raw": "randomblob(300)",
        "error_code": "7000215",
    }
    plain = {name: given.get(name, "''" if "CHAR" in kind else "0") for name, kind in columns}
    connection.execute(
        f"INSERT INTO failure ({', '.join(plain)}) {_numbers(rows)} SELECT {', '.join(plain.values())} FROM one"  # noqa: S608
    )
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def bench_five_million_rows(tmp_path: Path) -> None:
    full, empty = f"sqlite:///{tmp_path}/full.db", f"sqlite:///{tmp_path}/empty.db"
    stored(full, STORED)
    rates = {}
    with page_server(COLLECTED) as connection:
        given = json.dumps({name: getattr(connection, name) for name in connection.__struct_fields__})
        for name, url in (("empty", empty), ("full", full)):
            told = measured("tests.bench.collect_sample", given, url)
            assert told["records"] == COLLECTED
            rates[name] = told["records"] / told["seconds"]
    share = rates["full"] / rates["empty"]
    print(f"\ninto an empty table {rates['empty']:>9,.0f} records/s")
    print(f"into {STORED:,} rows {rates['full']:>9,.0f} records/s   share {share:.0%}")
    (tmp_path / "full.db").unlink()


def bench_overview(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/diag.db"
    migrate(url)
    engine = open_engine(url)
    connection = engine.raw_connection().driver_connection
    assert connection is not None
    now = datetime.now(UTC)
    last = to_micros(whole_hour(now))
    rows = APPLICATIONS * HOURS
    hour = f"{last} - (n / {APPLICATIONS}) * 3600000000"
    app = _GUID.format(step=f"1 % {APPLICATIONS}")
    connection.execute(
        "INSERT INTO failure_hour (tenant_id, hour, app_id, error_code, interrupt, count) "  # noqa: S608
        f"{_numbers(rows)} SELECT '{TENANT}', {hour}, {app}, 7000215, 0, {FAILURES // rows + 1} FROM one"
    )
    connection.execute(
        "INSERT INTO failure_total (tenant_id, hour, failures, interrupts) "
        "SELECT tenant_id, hour, SUM(count), 0 FROM failure_hour GROUP BY tenant_id, hour"
    )
    engine.dispose()
    database = SqlDatabase(url)
    for days in (1, 7, 30):
        taken = []
        for _ in range(7):
            started = time.perf_counter()
            with database.read() as stores:
                hours = stores.failures.hourly(TENANT, now - timedelta(days=days))
                for number in range(20):
                    stores.failures.hourly(TENANT, now - timedelta(days=7), f"{number:08x}-1111-4222-8333-444444444444")
                stores.incidents.find(IncidentQuery(tenant_id=TENANT, state="open"))
            taken.append((time.perf_counter() - started) * 1000)
        total = sum(hour.failures for hour in hours)
        took = statistics.median(taken)
        print(f"\noverview, {days:>2} days   {total:>10,} failures, 20 applications' curves: {took:.1f} ms", end="")
    database.close()
