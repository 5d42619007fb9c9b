"""Applications in a list, and one application with its credentials, failures and history."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.incidents import Incident
from diag.core.inventory import Origin, StoredObject
from diag.core.likely_kind import likely_kinds
from diag.core.read import Found
from diag.core.records import FailureRow
from diag.core.review import Review
from diag.render import links, times
from diag.render.charts import Chart
from diag.render.differences import Difference, differences
from diag.render.times import Moment
from diag.render.views.chrome import Link, Listing
from diag.render.views.credentials import CredentialLine
from diag.render.views.diagnosis import ChangeView, change_views
from diag.render.views.findings import FindingsView, findings_view
from diag.render.views.incidents import FailureLine, IncidentLine, failure_line, incident_line
from diag.render.views.kinds import KindsView, kinds_view
from diag.render.views.registration import (
    Presence,
    Section,
    as_of,
    presence,
    registration_presence,
    registration_sections,
    service_principal_sections,
)
from diag.workflows.ports import ApplicationLine

_VALUES_AT_MOST = 12


class ApplicationRow(Struct, frozen=True, kw_only=True):
    href: str
    name: str
    app_id: str
    tenant_id: str
    known_by: str
    open_incidents: int
    next_end: Moment | None
    ended: bool


class ApplicationsView(Struct, frozen=True, kw_only=True):
    rows: tuple[ApplicationRow, ...]
    query: str
    tenant_id: str
    listing: Listing
    empty: str


class VersionView(Struct, frozen=True, kw_only=True):
    """What one version of an object changed against the one before it."""

    at: Moment
    what: str
    first: bool
    """The first version that was read: there is nothing to compare it with."""
    gone: bool
    differences: tuple[Difference, ...]
    more: int
    """Differences left out."""
    origin: str
    """What brought the version, in words; empty where that goes without saying."""


class ApplicationView(Struct, frozen=True, kw_only=True):
    app_id: str
    tenant_id: str
    name: str
    object_id: str
    application: Presence
    service_principal: Presence
    read_at: Moment | None
    kinds: KindsView
    sections: tuple[Section, ...]
    principal_sections: tuple[Section, ...]
    credentials: tuple[CredentialLine, ...]
    findings: FindingsView
    incidents: tuple[IncidentLine, ...]
    failures: tuple[FailureLine, ...]
    failures_older: str
    versions: tuple[VersionView, ...]
    changes: tuple[ChangeView, ...]
    changes_note: str
    chart: Chart
    tenants: tuple[Link, ...]


def application_row(line: ApplicationLine, now: datetime) -> ApplicationRow:
    known = {
        (True, True): "registration and service principal",
        (True, False): "registration only",
        (False, True): "service principal only",
    }
    return ApplicationRow(
        href=links.application(line.app_id, line.tenant_id),
        name=line.display_name or line.app_id,
        app_id=line.app_id,
        tenant_id=line.tenant_id,
        known_by=known.get((line.has_registration, line.has_service_principal), "neither"),
        open_incidents=line.open_incidents,
        next_end=times.maybe(line.next_end, now),
        ended=line.next_end is not None and line.next_end <= now,
    )


def record(line: ApplicationLine) -> dict[str, object]:
    """The line flat, for JSON and CSV."""
    return {
        "tenant_id": line.tenant_id,
        "app_id": line.app_id,
        "display_name": line.display_name,
        "has_registration": line.has_registration,
        "has_service_principal": line.has_service_principal,
        "open_incidents": line.open_incidents,
        "next_end": times.rfc3339(line.next_end) if line.next_end else None,
    }


def application_view(
    app_id: str,
    tenant_id: str,
    facts: Facts,
    now: datetime,
    *,
    findings: Review,
    credentials: Sequence[CredentialLine],
    incidents: Sequence[Incident],
    failures: Sequence[FailureRow],
    failures_older: str,
    history: Sequence[StoredObject],
    changes: Sequence[Change],
    audited: datetime | None,
    chart: Chart,
    tenants: Sequence[Link] = (),
) -> ApplicationView:
    """``history`` newest first; ``audited``: until when the audit log was read, None when it never was."""
    own = facts.application
    return ApplicationView(
        app_id=app_id,
        tenant_id=tenant_id,
        name=_name(facts, history, incidents, failures) or app_id,
        object_id=own.object_id.value if isinstance(own.object_id, Found) else "",
        application=registration_presence(facts, tenant_id),
        service_principal=presence(facts.service_principal.exists, "The service principal"),
        read_at=times.maybe(as_of(facts), now),
        kinds=kinds_view(likely_kinds(facts), now),
        sections=registration_sections(facts) if isinstance(own.exists, Found) else (),
        principal_sections=service_principal_sections(facts)
        if isinstance(facts.service_principal.exists, Found)
        else (),
        credentials=tuple(credentials),
        findings=findings_view(findings, now),
        incidents=tuple(incident_line(incident, now) for incident in incidents),
        failures=tuple(failure_line(row, now) for row in failures),
        failures_older=failures_older,
        versions=version_views(history, now),
        changes=change_views(changes, now),
        changes_note=""
        if audited
        else "The audit log was not read, so who changed what is not known; Status says what is missing.",
        chart=chart,
        tenants=tuple(tenants),
    )


def version_views(history: Sequence[StoredObject], now: datetime) -> tuple[VersionView, ...]:
    """Newest first; each version against the one before it of the same object."""
    views: list[VersionView] = []
    for place, version in enumerate(history):
        earlier = next(
            (
                other
                for other in history[place + 1 :]
                if other.kind == version.kind and other.object_id == version.object_id
            ),
            None,
        )
        if version.body is None and version.unread_because:
            continue
        found = differences(earlier.body, version.body) if earlier and earlier.body and version.body else ()
        what = "Registration" if version.kind == "application" else "Service principal"
        views.append(
            VersionView(
                at=times.moment(version.valid_from, now),
                what=what,
                first=earlier is None,
                gone=version.body is None,
                origin=_ORIGINS[version.origin],
                differences=tuple(_cut(item) for item in found[:_VALUES_AT_MOST]),
                more=max(len(found) - _VALUES_AT_MOST, 0),
            )
        )
    return tuple(views)


_ORIGINS: dict[Origin, str] = {
    "": "",
    "full": "",
    "delta": "the directory named it as changed",
    "reconcile": "found by the daily reading of everything",
    "audit": "read after a change in the audit log",
    "detail": "",
}


def _cut(item: Difference) -> Difference:
    return Difference(item.path, item.old[:_VALUES_AT_MOST], item.new[:_VALUES_AT_MOST])


def _name(
    facts: Facts, history: Sequence[StoredObject], incidents: Sequence[Incident], failures: Sequence[FailureRow]
) -> str:
    for read in (facts.application.display_name, facts.service_principal.display_name):
        if isinstance(read, Found) and read.value:
            return read.value
    named = [version.display_name for version in history]
    named += [incident.app_name for incident in incidents]
    named += [row.app_display_name for row in failures]
    return next((name for name in named if name), "")
