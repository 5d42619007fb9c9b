"""Failures counted by hour: of each application, and of the whole tenant for overviews."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.collecting_tables import FailureTotalTable
from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import FailureHourTable
from diag.core.records import FailureRow
from diag.core.windows import whole_hour
from diag.workflows.ports import HourlyFailures

_HOURS = FailureHourTable.__table__  # type: ignore[attr-defined]
_TOTALS = FailureTotalTable.__table__  # type: ignore[attr-defined]


class FailureCounts:
    """Adds to the counts and tells them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rows: Sequence[FailureRow]) -> None:
        """Count rows that are new."""
        counts = Counter(
            (row.tenant_id, whole_hour(row.created_at), row.app_id, row.error_code, row.interrupt) for row in rows
        )
        names = ("tenant_id", "hour", "app_id", "error_code", "interrupt")
        self._upsert(_HOURS, [dict(zip(names, key, strict=True)) | {"count": more} for key, more in counts.items()])
        totals: dict[tuple[str, datetime], list[int]] = {}
        for (tenant_id, hour, _, _, interrupt), more in counts.items():
            totals.setdefault((tenant_id, hour), [0, 0])[interrupt] += more
        self._upsert(
            _TOTALS,
            [
                {"tenant_id": tenant_id, "hour": hour, "failures": failures, "interrupts": interrupts}
                for (tenant_id, hour), (failures, interrupts) in totals.items()
            ],
        )

    def hourly(self, tenant_id: str | None, since: datetime, app_id: str | None) -> Sequence[HourlyFailures]:
        """As ``FailureStore.hourly`` says."""
        if app_id:
            failures = sa.case((_HOURS.c.interrupt.is_(False), _HOURS.c.count), else_=0)
            interrupts = sa.case((_HOURS.c.interrupt.is_(True), _HOURS.c.count), else_=0)
            statement = _summed(_HOURS, failures, interrupts, tenant_id, since).where(_HOURS.c.app_id == app_id)
        else:
            statement = _summed(_TOTALS, _TOTALS.c.failures, _TOTALS.c.interrupts, tenant_id, since)
        return [
            HourlyFailures(hour, int(failures), int(interrupts))
            for hour, failures, interrupts in self._connection.execute(statement)
        ]

    def _upsert(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        """Add to the counts that are there: every column that is no key."""
        statement = upsert(self._connection, table)
        counts = [column.name for column in table.columns if not column.primary_key]
        more = {name: table.c[name] + statement.excluded[name] for name in counts}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=more), list(rows)
        )


def _summed(
    table: sa.Table,
    failures: sa.ColumnElement[int],
    interrupts: sa.ColumnElement[int],
    tenant_id: str | None,
    since: datetime,
) -> sa.Select[Any]:
    """Sums by hour, oldest first."""
    statement = sa.select(table.c.hour, sa.func.sum(failures), sa.func.sum(interrupts)).where(table.c.hour >= since)
    if tenant_id:
        statement = statement.where(table.c.tenant_id == tenant_id)
    return statement.group_by(table.c.hour).order_by(table.c.hour)
