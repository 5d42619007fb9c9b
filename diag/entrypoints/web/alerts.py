"""Alerts and channels: what was told, whether it arrived, what comes next, and by which rules."""

from datetime import datetime, timedelta
from typing import Literal, TypedDict, get_args

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from diag.core.alerts import Alert, AlertStanding, Delivery
from diag.core.channels import described
from diag.core.errors import NotifyError
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
from diag.entrypoints.web.routing import new_router
from diag.render import links, times
from diag.render.charts import DUE, calendar
from diag.render.views.alert_rules import rules, threshold
from diag.render.views.alerts import (
    AlertsView,
    NextLine,
    alert_line,
    delivery_line,
    delivery_record,
    empty_list,
    record,
)
from diag.render.views.channels import channel_lines
from diag.render.views.status import REGISTRATIONS, never_read
from diag.render.words import ALERT_KINDS, ALERT_STANDINGS, CREDENTIAL_KINDS, DELIVERY_STATES
from diag.workflows.channel_states import enable
from diag.workflows.channel_test import message_of_test, wait_before_test
from diag.workflows.next_alerts import NextAlert
from diag.workflows.next_alerts_kept import NextAlerts

router = new_router()

_DELIVERIES = 15
_NEXT = 25
_AHEAD = timedelta(days=90)
_STANDINGS: tuple[AlertStanding, ...] = get_args(AlertStanding)


@router.get("/alerts")
def alerts(request: Request) -> Response:
    service = service_of(request)
    settings = service.settings
    config = settings.config
    now = service.clock.now()
    kept = _kept(request)
    tenant_id = str(kept["tenant_id"]) or None
    with service.database.read() as stores:
        found = stores.alerts.find(tenant_id, keyset(request), ROWS + 1, **_filters(kept))
        deliveries = stores.alerts.deliveries(
            None, _DELIVERIES, tenant_id, str(kept["delivery"]) or None, channel=str(kept["channel"]) or None
        )
        states = {state.name: state for state in stores.channels.all()}
        outbox = stores.channels.outbox()
        coming = _foretelling(request).find(
            stores,
            service.translator,
            config.alerts,
            config.thresholds_days,
            now,
            service.clock.monotonic(),
            _AHEAD,
            tenant_id,
        )
        progress = stores.progress.all()
    waiting: dict[str, int] = {}
    for figure in outbox:
        if figure.state in ("pending", "sending"):
            waiting[figure.channel] = waiting.get(figure.channel, 0) + figure.number
    shown = found[:ROWS]
    below = listing(request, "/alerts", kept, _key(shown[-1]) if len(found) > ROWS else None)
    confirming = {channel.name for channel in config.channels if described(channel, settings.secrets).confirms}
    view = AlertsView(
        lines=tuple(alert_line(alert, now) for alert in shown),
        deliveries=tuple(delivery_line(delivery, now, confirming) for delivery in deliveries),
        channels=channel_lines(config.channels, settings.secrets, states, waiting, now),
        coming=calendar(
            [one.due.reached_at for one in coming],
            now,
            read=not never_read(progress, service.tenant_ids, REGISTRATIONS),
            words=DUE,
        ),
        next=tuple(_next_line(one, service.clock.now()) for one in coming[:_NEXT]),
        next_left=max(len(coming) - _NEXT, 0),
        rules=rules(config.alerts, config.thresholds_days),
        calendar_readers=len(config.calendar),
        listing=below,
        empty=empty_list(shown, filtered=below.filtered),
        kinds=tuple(ALERT_KINDS.items()),
        states=tuple((name, badge.text) for name, badge in ALERT_STANDINGS.items()),
        delivery_states=tuple((name, badge.text) for name, badge in DELIVERY_STATES.items()),
        deliveries_json=links.page("/deliveries.json", _of_deliveries(kept)),
        deliveries_csv=links.page("/deliveries.csv", _of_deliveries(kept)),
        **{name: str(value) for name, value in kept.items()},
    )
    return page(request, "alerts.html", view, section="alerts", title="Alerts and channels")


@router.get("/alerts.{form}")
def alerts_table(request: Request, form: Literal["json", "csv"]) -> Response:
    rows = ROWS if form == "json" else EXPORTED_ROWS
    kept = _kept(request)
    with service_of(request).database.read() as stores:
        found = stores.alerts.find(str(kept["tenant_id"]) or None, keyset(request), rows + 1, **_filters(kept))
    following = ""
    if len(found) > rows:
        following = links.page(f"/alerts.{form}", {**kept, "before": cursor(request, _key(found[rows - 1]))})
    return table(request, form, "/alerts", [record(item) for item in found[:rows]], following)


