"""Alerts, their deliveries, and the channels that carry them."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from diag.bootstrap import Service
from diag.core.alerts import Alert, ChannelState, Delivery, Message
from diag.core.channels import Channel, described
from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.paging import Cursor, PageSize, Place
from diag.entrypoints.api.problems import Problem
from diag.entrypoints.api.requests import ServiceOf, TenantFilter, answer, guid, new_router, one_of, strict_body
from diag.workflows.channel_states import enable
from diag.workflows.channel_test import message_of_test, wait_before_test

router = new_router("alerts")

_STATES = ("pending", "sending", "delivered", "withdrawn", "dead")
ALERT_EXAMPLE = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "id": "b7a2f3a0-4a52-5b0e-9a56-0b1f7d2f4c11",
    "kind": "credential_ending",
    "app_id": "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01",
    "app_name": "Orders",
    "subject": "Orders: client secret ends in 7 days",
    "body": "…",
    "link": "/applications/6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01",
    "due_at": "2026-11-22T10:00:00Z",
    "created_at": "2026-11-22T10:00:05Z",
    "late": False,
    "topic": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11|0f2f3a4b-8d3b-4a0e-a0c5-0f5a4d0e8c11|5b1c7d20-9f0a",
    "severity": "warning",
    "closed_at": None,
    "acknowledged_at": None,
    "acknowledged_by": "",
}
DELIVERY_EXAMPLE = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "id": "0c5d2c2c-8c5e-5a53-8d0f-4d6f0a1b2c3d",
    "alert_id": "b7a2f3a0-4a52-5b0e-9a56-0b1f7d2f4c11",
    "subject": "Orders: client secret ends in 7 days",
    "channel": "mail",
    "state": "delivered",
    "attempts": 1,
    "answer": "accepted",
    "finished_at": "2026-11-22T10:00:07Z",
}
_CHANNEL = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "id": "mail",
    "kind": "email",
    "target": "smtp.contoso.example:587",
    "protection": "starttls",
    "confirms": False,
    "state": "enabled",
}
_TEST = {"tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11", "id": "mail", "state": "delivered", "answer": "accepted"}


class AlertItem(Struct, frozen=True, kw_only=True):
    tenant_id: str
    id: str
    kind: str
    app_id: str
    app_name: str
    subject: str
    body: str
    link: str
    """Path of the page that shows more."""
    due_at: datetime
    created_at: datetime | None
    late: bool
    """The threshold passed while nobody was looking."""
    topic: str
    """What it is about: the same for all alerts about one thing."""
    severity: str
    """info, warning or critical."""
    closed_at: datetime | None
    """When what it warns of was over; null while it stands."""
    acknowledged_at: datetime | None
    acknowledged_by: str


class DeliveryItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alert on one channel."""

    tenant_id: str
    id: str
    """Stays the same when the message is sent again."""
    alert_id: str
    subject: str
    channel: str
    recipient: str = ""
    """The person it is written to; absent for the channel's own recipients."""
    message_id: str = ""
    """The message it was put into, together with what else was due for the same reader; set at the first attempt."""
    state: str
    """pending, sending, delivered, withdrawn (not needed any more) or dead (given up)."""
    attempts: int
    next_at: datetime | None = None
    """When it is tried next; only while it waits."""
    answer: str = ""
    finished_at: datetime | None = None


class ChannelItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    tenant_id: str
    id: str
    kind: str
    target: str
    """Host and port; addresses with paths hold secrets and are not shown."""
    protection: str
    """email: starttls, tls or none; webhook: signed or unsigned; others: secret address, token or key."""
    confirms: bool
    """Whether delivered means that people can see it; otherwise only that the receiver took it."""
    state: str
    """enabled, failing (its last attempt failed; tried again by itself) or disabled (until somebody enables it)."""
    because: str = ""
    """What the receiver said, while it fails or is disabled."""
    since: datetime | None = None
    """When it was disabled, or failed last."""
    delivered_at: datetime | None = None


class ChannelTest(Struct, frozen=True, kw_only=True):
    tenant_id: str
    id: str
    state: str
    answer: str
    """What the receiver said."""


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """An operation that takes no arguments; the body is empty or {}."""


