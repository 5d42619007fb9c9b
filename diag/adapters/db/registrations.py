"""Registrations as they are and as they were."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy import Connection, Row

from diag.adapters.db.registration_versions import RegistrationVersions
from diag.adapters.db.tables import (
    CredentialTable,
    IncidentTable,
    ObjectVersionTable,
    RegisteredValueTable,
)
from diag.core.directory import Neighbour
from diag.core.identifiers import AppId
from diag.core.inventory import (
    Kind,
    ObjectKind,
    Origin,
    RegistrationObject,
    RemovedObject,
    StoredObject,
    TenantKind,
)
from diag.core.pseudonyms import Pseudonyms
from diag.workflows.ports import ApplicationLine

_VERSIONS = ObjectVersionTable.__table__  # type: ignore[attr-defined]
_CREDENTIALS = CredentialTable.__table__  # type: ignore[attr-defined]
_VALUES = RegisteredValueTable.__table__  # type: ignore[attr-defined]
_INCIDENTS = IncidentTable.__table__  # type: ignore[attr-defined]
_TENANT_WIDE = get_args(TenantKind)
_NEIGHBOURS_AT_MOST = 20


class SqlRegistrations:
    """The ``RegistrationStore`` port."""

    def __init__(self, connection: Connection, pseudonyms: Pseudonyms | None = None) -> None:
        self._connection, self._pseudonyms = connection, pseudonyms
        self._versions = RegistrationVersions(connection)

    def put(
        self,
        tenant_id: str,
        objects: Sequence[RegistrationObject],
        at: datetime,
        *,
        origin: Origin = "full",
        since: datetime | None = None,
    ) -> int:
        if self._pseudonyms is not None:
            objects = [replace(item, body=self._pseudonyms.detail(item.kind, item.body)) for item in objects]
        return self._versions.put(tenant_id, objects, at, origin, since)

    def remove(
        self, tenant_id: str, removed: Sequence[RemovedObject], at: datetime, *, origin: Origin = "full"
    ) -> None:
        self._versions.remove(tenant_id, removed, at, origin)

    def mark_unread(self, tenant_id: str, kind: Kind, object_id: str, app_id: str, why: str, at: datetime) -> None:
        self._versions.mark_unread(tenant_id, kind, object_id, app_id, why, at)

    def as_of(self, tenant_id: str, app_id: str, at: datetime | None) -> Mapping[Kind, StoredObject]:
        table = _VERSIONS.c
        statement = sa.select(_VERSIONS).where(
            table.tenant_id == tenant_id, sa.or_(table.app_id == app_id, table.kind.in_(_TENANT_WIDE))
        )
        if at is None:
            statement = statement.where(table.valid_until.is_(None))
        else:
            # Before the first version nobody had looked; the first one is then the nearest thing to the truth.
            statement = statement.where(sa.or_(table.valid_until.is_(None), table.valid_until > at))
        found: dict[Kind, Row[Any]] = {}
        for row in self._connection.execute(statement.order_by(table.valid_from, table.id)):
            began = at is None or row.valid_from <= at
            if row.kind not in found or (began and _nearer(row, found[row.kind])):
                found[row.kind] = row
        return {kind: _stored(row) for kind, row in found.items()}

    def history(self, tenant_id: str, app_id: str) -> Sequence[StoredObject]:
        statement = (
            sa.select(_VERSIONS)
            .where(
                _VERSIONS.c.tenant_id == tenant_id,
                _VERSIONS.c.app_id == app_id,
                _VERSIONS.c.kind.in_(get_args(ObjectKind)),
            )
            .order_by(_VERSIONS.c.valid_from.desc(), _VERSIONS.c.id.desc())
        )
        return [_stored(row) for row in self._connection.execute(statement)]

    def applications(
        self,
        tenant_id: str | None,
        query: str = "",
        after: str | None = None,
        limit: int = 100,
        *,
        app_id: str | None = None,
        identifier_uris: Sequence[str] | None = None,
    ) -> Sequence[ApplicationLine]:
        table = _VERSIONS.c
        name = sa.func.max(table.display_name)
        statement = (
            sa.select(
                table.tenant_id,
                table.app_id,
                name.label("name"),
                sa.func.max(sa.case((table.kind == "application", 1), else_=0)).label("registered"),
                sa.func.max(sa.case((table.kind == "service_principal", 1), else_=0)).label("present"),
            )
            .where(
                table.kind.in_(get_args(ObjectKind)),
                table.valid_until.is_(None),
                table.body.is_not(None),
                table.app_id != "",
            )
            .group_by(table.tenant_id, table.app_id)
        )
        if tenant_id:
            statement = statement.where(table.tenant_id == tenant_id)
        if query:
            # Registration and service principal may have different names; either one finds both.
            named = sa.case((table.display_name.icontains(query, autoescape=True), 1), else_=0)
            statement = statement.having(sa.or_(sa.func.max(named) == 1, table.app_id == query.strip().lower()))
        if app_id is not None:
            statement = statement.where(table.app_id == app_id)
        if identifier_uris is not None:
            own = sa.select(_VALUES.c.tenant_id, _VALUES.c.app_id).where(
                _VALUES.c.holds == "identifier_uri", _VALUES.c.value.in_(identifier_uris)
            )
            statement = statement.where(sa.tuple_(table.tenant_id, table.app_id).in_(own))
        if after:
            # A display name may hold line ends of its own.
            last_name, last_app, last_tenant = ["", "", *after.rsplit("\n", 2)][-3:]
            statement = statement.having(
                sa.tuple_(name, table.app_id, table.tenant_id) > sa.tuple_(last_name, last_app, last_tenant)
            )
        rows = self._connection.execute(statement.order_by(name, table.app_id, table.tenant_id).limit(limit)).all()
        open_incidents = self._open_incidents([row.app_id for row in rows])
        ends = self._next_ends([row.app_id for row in rows])
        return [
            ApplicationLine(
                tenant_id=row.tenant_id,
                app_id=row.app_id,
                display_name=row.name,
                has_registration=bool(row.registered),
                has_service_principal=bool(row.present),
                open_incidents=open_incidents.get((row.tenant_id, row.app_id), 0),
                next_end=ends.get((row.tenant_id, row.app_id)),
            )
            for row in rows
        ]

    def neighbours(self, tenant_id: str, values: Sequence[str], not_app_id: str) -> Sequence[Neighbour]:
        if not values:
            return []
        statement = (
            sa.select(_VALUES.c.app_id, _VALUES.c.holds, sa.func.max(_VERSIONS.c.display_name))
            .join(
                _VERSIONS,
                sa.and_(
                    _VERSIONS.c.tenant_id == _VALUES.c.tenant_id,
                    _VERSIONS.c.object_id == _VALUES.c.object_id,
                    _VERSIONS.c.valid_until.is_(None),
                ),
            )
            .where(
                _VALUES.c.tenant_id == tenant_id,
                _VALUES.c.value.in_(values),
                _VALUES.c.app_id != not_app_id,
                _VALUES.c.holds != "identifier_uri",
            )
            .group_by(_VALUES.c.app_id, _VALUES.c.holds)
            .order_by(_VALUES.c.app_id)
            .limit(_NEIGHBOURS_AT_MOST)
        )
        return [Neighbour(AppId(app_id), name, holds) for app_id, holds, name in self._connection.execute(statement)]

    def object_ids(self, tenant_id: str, kind: ObjectKind) -> Mapping[str, str]:
        statement = sa.select(_VERSIONS.c.object_id, _VERSIONS.c.app_id).where(
            _VERSIONS.c.tenant_id == tenant_id,
            _VERSIONS.c.kind == kind,
            _VERSIONS.c.valid_until.is_(None),
            _VERSIONS.c.body.is_not(None),
        )
        return {str(object_id): str(app_id) for object_id, app_id in self._connection.execute(statement)}

    def _open_incidents(self, app_ids: Sequence[str]) -> dict[tuple[str, str], int]:
        statement = (
            sa.select(_INCIDENTS.c.tenant_id, _INCIDENTS.c.app_id, sa.func.count())
            .where(_INCIDENTS.c.app_id.in_(app_ids), _INCIDENTS.c.state == "open", _INCIDENTS.c.interrupt.is_(False))
            .group_by(_INCIDENTS.c.tenant_id, _INCIDENTS.c.app_id)
        )
        return {(tenant, app): int(count) for tenant, app, count in self._connection.execute(statement)}

    def _next_ends(self, app_ids: Sequence[str]) -> dict[tuple[str, str], datetime]:
        statement = (
            sa.select(_CREDENTIALS.c.tenant_id, _CREDENTIALS.c.app_id, sa.func.min(_CREDENTIALS.c.ends))
            .where(_CREDENTIALS.c.app_id.in_(app_ids), _CREDENTIALS.c.ends.is_not(None))
            .group_by(_CREDENTIALS.c.tenant_id, _CREDENTIALS.c.app_id)
        )
        return {(tenant, app): ends for tenant, app, ends in self._connection.execute(statement)}


def _nearer(row: Row[Any], other: Row[Any]) -> bool:
    """Whether a later row tells more: a service principal made anew has the application ID of the one deleted."""
    return row.body is not None or other.body is None


def _stored(row: Row[Any]) -> StoredObject:
    return StoredObject(
        kind=row.kind,
        object_id=row.object_id,
        app_id=row.app_id,
        display_name=row.display_name,
        body=None if row.body is None else zlib.decompress(row.body),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        read_at=row.read_at,
        unread_because=row.unread_because,
        origin=row.origin,
    )
