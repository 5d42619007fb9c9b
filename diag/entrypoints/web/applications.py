"""Applications and one application, also one that is known only by its service principal."""

from datetime import timedelta
from typing import Literal

import msgspec
from fastapi import Request, Response

from diag.entrypoints.web.http import (
    EXPORTED_ROWS,
    ROWS,
    cursor,
    keyset,
    listing,
    message,
    page,
    parameter,
    service_of,
    table,
)
from diag.entrypoints.web.quiet import reasons
from diag.entrypoints.web.routing import new_router
from diag.render import charts, links
from diag.render.views.applications import ApplicationsView, application_row, application_view, record
from diag.render.views.chrome import Link
from diag.render.views.credentials import credential_line
from diag.render.views.incidents import SPARK_HOURS
from diag.render.views.overview import reach
from diag.workflows.ports import ApplicationLine, CredentialQuery, FailureQuery, IncidentQuery, Transaction
from diag.workflows.review import Reviewer
from diag.workflows.use import sign_in_activity

router = new_router()

_FAILURES = 10


@router.get("/applications")
def applications(request: Request) -> Response:
    service = service_of(request)
    now = service.clock.now()
    kept = _kept(request)
    with service.database.read() as stores:
        found = stores.registrations.applications(
            str(kept["tenant_id"]) or None, str(kept["query"]), keyset(request, "after"), ROWS + 1
        )
        progress = stores.progress.all()
    shown = found[:ROWS]
    below = listing(request, "/applications", kept, _key(shown[-1]) if len(found) > ROWS else None, "after")
    read = any(item.succeeded_at for item in progress if item.source in ("applications", "service_principals"))
    empty = (
        "No application fits. Give a part of its name, or its whole application ID."
        if below.filtered
        else "The directory holds no applications."
        if read
        else "Registrations were not read yet. They appear here after the first read; Status says what is missing."
    )
    view = ApplicationsView(
        rows=tuple(application_row(line, now) for line in shown),
        query=str(kept["query"]),
        tenant_id=str(kept["tenant_id"]),
        listing=below,
        empty="" if shown else empty,
    )
    return page(request, "applications.html", view, section="applications", title="Applications")


@router.get("/applications.{form}")
def applications_table(request: Request, form: Literal["json", "csv"]) -> Response:
    rows = ROWS if form == "json" else EXPORTED_ROWS
    kept = _kept(request)
    with service_of(request).database.read() as stores:
        found = stores.registrations.applications(
            str(kept["tenant_id"]) or None, str(kept["query"]), keyset(request, "after"), rows + 1
        )
    following = ""
    if len(found) > rows:
        following = links.page(f"/applications.{form}", {**kept, "after": cursor(request, _key(found[rows - 1]))})
    return table(request, form, "/applications", [record(line) for line in found[:rows]], following)


@router.get("/applications/{app_id}")
def application(request: Request, app_id: str) -> Response:
    service = service_of(request)
    now = service.clock.now()
    app_id = app_id.strip().lower()
    before = keyset(request)
    asked = parameter(request, "tenant_id").lower()
    since = now - timedelta(hours=SPARK_HOURS)
    with service.database.read() as stores:
        tenants = _tenants(stores, app_id)
        tenant_id = asked or (tenants[0] if tenants else "")
        if not tenants or tenant_id not in tenants:
            return message(
                request,
                "This application is not known here",
                "No registration, service principal or failed sign-in with this application ID was read in a tenant "
                "that is watched. Check the ID: it is the application ID, not an object ID.",
                status=404,
                section="applications",
            )
        facts = msgspec.structs.replace(
            service.translator.facts(stores.registrations.as_of(tenant_id, app_id, None)),
            sign_in_activity=sign_in_activity(stores, tenant_id, app_id, now),
        )
        reviewer = Reviewer(stores, service.knowledge_base, service.translator, now, service.hosts.known())
        findings = reviewer.of(tenant_id, app_id)
        found = stores.credentials.find(CredentialQuery(tenant_id=tenant_id, app_id=app_id, limit=200))
        quiet = reasons(service, stores, found, now)
        incidents = stores.incidents.find(IncidentQuery(tenant_id=tenant_id, app_id=app_id, limit=20))
        query = FailureQuery(tenant_id=tenant_id, app_id=app_id, interrupts=True, before=before, limit=_FAILURES + 1)
        failures = stores.failures.find(query)
        hourly = stores.failures.hourly(tenant_id, since, app_id)
        history = stores.registrations.history(tenant_id, app_id)
        changes = [change for _, change in stores.changes.find(tenant_id, app_id, None, None, 50)]
        progress = [item for item in stores.progress.all() if item.tenant_id == tenant_id]
    shown = failures[:_FAILURES]
    older = ""
    if len(failures) > _FAILURES:
        key = cursor(request, f"{shown[-1].created_at.isoformat()}\n{shown[-1].id}")
        older = links.application(app_id, tenant_id, key) + "#failures"
    read_from, read_until = reach(progress)
    view = application_view(
        app_id,
        tenant_id,
        facts,
        now,
        findings=findings,
        credentials=[credential_line(item, now, quiet(item)) for item in found],
        incidents=incidents,
        failures=shown,
        failures_older=older,
        history=history,
        changes=changes,
        audited=next((item.newest for item in progress if item.source == "changes"), None),
        chart=charts.hours(
            {item.hour: item.failures for item in hourly}, since, now, read_from=read_from, read_until=read_until
        ),
        tenants=[Link(service.label(key), links.application(app_id, key), key == tenant_id) for key in tenants]
        if len(tenants) > 1
        else [],
    )
    return page(request, "application.html", view, section="applications", title=view.name)


def _kept(request: Request) -> dict[str, object]:
    return {"query": parameter(request, "query"), "tenant_id": parameter(request, "tenant_id").lower()}


def _key(line: ApplicationLine) -> str:
    return f"{line.display_name}\n{line.app_id}\n{line.tenant_id}"


def _tenants(stores: Transaction, app_id: str) -> list[str]:
    """Tenants in which the application is known: now, earlier, or only by its failures."""
    lines = stores.registrations.applications(None, app_id, None, 20)
    now = [line.tenant_id for line in lines if line.app_id == app_id]
    watched = [item.tenant_id for item in stores.progress.all()]
    earlier = [tenant for tenant in dict.fromkeys(watched) if stores.registrations.history(tenant, app_id)]
    failed = [item.tenant_id for item in stores.incidents.find(IncidentQuery(app_id=app_id, limit=20))]
    return list(dict.fromkeys((*now, *earlier, *failed)))
