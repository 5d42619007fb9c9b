"""Codes that failures brought and no entry knows. Beside ``/codes``, not below it: this is tenant data."""

from datetime import datetime

import msgspec
from fastapi import Request
from msgspec import Struct
from starlette.responses import Response

from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.paging import Cursor, PageSize, Place
from diag.entrypoints.api.requests import ServiceOf, TenantFilter, guid, new_router
from diag.workflows.ports_codes import SeenApplication
from diag.workflows.unknown_codes import UnknownCode, key_of, unknown_codes

router = new_router("knowledge")

_EXAMPLE = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "code": 999001,
    "count": 12,
    "first_seen": "2026-11-20T08:00:00Z",
    "last_seen": "2026-11-22T09:10:00Z",
    "applications": [
        {"app_id": "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01", "display_name": "Orders", "count": 12},
    ],
    "said": ["A new policy refused the request."],
}


class UnknownCodeItem(Struct, frozen=True, kw_only=True):
    """One tenant's failures with a code that no entry knows."""

    tenant_id: str
    code: int
    count: int
    first_seen: datetime
    last_seen: datetime
    applications: tuple[SeenApplication, ...]
    """Most failures first, at most 20."""
    said: tuple[str, ...]
    """What the sign-in log itself said, without secrets; untrusted text. Empty when it said nothing or when the records
    are no longer kept."""


@router.get(
    "/unknown-codes",
    operation_id="listUnknownCodes",
    responses=answers(
        "Codes without an entry, latest seen first.", schema="UnknownCodeItem", listed=True, example=_EXAMPLE
    ),
)
def list_unknown_codes(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """Codes of collected failures that the knowledge base does not know: counted, with what the log said of them."""
    place = Place(request, maxpagesize, cursor)
    with service.database.read() as transaction:
        found = unknown_codes(
            transaction,
            service.knowledge_base,
            service.translator,
            tenant_id=guid(tenant_id),
            after=place.key,
            limit=place.fetch,
        )
    return place.answer(found, key_of, item)


def item(one: UnknownCode) -> UnknownCodeItem:
    """The published form."""
    return msgspec.convert(msgspec.structs.asdict(one), UnknownCodeItem, from_attributes=True)
