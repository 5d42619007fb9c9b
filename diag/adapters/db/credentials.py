"""The credentials that registrations hold now, with their last use."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.tables import CredentialTable, IncidentTable, SuccessHourTable
from diag.core.inventory import CredentialRow
from diag.workflows.ports import CredentialQuery, StoredCredential

_CREDENTIALS = CredentialTable.__table__  # type: ignore[attr-defined]
_INCIDENTS = IncidentTable.__table__  # type: ignore[attr-defined]
_SUCCESSES = SuccessHourTable.__table__  # type: ignore[attr-defined]
_CREDENTIAL_KEY = (_CREDENTIALS.c.key_id, _CREDENTIALS.c.owner_object_id, _CREDENTIALS.c.tenant_id, _CREDENTIALS.c.kind)
_CHUNK = 500
"""Ids per statement, far below what either database takes."""


class SqlCredentials:
    """The ``CredentialStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, query: CredentialQuery) -> Sequence[StoredCredential]:
        table = _CREDENTIALS.c
        statement = sa.select(_CREDENTIALS)
        for column, value in (
            (table.tenant_id, query.tenant_id),
            (table.app_id, query.app_id),
            (table.kind, query.kind),
        ):
            if value is not None:
                statement = statement.where(column == value)
        if query.ends_before is not None:
            statement = statement.where(table.ends < query.ends_before)
        if query.ends_after is not None:
            statement = statement.where(sa.or_(table.ends >= query.ends_after, table.ends.is_(None)))
        never = sa.case((table.ends.is_(None), 1), else_=0)
        if query.after:
            ends, *keys = query.after.split("\n")
            behind = sa.tuple_(*_CREDENTIAL_KEY[: len(keys)]) > sa.tuple_(*keys)
            if ends:
                instant = datetime.fromisoformat(ends)
                statement = statement.where(
                    sa.or_(table.ends > instant, table.ends.is_(None), sa.and_(table.ends == instant, behind))
                )
            else:
                statement = statement.where(table.ends.is_(None), behind)
        statement = statement.order_by(never, table.ends, *_CREDENTIAL_KEY).limit(query.limit)
        rows = self._connection.execute(statement).all()
        tenant_ids, app_ids = sorted({row.tenant_id for row in rows}), sorted({row.app_id for row in rows})
        used = self._latest(_SUCCESSES, _SUCCESSES.c.last_at, tenant_ids, app_ids)
        tried = self._latest(_INCIDENTS, _INCIDENTS.c.last_seen, tenant_ids, app_ids)
        return [
            StoredCredential(
                tenant_id=row.tenant_id,
                application_name=row.application_name,
                credential=CredentialRow(**{name: row._mapping[name] for name in CredentialRow.__struct_fields__}),
                last_used=used.get((row.tenant_id, row.app_id, row.key_id)),
                last_tried=tried.get((row.tenant_id, row.app_id, row.key_id)),
            )
            for row in rows
        ]

    def _latest(
        self, table: sa.Table, instant: sa.ColumnElement[datetime], tenant_ids: Sequence[str], app_ids: Sequence[str]
    ) -> dict[tuple[str, str, str], datetime]:
        """The latest instant by tenant, application and key ID: certificates may carry any key ID."""
        key = (table.c.tenant_id, table.c.app_id, table.c.credential_key_id)
        latest: dict[tuple[str, str, str], datetime] = {}
        for start in range(0, len(app_ids), _CHUNK):
            statement = (
                sa.select(*key, sa.func.max(instant))
                .where(
                    # With the tenant the index by application serves; without it the whole table is read.
                    table.c.tenant_id.in_(tenant_ids),
                    table.c.app_id.in_(app_ids[start : start + _CHUNK]),
                    table.c.credential_key_id != "",
                )
                .group_by(*key)
            )
            latest |= {(tenant, app, key_id): at for tenant, app, key_id, at in self._connection.execute(statement)}
        return latest
