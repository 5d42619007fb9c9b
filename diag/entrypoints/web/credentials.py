"""Credentials."""

from datetime import timedelta
from typing import Literal

from fastapi import Request, Response

from diag.entrypoints.web.http import EXPORTED_ROWS, cursor, keyset, listing, page, parameter, service_of, table
from diag.entrypoints.web.quiet import reasons
from diag.entrypoints.web.routing import new_router
from diag.render import links
from diag.render.views.credentials import CALENDAR_DAYS, credentials_view, record
from diag.render.views.status import REGISTRATIONS, never_read
from diag.render.words import CREDENTIAL_KINDS
from diag.workflows.ports import CredentialQuery

router = new_router()

_ROWS = 200
_CALENDAR_AT_MOST = 5000
_WINDOWS = {"": None, "7d": 7, "30d": 30, "90d": 90}


@router.get("/credentials")
def credentials(request: Request) -> Response:
    service = service_of(request)
    now = service.clock.now()
    kept, query = _query(request, _ROWS + 1)
    calendar = CredentialQuery(
        tenant_id=query.tenant_id,
        app_id=query.app_id,
        kind=query.kind,
        ends_after=now,
        ends_before=now + timedelta(days=CALENDAR_DAYS),
        limit=_CALENDAR_AT_MOST,
    )
    with service.database.read() as stores:
        found = stores.credentials.find(query)
        coming = stores.credentials.find(calendar)
        quiet = reasons(service, stores, (*found, *coming), now)
        progress = stores.progress.all()
    shown = found[:_ROWS]
    below = listing(request, "/credentials", kept, shown[-1].keyset if len(found) > _ROWS else None, "after")
    read = not never_read(progress, service.tenant_ids, REGISTRATIONS)
    empty = (
        "No credential fits these filters."
        if below.filtered
        else "No application holds a secret or certificate."
        if read
        else "Registrations were not read yet, so their credentials are not known. Status says what is missing."
    )
    view = credentials_view(
        shown,
        [item.credential.ends for item in coming if item.credential.ends and not quiet(item)],
        now,
        quiet,
        kind=str(kept["kind"]),
        app_id=str(kept["app_id"]),
        tenant_id=str(kept["tenant_id"]),
        window=str(kept["within"]),
        listing=below,
        empty="" if shown else empty,
        read=read,
    )
    return page(request, "credentials.html", view, section="credentials", title="Credentials")


@router.get("/credentials.{form}")
def credentials_table(request: Request, form: Literal["json", "csv"]) -> Response:
    rows = _ROWS if form == "json" else EXPORTED_ROWS
    kept, query = _query(request, rows + 1)
    service = service_of(request)
    with service.database.read() as stores:
        found = stores.credentials.find(query)
        quiet = reasons(service, stores, found, service.clock.now())
    following = ""
    if len(found) > rows:
        following = links.page(f"/credentials.{form}", {**kept, "after": cursor(request, found[rows - 1].keyset)})
    return table(request, form, "/credentials", [record(item, quiet(item)) for item in found[:rows]], following)


def _query(request: Request, limit: int) -> tuple[dict[str, object], CredentialQuery]:
    kind, within = parameter(request, "kind"), parameter(request, "within")
    kept: dict[str, object] = {
        "kind": kind if kind in CREDENTIAL_KINDS else "",
        "within": within if within in _WINDOWS else "",
        "app_id": parameter(request, "app_id").lower(),
        "tenant_id": parameter(request, "tenant_id").lower(),
    }
    days = _WINDOWS[str(kept["within"])]
    now = service_of(request).clock.now()
    query = CredentialQuery(
        tenant_id=str(kept["tenant_id"]) or None,
        app_id=str(kept["app_id"]) or None,
        kind=str(kept["kind"]) or None,
        ends_before=now + timedelta(days=days) if days else None,
        after=keyset(request, "after"),
        limit=limit,
    )
    return kept, query
