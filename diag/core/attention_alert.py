"""What alerts say about incidents, spikes, and credentials that ended and are tried all the same."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from diag.core import alert_text
from diag.core.alerts import Alert, AlertKind, Content, Fact, Severity, credential_topic
from diag.core.expiry_alert import inert_line, named
from diag.core.incidents import Incident
from diag.core.inventory import CredentialRow
from diag.core.spikes import Spike

_LOOK = "Open the page: it shows what failed, the cause as far as it is known, and what to do."


def incident_topic(incident: Incident) -> str:
    """The topic of everything about one incident."""
    return f"{incident.tenant_id}|incident|{incident.id}"


def spike_topic(tenant_id: str, app_id: str) -> str:
    """The topic of one application's spikes."""
    return f"{tenant_id}|spike|{app_id}"


def of_incident(incident: Incident, number: int, now: datetime) -> Alert:
    """The alert about an incident that is new or came back; ``number`` tells several about it apart."""
    name = inert_line(incident.app_name) or incident.fingerprint.app_id
    code = incident.fingerprint.code
    cause = incident.diagnosis.cause if incident.diagnosis is not None else None
    facts = [
        Fact(label="Application", text=f"{name} ({incident.fingerprint.app_id})"),
        Fact(label="Code", text=f"AADSTS{code}{f', {incident.diagnosis.name}' if incident.diagnosis else ''}"),
        Fact(label="Failures", text=_counted(incident)),
        Fact(label="First seen", at=incident.first_seen),
        Fact(label="Last seen", at=incident.last_seen),
        Fact(label="Cause", text=cause.title if cause is not None else "not determined from what is known"),
    ]
    if incident.resource_name:
        facts.insert(1, Fact(label="API", text=inert_line(incident.resource_name)))
    what = "fails again with" if incident.regressed else "fails with"
    return _alert(
        "incident",
        incident.tenant_id,
        incident.fingerprint.app_id,
        name,
        f"{name}: {what} AADSTS{code}",
        topic=incident_topic(incident),
        number=str(number),
        content=Content(facts=tuple(facts), steps=(_LOOK,)),
        link=f"/incidents/{quote(incident.id, safe='')}",
        due_at=now,
    )


def of_spike(found: Spike, tenant_id: str, app_id: str, app_name: str, now: datetime) -> Alert:
    """The alert about an application that fails far more than it usually does at this hour."""
    name = inert_line(app_name) or app_id
    facts = (
        Fact(label="Application", text=f"{name} ({app_id})"),
        Fact(label="Hour that began", at=found.hour),
        Fact(label="Failed sign-ins in it", text=f"{found.count:,} so far"),
        Fact(label="Usual at this hour of the week", text=f"about {found.normal:,.0f}"),
    )
    return _alert(
        "spike",
        tenant_id,
        app_id,
        name,
        f"{name}: {found.count:,} failed sign-ins in an hour, about {found.normal:,.0f} are usual",
        topic=spike_topic(tenant_id, app_id),
        number=f"{found.hour:%Y-%m-%dT%H}",
        content=Content(facts=facts, steps=(_LOOK,)),
        link=_application(tenant_id, app_id),
        due_at=now,
    )


def of_still_tried(
    credential: CredentialRow,
    tenant_id: str,
    application: str,
    last_tried: datetime,
    places: Sequence[str],
    now: datetime,
) -> Alert:
    """The alert about a credential that ended and that somebody goes on using; ``places``: where from and what for."""
    ends = credential.ends
    assert ends is not None  # noqa: S101  it has ended
    name = inert_line(application) or credential.app_id
    facts = [
        Fact(label="Application", text=f"{name} ({credential.app_id})"),
        Fact(label="Credential", text=named(credential)),
        Fact(label="Ended", at=ends),
        Fact(label="Last tried", at=last_tried),
    ]
    if places:
        facts.append(Fact(label="Tried", text="; ".join(inert_line(place) for place in places)))
    steps = (
        "Find what still uses it; the page lists the failed sign-ins with their addresses.",
        "Give it the newer credential, or add one if there is none.",
        f"See it sign in, then remove the old one by its key ID, {credential.key_id}.",
    )
    return _alert(
        "still_tried",
        tenant_id,
        credential.app_id,
        name,
        f"{name}: a credential that has ended is still tried",
        topic=credential_topic(tenant_id, credential.owner_object_id, credential.key_id),
        number="still-tried",
        content=Content(facts=tuple(facts), steps=steps),
        link=_application(tenant_id, credential.app_id),
        due_at=now,
        severity="critical",
    )


def _alert(
    kind: AlertKind,
    tenant_id: str,
    app_id: str,
    app_name: str,
    subject: str,
    *,
    topic: str,
    number: str,
    content: Content,
    link: str,
    due_at: datetime,
    severity: Severity = "warning",
) -> Alert:
    return Alert(
        key=f"{topic}|{number}",
        tenant_id=tenant_id,
        kind=kind,
        app_id=app_id,
        app_name=app_name,
        subject=subject,
        body=alert_text.text(content),
        link=link,
        due_at=due_at,
        topic=topic,
        severity=severity,
        content=content,
    )


def _counted(incident: Incident) -> str:
    people = f", {incident.people:,} different people" if incident.people else ""
    return f"{incident.count:,}{people}"


def _application(tenant_id: str, app_id: str) -> str:
    return f"/applications/{quote(app_id, safe='')}?tenant_id={quote(tenant_id, safe='')}"
