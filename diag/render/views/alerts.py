"""Alerts and what became of them in each channel."""

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec import Struct

from diag.core.alerts import Alert, Delivery, standing
from diag.render import links, times, words
from diag.render.charts import Chart
from diag.render.times import Moment
from diag.render.views.alert_rules import Rules
from diag.render.views.channels import ChannelLine
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
    standing: Badge | None
    """None for what warns of nothing, such as a digest."""
    by: str
    """Who looks after it."""
    quiet_href: str
    """Where it can be snoozed or acknowledged; empty for what is over or warns of nothing."""


class DeliveryLine(Struct, frozen=True, kw_only=True):
    id: str
    subject: str
    channel: str
    recipient: str
    state: Badge
    attempts: int
    answer: str
    next_at: Moment | None
    finished: Moment | None
    replay_href: str
    """Where a delivery that was given up is tried again; empty for the others."""


class NextLine(Struct, frozen=True, kw_only=True):
    """One alert to come."""

    tenant_id: str
    at: Moment
    application: str
    href: str
    credential: str
    threshold: str


class AlertsView(Struct, frozen=True, kw_only=True):
    lines: tuple[AlertLine, ...]
    deliveries: tuple[DeliveryLine, ...]
    channels: tuple[ChannelLine, ...]
    coming: Chart
    next: tuple[NextLine, ...]
    next_left: int
    """Alerts to come that are not listed."""
    rules: Rules
    calendar_readers: int
    listing: Listing
    empty: str
    tenant_id: str
    kind: str
    app_id: str
    state: str
    channel: str
    delivery: str
    kinds: tuple[tuple[str, str], ...]
    states: tuple[tuple[str, str], ...]
    delivery_states: tuple[tuple[str, str], ...]
    deliveries_json: str
    deliveries_csv: str


def alert_line(alert: Alert, now: datetime) -> AlertLine:
    stands = standing(alert)
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
        standing=words.ALERT_STANDINGS[stands] if stands else None,
        by=alert.acknowledged_by if stands == "acknowledged" else "",
        quiet_href=links.page("/quiet", {"alert": alert.id}) if alert.topic and stands not in (None, "over") else "",
    )


def delivery_line(delivery: Delivery, now: datetime, confirming: Collection[str]) -> DeliveryLine:
    """``confirming``: channels whose acceptance means that people can see the message."""
    waiting = delivery.state in ("pending", "sending")
    unconfirmed = delivery.state == "delivered" and delivery.channel not in confirming
    return DeliveryLine(
        id=delivery.id,
        subject=delivery.alert.subject,
        channel=delivery.channel,
        recipient=delivery.recipient,
        state=words.ACCEPTED if unconfirmed else words.unknown(words.DELIVERY_STATES, delivery.state),
        attempts=delivery.attempts,
        answer=delivery.answer,
        next_at=times.moment(delivery.next_at, now) if waiting else None,
        finished=times.maybe(delivery.finished_at, now),
        replay_href=f"/alerts/deliveries/{delivery.id}/replay" if delivery.state == "dead" else "",
    )


def empty_list(found: Sequence[Alert], *, filtered: bool) -> str:
    """What to say where no alert is listed; empty when there are some."""
    if found:
        return ""
    if filtered:
        return "No alert fits these filters."
    return "No alert yet. One is written when a credential comes within a threshold of its end, once a threshold."


def record(alert: Alert) -> dict[str, object]:
    """The alert flat, for JSON and CSV."""
    return {
        "tenant_id": alert.tenant_id,
        "id": alert.id,
        "kind": alert.kind,
        "severity": alert.severity,
        "state": standing(alert),
        "app_id": alert.app_id,
        "application": alert.app_name,
        "subject": alert.subject,
        "body": alert.body,
        "due_at": times.rfc3339(alert.due_at),
        "late": alert.late,
        "created_at": _instant(alert.created_at),
        "closed_at": _instant(alert.closed_at),
        "acknowledged_at": _instant(alert.acknowledged_at),
        "acknowledged_by": alert.acknowledged_by or None,
    }


def delivery_record(delivery: Delivery) -> dict[str, object]:
    """The delivery flat, for JSON and CSV."""
    return {
        "tenant_id": delivery.alert.tenant_id,
        "id": delivery.id,
        "alert_id": delivery.alert.id,
        "subject": delivery.alert.subject,
        "channel": delivery.channel,
        "recipient": delivery.recipient or None,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "answer": delivery.answer,
        "next_at": _instant(delivery.next_at) if delivery.state in ("pending", "sending") else None,
        "finished_at": _instant(delivery.finished_at),
    }


def _instant(at: datetime | None) -> str | None:
    return times.rfc3339(at) if at else None
