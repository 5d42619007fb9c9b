"""Failures grouped into incidents, and what people do with them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from fastapi import Query, Request
from msgspec import Meta, Struct
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from diag.bootstrap import Service
from diag.core.errors import BadInput
from diag.core.incidents import Incident, IncidentState
from diag.core.redaction import redact
from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.paging import Cursor, PageSize, Place
from diag.entrypoints.api.problems import Problem
from diag.entrypoints.api.requests import (
    AppFilter,
    CodeFilter,
    ServiceOf,
    TenantFilter,
    answer,
    code_number,
    guid,
    new_router,
    one_of,
    strict_body,
)
from diag.render.published import diagnosis_object
from diag.workflows.names import with_names
from diag.workflows.ports import IncidentQuery, Transaction

router = new_router("incidents")

SNOOZE = timedelta(days=7)
LONGEST_SNOOZE = timedelta(days=366)
_STATES = ("open", "acknowledged", "snoozed", "resolved")
_EXAMPLE = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "id": "0a1b2c3d4e5f60718293",
    "app_id": "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01",
    "app_name": "Orders",
    "code": 50011,
    "state": "open",
    "first_seen": "2026-11-22T09:12:40Z",
    "last_seen": "2026-11-22T10:00:00Z",
    "count": 41,
    "people": 17,
    "interrupt": False,
    "regressed": False,
    "last_failure_id": "b0a4f1d2-6c1e-4b7f-9a57-7a1d6c2e0100",
    "verdict": "determined",
    "cause": {"id": "tls-proxy-http-scheme", "title": "A proxy ends TLS and the application does not know"},
}

Note = Annotated[str, Meta(max_length=2000)]
Until = Annotated[datetime, Meta(tz=True)]


class CauseName(Struct, frozen=True):
    id: str
    title: str


class IncidentItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Failures with one fingerprint. Without a verdict nobody has diagnosed it yet; a null cause is undetermined."""

    tenant_id: str
    id: str
    app_id: str
    app_name: str
    code: int
    state: IncidentState
    first_seen: datetime
    last_seen: datetime
    count: int
    people: int
    """Different users touched; 0 for sign-ins without a user."""
    interrupt: bool
    regressed: bool
    last_failure_id: str
    resource_id: str = ""
    resource_name: str = ""
    credential_key_id: str = ""
    verdict: str = ""
    cause: CauseName | msgspec.UnsetType | None = msgspec.UNSET
    diagnosed_at: datetime | msgspec.UnsetType = msgspec.UNSET
    snoozed_until: datetime | msgspec.UnsetType = msgspec.UNSET
    note: str = ""
    """The last comment."""
    problem: str = ""
    """Why the last attempt at a diagnosis failed; absent when it did not."""
    last_success: datetime | msgspec.UnsetType = msgspec.UNSET
    """When the application last signed in as itself, successfully, to the same resource, as far as it was counted; only
    when one incident is asked for. After ``last_seen`` it works again."""
    diagnosis: Any = msgspec.UNSET
    """As POST /diagnose answers it; only when one incident is asked for."""


class StateChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What may come with a change of state; the body may also be empty."""

    note: Note = ""


class Snooze(Struct, frozen=True, forbid_unknown_fields=True):
    until: Until | None = None
    """By default seven days from now."""
    note: Note = ""


class Comment(Struct, frozen=True, forbid_unknown_fields=True):
    note: Annotated[str, Meta(min_length=1, max_length=2000)]


@router.get(
    "/incidents",
    operation_id="listIncidents",
    responses=answers("Incidents, latest seen first.", schema="IncidentItem", listed=True, example=_EXAMPLE),
)
def list_incidents(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    state: Annotated[str | None, Query(description=f"One of {', '.join(_STATES)}.", max_length=20)] = None,
    app_id: AppFilter = None,
    code: CodeFilter = None,
    cause: Annotated[str | None, Query(description="Only with this cause, by its id.", max_length=100)] = None,
    interrupts: Annotated[bool | None, Query(description="true: interrupts only; false: failures only.")] = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """Incidents, latest seen first. One that moves to the front while pages are read is given at the end, once more or
    for the first time, so that following nextLink to its end misses none."""
    place = Place(request, maxpagesize, cursor)
    query = IncidentQuery(
        tenant_id=guid(tenant_id),
        state=one_of("state", state, _STATES),
        app_id=guid(app_id),
        code=code_number(code),
        cause=cause,
        interrupts=interrupts,
        limit=place.fetch,
    )
    with service.database.read() as transaction:
        found, behind = _page(transaction, query, place)
        found = with_names(found, transaction, service.translator)
    return place.whole([incident_item(incident) for incident in found], behind)


@router.get(
    "/incidents/{incident_id}",
    operation_id="getIncident",
    responses=answers("The incident.", schema="IncidentItem", example=_EXAMPLE),
)
def get_incident(service: ServiceOf, incident_id: str) -> Response:
    """One incident with its diagnosis, built from that application's registration."""
    with service.database.read() as transaction:
        return _told(service, transaction, incident_id)


async def _acknowledge(request: Request, service: ServiceOf, incident_id: str) -> Response:
    """Somebody looks after it."""
    given = await strict_body(request, StateChange)
    return await run_in_threadpool(_set, service, incident_id, "acknowledged", given.note)


async def _snooze(request: Request, service: ServiceOf, incident_id: str) -> Response:
    """Not now: until an instant, by default for seven days."""
    given = await strict_body(request, Snooze)
    now = service.clock.now()
    until = now + SNOOZE if given.until is None else given.until
    if not now < until <= now + LONGEST_SNOOZE:
        raise BadInput("until: must lie in the coming 366 days", hint="Give an instant such as 2026-11-29T10:00:00Z.")
    return await run_in_threadpool(_set, service, incident_id, "snoozed", given.note, until)


async def _resolve(request: Request, service: ServiceOf, incident_id: str) -> Response:
    """It is mended; a later failure reopens it and marks it as regressed."""
    given = await strict_body(request, StateChange)
    return await run_in_threadpool(_set, service, incident_id, "resolved", given.note)


async def _reopen(request: Request, service: ServiceOf, incident_id: str) -> Response:
    """It is not mended, or wants attention again."""
    given = await strict_body(request, StateChange)
    return await run_in_threadpool(_set, service, incident_id, "open", given.note)


async def _comment(request: Request, service: ServiceOf, incident_id: str) -> Response:
    """Keep a note; the state stays."""
    given = await strict_body(request, Comment)
    return await run_in_threadpool(_set, service, incident_id, None, given.note)


def _offer(action: str, kind: str, handler: Any, example: dict[str, Any]) -> None:
    router.add_api_route(
        f"/incidents/{{incident_id}}/{action}",
        handler,
        methods=["POST"],
        operation_id=f"{action}Incident",
        responses=answers("The incident afterwards.", schema="IncidentItem", example=_EXAMPLE),
        openapi_extra={
            "requestBody": {
                "required": kind == "Comment",
                "content": {
                    "application/json": {"schema": {"$ref": f"#/components/schemas/{kind}"}, "example": example}
                },
            }
        },
    )


_offer("acknowledge", "StateChange", _acknowledge, {"note": "Looked at by the team that owns Orders."})
_offer("snooze", "Snooze", _snooze, {"until": "2026-11-29T10:00:00Z"})
_offer("resolve", "StateChange", _resolve, {"note": "The redirect URI was added."})
_offer("reopen", "StateChange", _reopen, {})
_offer("comment", "Comment", _comment, {"note": "Waits for the deployment on Monday."})


