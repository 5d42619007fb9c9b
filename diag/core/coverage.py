"""What is seen of a tenant and what is not: per source and in all good, degraded or blind, with reasons in plain words.

Blindness is not absence: a source that nobody could read makes an empty list prove nothing, so it is said wherever one
is shown, and as an alert when it begins and when it is over.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

from msgspec import Struct

from diag.core.graph_permissions import NEEDS, Connection, missing, permission_for
from diag.core.windows import Window, gaps

Verdict = Literal["good", "degraded", "blind"]
"""Seen whole; something is missing or late; nothing new is seen."""
VERDICTS: tuple[Verdict, ...] = ("good", "degraded", "blind")

EXPECTED = ("sign_ins:user", "sign_ins:service", "applications", "service_principals", "changes")
"""Sources that every tenant has; one without a row was never tried."""
SOURCE_NAMES: Mapping[str, str] = {
    "sign_ins:user": "Sign-ins of users",
    "sign_ins:service": "Sign-ins of service principals and managed identities",
    "successes": "Successful sign-ins of applications, counted",
    "applications": "Applications",
    "service_principals": "Service principals",
    "changes": "Changes (audit log)",
}
LATE = timedelta(minutes=15)
"""Without a success for this long although nothing failed: the collector hangs or does not run."""
BLIND_AFTER = timedelta(hours=1)
"""Without a success for this long nothing new is seen, whatever the cause."""
GAPS_WITHIN = timedelta(days=7)
SKEW = timedelta(seconds=30)
"""A clock that is off by more than this makes windows and ends of credentials wrong."""
ALARMING_SKEW = timedelta(minutes=5)
CREDENTIAL_ENDS_SOON = timedelta(days=14)
_BLINDING = {
    "permission_lost": "is not permitted",
    "authentication_failed": "cannot sign in to the tenant",
}
_PASSING = {"throttled": "is asked to wait by Microsoft Graph", "unreachable": "does not reach Microsoft Graph"}


class Reading(Protocol):
    """How far one source was read; ``workflows.ports.Progress`` is one."""

    @property
    def source(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def problem(self) -> str: ...
    @property
    def hint(self) -> str: ...
    @property
    def succeeded_at(self) -> datetime | None: ...
    @property
    def newest(self) -> datetime | None: ...
    @property
    def oldest(self) -> datetime | None: ...


class Reason(Struct, frozen=True, kw_only=True):
    """Why something is not good."""

    subject: str
    """The source, ``permission:`` with its name, ``clock`` or ``credential``."""
    code: str
    """not_read, permission_lost, licence_missing, authentication_failed, throttled, unreachable, not_offered, late,
    gap, permission_missing, clock, credential_ending, credential_ended."""
    text: str
    hint: str = ""
    """What to do; empty where waiting is all."""
    alarming: bool = False
    """Somebody should be told: it will not pass by itself, or it has lasted."""


class SourceCoverage(Struct, frozen=True, kw_only=True):
    source: str
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    gaps: tuple[Window, ...] = ()
    """Within the last seven days, oldest first."""


class OwnCredential(Struct, frozen=True, kw_only=True):
    """The credential this service signs in with, as its own registration holds it."""

    kind: str
    display_name: str
    key_id: str
    ends: datetime


class Coverage(Struct, frozen=True, kw_only=True):
    """What is seen of one tenant at one instant."""

    tenant_id: str
    at: datetime
    verdict: Verdict
    reasons: tuple[Reason, ...]
    """Of the sources too; what blinds first."""
    sources: tuple[SourceCoverage, ...]
    token: Literal["application", "delegated", ""] = ""
    """Whose permissions the token carries; empty while it could not be read."""
    held: tuple[str, ...] | None = None
    """Permissions of the token; None while they could not be read, which is not the same as none."""
    lacking: tuple[str, ...] = ()
    """Needed permissions that the token does not carry, or that Graph refused for."""
    licence: Literal["present", "missing", "unknown"] = "unknown"
    """Entra ID P1 or P2, by what the sign-in log answers."""
    throttled_until: datetime | None = None
    skew_seconds: float | None = None
    """This host's clock minus Microsoft Graph's; None while no answer carried a date."""
    credential: OwnCredential | None = None
    """Our own credential's end; None where the registration does not tell."""


def judge(
    tenant_id: str,
    readings: Sequence[Reading],
    now: datetime,
    *,
    connection: Connection | None = None,
    windows: Mapping[str, Sequence[Window]] | None = None,
    credential: OwnCredential | None = None,
    pace: timedelta = timedelta(0),
) -> Coverage:
    """The tenant's coverage. ``windows``: what was read to its end, by source; without any, gaps are not known.

    ``pace``: time between two looks at the sign-in log; who looks seldom is not late for it.
    """
    known = {reading.source: reading for reading in readings}
    sources = tuple(
        _source(source, known.get(source), now, (windows or {}).get(source, ()), pace)
        for source in dict.fromkeys((*EXPECTED, *known))
    )
    refused = {permission_for(reading.source) for reading in readings if reading.state == "permission_lost"} - {""}
    held = connection.permissions if connection else None
    unheld = set(missing(held)) if held is not None else set()
    fine = {item.source for item in sources if item.verdict == "good"}
    lacking = tuple(need.permission for need in NEEDS if need.permission in refused | unheld)
    own = [
        Reason(
            subject=f"permission:{need.permission}",
            code="permission_missing",
            text=f"The permission {need.permission} is not held: {need.blind}.",
            hint=f"Grant {need.permission} to this service's application.",
            alarming=True,
        )
        for need in NEEDS
        if need.permission in unheld and not (need.sources and fine.issuperset(need.sources))
        if need.permission not in refused
    ]
    own += _surroundings(connection, credential, now)
    reasons = [reason for item in sorted(sources, key=lambda item: item.verdict != "blind") for reason in item.reasons]
    sign_ins = [item.verdict for item in sources if item.source.startswith("sign_ins:")]
    files = any(item.source.startswith("files:") and item.verdict == "good" for item in sources)
    verdict: Verdict = "good" if all(item.verdict == "good" for item in sources) and not own else "degraded"
    return Coverage(
        tenant_id=tenant_id,
        at=now,
        verdict="blind" if all(item == "blind" for item in sign_ins) and not files else verdict,
        reasons=(*reasons, *own),
        sources=sources,
        token=connection.token if connection else "",
        held=held,
        lacking=lacking,
        licence=_licence(readings),
        throttled_until=connection.throttled_until if connection else None,
        skew_seconds=connection.skew_seconds if connection else None,
        credential=credential,
    )