@router.get(
    "/alerts",
    operation_id="listAlerts",
    responses=answers("Alerts, newest first.", schema="AlertItem", listed=True, example=ALERT_EXAMPLE),
)
def list_alerts(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """What somebody should know, newest first."""
    place = Place(request, maxpagesize, cursor)
    with service.database.read() as transaction:
        found = transaction.alerts.find(guid(tenant_id), place.key, place.fetch)
    return place.answer(found, lambda alert: _key(alert, alert.id), alert_item)


@router.get(
    "/deliveries",
    operation_id="listDeliveries",
    responses=answers("Deliveries, newest alert first.", schema="DeliveryItem", listed=True, example=DELIVERY_EXAMPLE),
)
def list_deliveries(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    state: Annotated[str | None, Query(description=f"One of {', '.join(_STATES)}.", max_length=20)] = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """Each alert on each channel, with what the receiver answered."""
    place = Place(request, maxpagesize, cursor)
    with service.database.read() as transaction:
        found = transaction.alerts.deliveries(place.key, place.fetch, guid(tenant_id), one_of("state", state, _STATES))
    return place.answer(found, lambda delivery: _key(delivery.alert, delivery.id), delivery_item)


@router.get(
    "/channels",
    operation_id="listChannels",
    responses=answers("The configured channels.", schema="ChannelItem", listed=True, example=_CHANNEL),
)
def list_channels(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """Where alerts go, in the order of the configuration; all of a tenant's alerts go to all of them."""
    place = Place(request, maxpagesize, cursor)
    tenant = _tenant(service)
    channels = list(service.settings.config.channels) if guid(tenant_id) in (None, tenant) else []
    names = [channel.name for channel in channels]
    start = names.index(place.key) + 1 if place.key in names else 0
    with service.database.read() as transaction:
        states = {state.name: state for state in transaction.channels.all()}
    return place.answer(
        channels[start : start + place.fetch],
        lambda channel: channel.name,
        lambda channel: channel_item(service, channel, states.get(channel.name)),
    )


@router.post(
    "/channels/{channel_id}/test",
    operation_id="testChannel",
    responses=answers(
        "The receiver took it.",
        schema="ChannelTest",
        example=_TEST,
        also={429: "Asked again too soon; see Retry-After.", 502: "The receiver did not take it; the detail says why."},
    ),
)
async def test_channel(request: Request, service: ServiceOf, channel_id: str) -> Response:
    """Send a test message now and answer with what the receiver said; one that is taken enables the channel again."""
    await strict_body(request, Nothing)
    known_channel(service, channel_id)
    _not_too_often(request.app.state.last_tests, channel_id, service.clock.monotonic())
    notifier = next(notifier for notifier in service.channels() if notifier.name == channel_id)
    said = await notifier.send(_test_message(service, channel_id))

    def works() -> None:
        with service.database.write() as transaction:
            enable(transaction, channel_id, service.tenant_ids, service.clock.now(), said)

    await run_in_threadpool(works)
    return answer(ChannelTest(tenant_id=_tenant(service), id=channel_id, state="delivered", answer=said))


def _not_too_often(last: dict[str, float], channel_id: str, now: float) -> None:
    wait = wait_before_test(last, channel_id, now)
    if wait > 0:
        raise Problem(
            429,
            "too-many-requests",
            "This channel was tested a moment ago.",
            hint="Wait for the seconds that Retry-After names.",
            headers={"Retry-After": str(int(wait) + 1)},
        )


def _test_message(service: Service, channel_id: str) -> Message:
    settings = service.settings
    zone = settings.config.alerts.zone
    now = service.clock.now()
    return message_of_test(_tenant(service), channel_id, now, settings.origin, zone, sample=settings.sample)


def _tenant(service: Service) -> str:
    return service.tenant_ids[0] if service.tenant_ids else ""


def alert_item(alert: Alert) -> AlertItem:
    return AlertItem(**{name: getattr(alert, name) for name in AlertItem.__struct_fields__})


def delivery_item(delivery: Delivery) -> DeliveryItem:
    waits = delivery.state in ("pending", "sending")
    return DeliveryItem(
        tenant_id=delivery.alert.tenant_id,
        id=delivery.id,
        alert_id=delivery.alert.id,
        subject=delivery.alert.subject,
        channel=delivery.channel,
        recipient=delivery.recipient,
        message_id=delivery.letter,
        state=delivery.state,
        attempts=delivery.attempts,
        next_at=delivery.next_at if waits else None,
        answer=delivery.answer,
        finished_at=delivery.finished_at,
    )


def channel_item(service: Service, channel: Channel, state: ChannelState | None) -> ChannelItem:
    """The published form of a configured channel, with how it is doing."""
    told = described(channel, service.settings.secrets)
    state = state or ChannelState(name=channel.name)
    word = "disabled" if state.disabled_at else "failing" if state.failures else "enabled"
    return ChannelItem(
        tenant_id=_tenant(service),
        id=channel.name,
        kind=told.kind,
        target=told.target,
        protection=told.protection,
        confirms=told.confirms,
        state=word,
        because=(state.disabled_because or state.answer) if word != "enabled" else "",
        since=(state.disabled_at or state.failed_at) if word != "enabled" else None,
        delivered_at=state.delivered_at,
    )


def known_channel(service: Service, channel_id: str) -> Channel:
    """The configured channel of this name; a problem when there is none."""
    for channel in service.settings.config.channels:
        if channel.name == channel_id:
            return channel
    raise Problem(404, "not-found", "No channel of this name is configured.", hint="GET /api/v1/channels lists them.")


def _key(alert: Alert, last: str) -> str:
    assert alert.created_at is not None  # noqa: S101  set when it was stored
    return f"{alert.created_at.isoformat()}\n{last}"
