"""Incidents and one incident."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from diag.core.incidents import Incident
from diag.entrypoints.web.http import (
    EXPORTED_ROWS,
    ROWS,
    cursor,
    keyset,
    listing,
    message,
    number,
    page,
    parameter,
    service_of,
    table,
)
from diag.entrypoints.web.routing import new_router
from diag.render import charts, links
from diag.render.views.chrome import Link
from diag.render.views.incidents import SPARK_HOURS, IncidentsView, incident_line, incident_view, record
from diag.render.words import INCIDENT_STATES
from diag.workflows.names import with_names
from diag.workflows.ports import FailureQuery, IncidentQuery

router = new_router()

_FAILURES = 10
_CHARTED = 2000
_SNOOZE = timedelta(days=7)
_STATE_AFTER = {"acknowledge": "acknowledged", "snooze": "snoozed", "resolve": "resolved", "reopen": "open"}
_KINDS = {"": None, "failures": False, "interrupts": True}


@router.get("/incidents")
def incidents(request: Request) -> Response:
    service = service_of(request)
    now = service.clock.now()
    kept, query = _query(request, ROWS + 1)
    with service.database.read() as stores:
        found = with_names(stores.incidents.find(query), stores, service.translator)
        since = now - timedelta(hours=SPARK_HOURS)
        counts = {
            key: {item.hour: item.failures for item in stores.failures.hourly(key[0], since, key[1])}
            for key in {(item.tenant_id, item.fingerprint.app_id) for item in found[:ROWS]}
        }
        progress = stores.progress.all()
    shown = found[:ROWS]
    below = listing(request, "/incidents", kept, _key(shown[-1]) if len(found) > ROWS else None)
    read = any(item.succeeded_at for item in progress if item.source.startswith("sign_ins:"))
    empty = (
        "No incident fits these filters."
        if below.filtered
        else "Nothing failed in what was read."
        if read
        else "The sign-in log was not read yet. Status says how far it is, and what is missing."
    )
    without = {name: value for name, value in kept.items() if name != "state"}
    view = IncidentsView(
        lines=tuple(incident_line(item, now, counts[(item.tenant_id, item.fingerprint.app_id)]) for item in shown),
        states=(
            Link("All", links.page("/incidents", without), not kept["state"]),
            *(
                Link(badge.text, links.page("/incidents", {**without, "state": state}), kept["state"] == state)
                for state, badge in INCIDENT_STATES.items()
            ),
        ),
        state=str(kept["state"]),
        code=str(kept["code"]),
        app_id=str(kept["app_id"]),
        cause=str(kept["cause"]),
        tenant_id=str(kept["tenant_id"]),
        kind=str(kept["kind"]),
        listing=below,
        empty="" if shown else empty,
    )
    return page(request, "incidents.html", view, section="incidents", title="Incidents")


@router.get("/incidents.{form}")
def incidents_table(request: Request, form: Literal["json", "csv"]) -> Response:
    rows = ROWS if form == "json" else EXPORTED_ROWS
    kept, query = _query(request, rows + 1)
    service = service_of(request)
    with service.database.read() as stores:
        found = with_names(stores.incidents.find(query), stores, service.translator)
    following = ""
    if len(found) > rows:
        following = links.page(f"/incidents.{form}", {**kept, "before": cursor(request, _key(found[rows - 1]))})
    return table(request, form, "/incidents", [record(item) for item in found[:rows]], following)


@router.get("/incidents/{incident_id}")
def incident(request: Request, incident_id: str) -> Response:
    service = service_of(request)
    now = service.clock.now()
    before = keyset(request)
    since = now - timedelta(hours=SPARK_HOURS)
    with service.database.read() as stores:
        found = stores.incidents.get(incident_id)
        if found is None:
            return _not_there(request)
        (found,) = with_names((found,), stores, service.translator)
        resource = found.fingerprint.resource_id or None
        worked = stores.successes.last(found.tenant_id, found.fingerprint.app_id, resource_id=resource)
        query = FailureQuery(tenant_id=found.tenant_id, fingerprint=found.fingerprint)
        rows = stores.failures.find(_with(query, limit=_FAILURES + 1, before=before))
        recent = stores.failures.find(_with(query, limit=_CHARTED, since=since))
    counts = Counter(row.created_at.replace(minute=0, second=0, microsecond=0) for row in recent)
    cut = len(recent) == _CHARTED
    chart = charts.hours(
        counts,
        since,
        now,
        read_from=recent[-1].created_at if cut else since,
        read_until=now,
        what="interrupts" if found.interrupt else "failures",
    )
    shown = rows[:_FAILURES]
    older = ""
    if len(rows) > _FAILURES:
        key = cursor(request, f"{shown[-1].created_at.isoformat()}\n{shown[-1].id}")
        older = links.page(links.incident(found.id), {"before": key}) + "#failures"
    view = incident_view(found, shown, now, chart=chart, older=older, last_success=worked)
    title = f"{view.code} · {view.application}"
    return page(request, "incident.html", view, section="incidents", title=title)


@router.post("/incidents/{incident_id}/state")
def change_state(request: Request, incident_id: str, action: Annotated[str, Form()]) -> Response:
    """Acknowledge, snooze, resolve or reopen; the guard refuses forms that other sites send."""
    service = service_of(request)
    state = _STATE_AFTER.get(action)
    if state is None:
        return message(request, "Not accepted", "There is no such action; nothing was changed.", status=400)
    now = service.clock.now()
    with service.database.write() as stores:
        until = now + _SNOOZE if state == "snoozed" else None
        if not stores.incidents.set_state(incident_id, state, now, until=until):
            return _not_there(request)
    return RedirectResponse(links.incident(incident_id), 303)


def _query(request: Request, limit: int) -> tuple[dict[str, object], IncidentQuery]:
    """The filters as they stand in the address, and the query they make; unknown choices count as none."""
    state, kind = parameter(request, "state"), parameter(request, "kind")
    code = number(request, "code")
    kept: dict[str, object] = {
        "state": state if state in INCIDENT_STATES else "",
        "kind": kind if kind in _KINDS else "",
        "code": "" if code is None else code,
        "app_id": parameter(request, "app_id").lower(),
        "cause": parameter(request, "cause"),
        "tenant_id": parameter(request, "tenant_id").lower(),
    }
    query = IncidentQuery(
        tenant_id=str(kept["tenant_id"]) or None,
        state=str(kept["state"]) or None,
        app_id=str(kept["app_id"]) or None,
        code=code,
        cause=str(kept["cause"]) or None,
        interrupts=_KINDS[str(kept["kind"])],
        before=keyset(request),
        limit=limit,
    )
    return kept, query


def _with(query: FailureQuery, *, limit: int, before: str | None = None, since: datetime | None = None) -> FailureQuery:
    return msgspec.structs.replace(query, limit=limit, before=before, since=since)


def _key(item: Incident) -> str:
    return f"{item.last_seen.isoformat()}\n{item.id}"


def _not_there(request: Request) -> Response:
    return message(
        request,
        "No such incident",
        "It may belong to another database, or its link was cut short. Open Incidents to see all of them.",
        status=404,
        section="incidents",
    )