def _page(transaction: Transaction, query: IncidentQuery, place: Place) -> tuple[Sequence[Incident], str | None]:
    """What the page holds, and the key behind it.

    A key is ``top`` and ``last`` while the list goes down, ``top`` alone for what has come above the top meanwhile.
    """
    top, _, last = (place.key or "").partition("\t")
    found: list[Incident] = []
    if place.key is None or last:
        found = list(transaction.incidents.find(msgspec.structs.replace(query, before=last or None)))
        top = top or (_key(found[0]) if found else "")
        if len(found) > place.size:
            shown = found[: place.size]
            return shown, f"{top}\t{_key(shown[-1])}"
    if place.key is None:
        return found, None
    room = place.size - len(found)
    moved = transaction.incidents.find(msgspec.structs.replace(query, after=top, limit=room + 1))
    shown = [*found, *moved[:room]]
    if len(moved) <= room:
        return shown, None
    return shown, _key(moved[room - 1]) if room else top


def incident_item(incident: Incident) -> IncidentItem:
    """The published form of an incident, without its diagnosis."""
    diagnosis = incident.diagnosis
    cause: CauseName | msgspec.UnsetType | None = msgspec.UNSET
    if diagnosis is not None:
        cause = None if diagnosis.cause is None else CauseName(diagnosis.cause.id, diagnosis.cause.title)
    return IncidentItem(
        tenant_id=incident.tenant_id,
        id=incident.id,
        app_id=incident.fingerprint.app_id,
        app_name=incident.app_name,
        code=incident.fingerprint.code,
        resource_id=incident.fingerprint.resource_id,
        resource_name=incident.resource_name,
        credential_key_id=incident.fingerprint.credential_key_id,
        state=incident.state,
        first_seen=incident.first_seen,
        last_seen=incident.last_seen,
        count=incident.count,
        people=incident.people,
        interrupt=incident.interrupt,
        regressed=incident.regressed,
        last_failure_id=incident.last_failure_id,
        verdict=diagnosis.verdict if diagnosis else "",
        cause=cause,
        diagnosed_at=incident.diagnosed_at or msgspec.UNSET,
        snoozed_until=incident.snoozed_until or msgspec.UNSET,
        note=incident.note,
        problem=incident.problem,
    )


def _told(service: Service, transaction: Transaction, incident_id: str) -> Response:
    (incident,) = with_names((_known(transaction, incident_id),), transaction, service.translator)
    return answer(msgspec.structs.replace(_whole(incident), last_success=last_success(transaction, incident)))


def last_success(transaction: Transaction, incident: Incident) -> datetime | msgspec.UnsetType:
    """When the application's own sign-ins last worked for the incident's resource; unset when none was counted."""
    application, resource = incident.fingerprint.app_id, incident.fingerprint.resource_id or None
    return transaction.successes.last(incident.tenant_id, application, resource_id=resource) or msgspec.UNSET


def _whole(incident: Incident) -> IncidentItem:
    item = incident_item(incident)
    if incident.diagnosis is None:
        return item
    return msgspec.structs.replace(item, diagnosis=diagnosis_object(incident.diagnosis))


def _set(service: Service, incident_id: str, state: str | None, note: str, until: datetime | None = None) -> Response:
    # A note is kept on disk and shown to others: what looks like a secret in it goes no further.
    note = redact(note).text
    with service.database.write() as transaction:
        known = _known(transaction, incident_id)
        if state is None:
            state, until = known.state, known.snoozed_until
        transaction.incidents.set_state(incident_id, state, service.clock.now(), until=until, note=note)
        return _told(service, transaction, incident_id)


def _known(transaction: Transaction, incident_id: str) -> Incident:
    incident = transaction.incidents.get(incident_id)
    if incident is None:
        raise Problem(404, "not-found", "There is no incident of this ID.", hint="GET /api/v1/incidents lists them.")
    return incident


def _key(incident: Incident) -> str:
    return f"{incident.last_seen.isoformat()}\n{incident.id}"
