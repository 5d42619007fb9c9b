"""Applications: what is stored of their registration and service principal, and how it changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from fastapi import Query, Request
from msgspec import Struct
from starlette.responses import Response

from diag.core.inventory import Kind, StoredObject
from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.paging import Cursor, PageSize, Place
from diag.entrypoints.api.problems import Problem
from diag.entrypoints.api.requests import ServiceOf, TenantFilter, answer, guid, instant, new_router
from diag.render.differences import differences
from diag.workflows.ports import ApplicationLine, Transaction

router = new_router("applications")

_NAMES: Mapping[Kind, str] = {
    "application": "application",
    "service_principal": "service_principal",
    "federated_credentials": "federated_identity_credentials",
    "grants": "oauth2_permission_grants",
    "app_role_assignments": "app_role_assignments",
    "assigned_principals": "app_role_assigned_to",
    "owners": "owners",
    "service_principal_owners": "service_principal_owners",
}
"""Stored kinds by the names that a diagnose request gives them."""
_LINE = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "app_id": "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01",
    "display_name": "Orders",
    "has_registration": True,
    "has_service_principal": True,
    "open_incidents": 1,
    "first_credential_end": "2026-12-01T00:00:00Z",
}
_EXAMPLE = {
    **_LINE,
    "failures_24h": 41,
    "registration": {"application": {"displayName": "Orders", "signInAudience": "AzureADMyOrg"}},
    "read": {"application": {"since": "2026-11-01T08:00:00Z", "as_of": "2026-11-22T10:00:00Z"}},
}
_VERSION = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "kind": "application",
    "object_id": "0f2f3a4b-8d3b-4a0e-a0c5-0f5a4d0e8c11",
    "valid_from": "2026-11-22T09:10:00Z",
    "as_of": "2026-11-22T10:00:00Z",
    "exists": True,
    "differences": [{"path": "web.redirectUris", "old": ["https://app.contoso.example/signin-oidc"], "new": []}],
}


class ApplicationItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An application known by its registration, by its service principal, or by both."""

    tenant_id: str
    app_id: str
    display_name: str
    has_registration: bool
    has_service_principal: bool
    open_incidents: int
    first_credential_end: datetime | None = None
    """The earliest end among its credentials; it may have passed."""


class ReadAt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Since when a part is as it is, when it was last read, and why a later attempt failed."""

    as_of: datetime
    since: datetime | None = None
    unread_because: str = ""


class ApplicationWhole(ApplicationItem, frozen=True, kw_only=True):
    """An application with its registration in Microsoft Graph's own form, ready for a diagnose request.

    In ``registration`` a part that is absent was never read, and null was looked for and is not there.
    """

    failures_24h: int
    registration: dict[str, msgspec.Raw | None]
    read: dict[str, ReadAt]


class Difference(Struct, frozen=True):
    path: str
    old: tuple[str, ...]
    new: tuple[str, ...]


class VersionItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of the application or of its service principal, with what differs from the version before."""

    tenant_id: str
    kind: str
    object_id: str
    valid_from: datetime
    as_of: datetime
    exists: bool
    valid_until: datetime | None = None
    """Absent for the present version."""
    origin: str = ""
    """What brought it: full (the first reading), delta, reconcile (the daily reading of everything) or audit; absent
    where it was not kept."""
    differences: tuple[Difference, ...] | msgspec.UnsetType = msgspec.UNSET
    """Absent for the first version that was read."""


