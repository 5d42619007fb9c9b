"""Writing registrations: each object has one present version, and a change ends it and begins another."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import CredentialTable, ObjectVersionTable, RegisteredValueTable
from diag.core.inventory import Kind, ObjectKind, Origin, RegistrationObject, RemovedObject

_VERSIONS = ObjectVersionTable.__table__  # type: ignore[attr-defined]
_CREDENTIALS = CredentialTable.__table__  # type: ignore[attr-defined]
_VALUES = RegisteredValueTable.__table__  # type: ignore[attr-defined]
_OBJECT_KINDS = frozenset(get_args(ObjectKind))
_NEVER_READ = "never read"
"""Digest of a version that only says why nothing could be read."""
_CHUNK = 500
"""Ids per look-up, far below what either database takes."""
_BY_KEY: sa.BindParameter[int] = sa.bindparam("key")
_CONFIRM = _VERSIONS.update().where(_VERSIONS.c.id == _BY_KEY).values(read_at=sa.bindparam("at"), unread_because="")
_SUPERSEDE = _VERSIONS.update().where(_VERSIONS.c.id == _BY_KEY).values(valid_until=sa.bindparam("at"))


class RegistrationVersions:
    """The writing half of the ``RegistrationStore`` port, many objects a statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(
        self,
        tenant_id: str,
        objects: Sequence[RegistrationObject],
        at: datetime,
        origin: Origin,
        since: datetime | None,
    ) -> int:
        latest = {(item.kind, item.object_id): item for item in objects}
        present = self._present(tenant_id, latest)
        confirmed: list[Row[Any]] = []
        superseded: list[Row[Any]] = []
        replaced: list[Row[Any]] = []
        changed: list[tuple[RegistrationObject, str]] = []
        for key, item in latest.items():
            current = present.get(key)
            digest = digest_of(item.body)
            if current is not None and current.there and current.digest in (digest, _digest_of_bytes(item.body)):
                confirmed.append(current)
                continue
            if current is not None:
                # "Never read" told nothing but that nobody could look; the first version read is the nearest to truth.
                (replaced if current.digest == _NEVER_READ else superseded).append(current)
            changed.append((item, digest))
        # A clock that was set back, or an audit record that comes late, begins nothing before what it follows.
        began = since or at
        begins = {(row.kind, row.object_id): max(began, row.valid_from) for row in superseded}
        self._many(_CONFIRM, [{"key": row.id, "at": at} for row in confirmed])
        self._many(_SUPERSEDE, [{"key": row.id, "at": begins[row.kind, row.object_id]} for row in superseded])
        self._many(_VERSIONS.delete().where(_VERSIONS.c.id == _BY_KEY), [{"key": row.id} for row in replaced])
        self._many(
            _VERSIONS.insert(),
            [
                _columns(
                    tenant_id,
                    item,
                    zlib.compress(item.body),
                    digest,
                    origin,
                    began=begins.get((item.kind, item.object_id), began),
                    read_at=at,
                )
                for item, digest in changed
            ],
        )
        self._index(tenant_id, [item for item, _ in changed], known=frozenset(row.object_id for row in superseded))
        return len(changed)

    def remove(self, tenant_id: str, removed: Sequence[RemovedObject], at: datetime, origin: Origin) -> None:
        latest = {(item.kind, item.object_id): item for item in removed}
        gone = [row for row in self._present(tenant_id, latest).values() if row.there]
        self._many(_SUPERSEDE, [{"key": row.id, "at": max(at, row.valid_from)} for row in gone])
        self._many(
            _VERSIONS.insert(),
            [_columns(tenant_id, row, None, "", origin, began=max(at, row.valid_from), read_at=at) for row in gone],
        )
        self._forget(tenant_id, [row.object_id for row in gone], also_federated=True)

    def mark_unread(self, tenant_id: str, kind: Kind, object_id: str, app_id: str, why: str, at: datetime) -> None:
        current = self._present(tenant_id, [(kind, object_id)]).get((kind, object_id))
        if current is None:
            nothing = RegistrationObject(kind=kind, object_id=object_id, app_id=app_id, body=b"")
            columns = _columns(tenant_id, nothing, None, _NEVER_READ, "", began=at, read_at=at)
            self._many(_VERSIONS.insert(), [columns | {"unread_because": why}])
            return
        unread = {"unread_because": why, "read_at": at}
        self._connection.execute(_VERSIONS.update().where(_VERSIONS.c.id == current.id).values(unread))

    def _present(self, tenant_id: str, keys: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], Any]:
        """The present versions by kind and object, without their bodies; ``there``: the object exists."""
        by_kind: dict[Kind, list[str]] = {}
        for kind, object_id in keys:
            by_kind.setdefault(kind, []).append(object_id)
        table = _VERSIONS.c
        wanted = (table.id, table.kind, table.object_id, table.app_id, table.display_name, table.digest)
        found: dict[tuple[Kind, str], Any] = {}
        for kind, ids in by_kind.items():
            for start in range(0, len(ids), _CHUNK):
                statement = sa.select(*wanted, table.valid_from, table.body.is_not(None).label("there")).where(
                    table.tenant_id == tenant_id,
                    table.kind == kind,
                    table.object_id.in_(ids[start : start + _CHUNK]),
                    table.valid_until.is_(None),
                )
                for row in self._connection.execute(statement):
                    found[kind, row.object_id] = row
        return found

    def _index(self, tenant_id: str, items: Sequence[RegistrationObject], known: frozenset[str]) -> None:
        """What lists and look-ups need of changed objects, in the place of what they needed before."""
        objects = [item for item in items if item.kind in _OBJECT_KINDS]
        federated = [item for item in items if item.kind == "federated_credentials"]
        self._forget(tenant_id, [item.object_id for item in objects if item.object_id in known])
        ours = _VALUES.c.holds == "federated_credential"
        self._forget_values(tenant_id, [item.object_id for item in federated], ours)
        values = {
            (item.object_id, value.holds, value.value, item.app_id)
            for item in (*objects, *federated)
            for value in item.values
        }
        names = ("object_id", "holds", "value", "app_id")
        self._many(
            upsert(self._connection, _VALUES).on_conflict_do_nothing(),
            [dict(zip(names, value, strict=True)) | {"tenant_id": tenant_id} for value in sorted(values)],
        )
        self._many(
            upsert(self._connection, _CREDENTIALS).on_conflict_do_nothing(),
            [
                {name: getattr(credential, name) for name in credential.__struct_fields__}
                | {"tenant_id": tenant_id, "application_name": item.display_name}
                for item in objects
                for credential in item.credentials
            ],
        )

    def _forget(self, tenant_id: str, object_ids: Sequence[str], *, also_federated: bool = False) -> None:
        owner = _CREDENTIALS.c.owner_object_id == sa.bindparam("owner")
        self._many(
            _CREDENTIALS.delete().where(_CREDENTIALS.c.tenant_id == tenant_id, owner),
            [{"owner": object_id} for object_id in object_ids],
        )
        which = sa.true() if also_federated else _VALUES.c.holds != "federated_credential"
        self._forget_values(tenant_id, object_ids, which)

    def _forget_values(self, tenant_id: str, object_ids: Sequence[str], which: sa.ColumnElement[bool]) -> None:
        holder = _VALUES.c.object_id == sa.bindparam("owner")
        self._many(
            _VALUES.delete().where(_VALUES.c.tenant_id == tenant_id, holder, which),
            [{"owner": object_id} for object_id in object_ids],
        )

    def _many(self, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._connection.execute(statement, list(rows))


def _columns(
    tenant_id: str,
    of: RegistrationObject | Row[Any],
    body: bytes | None,
    digest: str,
    origin: Origin,
    *,
    began: datetime,
    read_at: datetime,
) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "kind": of.kind,
        "object_id": of.object_id,
        "app_id": of.app_id,
        "display_name": of.display_name,
        "body": body,
        "digest": digest,
        "valid_from": began,
        "valid_until": None,
        "read_at": read_at,
        "unread_because": "",
        "origin": origin,
    }


def digest_of(body: bytes) -> str:
    """Of what the body says: Graph leaves out by one path what it calls null or empty by another."""
    try:
        said = _said(msgspec.json.decode(body))
    except msgspec.DecodeError:
        return _digest_of_bytes(body)
    return _digest_of_bytes(msgspec.json.encode(said, order="deterministic"))


def _digest_of_bytes(body: bytes) -> str:
    """As versions written before carry it."""
    return hashlib.sha256(body).hexdigest()[:32]


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _said(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item is not None and item != [] and item != {}}
    if isinstance(value, list):
        return [_said(item) for item in value]
    return value
