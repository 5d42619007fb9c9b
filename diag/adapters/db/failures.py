"""Failed sign-ins and their hourly counts."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from diag.adapters.db.failure_counts import FailureCounts
from diag.adapters.db.packing import packed, unpacked
from diag.adapters.db.tables import FailureTable
from diag.adapters.db.types import to_micros
from diag.core.pseudonyms import Pseudonyms
from diag.core.records import FailureRow
from diag.core.sign_in import Attempts
from diag.workflows.ports import FailureQuery, HourlyFailures

_TABLE = FailureTable.__table__  # type: ignore[attr-defined]
_NAMES = (*FailureRow.__struct_fields__, "digest")
INSERT = f"INSERT INTO failure ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})"  # noqa: S608  our names
"""The insert of one row as SQLite's driver takes it; ``values`` gives its parameters."""
_KNOWN = "SELECT id, digest FROM failure WHERE tenant_id = ? AND id IN (SELECT value FROM json_each(?))"
_CHUNK = 500
"""Ids per look-up: well under SQLite's limit of 32,766 variables, and fast on both databases."""


class SqlFailures:
    """The ``FailureStore`` port."""

    def __init__(self, connection: Connection, pseudonyms: Pseudonyms | None = None) -> None:
        self._connection, self._pseudonyms = connection, pseudonyms
        self._counts = FailureCounts(connection)
        self._sqlite = connection.dialect.name == "sqlite"

    def add(self, rows: Sequence[FailureRow], *, keep_known: bool = False) -> Sequence[FailureRow]:
        if self._pseudonyms is not None:
            rows = [self._pseudonyms.failure(row) for row in rows]
        by_key = {(row.tenant_id, row.id): row for row in rows}
        known = self._known(list(by_key.values()))
        new = [row for key, row in by_key.items() if key not in known]
        if new:
            self._insert(new)
            self._counts.add(new)
        if keep_known:
            return new
        changed = [row for key, row in by_key.items() if key in known and known[key] != _digest(row)]
        for row in changed:
            self._connection.execute(
                _TABLE.update()
                .where(_TABLE.c.tenant_id == row.tenant_id, _TABLE.c.id == row.id)
                .values(columns_of(row))
            )
        return new

    def get(self, failure_id: str, tenant_id: str | None = None) -> FailureRow | None:
        query = sa.select(_TABLE).where(_TABLE.c.id == failure_id)
        if tenant_id:
            query = query.where(_TABLE.c.tenant_id == tenant_id)
        row = self._connection.execute(query).first()
        return row_of(row) if row else None

    def find(self, query: FailureQuery) -> Sequence[FailureRow]:
        table = _TABLE.c
        statement = sa.select(_TABLE)
        for column, value in (
            (table.tenant_id, query.tenant_id),
            (table.app_id, query.app_id),
            (table.error_code, query.code),
            (table.correlation_id, query.correlation_id),
        ):
            if value is not None:
                statement = statement.where(column == value)
        if query.event_type:
            # One of several joined by commas; a plain LIKE would find "interactiveUser" in "nonInteractiveUser".
            listed = sa.literal(",") + table.event_type + sa.literal(",")
            statement = statement.where(listed.contains(f",{query.event_type},", autoescape=True))
        if query.fingerprint is not None:
            statement = statement.where(
                table.app_id == query.fingerprint.app_id,
                table.error_code == query.fingerprint.code,
                table.resource_id == query.fingerprint.resource_id,
                table.credential_key_id == query.fingerprint.credential_key_id,
            )
        elif not query.interrupts:
            statement = statement.where(table.interrupt.is_(False))
        if query.since:
            statement = statement.where(table.created_at >= query.since)
        if query.until:
            statement = statement.where(table.created_at <= query.until)
        if query.before:
            created, _, key = query.before.partition("\n")
            instant = datetime.fromisoformat(created)
            statement = statement.where(
                sa.or_(table.created_at < instant, sa.and_(table.created_at == instant, table.id < key))
            )
        statement = statement.order_by(table.created_at.desc(), table.id.desc()).limit(query.limit)
        return [row_of(row) for row in self._connection.execute(statement)]

    def hourly(self, tenant_id: str | None, since: datetime, app_id: str | None = None) -> Sequence[HourlyFailures]:
        return self._counts.hourly(tenant_id, since, app_id)

    def attempts(self, tenant_id: str, app_id: str, since: datetime) -> Sequence[Attempts]:
        count = sa.func.count()
        statement = (
            sa.select(_TABLE.c.event_type, _TABLE.c.protocol, count, sa.func.max(_TABLE.c.created_at))
            .where(_TABLE.c.tenant_id == tenant_id, _TABLE.c.app_id == app_id, _TABLE.c.created_at >= since)
            .group_by(_TABLE.c.event_type, _TABLE.c.protocol)
            .order_by(count.desc(), _TABLE.c.event_type, _TABLE.c.protocol)
        )
        return [
            Attempts(event_type=event_type, protocol=protocol, count=int(number), last=last)
            for event_type, protocol, number, last in self._connection.execute(statement)
        ]

    def _insert(self, rows: Sequence[FailureRow]) -> None:
        if self._sqlite:
            # Past SQLAlchemy's handling of parameters, which takes longer than SQLite does.
            self._connection.exec_driver_sql(INSERT, [values(row) for row in rows])
        else:
            self._connection.execute(_TABLE.insert(), [columns_of(row) for row in rows])

    def _known(self, rows: Sequence[FailureRow]) -> dict[tuple[str, str], int]:
        """Digest of the stored record by key, for the rows that are stored already."""
        ids: dict[str, list[str]] = {}
        for row in rows:
            ids.setdefault(row.tenant_id, []).append(row.id)
        return {
            (tenant_id, failure_id): digest
            for tenant_id, wanted in ids.items()
            for failure_id, digest in self._digests(tenant_id, wanted)
        }

    def _digests(self, tenant_id: str, ids: Sequence[str]) -> Iterator[tuple[str, int]]:
        if self._sqlite:
            asked = msgspec.json.encode(ids).decode()
            for failure_id, digest in self._connection.exec_driver_sql(_KNOWN, (tenant_id, asked)):
                yield failure_id, digest
            return
        for start in range(0, len(ids), _CHUNK):
            part = _TABLE.c.id.in_(ids[start : start + _CHUNK])
            statement = sa.select(_TABLE.c.id, _TABLE.c.digest).where(_TABLE.c.tenant_id == tenant_id, part)
            for failure_id, digest in self._connection.execute(statement):
                yield failure_id, digest


def _digest(row: FailureRow) -> int:
    return zlib.crc32(row.raw)


def values(row: FailureRow) -> tuple[Any, ...]:
    """The parameters of ``INSERT``."""
    tenant_id, key, created_at, *others, raw = msgspec.structs.astuple(row)
    return (tenant_id, key, to_micros(created_at), *others, packed(raw), _digest(row))


def columns_of(row: FailureRow) -> dict[str, Any]:
    """The record as the table holds it."""
    columns = {name: getattr(row, name) for name in row.__struct_fields__}
    columns["raw"] = packed(row.raw)
    columns["digest"] = _digest(row)
    return columns


def row_of(row: Row[Any]) -> FailureRow:
    """The record of a row of the table."""
    columns = dict(row._mapping)
    del columns["digest"]
    columns["raw"] = unpacked(columns["raw"])
    return FailureRow(**columns)
