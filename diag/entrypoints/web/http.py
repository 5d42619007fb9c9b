"""What all pages share: parameters in, a rendered page or a table out.

The headers that keep text from acting (Content-Security-Policy and its like) are put on every answer of the process by
the guard around the application.
"""

import base64
import binascii
import csv
import hashlib
import io
from collections.abc import Mapping, Sequence

import msgspec
from fastapi import Request, Response

from diag import __version__
from diag.bootstrap import Service
from diag.core.errors import BadInput
from diag.entrypoints.web.templating import render
from diag.render import inert, links, times
from diag.render.views.chrome import Chrome, Link, Listing

ROWS = 50
EXPORTED_ROWS = 5000
"""Rows of one CSV file; a Link header leads to the rest."""
LONGEST_PARAMETER = 400
_LONGEST_CURSOR = 4000
_DIGEST = 8
_OF_TENANTS = ("/", "/incidents", "/applications", "/credentials", "/alerts", "/status", "/unknown-codes")
"""Pages that can be asked for one tenant."""
_PLACES = ("before", "after", "tenant_id")
"""Parameters that mean nothing in another tenant's list."""


def service_of(request: Request) -> Service:
    """The running service, which ``main`` keeps in the application's state."""
    service: Service = request.app.state.service
    return service


def page(
    request: Request, template: str, view: object, *, section: str = "", title: str, status: int = 200
) -> Response:
    """The template rendered around its view model."""
    service = service_of(request)
    now = service.clock.now()
    problem = service.problem
    chrome = Chrome(
        sample=service.settings.sample,
        starting=service.starting,
        problem=str(problem) if problem else "",
        problem_hint=problem.hint if problem else "",
        section=section,
        now=times.moment(now, now),
        version=__version__,
        tenants=_tenants(request, service) if request.url.path in _OF_TENANTS and status == 200 else (),
        tenant_names=_names(service),
    )
    html = render(template, chrome=chrome, view=view, title=title)
    headers = {"Cache-Control": "no-store"}
    return Response(html, status, headers, media_type="text/html; charset=utf-8")


def _names(service: Service) -> dict[str, str]:
    several = len(service.tenants) > 1
    return {tenant.tenant_id: tenant.label for tenant in service.tenants.values()} if several else {}


def _tenants(request: Request, service: Service) -> tuple[Link, ...]:
    """The same query for all tenants, and for each of them."""
    if not (names := _names(service)):
        return ()
    path, asked = request.url.path, parameter(request, "tenant_id").lower()
    kept = {name: value for name, value in request.query_params.items() if name not in _PLACES}
    every = Link("All tenants", links.page(path, kept), not asked)
    return (
        every,
        *(Link(name, links.page(path, {**kept, "tenant_id": key}), asked == key) for key, name in names.items()),
    )


def message(request: Request, title: str, text: str, *, status: int, section: str = "") -> Response:
    """A page that only says something: what was not found, or cannot be shown, and what to do."""
    return page(request, "message.html", {"text": text, "status": status}, section=section, title=title, status=status)


def parameter(request: Request, name: str) -> str:
    """One query parameter, trimmed; ``BadInput`` when it is far longer than any of ours."""
    value = request.query_params.get(name, "").strip()
    if len(value) > LONGEST_PARAMETER or "\x00" in value:
        raise BadInput(f"The parameter {name} cannot be used.", hint="Go back and use the page's own form.")
    return value


def number(request: Request, name: str) -> int | None:
    """A code in the query, as ``as_code`` reads it."""
    return as_code(parameter(request, name))


def as_code(text: str) -> int | None:
    """A code such as ``50011`` or ``AADSTS50011``; None when it is empty, ``BadInput`` when it is no code."""
    value = text.strip().upper().removeprefix("AADSTS")
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise BadInput(f"“{inert.shortened(value, 40)}” is not a code.", hint="Give its number, such as 50011.")
    return int(value)


def cursor(request: Request, key: str) -> str:
    """A keyset key of this list, page and tables alike, as one opaque word for a URL."""
    return base64.urlsafe_b64encode(_digest(request, key) + key.encode()).decode().rstrip("=")


def keyset(request: Request, name: str = "before") -> str | None:
    """The keyset key in the query; ``BadInput`` when it is none that ``cursor`` made for this list."""
    # Longer than other parameters: a key may hold a display name, which has up to 256 characters of any script.
    value = request.query_params.get(name, "")[:_LONGEST_CURSOR]
    if not value:
        return None
    try:
        sealed = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
        key = sealed[_DIGEST:].decode()
    except (binascii.Error, ValueError):
        key, sealed = "", b""
    if sealed[:_DIGEST] != _digest(request, key):
        raise BadInput("This link is damaged.", hint="Open the list anew.")
    return key


def _digest(request: Request, key: str) -> bytes:
    # It notices damage and links of another list, so that the stores get their own keys only. It guards no secret.
    listed = request.url.path.partition(".")[0]
    return hashlib.blake2s(f"{listed}\n{key}".encode("utf-8", "replace"), digest_size=_DIGEST, person=b"page").digest()


def listing(
    request: Request, path: str, kept: Mapping[str, object], next_key: str | None, name: str = "before"
) -> Listing:
    """Links below a list: the next rows, back to the first, and the same query as JSON and CSV."""
    paged = name in request.query_params
    return Listing(
        older=links.page(path, {**kept, name: cursor(request, next_key)}) if next_key else "",
        newest=links.page(path, kept) if paged else "",
        json=links.page(f"{path}.json", {**kept, name: request.query_params.get(name, "")}),
        csv=links.page(f"{path}.csv", kept),
        filtered=any(value not in (None, "") for value in kept.values()),
    )


def table(request: Request, form: str, path: str, records: Sequence[Mapping[str, object]], next_url: str) -> Response:
    """A list as ``json`` (value and nextLink) or ``csv`` (formula-neutral, every cell quoted)."""
    headers = {"Cache-Control": "no-store"}
    origin = service_of(request).settings.origin
    if form == "json":
        body: dict[str, object] = {"value": list(records)}
        if next_url:
            body["nextLink"] = f"{origin}{next_url}"
        return Response(msgspec.json.encode(body), 200, headers, media_type="application/json")
    if next_url:
        headers["Link"] = f'<{origin}{next_url}>; rel="next"'
    name = path.rpartition("/")[2]
    headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return Response(as_csv(records), 200, headers, media_type="text/csv; charset=utf-8")


def as_csv(records: Sequence[Mapping[str, object]]) -> str:
    """Rows by the first record's names; every cell quoted, so that no value can open a second cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    if records:
        writer.writerow(records[0])
        writer.writerows([inert.csv_cell(value) for value in record.values()] for record in records)
    return buffer.getvalue()
