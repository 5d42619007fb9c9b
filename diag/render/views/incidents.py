"""Incidents in lists, and one incident with its failures."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from diag.core.incidents import Incident
from diag.core.interrupts import ALWAYS, WITH_A_PERSON
from diag.core.records import FailureRow
from diag.render import charts, links, times, words
from diag.render.charts import Chart
from diag.render.times import Moment
from diag.render.views.chrome import Link, Listing
from diag.render.views.diagnosis import DiagnosisView, diagnosis_view
from diag.render.words import Badge

SPARK_HOURS = 7 * 24


class IncidentLine(Struct, frozen=True, kw_only=True):
    id: str
    tenant_id: str
    href: str
    title: str
    """The cause when it is known, else what is known."""
    determined: bool
    application: str
    application_href: str
    code: str
    name: str
    resource: str
    state: Badge
    regressed: bool
    first_seen: Moment
    last_seen: Moment
    failures: str
    people: str
    spark: Chart | None
    """The application's failures in seven days."""
    interrupt: bool


class IncidentsView(Struct, frozen=True, kw_only=True):
    lines: tuple[IncidentLine, ...]
    states: tuple[Link, ...]
    state: str
    code: str
    app_id: str
    cause: str
    tenant_id: str
    kind: str
    listing: Listing
    empty: str
    """Why there is nothing to show; empty when there is."""


class FailureLine(Struct, frozen=True, kw_only=True):
    id: str
    at: Moment
    who: str
    event_type: str
    address: str
    client: str
    user_agent: str
    correlation_id: str
    resource: str
    reason: str
    key_id: str
    country: str


class Action(Struct, frozen=True):
    id: str
    label: str
    primary: bool = False


class IncidentView(Struct, frozen=True, kw_only=True):
    id: str
    tenant_id: str
    application: str
    application_id: str
    application_href: str
    resource: str
    key_id: str
    code: str
    state: Badge
    regressed: bool
    note: str
    problem: str
    worked: Moment | None
    """When the application's own sign-ins last worked for the same resource, if that was after the last failure."""
    snoozed_until: Moment | None
    first_seen: Moment
    last_seen: Moment
    failures: str
    people: str
    interrupt: bool
    diagnosis: DiagnosisView | None
    diagnosed_at: Moment | None
    chart: Chart
    lines: tuple[FailureLine, ...]
    older: str
    actions: tuple[Action, ...]


_SNOOZE, _RESOLVE, _REOPEN = (
    Action("snooze", "Snooze for 7 days"),
    Action("resolve", "Resolve"),
    Action("reopen", "Reopen"),
)
_ACTIONS: dict[str, tuple[Action, ...]] = {
    "open": (Action("acknowledge", "Acknowledge", True), _SNOOZE, _RESOLVE),
    "acknowledged": (Action("resolve", "Resolve", True), _SNOOZE, _REOPEN),
    "snoozed": (Action("reopen", "Reopen", True), _RESOLVE),
    "resolved": (_REOPEN,),
}


def incident_line(incident: Incident, now: datetime, counts: Mapping[datetime, int] | None = None) -> IncidentLine:
    """``counts``: the application's failures by hour; None leaves the drawing out."""
    diagnosis = incident.diagnosis
    return IncidentLine(
        id=incident.id,
        tenant_id=incident.tenant_id,
        href=links.incident(incident.id),
        title=title_of(incident),
        determined=bool(diagnosis and diagnosis.cause),
        application=incident.app_name or incident.fingerprint.app_id or "No application named",
        application_href=links.application(incident.fingerprint.app_id, incident.tenant_id),
        code=f"AADSTS{incident.fingerprint.code}",
        name=diagnosis.name if diagnosis else "",
        resource=incident.resource_name,
        state=words.unknown(words.INCIDENT_STATES, incident.state),
        regressed=incident.regressed,
        first_seen=times.moment(incident.first_seen, now),
        last_seen=times.moment(incident.last_seen, now),
        failures=f"{incident.count:,}",
        people=f"{incident.people:,}" if incident.people else "–",
        spark=None if counts is None else charts.spark(counts, now),
        interrupt=incident.interrupt,
    )


