"""Alerts and what became of them in each channel."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from diag.core.alerts import Alert, Delivery
from diag.render import times, words
from diag.render.times import Moment
from diag.render.views.chrome import Listing
from diag.render.words import Badge


class AlertLine(Struct, frozen=True, kw_only=True):
    id: str
    tenant_id: str
    kind: str
    subject: str
    body: str
    link: str
    created: Moment | None
    due: Moment
    late: bool


class DeliveryLine(Struct, frozen=True, kw_only=True):
    id: str
    subject: str
    channel: str
    state: Badge
    attempts: int
    answer: str
    next_at: Moment | None
    finished: Moment | None


class ChannelLine(Struct, frozen=True):
    name: str
    kind: str
    target: str


class AlertsView(Struct, frozen=True, kw_only=True):
    lines: tuple[AlertLine, ...]
    deliveries: tuple[DeliveryLine, ...]
    channels: tuple[ChannelLine, ...]
    listing: Listing
    empty: str


def alert_line(alert: Alert, now: datetime) -> AlertLine:
    return AlertLine(
        id=alert.id,
        tenant_id=alert.tenant_id,
        kind=words.ALERT_KINDS.get(alert.kind, alert.kind),
        subject=alert.subject,
        body=alert.body,
        link=alert.link if alert.link.startswith("/") and not alert.link.startswith("//") else "",
        created=times.maybe(alert.created_at, now),
        due=times.moment(alert.due_at, now),
        late=alert.late,
    )


def delivery_line(delivery: Delivery, now: datetime) -> DeliveryLine:
    waiting = delivery.state in ("pending", "sending")
    return DeliveryLine(
        id=delivery.id,
        subject=delivery.alert.subject,
        channel=delivery.channel,
        state=words.unknown(words.DELIVERY_STATES, delivery.state),
        attempts=delivery.attempts,
        answer=delivery.answer,
        next_at=times.moment(delivery.next_at, now) if waiting else None,
        finished=times.maybe(delivery.finished_at, now),
    )


def alerts_view(
    alerts: Sequence[Alert],
    deliveries: Sequence[Delivery],
    channels: Sequence[ChannelLine],
    now: datetime,
    listing: Listing,
) -> AlertsView:
    return AlertsView(
        lines=tuple(alert_line(alert, now) for alert in alerts),
        deliveries=tuple(delivery_line(delivery, now) for delivery in deliveries),
        channels=tuple(channels),
        listing=listing,
        empty=""
        if alerts
        else "No alert yet. One is written when a credential comes within a threshold of its end, once a threshold.",
    )


def record(alert: Alert) -> dict[str, object]:
    """The alert flat, for JSON and CSV."""
    return {
        "tenant_id": alert.tenant_id,
        "id": alert.id,
        "kind": alert.kind,
        "app_id": alert.app_id,
        "application": alert.app_name,
        "subject": alert.subject,
        "body": alert.body,
        "due_at": times.rfc3339(alert.due_at),
        "late": alert.late,
        "created_at": times.rfc3339(alert.created_at) if alert.created_at else None,
    }
