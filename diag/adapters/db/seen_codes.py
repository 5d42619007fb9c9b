"""Codes as the incidents count them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.tables import IncidentTable
from diag.workflows.ports_codes import SeenApplication, SeenCode

_INCIDENTS = IncidentTable.__table__  # type: ignore[attr-defined]


class SqlSeenCodes:
    """The ``SeenCodeStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def codes(self, tenant_id: str | None) -> Sequence[SeenCode]:
        table = _INCIDENTS.c
        last = sa.func.max(table.last_seen, type_=table.last_seen.type)
        statement = (
            sa.select(
                table.tenant_id,
                table.code,
                sa.func.sum(table.count),
                sa.func.min(table.first_seen, type_=table.first_seen.type),
                last,
            )
            .group_by(table.tenant_id, table.code)
            .order_by(last.desc(), table.code, table.tenant_id)
        )
        if tenant_id is not None:
            statement = statement.where(table.tenant_id == tenant_id)
        return [
            SeenCode(tenant_id=tenant, code=code, count=int(count), first_seen=first, last_seen=latest)
            for tenant, code, count, first, latest in self._connection.execute(statement)
        ]

    def applications(self, tenant_id: str, code: int, limit: int) -> Sequence[SeenApplication]:
        table = _INCIDENTS.c
        count = sa.func.sum(table.count)
        statement = (
            sa.select(table.app_id, sa.func.max(table.app_name), count)
            .where(table.tenant_id == tenant_id, table.code == code)
            .group_by(table.app_id)
            .order_by(count.desc(), table.app_id)
            .limit(limit)
        )
        return [
            SeenApplication(app_id, name, int(found)) for app_id, name, found in self._connection.execute(statement)
        ]