def _source(
    source: str, reading: Reading | None, now: datetime, read: Sequence[Window], pace: timedelta
) -> SourceCoverage:
    if reading is None or (reading.succeeded_at is None and reading.state == "new"):
        unread = Reason(subject=source, code="not_read", text=f"{source_name(source)}: not read yet.")
        return SourceCoverage(source=source, verdict="degraded", reasons=(unread,))
    verdict, reason = _state(reading, now, pace)
    reasons = [reason] if reason else []
    holes: tuple[Window, ...] = ()
    if read and reading.newest is not None:
        span = Window(max(now - GAPS_WITHIN, reading.oldest or now), min(reading.newest, now))
        # Graph's filters speak in whole seconds, so windows that touch may be a second apart.
        holes = tuple(gap for gap in gaps(read, span) if gap.end - gap.start > timedelta(seconds=1))
    if holes:
        verdict = "degraded" if verdict == "good" else verdict
        more = f" and {len(holes) - 1} more" if len(holes) > 1 else ""
        text = f"{source_name(source)}: not read from {_said(holes[0].start)} to {_said(holes[0].end)}{more}."
        reasons.append(Reason(subject=source, code="gap", text=text))
    return SourceCoverage(source=source, verdict=verdict, reasons=tuple(reasons), gaps=holes)


def _state(reading: Reading, now: datetime, pace: timedelta) -> tuple[Verdict, Reason | None]:
    """What the last attempt and the last success mean together."""
    since = reading.succeeded_at
    age = None if since is None else max(now - since, timedelta(0))
    late, blind = max(LATE, 3 * pace), max(BLIND_AFTER, 6 * pace)
    if reading.source == "successes":
        # Counted in passing, more seldom the more there is to count.
        late, blind = 4 * late, 4 * blind
    lasting = age is None or age >= blind
    ago = "never read so far" if since is None else f"last read {_said(since)}"
    code, hint = reading.state, reading.hint
    verdict: Verdict
    if code in _BLINDING:
        verdict, text = "blind", f"this service {_BLINDING[code]}, {ago}."
    elif code == "licence_missing":
        # The same refusal comes now and then from tenants that have the licence, so it has to last.
        verdict = "blind" if age is None or age >= late else "degraded"
        text = f"the tenant has no licence for it, {ago}."
    elif code == "not_offered":
        verdict, text = "degraded", "this cloud or version of Microsoft Graph has no such log."
    elif code in _PASSING:
        verdict, text = "blind" if lasting else "degraded", f"this service {_PASSING[code]}, {ago}."
    elif since is not None and now - since >= late:
        verdict, text = "blind" if lasting else "degraded", f"no success since {_said(since)}, although nothing failed."
        code, hint = "late", "Look whether the service runs, and at its log."
    else:
        return "good", None
    text = f"{source_name(reading.source)}: {text}"
    return verdict, Reason(subject=reading.source, code=code, text=text, hint=hint, alarming=verdict == "blind")


def _surroundings(connection: Connection | None, credential: OwnCredential | None, now: datetime) -> list[Reason]:
    """Reasons that belong to no source: the clock, and the end of our own credential.

    The end is no alarm of its own: the credential is warned of like any other.
    """
    reasons: list[Reason] = []
    skew = connection.skew_seconds if connection else None
    if skew is not None and abs(skew) > SKEW.total_seconds():
        side = "ahead of" if skew > 0 else "behind"
        reasons.append(
            Reason(
                subject="clock",
                code="clock",
                text=f"This host's clock is {abs(skew):.0f} seconds {side} Microsoft Graph's.",
                hint="Let the host take its time from the network.",
                alarming=abs(skew) > ALARMING_SKEW.total_seconds(),
            )
        )
    if credential is not None and credential.ends - now <= CREDENTIAL_ENDS_SOON:
        ended = credential.ends <= now
        verb = "ended" if ended else "ends"
        reasons.append(
            Reason(
                subject="credential",
                code="credential_ended" if ended else "credential_ending",
                text=f"This service's own {credential.kind} {verb} on {_said(credential.ends)}.",
                hint="Add a new one to its registration, configure it, and remove the old one by its key ID.",
            )
        )
    return reasons


def _licence(readings: Sequence[Reading]) -> Literal["present", "missing", "unknown"]:
    states = [reading.state for reading in readings if reading.source.startswith("sign_ins:")]
    if any(state in ("ok", "backfilling") for state in states):
        return "present"
    return "missing" if "licence_missing" in states else "unknown"


def source_name(source: str) -> str:
    """How people call the source."""
    kind, _, place = source.partition(":")
    return f"Files in {place}" if kind == "files" else SOURCE_NAMES.get(source, source)


def _said(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
