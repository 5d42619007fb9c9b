"""How far each source has been read."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import ProgressTable
from diag.workflows.ports import Progress

_TABLE = ProgressTable.__table__  # type: ignore[attr-defined]


class SqlProgress:
    """The ``ProgressStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, tenant_id: str, source: str) -> Progress:
        row = self._connection.execute(
            sa.select(_TABLE).where(_TABLE.c.tenant_id == tenant_id, _TABLE.c.source == source)
        ).first()
        return Progress(**row._mapping) if row else Progress(tenant_id=tenant_id, source=source)

    def save(self, progress: Progress) -> None:
        values = {name: getattr(progress, name) for name in progress.__struct_fields__}
        statement = upsert(self._connection, _TABLE).values(values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=list(_TABLE.primary_key), set_=values))

    def all(self) -> Sequence[Progress]:
        rows = self._connection.execute(sa.select(_TABLE).order_by(_TABLE.c.tenant_id, _TABLE.c.source))
        return [Progress(**row._mapping) for row in rows]