def title_of(incident: Incident) -> str:
    """The cause's title; until there is one, what the code means, and honestly so."""
    diagnosis = incident.diagnosis
    if diagnosis is not None and diagnosis.cause is not None:
        return diagnosis.cause.title
    if incident.interrupt and (pause := pause_of(incident.fingerprint.code)):
        return f"{pause[0].upper()}{pause[1:]}"
    if diagnosis is None:
        return "Not diagnosed yet"
    if diagnosis.verdict == "unknown_code":
        return "A code that the knowledge base does not know"
    return diagnosis.summary


def pause_of(code: int) -> str:
    """What a sign-in with this code paused for; empty when the code is no interrupt."""
    return ALWAYS.get(code) or WITH_A_PERSON.get(code) or ""


def record(incident: Incident) -> dict[str, object]:
    """The incident flat, for JSON and CSV."""
    diagnosis = incident.diagnosis
    return {
        "tenant_id": incident.tenant_id,
        "id": incident.id,
        "state": incident.state,
        "app_id": incident.fingerprint.app_id,
        "application": incident.app_name,
        "code": incident.fingerprint.code,
        "name": diagnosis.name if diagnosis else "",
        "verdict": diagnosis.verdict if diagnosis else "",
        "cause": diagnosis.cause.id if diagnosis and diagnosis.cause else "",
        "cause_title": diagnosis.cause.title if diagnosis and diagnosis.cause else "",
        "resource_id": incident.fingerprint.resource_id,
        "resource": incident.resource_name,
        "credential_key_id": incident.fingerprint.credential_key_id,
        "interrupt": incident.interrupt,
        "regressed": incident.regressed,
        "first_seen": times.rfc3339(incident.first_seen),
        "last_seen": times.rfc3339(incident.last_seen),
        "failures": incident.count,
        "people": incident.people,
    }


def failure_line(row: FailureRow, now: datetime) -> FailureLine:
    return FailureLine(
        id=row.id,
        at=times.moment(row.created_at, now),
        who=row.user_principal_name or row.service_principal_id or row.user_id,
        event_type=words.event_type(row.event_type),
        address=row.ip_address,
        client=row.client_app_used,
        user_agent=row.user_agent,
        correlation_id=row.correlation_id,
        resource=row.resource_display_name,
        reason=row.failure_reason,
        key_id=row.credential_key_id,
        country=row.country,
    )


def incident_view(
    incident: Incident,
    rows: Sequence[FailureRow],
    now: datetime,
    *,
    chart: Chart,
    older: str,
    last_success: datetime | None = None,
) -> IncidentView:
    fingerprint = incident.fingerprint
    return IncidentView(
        id=incident.id,
        tenant_id=incident.tenant_id,
        application=incident.app_name or fingerprint.app_id or "No application named",
        application_id=fingerprint.app_id,
        application_href=links.application(fingerprint.app_id, incident.tenant_id),
        resource=incident.resource_name or fingerprint.resource_id,
        key_id=fingerprint.credential_key_id,
        code=f"AADSTS{fingerprint.code}",
        state=words.unknown(words.INCIDENT_STATES, incident.state),
        regressed=incident.regressed,
        note=incident.note,
        problem=incident.problem,
        worked=times.maybe(last_success, now) if last_success and last_success > incident.last_seen else None,
        snoozed_until=times.maybe(incident.snoozed_until, now),
        first_seen=times.moment(incident.first_seen, now),
        last_seen=times.moment(incident.last_seen, now),
        failures=words.count(incident.count, "interrupt" if incident.interrupt else "failure"),
        people=words.count(incident.people, "person", "people") if incident.people else "no user involved",
        interrupt=incident.interrupt,
        diagnosis=diagnosis_view(incident.diagnosis, now) if incident.diagnosis else None,
        diagnosed_at=times.maybe(incident.diagnosed_at, now),
        chart=chart,
        lines=tuple(failure_line(row, now) for row in rows),
        older=older,
        actions=_ACTIONS.get(incident.state, ()),
    )
