"""The first page: what needs attention now, what ends next, and how far reading has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from diag.core.alerts import Alert
from diag.core.incidents import Incident
from diag.render import charts
from diag.render.charts import Chart
from diag.render.views.alerts import AlertLine, alert_line
from diag.render.views.credentials import CredentialLine, credential_line
from diag.render.views.incidents import IncidentLine, incident_line
from diag.render.views.status import coverage_sentence
from diag.workflows.ports import HourlyFailures, Progress, StoredCredential

DAYS = 7


class Figure(Struct, frozen=True):
    value: str
    label: str
    href: str
    tone: str


class OverviewView(Struct, frozen=True, kw_only=True):
    figures: tuple[Figure, ...]
    incidents: tuple[IncidentLine, ...]
    more_incidents: bool
    incidents_empty: str
    interrupts: tuple[IncidentLine, ...]
    credentials: tuple[CredentialLine, ...]
    alerts: tuple[AlertLine, ...]
    chart: Chart
    coverage: str
    coverage_fine: bool


def overview_view(
    now: datetime,
    *,
    incidents: Sequence[Incident],
    shown: int,
    counted: int,
    interrupts: Sequence[Incident],
    by_application: Mapping[tuple[str, str], Mapping[datetime, int]],
    hourly: Sequence[HourlyFailures],
    credentials: Sequence[StoredCredential],
    credentials_shown: int,
    alerts: Sequence[Alert],
    progress: Sequence[Progress],
    starting: str,
) -> OverviewView:
    """``by_application``: failures by hour of each (tenant_id, app_id) that an incident names.

    Of ``incidents`` the first ``shown`` are listed and up to ``counted`` are counted. ``credentials``: soonest end
    first, those that ended lately included.
    """
    counts = {item.hour: item.failures for item in hourly}
    sentence, fine = coverage_sentence(progress, now)
    read_from, read_until = reach(progress)
    last_day = sum(value for hour, value in counts.items() if hour > now - timedelta(hours=24))
    ended = sum(1 for item in credentials if item.credential.ends and item.credential.ends <= now)
    soon = len(credentials) - ended
    many = f"{counted}+" if len(incidents) > counted else str(len(incidents))
    return OverviewView(
        figures=(
            Figure(many, "open incidents", "/incidents?state=open", "bad" if incidents else "good"),
            Figure(f"{last_day:,}", "failures in 24 h", "/incidents", "neutral"),
            Figure(str(ended), "credentials ended lately", "/credentials", "bad" if ended else "good"),
            Figure(str(soon), "end within 30 days", "/credentials?within=30d", "warn" if soon else "good"),
        ),
        incidents=tuple(_line(incident, now, by_application) for incident in incidents[:shown]),
        more_incidents=len(incidents) > shown,
        incidents_empty="" if incidents else _why_empty(progress, starting),
        interrupts=tuple(_line(incident, now, by_application) for incident in interrupts),
        credentials=tuple(credential_line(item, now) for item in credentials[:credentials_shown]),
        alerts=tuple(alert_line(alert, now) for alert in alerts),
        chart=charts.hours(counts, now - timedelta(days=DAYS), now, read_from=read_from, read_until=read_until),
        coverage=sentence,
        coverage_fine=fine,
    )


def reach(progress: Sequence[Progress]) -> tuple[datetime | None, datetime | None]:
    """From when until when the sign-in log was read by every group of kinds; None where one was never read."""
    groups = [item for item in progress if item.source.startswith("sign_ins:")]
    oldest = [item.oldest for item in groups]
    newest = [item.newest for item in groups]
    read_from = max((item for item in oldest if item), default=None) if all(oldest) else None
    read_until = min((item for item in newest if item), default=None) if all(newest) else None
    return read_from, read_until


def _line(
    incident: Incident, now: datetime, by_application: Mapping[tuple[str, str], Mapping[datetime, int]]
) -> IncidentLine:
    return incident_line(incident, now, by_application.get((incident.tenant_id, incident.fingerprint.app_id)))


def _why_empty(progress: Sequence[Progress], starting: str) -> str:
    """Why no incident is shown: nothing failed, or nobody could look."""
    sign_ins = [item for item in progress if item.source.startswith("sign_ins:")]
    if starting:
        return f"The service is still starting: {starting}. Incidents appear here once the sign-in log is read."
    if not any(item.succeeded_at for item in sign_ins):
        problems = [item.problem for item in sign_ins if item.problem]
        if problems:
            return f"The sign-in log could not be read: {problems[0]} Status names what is missing and how to grant it."
        return "The sign-in log is being read for the first time. Incidents appear here within a minute."
    if any(item.state not in ("ok", "backfilling") for item in sign_ins):
        return "No open incident in what was read. A part of the sign-in log cannot be read at the moment; see Status."
    if any(item.state == "backfilling" for item in sign_ins):
        return "No open incident so far. Older sign-ins are still being read."
    return "No open incident: everything that failed was resolved or acknowledged."
