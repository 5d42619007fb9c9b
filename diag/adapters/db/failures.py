"""Failed sign-ins and their hourly counts."""

import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import FailureHourTable, FailureTable
from diag.core.records import FailureRow
from diag.core.sign_in import Attempts
from diag.workflows.ports import FailureQuery, HourlyFailures

_TABLE = FailureTable.__table__  # type: ignore[attr-defined]
_HOURS = FailureHourTable.__table__  # type: ignore[attr-defined]
_CHUNK = 500
"""Ids per look-up: well under SQLite's limit of 32,766 variables, and fast on both databases."""


class SqlFailures:
    """The ``FailureStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rows: Sequence[FailureRow], *, keep_known: bool = False) -> Sequence[FailureRow]:
        by_key = {(row.tenant_id, row.id): row for row in rows}
        known = self._known(list(by_key.values()))
        new = [row for key, row in by_key.items() if key not in known]
        if new:
            self._connection.execute(_TABLE.insert(), [_columns(row) for row in new])
            self._count(new)
        if keep_known:
            return new
        changed = [row for key, row in by_key.items() if key in known and known[key] != _digest(row)]
        for row in changed:
            self._connection.execute(
                _TABLE.update().where(_TABLE.c.tenant_id == row.tenant_id, _TABLE.c.id == row.id).values(_columns(row))
            )
        return new

    def get(self, failure_id: str, tenant_id: str | None = None) -> FailureRow | None:
        query = sa.select(_TABLE).where(_TABLE.c.id == failure_id)
        if tenant_id:
            query = query.where(_TABLE.c.tenant_id == tenant_id)
        row = self._connection.execute(query).first()
        return _row(row) if row else None

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
        return [_row(row) for row in self._connection.execute(statement)]

    def hourly(self, tenant_id: str | None, since: datetime, app_id: str | None = None) -> Sequence[HourlyFailures]:
        statement = (
            sa.select(
                _HOURS.c.hour,
                sa.func.sum(sa.case((_HOURS.c.interrupt.is_(False), _HOURS.c.count), else_=0)),
                sa.func.sum(sa.case((_HOURS.c.interrupt.is_(True), _HOURS.c.count), else_=0)),
            )
            .where(_HOURS.c.hour >= since)
            .group_by(_HOURS.c.hour)
            .order_by(_HOURS.c.hour)
        )
        if tenant_id:
            statement = statement.where(_HOURS.c.tenant_id == tenant_id)
        if app_id:
            statement = statement.where(_HOURS.c.app_id == app_id)
        return [
            HourlyFailures(hour, int(failures), int(paused))
            for hour, failures, paused in self._connection.execute(statement)
        ]

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

    def delete_before(self, instant: datetime, limit: int) -> int:
        doomed = sa.select(_TABLE.c.tenant_id, _TABLE.c.id).where(_TABLE.c.created_at < instant).limit(limit)
        keys = self._connection.execute(doomed).all()
        for tenant_id, failure_id in keys:
            self._connection.execute(_TABLE.delete().where(_TABLE.c.tenant_id == tenant_id, _TABLE.c.id == failure_id))
        return len(keys)

    def _known(self, rows: Sequence[FailureRow]) -> dict[tuple[str, str], int]:
        """Digest of the stored record by key, for the rows that are stored already."""
        known: dict[tuple[str, str], int] = {}
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            for tenant_id in {row.tenant_id for row in part}:
                ids = [row.id for row in part if row.tenant_id == tenant_id]
                found = self._connection.execute(
                    sa.select(_TABLE.c.id, _TABLE.c.digest).where(_TABLE.c.tenant_id == tenant_id, _TABLE.c.id.in_(ids))
                )
                known.update({(tenant_id, failure_id): digest for failure_id, digest in found})
        return known

    def _count(self, rows: Sequence[FailureRow]) -> None:
        hours = Counter(
            (
                row.tenant_id,
                _hour(row.created_at),
                row.app_id,
                row.error_code,
                row.interrupt,
            )
            for row in rows
        )
        statement = upsert(self._connection, _HOURS)
        statement = statement.on_conflict_do_update(
            index_elements=list(_HOURS.primary_key), set_={"count": _HOURS.c.count + statement.excluded.count}
        )
        self._connection.execute(
            statement,
            [
                {
                    "tenant_id": tenant,
                    "hour": hour,
                    "app_id": app,
                    "error_code": code,
                    "interrupt": interrupt,
                    "count": count,
                }
                for (tenant, hour, app, code, interrupt), count in hours.items()
            ],
        )


def _hour(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _digest(row: FailureRow) -> int:
    return zlib.crc32(row.raw)


def _columns(row: FailureRow) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in row.__struct_fields__}
    columns["raw"] = zlib.compress(row.raw, 1)
    columns["digest"] = _digest(row)
    return columns


def _row(row: Row[Any]) -> FailureRow:
    columns = dict(row._mapping)
    del columns["digest"]
    columns["raw"] = zlib.decompress(columns["raw"])
    return FailureRow(**columns)
