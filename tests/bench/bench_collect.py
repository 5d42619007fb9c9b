"""Collecting from a loopback server that answers at once, throttling off, beside two others in the same run.

(a) the naive way: msgraph-sdk objects and ORM ``add_all``. (b) the physical limit: the same bytes decoded into typed
records and put into the same table and indexes by ``executemany``, with nothing fetched, counted or grouped.
"""

import asyncio
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import sqlalchemy
from sqlmodel import Field, Session, SQLModel

from diag.adapters.graph.sdk import Sdk
from tests.bench.sample import Connection, page_server, tokens_of

RECORDS = 200_000
NAIVE_PAGES = 2


class NaiveSignIn(SQLModel, table=True):
    """What a first version would store: one ORM object per record."""

    __tablename__ = "naive_sign_in"
    id: str = Field(primary_key=True)
    created_at: datetime
    app_id: str | None
    app_display_name: str | None
    error_code: int | None
    failure_reason: str | None
    user_principal_name: str | None
    ip_address: str | None
    resource_display_name: str | None
    correlation_id: str | None


async def naive(connection: Connection, file: Path) -> tuple[int, float]:
    """msgraph-sdk objects and ORM ``add_all``, page by page; records and seconds."""
    engine = sqlalchemy.create_engine(f"sqlite:///{file}")
    SQLModel.metadata.create_all(engine, tables=[NaiveSignIn.__table__])
    async with httpx.AsyncClient(timeout=60) as http:
        sdk = Sdk(connection.url, "beta", tokens_of(connection, http), http)
        builder = sdk.builder(lambda root: root.audit_logs.sign_ins)
        since = "createdDateTime ge 2020-01-01T00:00:00Z and createdDateTime le 2099-01-01T00:00:00Z"
        kinds = "signInEventTypes/any(t: t eq 'servicePrincipal')"
        link = f"{connection.url}/beta/auditLogs/signIns?$filter={kinds} and {since}"
        records, started = 0, time.perf_counter()
        for _ in range(NAIVE_PAGES):
            page = await builder.with_url(link).get()
            with Session(engine) as session:
                session.add_all([_row(item) for item in page.value])
                session.commit()
            records += len(page.value)
            link = page.odata_next_link
    return records, time.perf_counter() - started


def _row(item: object) -> NaiveSignIn:
    return NaiveSignIn(
        id=item.id,
        created_at=item.created_date_time or datetime.now(UTC),
        app_id=item.app_id,
        app_display_name=item.app_display_name,
        error_code=item.status.error_code,
        failure_reason=item.status.failure_reason,
        user_principal_name=item.user_principal_name,
        ip_address=item.ip_address,
        resource_display_name=item.resource_display_name,
        correlation_id=item.correlation_id,
    )


def measured(module: str, *arguments: str) -> dict[str, float]:
    """What a program of these benchmarks reports of itself."""
    ran = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(ran.stdout)
    return told


def bench_collecting(tmp_path: Path) -> None:
    limit = measured("tests.bench.physical_limit", str(RECORDS), f"sqlite:///{tmp_path}/limit.db")
    with page_server(RECORDS) as connection:
        given = json.dumps({name: getattr(connection, name) for name in connection.__struct_fields__})
        ours = measured("tests.bench.collect_sample", given, f"sqlite:///{tmp_path}/diag.db")
        records, seconds = asyncio.run(naive(connection, tmp_path / "naive.db"))
    rate, naive_rate, best = ours["records"] / ours["seconds"], records / seconds, limit["records"] / limit["seconds"]
    size = (tmp_path / "diag.db").stat().st_size / ours["records"]
    print(f"\ncollected           {ours['records']:>9,.0f} records  {rate:>9,.0f} records/s")
    print(f"(a) the naive way   {records:>9,} records  {naive_rate:>9,.0f} records/s   ratio {rate / naive_rate:,.0f}")
    print(f"(b) physical limit  {limit['records']:>9,.0f} records  {best:>9,.0f} records/s   share {rate / best:.0%}")
    print(f"memory              {ours['resident_mb']:.0f} MB resident, {ours['peak_mb']:.0f} MB at most")
    print(f"database            {size:,.0f} bytes a record")
    assert ours["records"] == RECORDS
