"""The inbox of codes that failures brought and no entry knows."""

from typing import Literal

from fastapi import Request, Response

from diag.entrypoints.web.http import (
    EXPORTED_ROWS,
    ROWS,
    cursor,
    keyset,
    listing,
    page,
    parameter,
    service_of,
    table,
)
from diag.entrypoints.web.routing import new_router
from diag.render import links
from diag.render.views.unknown_codes import record, unknown_codes_view
from diag.workflows.unknown_codes import UnknownCode, key_of, unknown_codes

router = new_router()

_PATH = "/unknown-codes"


@router.get(_PATH)
def unknown(request: Request) -> Response:
    kept = {"tenant_id": parameter(request, "tenant_id").lower()}
    found = _found(request, kept["tenant_id"], ROWS + 1)
    shown = found[:ROWS]
    below = listing(request, _PATH, kept, key_of(shown[-1]) if len(found) > ROWS else None, "after")
    view = unknown_codes_view(shown, service_of(request).clock.now(), below)
    return page(request, "unknown_codes.html", view, section="codes", title="Unknown codes")


@router.get(f"{_PATH}.{{form}}")
def unknown_table(request: Request, form: Literal["json", "csv"]) -> Response:
    rows = ROWS if form == "json" else EXPORTED_ROWS
    kept = {"tenant_id": parameter(request, "tenant_id").lower()}
    found = _found(request, kept["tenant_id"], rows + 1)
    following = ""
    if len(found) > rows:
        following = links.page(f"{_PATH}.{form}", {**kept, "after": cursor(request, key_of(found[rows - 1]))})
    return table(request, form, _PATH, [record(one) for one in found[:rows]], following)


def _found(request: Request, tenant_id: str, limit: int) -> list[UnknownCode]:
    service = service_of(request)
    with service.database.read() as stores:
        return unknown_codes(
            stores,
            service.knowledge_base,
            service.translator,
            tenant_id=tenant_id or None,
            after=keyset(request, "after"),
            limit=limit,
        )
