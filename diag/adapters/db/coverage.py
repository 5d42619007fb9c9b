"""Connections to tenants, and what is wrong with their coverage."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection as SqlConnection

from diag.adapters.db.coverage_tables import ConnectionTable, TroubleTable
from diag.adapters.db.statements import upsert
from diag.core.coverage_changes import Trouble
from diag.core.graph_permissions import Connection

_CONNECTIONS = ConnectionTable.__table__  # type: ignore[attr-defined]
_TROUBLES = TroubleTable.__table__  # type: ignore[attr-defined]


class SqlCoverage:
    """The ``CoverageStore`` port."""

    def __init__(self, connection: SqlConnection) -> None:
        self._connection = connection

    def connection(self, tenant_id: str) -> Connection | None:
        row = self._connection.execute(sa.select(_CONNECTIONS).where(_CONNECTIONS.c.tenant_id == tenant_id)).first()
        if row is None:
            return None
        held = None if row.permissions is None else tuple(row.permissions.split())
        return Connection(
            token=row.token,
            app_id=row.app_id,
            permissions=held,
            skew_seconds=row.skew_seconds,
            throttled_until=row.throttled_until,
            observed_at=row.observed_at,
        )

    def save_connection(self, tenant_id: str, connection: Connection) -> None:
        values: dict[str, object] = {
            "throttled_until": connection.throttled_until,
            "observed_at": connection.observed_at,
        }
        if connection.permissions is not None:
            values |= {
                "token": connection.token,
                "app_id": connection.app_id,
                "permissions": " ".join(connection.permissions),
            }
        if connection.skew_seconds is not None:
            values["skew_seconds"] = connection.skew_seconds
        first = {"tenant_id": tenant_id, "token": "", "app_id": "", "permissions": None, "skew_seconds": None, **values}
        statement = upsert(self._connection, _CONNECTIONS).values(first)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values))

    def troubles(self, tenant_id: str) -> Sequence[Trouble]:
        found = self._connection.execute(
            sa.select(_TROUBLES)
            .where(_TROUBLES.c.tenant_id == tenant_id)
            .order_by(_TROUBLES.c.since, _TROUBLES.c.subject)
        )
        return [
            Trouble(subject=row.subject, code=row.code, text=row.text, hint=row.hint, since=row.since) for row in found
        ]

    def save_troubles(self, tenant_id: str, troubles: Sequence[Trouble]) -> None:
        self._connection.execute(_TROUBLES.delete().where(_TROUBLES.c.tenant_id == tenant_id))
        if troubles:
            rows = [
                {"tenant_id": tenant_id, **{name: getattr(item, name) for name in item.__struct_fields__}}
                for item in troubles
            ]
            self._connection.execute(_TROUBLES.insert(), rows)
