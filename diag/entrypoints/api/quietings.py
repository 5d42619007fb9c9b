"""What people do with alerts: acknowledge, snooze and take back; replay dead deliveries; enable channels."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Query, Request
from msgspec import Meta, Struct
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from diag.bootstrap import Service
from diag.core.alerts import Alert, Quieting, application_topic, credential_topic
from diag.core.errors import BadInput
from diag.entrypoints.api.alerts import (
    ALERT_EXAMPLE,
    DELIVERY_EXAMPLE,
    AlertItem,
    Nothing,
    alert_item,
    channel_item,
    delivery_item,
    known_channel,
)
from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.paging import Cursor, PageSize, Place
from diag.entrypoints.api.problems import Problem
from diag.entrypoints.api.requests import ServiceOf, TenantFilter, answer, guid, new_router, strict_body
from diag.workflows.channel_states import enable
from diag.workflows.quiet_on_request import LONGEST, Scope, settle, topic_of

router = new_router("alerts")

SNOOZE = timedelta(days=7)
Text = Annotated[str, Meta(max_length=1000)]
Until = Annotated[datetime, Meta(tz=True)]
_QUIETING = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "topic": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11|application|6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01",
    "action": "snooze",
    "until": None,
    "by": "ada@contoso.example",
    "why": "The vendor renews it.",
    "at": "2026-11-22T10:00:00Z",
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


class AlertAcknowledge(Struct, frozen=True, forbid_unknown_fields=True):
    """Who looks after it; the body may also be empty."""

    by: Text = ""
    note: Text = ""
    scope: Scope = "topic"
    """topic: what the alert is about; application: everything of its application."""


class AlertSnooze(Struct, frozen=True, forbid_unknown_fields=True):
    until: Until | msgspec.UnsetType | None = msgspec.UNSET
    """By default seven days from now; null: for good."""
    by: Text = ""
    note: Text = ""
    scope: Scope = "topic"


class QuietingRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Snooze or acknowledge a credential, or with neither object nor key ID all of an application."""

    tenant_id: Annotated[str, Meta(max_length=100)]
    app_id: Annotated[str, Meta(max_length=100)]
    owner_object_id: Annotated[str, Meta(max_length=100)] = ""
    key_id: Annotated[str, Meta(max_length=200)] = ""
    action: Literal["snooze", "acknowledge"] = "snooze"
    until: Until | msgspec.UnsetType | None = msgspec.UNSET
    """By default seven days from now; null: for good."""
    by: Text = ""
    why: Text = ""


class QuietingItem(Struct, frozen=True, kw_only=True):
    tenant_id: str
    topic: str
    """tenant|object|key ID for a credential; tenant|application|app ID for all of an application."""
    action: str
    until: datetime | None
    """null: for good."""
    by: str
    why: str
    at: datetime


async def _acknowledge(request: Request, service: ServiceOf, alert_id: str) -> Response:
    """Somebody looks after it: nobody else is called in as an end comes nearer."""
    given = await strict_body(request, AlertAcknowledge)
    return await run_in_threadpool(_settle, service, alert_id, "acknowledge", None, given)


async def _snooze(request: Request, service: ServiceOf, alert_id: str) -> Response:
    """No alerts about it until an instant, by default for seven days, or for good."""
    given = await strict_body(request, AlertSnooze)
    until = _until(given.until, service.clock.now())
    return await run_in_threadpool(_settle, service, alert_id, "snooze", until, given)


def _offer(action: str, kind: str, handler: Any, example: dict[str, Any]) -> None:
    router.add_api_route(
        f"/alerts/{{alert_id}}/{action}",
        handler,
        methods=["POST"],
        operation_id=f"{action}Alert",
        responses=answers("The alert afterwards.", schema="AlertItem", example=ALERT_EXAMPLE),
        openapi_extra=_body(kind, example, required=False),
    )


def _body(kind: str, example: dict[str, Any], *, required: bool) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind}"}, "example": example}}
    return {"requestBody": {"required": required, "content": content}}


_offer("acknowledge", "AlertAcknowledge", _acknowledge, {"by": "ada@contoso.example"})
_offer("snooze", "AlertSnooze", _snooze, {"until": "2026-11-29T10:00:00Z", "note": "Rotated on Friday."})


