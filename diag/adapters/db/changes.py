"""The changes that the audit log tells."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import ChangeTable, ObjectVersionTable
from diag.core.directory import Change
from diag.core.inventory import ObjectKind
from diag.workflows.ports import ChangeQuery, StoredChange

_CHANGES = ChangeTable.__table__  # type: ignore[attr-defined]
_VERSIONS = ObjectVersionTable.__table__  # type: ignore[attr-defined]
_CHANGE = msgspec.json.Decoder(Change)


class SqlChanges:
    """The ``ChangeStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, tenant_id: str, changes: Sequence[Change]) -> int:
        rows: dict[str, dict[str, Any]] = {}
        for change in changes:
            body = msgspec.json.encode(change)
            key = hashlib.sha256(body).hexdigest()[:32]
            rows[key] = {
                "tenant_id": tenant_id,
                "id": key,
                "at": change.at,
                "target_object_id": change.target_object_id,
                "body": body,
            }
        if not rows:
            return 0
        before = self._count(tenant_id)
        self._connection.execute(upsert(self._connection, _CHANGES).on_conflict_do_nothing(), list(rows.values()))
        return self._count(tenant_id) - before

    def find(
        self,
        tenant_id: str | None,
        app_id: str | None,
        since: datetime | None,
        until: datetime | None,
        limit: int = 100,
    ) -> Sequence[tuple[str, Change]]:
        query = ChangeQuery(tenant_id=tenant_id, app_id=app_id, since=since, until=until, limit=limit)
        return [(stored.tenant_id, stored.change) for stored in self.page(query)]

    def page(self, query: ChangeQuery) -> Sequence[StoredChange]:
        table = _CHANGES.c
        statement = sa.select(table.tenant_id, table.id, table.body)
        if query.tenant_id:
            statement = statement.where(table.tenant_id == query.tenant_id)
        if query.app_id:
            own = sa.select(_VERSIONS.c.object_id).where(
                _VERSIONS.c.app_id == query.app_id, _VERSIONS.c.kind.in_(get_args(ObjectKind))
            )
            statement = statement.where(table.target_object_id.in_(own))
        if query.since:
            statement = statement.where(table.at >= query.since)
        if query.until:
            statement = statement.where(table.at <= query.until)
        if query.before:
            at, *key = query.before.split("\n")
            instant = datetime.fromisoformat(at)
            behind = sa.tuple_(table.id, table.tenant_id) > sa.tuple_(*key)
            statement = statement.where(sa.or_(table.at < instant, sa.and_(table.at == instant, behind)))
        statement = statement.order_by(table.at.desc(), table.id, table.tenant_id).limit(query.limit)
        return [
            StoredChange(tenant_id=tenant, id=key, change=_CHANGE.decode(body))
            for tenant, key, body in self._connection.execute(statement)
        ]

    def _count(self, tenant_id: str) -> int:
        counted = sa.select(sa.func.count()).select_from(_CHANGES).where(_CHANGES.c.tenant_id == tenant_id)
        return int(self._connection.execute(counted).scalar_one())