@router.get(
    "/applications",
    operation_id="listApplications",
    responses=answers("Applications by display name.", schema="ApplicationItem", listed=True, example=_LINE),
)
def list_applications(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    query: Annotated[str, Query(description="Part of the display name, or the application ID.", max_length=200)] = "",
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """Applications by display name, those known by their service principal only included."""
    place = Place(request, maxpagesize, cursor)
    with service.database.read() as transaction:
        found = transaction.registrations.applications(guid(tenant_id), query, place.key, place.fetch)
    return place.answer(found, lambda line: f"{line.display_name}\n{line.app_id}\n{line.tenant_id}", application_item)


@router.get(
    "/applications/{app_id}",
    operation_id="getApplication",
    responses=answers(
        "The application.",
        schema="ApplicationWhole",
        example=_EXAMPLE,
        also={409: "Several tenants hold it; the answer lists them."},
    ),
)
def get_application(
    service: ServiceOf,
    app_id: str,
    tenant_id: TenantFilter = None,
    at: Annotated[str | None, Query(description="As it was at this instant.", max_length=50)] = None,
) -> Response:
    """What is stored of one application, now or as it was at an instant."""
    moment = instant("at", at)
    with service.database.read() as transaction:
        line = resolved(transaction, app_id, tenant_id, service.tenant_ids)
        objects = transaction.registrations.as_of(line.tenant_id, line.app_id, moment)
        since = service.clock.now() - timedelta(hours=24)
        hours = transaction.failures.hourly(line.tenant_id, since, line.app_id)
    item = application_item(line)
    parts = {name: objects[kind] for kind, name in _NAMES.items() if kind in objects}
    return answer(
        ApplicationWhole(
            **{name: getattr(item, name) for name in item.__struct_fields__},
            failures_24h=sum(hour.failures for hour in hours),
            registration={name: _body(part) for name, part in parts.items() if _was_read(part)},
            read={name: _read_at(part) for name, part in parts.items()},
        )
    )


@router.get(
    "/applications/{app_id}/history",
    operation_id="listApplicationVersions",
    responses=answers(
        "Versions, newest first.",
        schema="VersionItem",
        listed=True,
        example=_VERSION,
        also={409: "Several tenants hold it."},
    ),
)
def list_versions(
    request: Request,
    service: ServiceOf,
    app_id: str,
    tenant_id: TenantFilter = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """Every version of the registration and of the service principal, newest first, each with what changed."""
    place = Place(request, maxpagesize, cursor)
    with service.database.read() as transaction:
        line = resolved(transaction, app_id, tenant_id, service.tenant_ids)
        history = sorted(transaction.registrations.history(line.tenant_id, line.app_id), key=_version_key, reverse=True)
    keys = [_version_key(version) for version in history]
    start = 0
    if place.key is not None:
        start = next((i for i, key in enumerate(keys) if key < place.key), len(keys))
    shown = [_version(line.tenant_id, history, i) for i in range(start, min(start + place.size, len(history)))]
    more = start + place.size < len(history)
    return place.whole(shown, keys[start + place.size - 1] if more else None)


def application_item(line: ApplicationLine) -> ApplicationItem:
    """The published form of an application's line."""
    return ApplicationItem(
        tenant_id=line.tenant_id,
        app_id=line.app_id,
        display_name=line.display_name,
        has_registration=line.has_registration,
        has_service_principal=line.has_service_principal,
        open_incidents=line.open_incidents,
        first_credential_end=line.next_end,
    )


def resolved(transaction: Transaction, app_id: str, tenant_id: str | None, watched: Sequence[str]) -> ApplicationLine:
    """The one application meant; 409 with the choices when several tenants hold it, 404 when none does."""
    wanted, tenant = guid(app_id) or "", guid(tenant_id)
    found = list(transaction.registrations.applications(tenant, app_id=wanted, limit=50))
    if len(found) > 1:
        raise Problem(
            409,
            "ambiguous-application",
            f"{len(found)} tenants hold this application.",
            hint="Add tenant_id with one of the choices.",
            choices=[{"tenant_id": line.tenant_id, "display_name": line.display_name} for line in found],
        )
    if found:
        return found[0]
    for candidate in [tenant] if tenant else watched:
        gone = transaction.registrations.history(candidate, wanted)
        if gone:
            return ApplicationLine(
                tenant_id=candidate,
                app_id=wanted,
                display_name=gone[0].display_name,
                has_registration=False,
                has_service_principal=False,
            )
    raise Problem(
        404,
        "not-found",
        "No application of this application ID is stored.",
        hint="GET /api/v1/applications lists them; give the application ID, not an object ID.",
    )


def _was_read(part: StoredObject) -> bool:
    return part.body is not None or not part.unread_because


def _body(part: StoredObject) -> msgspec.Raw | None:
    return None if part.body is None else msgspec.Raw(part.body)


def _read_at(part: StoredObject) -> ReadAt:
    since = part.valid_from if _was_read(part) else None
    return ReadAt(as_of=part.read_at, since=since, unread_because=part.unread_because)


def _version(tenant_id: str, history: Sequence[StoredObject], index: int) -> VersionItem:
    version = history[index]
    same = (
        other for other in history[index + 1 :] if (other.kind, other.object_id) == (version.kind, version.object_id)
    )
    before = next(same, None)
    told: Any = msgspec.UNSET
    if before is not None:
        told = tuple(Difference(one.path, one.old, one.new) for one in differences(before.body, version.body))
    return VersionItem(
        tenant_id=tenant_id,
        kind=version.kind,
        object_id=version.object_id,
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        as_of=version.read_at,
        exists=version.body is not None,
        origin=version.origin,
        differences=told,
    )


def _version_key(version: StoredObject) -> str:
    """Falls from version to version: fixed width, so that text compares as time does."""
    return f"{version.valid_from.isoformat(timespec='microseconds')}\n{version.kind}\n{version.object_id}"