@router.get(
    "/quietings",
    operation_id="listQuietings",
    responses=answers("Snoozes and acknowledgements.", schema="QuietingItem", listed=True, example=_QUIETING),
)
def list_quietings(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """What was snoozed or acknowledged, in force or over for less than a year, by tenant and topic."""
    place = Place(request, maxpagesize, cursor)
    with service.database.read() as transaction:
        found = transaction.topics.quietings(guid(tenant_id), service.clock.now())
    start = next((number for number, item in enumerate(found) if _key(item) > (place.key or "")), len(found))
    return place.answer(found[start : start + place.fetch], _key, _item)


@router.post(
    "/quietings",
    operation_id="createQuieting",
    responses=answers("What is kept.", schema="QuietingItem", example=_QUIETING),
    openapi_extra=_body(
        "QuietingRequest",
        {
            "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
            "app_id": "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01",
            "why": "The vendor renews it.",
        },
        required=True,
    ),
)
async def create_quieting(request: Request, service: ServiceOf) -> Response:
    """Snooze or acknowledge a credential or an application; a newer word about the same replaces the older."""
    given = await strict_body(request, QuietingRequest)
    if bool(given.owner_object_id) != bool(given.key_id):
        raise BadInput("owner_object_id, key_id: one without the other", hint="Give both, or neither.")
    now = service.clock.now()
    tenant_id, app_id = given.tenant_id.strip().lower(), given.app_id.strip().lower()
    topic = application_topic(tenant_id, app_id)
    if given.key_id:
        topic = credential_topic(tenant_id, given.owner_object_id, given.key_id)
    until = _until(given.until, now) if given.action == "snooze" or given.until is not msgspec.UNSET else None

    def keep() -> Quieting:
        with service.database.write() as transaction:
            return settle(
                transaction,
                tenant_id,
                topic,
                given.action,
                until=until,
                by=given.by or "somebody through the API",
                why=given.why,
                now=now,
            )

    return answer(_item(await run_in_threadpool(keep)))


@router.delete(
    "/quietings",
    operation_id="deleteQuietings",
    responses=answers("It was taken back.", schema="QuietingItem", listed=True, example=_QUIETING),
)
def delete_quietings(
    service: ServiceOf,
    tenant_id: Annotated[str, Query(description="The tenant, by its GUID.", max_length=100)],
    topic: Annotated[str, Query(description="The topic, as listed.", max_length=400)],
) -> Response:
    """Take back every snooze and acknowledgement of a topic; the answer lists what was taken back."""
    tenant = tenant_id.strip().lower()
    with service.database.write() as transaction:
        held = [item for item in transaction.topics.quietings(tenant, service.clock.now()) if item.topic == topic]
        if not transaction.topics.end(tenant, topic):
            raise Problem(404, "not-found", "Nothing is kept about this topic.", hint="GET /api/v1/quietings lists it.")
    return answer({"value": [_item(item) for item in held]})


@router.post(
    "/deliveries/{delivery_id}/replay",
    operation_id="replayDelivery",
    responses=answers("It waits again.", schema="DeliveryItem", example=DELIVERY_EXAMPLE),
)
async def replay_delivery(request: Request, service: ServiceOf, delivery_id: str) -> Response:
    """Try a delivery again that was given up, under the id it had."""
    await strict_body(request, Nothing)

    def replay() -> Response:
        with service.database.write() as transaction:
            if not transaction.alerts.replay([delivery_id], service.clock.now()):
                raise Problem(
                    404,
                    "not-found",
                    "No delivery of this ID was given up.",
                    hint="GET /api/v1/deliveries?state=dead lists those that were.",
                )
            (again,) = transaction.alerts.deliveries(None, 1, delivery_id=delivery_id)
            return answer(delivery_item(again))

    return await run_in_threadpool(replay)


@router.post(
    "/channels/{channel_id}/enable",
    operation_id="enableChannel",
    responses=answers("The channel afterwards.", schema="ChannelItem", example=_CHANNEL),
)
async def enable_channel(request: Request, service: ServiceOf, channel_id: str) -> Response:
    """Let a channel try again that was disabled, or that waits after failures; what waits for it goes out."""
    await strict_body(request, Nothing)
    channel = known_channel(service, channel_id)

    def again() -> Response:
        with service.database.write() as transaction:
            enable(transaction, channel_id, service.tenant_ids, service.clock.now())
            return answer(channel_item(service, channel, transaction.channels.get(channel_id)))

    return await run_in_threadpool(again)


def _settle(
    service: Service,
    alert_id: str,
    action: Literal["snooze", "acknowledge"],
    until: datetime | None,
    given: AlertAcknowledge | AlertSnooze,
) -> Response:
    with service.database.write() as transaction:
        alert = _known(transaction.alerts.get(alert_id))
        settle(
            transaction,
            alert.tenant_id,
            topic_of(alert, given.scope),
            action,
            until=until,
            by=given.by or "somebody through the API",
            why=given.note,
            now=service.clock.now(),
        )
        item: AlertItem = alert_item(_known(transaction.alerts.get(alert_id)))
    return answer(item)


def _known(alert: Alert | None) -> Alert:
    if alert is None or not alert.topic:
        raise Problem(
            404, "not-found", "There is no alert of this ID to act on.", hint="GET /api/v1/alerts lists them."
        )
    return alert


def _until(given: datetime | msgspec.UnsetType | None, now: datetime) -> datetime | None:
    until = now + SNOOZE if given is msgspec.UNSET else given
    if isinstance(until, datetime) and not now < until <= now + LONGEST:
        raise BadInput(
            "until: must lie in the coming ten years",
            hint="Give an instant such as 2026-11-29T10:00:00Z, or null for good.",
        )
    return until if isinstance(until, datetime) else None


def _item(item: Quieting) -> QuietingItem:
    return QuietingItem(**{name: getattr(item, name) for name in QuietingItem.__struct_fields__})


def _key(item: Quieting) -> str:
    return f"{item.tenant_id}\n{item.topic}\n{item.action}"
