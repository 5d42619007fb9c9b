"""Status."""

from fastapi import Request, Response

from diag import __version__
from diag.entrypoints.web.http import page, parameter, service_of
from diag.entrypoints.web.routing import new_router
from diag.render.views.status import status_view
from diag.workflows.coverage import all_coverage

router = new_router()


@router.get("/status")
def status(request: Request) -> Response:
    service = service_of(request)
    asked = parameter(request, "tenant_id").lower()
    with service.database.read() as stores:
        progress = stores.progress.all()
        coverage = all_coverage(stores, list(service.tenants.values()), service.clock)
    settings = service.settings
    view = status_view(
        progress,
        service.tenants,
        [item for item in coverage if asked in ("", item.tenant_id)],
        service.clock.now(),
        facts=(
            ("Version", __version__),
            ("Knowledge base", service.knowledge_base.version),
            ("Microsoft Graph", settings.graph_url if not settings.sample else "the built-in sample tenant"),
            ("Sign-in log", f"version {settings.graph_api_version}, every {settings.pace_seconds} seconds"),
            ("People who sign in", "under pseudonyms" if settings.pseudonymize_users else "as the log names them"),
            ("Kept for", f"{settings.retention_days} days, counts and incidents {settings.history_days} days"),
        ),
    )
    return page(request, "status.html", view, section="status", title="Status")
