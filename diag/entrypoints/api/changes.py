"""Who changed what: the audit log's changes of applications, service principals, consent and policies."""

from datetime import datetime

from fastapi import Request
from msgspec import Struct
from starlette.responses import Response

from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.paging import Cursor, PageSize, Place
from diag.entrypoints.api.requests import AppFilter, From, ServiceOf, TenantFilter, To, guid, instant, new_router
from diag.workflows.ports import ChangeQuery, StoredChange

router = new_router("changes")

_EXAMPLE = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "id": "1f0e2d3c4b5a69788796a5b4c3d2e1f0",
    "at": "2026-11-22T09:10:00Z",
    "activity": "Update application",
    "actor": "release-pipeline",
    "target_name": "Orders",
    "properties": [{"name": "AppAddress", "old": "https://app.contoso.example/signin-oidc", "new": ""}],
}


class ChangedProperty(Struct, frozen=True):
    name: str
    old: str
    new: str


class ChangeItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change as the audit log tells it; what it did not tell is absent."""

    tenant_id: str
    id: str
    at: datetime
    activity: str
    actor: str = ""
    target_object_id: str = ""
    target_name: str = ""
    correlation_id: str = ""
    properties: tuple[ChangedProperty, ...] = ()


@router.get(
    "/changes",
    operation_id="listChanges",
    responses=answers("Changes, newest first.", schema="ChangeItem", listed=True, example=_EXAMPLE),
)
def list_changes(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    app_id: AppFilter = None,
    since: From = None,
    until: To = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """Changes, newest first; of an application also those of its service principal."""
    place = Place(request, maxpagesize, cursor)
    query = ChangeQuery(
        tenant_id=guid(tenant_id),
        app_id=guid(app_id),
        since=instant("from", since),
        until=instant("to", until),
        before=place.key,
        limit=place.fetch,
    )
    with service.database.read() as transaction:
        found = transaction.changes.page(query)
    return place.answer(found, _key, change_item)


def change_item(stored: StoredChange) -> ChangeItem:
    """The published form of a stored change."""
    change = stored.change
    return ChangeItem(
        tenant_id=stored.tenant_id,
        id=stored.id,
        at=change.at,
        activity=change.activity,
        actor=change.actor,
        target_object_id=change.target_object_id,
        target_name=change.target_name,
        correlation_id=change.correlation_id,
        properties=tuple(ChangedProperty(one.name, one.old, one.new) for one in change.properties),
    )


def _key(stored: StoredChange) -> str:
    return f"{stored.change.at.isoformat()}\n{stored.id}\n{stored.tenant_id}"
