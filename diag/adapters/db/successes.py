"""Successful sign-ins of applications by hour."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import SuccessHourTable
from diag.core.records import SuccessCount
from diag.core.windows import Window
from diag.workflows.ports_collecting import HourlySuccesses

_TABLE = SuccessHourTable.__table__  # type: ignore[attr-defined]


class SqlSuccesses:
    """The ``SuccessStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, tenant_id: str, window: Window, counts: Sequence[SuccessCount]) -> int:
        inside = sa.and_(_TABLE.c.tenant_id == tenant_id, _TABLE.c.hour >= window.start, _TABLE.c.hour < window.end)
        before = self._connection.execute(sa.select(sa.func.sum(_TABLE.c.count)).where(inside)).scalar_one() or 0
        self._connection.execute(_TABLE.delete().where(inside))
        if counts:
            names = SuccessCount.__struct_fields__
            rows = [{"tenant_id": tenant_id, **{name: getattr(count, name) for name in names}} for count in counts]
            self._connection.execute(_TABLE.insert(), rows)
        return sum(count.count for count in counts) - int(before)

    def note(self, tenant_id: str, counts: Sequence[SuccessCount]) -> None:
        if not counts:
            return
        names = SuccessCount.__struct_fields__
        statement = upsert(self._connection, _TABLE)
        later = sa.case(
            (statement.excluded.last_at > _TABLE.c.last_at, statement.excluded.last_at), else_=_TABLE.c.last_at
        )
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=list(_TABLE.primary_key), set_={"last_at": later}),
            [{"tenant_id": tenant_id, **{name: getattr(count, name) for name in names}} for count in counts],
        )

    def last(
        self, tenant_id: str, app_id: str, *, resource_id: str | None = None, credential_key_id: str | None = None
    ) -> datetime | None:
        statement = sa.select(sa.func.max(_TABLE.c.last_at)).where(
            _TABLE.c.tenant_id == tenant_id, _TABLE.c.app_id == app_id
        )
        if resource_id is not None:
            statement = statement.where(_TABLE.c.resource_id == resource_id)
        if credential_key_id is not None:
            statement = statement.where(_TABLE.c.credential_key_id == credential_key_id)
        last: datetime | None = self._connection.execute(statement).scalar_one()
        return last

    def hourly(self, tenant_id: str, since: datetime, app_id: str | None = None) -> Sequence[HourlySuccesses]:
        statement = (
            sa.select(_TABLE.c.hour, sa.func.sum(_TABLE.c.count))
            .where(_TABLE.c.tenant_id == tenant_id, _TABLE.c.hour >= since)
            .group_by(_TABLE.c.hour)
            .order_by(_TABLE.c.hour)
        )
        if app_id:
            statement = statement.where(_TABLE.c.app_id == app_id)
        return [HourlySuccesses(hour, int(count)) for hour, count in self._connection.execute(statement)]
