"""What goes by its age, kind by kind, in one statement each."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from diag.adapters.db.alert_tables import QuietingTable, UsedLinkTable
from diag.adapters.db.collecting_tables import FailureTotalTable, ReadWindowTable
from diag.adapters.db.tables import (
    AlertTable,
    ChangeTable,
    DeliveryTable,
    FailureHourTable,
    FailureTable,
    IncidentPersonTable,
    IncidentTable,
    ObjectVersionTable,
    ProgressTable,
    SuccessHourTable,
)
from diag.adapters.db.tables_files import ImportedFileTable
from diag.workflows.ports_retention import RetainedKind


def _table(model: Any) -> sa.Table:
    table: sa.Table = model.__table__
    return table


_ALERTS, _DELIVERIES = _table(AlertTable), _table(DeliveryTable)
_INCIDENTS, _PEOPLE = _table(IncidentTable), _table(IncidentPersonTable)
TABLES: dict[RetainedKind, tuple[sa.Table, str]] = {
    "failures": (_table(FailureTable), "created_at"),
    "changes": (_table(ChangeTable), "at"),
    "failure_hours": (_table(FailureHourTable), "hour"),
    "failure_totals": (_table(FailureTotalTable), "hour"),
    "success_hours": (_table(SuccessHourTable), "hour"),
    "incidents": (_INCIDENTS, "last_seen"),
    "alerts": (_ALERTS, "created_at"),
    "versions": (_table(ObjectVersionTable), "valid_until"),
    "windows": (_table(ReadWindowTable), "end"),
    "files": (_table(ImportedFileTable), "updated_at"),
    "quietings": (_table(QuietingTable), "until"),
    "links": (_table(UsedLinkTable), "used_at"),
}
_BY_TENANT: frozenset[RetainedKind] = frozenset({"failure_hours", "failure_totals", "success_hours"})
"""Kinds whose key begins with the tenant: naming the tenants lets the key find what is old."""
_UNFINISHED = ("pending", "sending")


class SqlRetention:
    """The ``RetentionStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, kind: RetainedKind, before: datetime) -> bool:
        table, _ = TABLES[kind]
        found = sa.select(sa.literal(1)).select_from(table).where(_old(kind, before)).limit(1)
        return self._connection.execute(found).first() is not None

    def delete(self, kind: RetainedKind, before: datetime, limit: int) -> int:
        table, _ = TABLES[kind]
        key = sa.tuple_(*table.primary_key.columns)
        doomed = sa.select(*table.primary_key.columns).where(_old(kind, before)).limit(limit)
        if kind in ("incidents", "alerts"):
            # What belongs to them goes with them; which they are must stay the same for both statements.
            keys = [row[0] for row in self._connection.execute(doomed)]
            owned = _PEOPLE.c.incident_id if kind == "incidents" else _DELIVERIES.c.alert_id
            self._connection.execute(sa.delete(owned.table).where(owned.in_(keys)))
            return self._connection.execute(table.delete().where(table.c.id.in_(keys))).rowcount
        return self._connection.execute(table.delete().where(key.in_(doomed))).rowcount


def _old(kind: RetainedKind, before: datetime) -> ColumnElement[bool]:
    table, column = TABLES[kind]
    old: ColumnElement[bool] = table.c[column] < before
    if kind in _BY_TENANT:
        return sa.and_(table.c.tenant_id.in_(sa.select(_table(ProgressTable).c.tenant_id)), old)
    if kind == "alerts":
        # What still waits to be told is no history yet.
        waiting = sa.select(_DELIVERIES.c.id).where(
            _DELIVERIES.c.alert_id == _ALERTS.c.id, _DELIVERIES.c.state.in_(_UNFINISHED)
        )
        return sa.and_(old, ~waiting.exists())
    return old
