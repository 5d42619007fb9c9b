"""The calendar of credential ends, for calendar programs: they read an address that holds a token."""

import hashlib
from datetime import timedelta

from fastapi import Request, Response

from diag.core.calendar import reader_of
from diag.entrypoints.web.http import service_of
from diag.entrypoints.web.quiet import reasons
from diag.entrypoints.web.routing import new_router
from diag.render.ical import calendar
from diag.workflows.ports import CredentialQuery

router = new_router()

_BACK = timedelta(days=30)
_AHEAD = timedelta(days=730)
_EVENTS = 2000
"""Soonest ends first; beyond, a calendar is no help."""
_LONGEST_TOKEN = 200


@router.get("/calendar/{token}.ics")
def credential_ends(request: Request, token: str) -> Response:
    """The ends of the last month and the next two years; nothing for a token that is nobody's."""
    service = service_of(request)
    reader = reader_of(service.settings.config.calendar, token) if len(token) <= _LONGEST_TOKEN else None
    if reader is None:
        return Response("There is no such calendar.\n", 404, media_type="text/plain")
    now = service.clock.now()
    query = CredentialQuery(
        tenant_id=reader.tenant_id or None, ends_after=now - _BACK, ends_before=now + _AHEAD, limit=_EVENTS
    )
    with service.database.read() as stores:
        found = stores.credentials.find(query)
        quiet = reasons(service, stores, found, now)
    settings = service.settings
    content = calendar([item for item in found if not quiet(item)], now, settings.origin, sample=settings.sample)
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": 'inline; filename="credential-ends.ics"',
        "ETag": f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(None, 304, headers)
    return Response(content, 200, headers, media_type="text/calendar; charset=utf-8")
