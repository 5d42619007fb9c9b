"""Overview."""

from datetime import timedelta

from fastapi import Request, Response
from msgspec.structs import replace

from diag.entrypoints.web.http import page, parameter, service_of
from diag.entrypoints.web.quiet import reasons
from diag.entrypoints.web.routing import new_router
from diag.render.views.incidents import SPARK_HOURS
from diag.render.views.overview import DAYS, overview_view
from diag.workflows.names import with_names
from diag.workflows.ports import CredentialQuery, IncidentQuery
from diag.workflows.unknown_codes import seen_unknown

router = new_router()

_SHOWN = 20
_INTERRUPTS = 6
_COUNTED = 200
"""Open incidents are counted up to here; beyond, the figure says that there are more."""
_CREDENTIALS = 8


@router.get("/")
def overview(request: Request) -> Response:
    service = service_of(request)
    now = service.clock.now()
    asked = parameter(request, "tenant_id").lower() or None
    with service.database.read() as stores:
        opened = IncidentQuery(tenant_id=asked, state="open", interrupts=False, limit=_COUNTED + 1)
        found = stores.incidents.find(opened)
        # A wrong password is its user's affair: what applications need comes first, each part latest seen first.
        found = sorted(found, key=lambda item: item.diagnosis is not None and item.diagnosis.kind == "user-error")
        found = [*with_names(found[:_SHOWN], stores, service.translator), *found[_SHOWN:]]
        interrupts = stores.incidents.find(replace(opened, interrupts=True, limit=_INTERRUPTS))
        since = now - timedelta(hours=SPARK_HOURS)
        applications = {(item.tenant_id, item.fingerprint.app_id) for item in (*found[:_SHOWN], *interrupts)}
        by_application = {
            (tenant_id, app_id): {item.hour: item.failures for item in stores.failures.hourly(tenant_id, since, app_id)}
            for tenant_id, app_id in sorted(applications)
        }
        hourly = stores.failures.hourly(asked, now - timedelta(days=DAYS))
        month = timedelta(days=30)
        ending = stores.credentials.find(
            CredentialQuery(tenant_id=asked, ends_after=now - month, ends_before=now + month, limit=200)
        )
        alerts = stores.alerts.find(asked, None, 5)
        progress = [item for item in stores.progress.all() if asked in (None, item.tenant_id)]
        quiet = reasons(service, stores, ending, now)
        unknown = len(seen_unknown(stores, service.knowledge_base, asked))
    view = overview_view(
        now,
        incidents=found,
        shown=_SHOWN,
        counted=_COUNTED,
        interrupts=interrupts,
        by_application=by_application,
        hourly=hourly,
        credentials=[item for item in ending if not quiet(item)],
        credentials_shown=_CREDENTIALS,
        alerts=alerts,
        progress=progress,
        starting=service.starting,
        tenant_id=asked or "",
        unknown_codes=unknown,
        tenant_ids=[tenant_id for tenant_id in service.tenant_ids if asked in (None, tenant_id)],
    )
    return page(request, "overview.html", view, section="overview", title="Overview")
