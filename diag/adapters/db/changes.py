"""The changes that the audit log tells."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import ChangeTable, ObjectVersionTable
from diag.core.directory import Change
from diag.core.inventory import ObjectKind
from diag.core.operations import one_operation, operation_of
from diag.core.pseudonyms import Pseudonyms
from diag.workflows.ports import ChangeQuery, StoredChange

_CHANGES = ChangeTable.__table__  # type: ignore[attr-defined]
_VERSIONS = ObjectVersionTable.__table__  # type: ignore[attr-defined]
_CHANGE = msgspec.json.Decoder(Change)
_CHUNK = 500
"""Values per statement, far below what either database takes."""
_SIBLINGS = timedelta(days=1)
"""Records of one operation lie closer together than this, however late they come."""


class SqlChanges:
    """The ``ChangeStore`` port."""

    def __init__(self, connection: Connection, pseudonyms: Pseudonyms | None = None) -> None:
        self._connection, self._pseudonyms = connection, pseudonyms

    def add(self, tenant_id: str, changes: Sequence[Change]) -> int:
        """How many were new, or say more than what was stored of the same operation."""
        if self._pseudonyms is not None:
            changes = [self._pseudonyms.change(change) for change in changes]
        known = self._known_operations(tenant_id, changes)
        rows: dict[str, dict[str, Any]] = {}
        outgrown: list[str] = []
        for given in changes:
            change, operation = given, operation_of(given)
            if operation is not None:
                before = known.get(operation)
                change = one_operation([before, given]) if before is not None else given
                if before is not None and change != before:
                    outgrown.append(change_id(before))
                    rows.pop(change_id(before), None)
                known[operation] = change
            rows[change_id(change)] = {
                "tenant_id": tenant_id,
                "id": change_id(change),
                "at": change.at,
                "target_object_id": change.target_object_id,
                "body": msgspec.json.encode(change),
            }
        if not rows:
            return 0
        for start in range(0, len(outgrown), _CHUNK):
            part = _CHANGES.c.id.in_(outgrown[start : start + _CHUNK])
            self._connection.execute(_CHANGES.delete().where(_CHANGES.c.tenant_id == tenant_id, part))
        before_count = self._count(tenant_id)
        self._connection.execute(upsert(self._connection, _CHANGES).on_conflict_do_nothing(), list(rows.values()))
        return self._count(tenant_id) - before_count

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

    def _known_operations(self, tenant_id: str, changes: Sequence[Change]) -> dict[tuple[str, str], Change]:
        """What is stored of the operations that these changes belong to."""
        of_operations = [change for change in changes if change.correlation_id]
        wanted = {operation_of(change) for change in of_operations}
        targets = sorted({change.target_object_id for change in of_operations})
        if not targets:
            return {}
        first, last = min(item.at for item in of_operations), max(item.at for item in of_operations)
        near = _CHANGES.c.at.between(first - _SIBLINGS, last + _SIBLINGS)
        known: dict[tuple[str, str], Change] = {}
        for start in range(0, len(targets), _CHUNK):
            part = _CHANGES.c.target_object_id.in_(targets[start : start + _CHUNK])
            bodies = sa.select(_CHANGES.c.body).where(_CHANGES.c.tenant_id == tenant_id, part, near)
            for change in map(_CHANGE.decode, self._connection.execute(bodies).scalars()):
                operation = operation_of(change)
                if operation is not None and operation in wanted:
                    known[operation] = change
        return known

    def _count(self, tenant_id: str) -> int:
        counted = sa.select(sa.func.count()).select_from(_CHANGES).where(_CHANGES.c.tenant_id == tenant_id)
        return int(self._connection.execute(counted).scalar_one())


def change_id(change: Change) -> str:
    """A digest of all it says."""
    return hashlib.sha256(msgspec.json.encode(change)).hexdigest()[:32]