@router.get("/deliveries.{form}")
def deliveries_table(request: Request, form: Literal["json", "csv"]) -> Response:
    rows = ROWS if form == "json" else EXPORTED_ROWS
    kept = _of_deliveries(_kept(request))
    with service_of(request).database.read() as stores:
        found = stores.alerts.deliveries(
            keyset(request),
            rows + 1,
            str(kept["tenant_id"]) or None,
            str(kept["delivery"]) or None,
            channel=str(kept["channel"]) or None,
        )
    following = ""
    if len(found) > rows:
        following = links.page(
            f"/deliveries.{form}", {**kept, "before": cursor(request, _delivery_key(found[rows - 1]))}
        )
    return table(request, form, "/deliveries", [delivery_record(item) for item in found[:rows]], following)


@router.post("/alerts/channels/{name:path}/test")
async def try_channel(request: Request, name: str) -> Response:
    """Send a test message and say what the receiver answered; the guard refuses forms that other sites send."""
    service = service_of(request)
    settings = service.settings
    notifier = next((channel for channel in service.channels() if channel.name == name), None)
    if notifier is None:
        return message(
            request, "No such channel", "No channel of this name is configured.", status=404, section="alerts"
        )

    def said_so(title: str, text: str, status: int) -> Response:
        view = {"channel": name, "text": text}
        return page(request, "channel_test.html", view, section="alerts", title=title, status=status)

    wait = wait_before_test(request.app.state.last_tests, name, service.clock.monotonic())
    if wait:
        return said_so("Not yet", f"This channel was tried a moment ago. Wait {int(wait) + 1} seconds.", 429)
    tenant_id = service.tenant_ids[0] if service.tenant_ids else ""
    zone = settings.config.alerts.zone
    now = service.clock.now()
    told = message_of_test(tenant_id, name, now, settings.origin, zone, sample=settings.sample)
    try:
        answer = await notifier.send(told)
    except NotifyError as error:
        return said_so("The channel did not take it", f"{error} {error.hint}", 502)

    def works() -> None:
        with service.database.write() as stores:
            enable(stores, name, service.tenant_ids, now, answer)

    await run_in_threadpool(works)
    return said_so("The test message is out", f"The receiver said: {answer}.", 200)


def _foretelling(request: Request) -> NextAlerts:
    """The process's memory of what comes; made at the first use."""
    state = request.app.state
    if not hasattr(state, "next_alerts"):
        state.next_alerts = NextAlerts()
    kept: NextAlerts = state.next_alerts
    return kept


def _kept(request: Request) -> dict[str, object]:
    """The filters as they stand in the address; unknown choices count as none."""
    service = service_of(request)
    kind, state, delivery = (parameter(request, name) for name in ("kind", "state", "delivery"))
    channel = parameter(request, "channel")
    return {
        "tenant_id": parameter(request, "tenant_id").lower(),
        "kind": kind if kind in ALERT_KINDS else "",
        "app_id": parameter(request, "app_id").lower(),
        "state": state if state in ALERT_STANDINGS else "",
        "channel": channel if channel in {one.name for one in service.settings.config.channels} else "",
        "delivery": delivery if delivery in DELIVERY_STATES else "",
    }


def _of_deliveries(kept: dict[str, object]) -> dict[str, object]:
    return {name: kept[name] for name in ("tenant_id", "channel", "delivery")}


class _Filters(TypedDict):
    kind: str | None
    app_id: str | None
    standing: AlertStanding | None


def _filters(kept: dict[str, object]) -> _Filters:
    standing: AlertStanding | None = None
    for name in _STANDINGS:
        if name == kept["state"]:
            standing = name
    return {"kind": str(kept["kind"]) or None, "app_id": str(kept["app_id"]) or None, "standing": standing}


def _next_line(one: NextAlert, now: datetime) -> NextLine:
    credential = one.stored.credential
    return NextLine(
        tenant_id=one.stored.tenant_id,
        at=times.moment(max(one.due.reached_at, now), now),
        application=one.stored.application_name or credential.app_id,
        href=links.application(credential.app_id, one.stored.tenant_id),
        credential=f"{CREDENTIAL_KINDS[credential.kind]} {credential.display_name or credential.key_id}",
        threshold=threshold(one.due.threshold_days),
    )


def _key(alert: Alert) -> str:
    return f"{alert.created_at.isoformat() if alert.created_at else ''}\n{alert.id}"


def _delivery_key(delivery: Delivery) -> str:
    written = delivery.alert.created_at
    return f"{written.isoformat() if written else ''}\n{delivery.id}"
