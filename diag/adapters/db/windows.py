"""Windows of logs that were read to their end."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.collecting_tables import ReadWindowTable
from diag.adapters.db.statements import upsert
from diag.core.windows import HOUR, ReadWindow

_TABLE = ReadWindowTable.__table__  # type: ignore[attr-defined]
_KEY = (_TABLE.c.tenant_id, _TABLE.c.source, _TABLE.c.kind, _TABLE.c.start)


class SqlWindows:
    """The ``WindowStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def close(self, window: ReadWindow) -> None:
        if window.kind == "poll" and self._lengthened(window):
            return
        values = {name: getattr(window, name) for name in window.__struct_fields__}
        statement = upsert(self._connection, _TABLE).values(values)
        later = sa.case((statement.excluded.end > _TABLE.c.end, statement.excluded.end), else_=_TABLE.c.end)
        values["end"] = later
        self._connection.execute(statement.on_conflict_do_update(index_elements=list(_TABLE.primary_key), set_=values))

    def find(
        self, tenant_id: str, source: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[ReadWindow]:
        statement = sa.select(_TABLE).where(_TABLE.c.tenant_id == tenant_id)
        if source is not None:
            statement = statement.where(_TABLE.c.source == source)
        if since is not None:
            statement = statement.where(_TABLE.c.end >= since)
        if until is not None:
            statement = statement.where(_TABLE.c.start <= until)
        rows = self._connection.execute(statement.order_by(_TABLE.c.start, _TABLE.c.source, _TABLE.c.kind))
        return [ReadWindow(**row._mapping) for row in rows]

    def _lengthened(self, window: ReadWindow) -> bool:
        """Whether the row of the poll before took this window in."""
        same = sa.and_(
            _TABLE.c.tenant_id == window.tenant_id,
            _TABLE.c.source == window.source,
            _TABLE.c.kind == window.kind,
            _TABLE.c.start <= window.start,
            _TABLE.c.start > window.end - 2 * HOUR,
            _TABLE.c.end >= window.start,
            _TABLE.c.end <= window.end,
        )
        before = self._connection.execute(sa.select(*_KEY).where(same).order_by(_TABLE.c.start.desc()).limit(1)).first()
        if before is None:
            return False
        self._connection.execute(
            _TABLE.update()
            .where(*(column == value for column, value in zip(_KEY, before, strict=True)))
            .values(
                end=window.end,
                read_at=window.read_at,
                pages=_TABLE.c.pages + window.pages,
                records=_TABLE.c.records + window.records,
                new=_TABLE.c.new + window.new,
            )
        )
        return True
