"""The first page: what needs attention now, what ends next, and how far reading has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from diag.core.alerts import Alert
from diag.core.incidents import Incident
from diag.render import charts, links
from diag.render.charts import Chart
from diag.render.views.alerts import AlertLine, alert_line
from diag.render.views.credentials import CredentialLine, credential_line
from diag.render.views.incidents import IncidentLine, incident_line
from diag.render.views.status import REGISTRATIONS, SIGN_INS, coverage_sentence, never_read
from diag.workflows.ports import HourlyFailures, Progress, StoredCredential

DAYS = 7
_NOTHING_ENDS = "No credential that was read ended in the last 30 days or ends in the next 30."
_REGISTRATIONS_UNREAD = "Registrations were not all read yet, so it is not known what ends next; see Status."


class Figure(Struct, frozen=True):
    value: str
    label: str
    href: str
    tone: str


class OverviewView(Struct, frozen=True, kw_only=True):
    figures: tuple[Figure, ...]
    incidents: tuple[IncidentLine, ...]
    more_incidents: str
    """How many of the open incidents are listed, when that is not all of them: ``12 of 28``."""
    incidents_empty: str
    interrupts: tuple[IncidentLine, ...]
    credentials: tuple[CredentialLine, ...]
    credentials_empty: str
    alerts: tuple[AlertLine, ...]
    chart: Chart
    coverage: str
    coverage_fine: bool
    unknown_codes: str
    """``3 codes that no entry knows``; empty when there is none."""
    unknown_codes_href: str


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
    tenant_ids: Sequence[str] = (),
    tenant_id: str = "",
    unknown_codes: int = 0,
) -> OverviewView:
    """``by_application``: failures by hour of each (tenant_id, app_id) that an incident names.

    Of ``incidents`` the first ``shown`` are listed and up to ``counted`` are counted. ``credentials``: soonest end
    first, those that ended lately included. ``tenant_ids``: the watched tenants, as far as they are known;
    ``tenant_id``: the one the page is about, where it is about one.
    """
    counts = {item.hour: item.failures for item in hourly}
    sentence, fine = coverage_sentence(progress, now)
    read_from, read_until = reach(progress)
    day_ago = now - timedelta(hours=24)
    last_day = sum(value for hour, value in counts.items() if hour > day_ago)
    sign_ins = _known(progress, tenant_ids, SIGN_INS)
    registrations = _known(progress, tenant_ids, REGISTRATIONS)
    lately = "not read in that time" if sign_ins == "" and read_until and read_until <= day_ago else sign_ins
    ended = sum(1 for item in credentials if item.credential.ends and item.credential.ends <= now)
    soon = len(credentials) - ended
    many = f"{counted}+" if len(incidents) > counted else str(len(incidents))

    def of(path: str, **query: str) -> str:
        return links.page(path, {**query, "tenant_id": tenant_id})

    return OverviewView(
        figures=(
            _figure(many, "open incidents", of("/incidents", state="open"), "bad" if incidents else "good", sign_ins),
            _figure(f"{last_day:,}", "failures in 24 h", of("/incidents"), "neutral", lately),
            _figure(
                str(ended), "credentials ended lately", of("/credentials"), "bad" if ended else "good", registrations
            ),
            _figure(
                str(soon),
                "end within 30 days",
                of("/credentials", within="30d"),
                "warn" if soon else "good",
                registrations,
            ),
        ),
        incidents=tuple(_line(incident, now, by_application) for incident in incidents[:shown]),
        more_incidents=f"{shown} of {many}" if len(incidents) > shown else "",
        incidents_empty="" if incidents else _why_empty(progress, starting),
        interrupts=tuple(_line(incident, now, by_application) for incident in interrupts),
        credentials=tuple(credential_line(item, now) for item in credentials[:credentials_shown]),
        credentials_empty=_NOTHING_ENDS if not registrations else _REGISTRATIONS_UNREAD,
        alerts=tuple(alert_line(alert, now) for alert in alerts),
        chart=charts.hours(counts, now - timedelta(days=DAYS), now, read_from=read_from, read_until=read_until),
        coverage=sentence,
        coverage_fine=fine,
        unknown_codes=f"{unknown_codes} code{'s' if unknown_codes > 1 else ''} that no entry knows"
        if unknown_codes
        else "",
        unknown_codes_href=of("/unknown-codes"),
    )


def _known(progress: Sequence[Progress], tenant_ids: Sequence[str], sources: Sequence[str]) -> str:
    """Empty when each of the sources was read to its end, so that nothing found means that there is nothing."""
    unread = never_read(progress, tenant_ids, sources)
    watched = tenant_ids or [item.tenant_id for item in progress]
    return "" if not unread else "not read yet" if unread == never_read((), watched, sources) else "not all read yet"


def _figure(value: str, label: str, href: str, tone: str, unread: str) -> Figure:
    """A figure; ``unread`` says why it is not the whole truth. Nothing found where nobody has looked is no nought."""
    if not unread:
        return Figure(value, label, href, tone)
    if value == "0":
        return Figure("–", f"{label}: {unread}", href, "neutral")
    return Figure(value, f"{label} so far", href, tone)


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
