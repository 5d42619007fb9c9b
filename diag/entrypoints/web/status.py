"""Status, and alerts with their deliveries."""

from collections.abc import Mapping
from typing import Literal

from fastapi import Request, Response

from diag import __version__
from diag.core.alerts import Alert
from diag.core.channels import Channel, EmailChannel, described
from diag.entrypoints.web.http import EXPORTED_ROWS, ROWS, cursor, keyset, listing, page, parameter, service_of, table
from diag.entrypoints.web.routing import new_router
from diag.render import links
from diag.render.views.alerts import ChannelLine, alerts_view, record
from diag.render.views.status import status_view
from diag.render.words import CHANNEL_KINDS
from diag.workflows.coverage import all_coverage

router = new_router()

_DELIVERIES = 50


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
            ("Kept for", f"{settings.retention_days} days, counts and incidents {settings.history_days} days"),
        ),
    )
    return page(request, "status.html", view, section="status", title="Status")


@router.get("/alerts")
def alerts(request: Request) -> Response:
    service = service_of(request)
    kept: dict[str, object] = {"tenant_id": parameter(request, "tenant_id").lower()}
    with service.database.read() as stores:
        found = stores.alerts.find(str(kept["tenant_id"]) or None, keyset(request), ROWS + 1)
        deliveries = stores.alerts.deliveries(None, _DELIVERIES, str(kept["tenant_id"]) or None)
    shown = found[:ROWS]
    below = listing(request, "/alerts", kept, _key(shown[-1]) if len(found) > ROWS else None)
    channels = [_channel(channel, service.settings.secrets) for channel in service.settings.config.channels]
    view = alerts_view(shown, deliveries, channels, service.clock.now(), below)
    return page(request, "alerts.html", view, section="alerts", title="Alerts")


@router.get("/alerts.{form}")
def alerts_table(request: Request, form: Literal["json", "csv"]) -> Response:
    rows = ROWS if form == "json" else EXPORTED_ROWS
    tenant_id = parameter(request, "tenant_id").lower()
    with service_of(request).database.read() as stores:
        found = stores.alerts.find(tenant_id or None, keyset(request), rows + 1)
    following = ""
    if len(found) > rows:
        following = links.page(f"/alerts.{form}", {"tenant_id": tenant_id, "before": cursor(_key(found[rows - 1]))})
    return table(request, form, "/alerts", [record(item) for item in found[:rows]], following)


def _key(alert: Alert) -> str:
    return f"{alert.created_at.isoformat() if alert.created_at else ''}\n{alert.id}"


def _channel(channel: Channel, secrets: Mapping[str, str]) -> ChannelLine:
    """The channel without what must stay secret: a webhook's path can be its password."""
    told = described(channel, secrets)
    to = f"{', '.join(channel.recipients)} by {told.target}" if isinstance(channel, EmailChannel) else told.target
    return ChannelLine(channel.name, CHANNEL_KINDS[told.kind], to)
