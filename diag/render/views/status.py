"""What is read and what is not: per tenant and source its state, lag and reach, and the grant for what is missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from diag.core.tenants import Tenant
from diag.render import times, words
from diag.render.times import Moment
from diag.render.views.fixes import ToolView
from diag.render.views.grants import grant_commands, permission_for
from diag.render.words import Badge
from diag.workflows.ports import Progress

EXPECTED = ("sign_ins:user", "sign_ins:service", "applications", "service_principals", "changes")
"""Sources that every tenant has; one without a row was never tried."""
SIGN_INS, REGISTRATIONS = EXPECTED[:2], EXPECTED[2:4]
_GRANTED_BY = frozenset({"permission_lost"})


class SourceLine(Struct, frozen=True, kw_only=True):
    name: str
    badge: Badge
    succeeded: Moment | None
    attempted: Moment | None
    newest: Moment | None
    oldest: Moment | None
    lag: str
    records: str
    permission: str
    problem: str
    hint: str
    filter: str
    grants: tuple[ToolView, ...]
    """Commands that grant what is missing; empty while nothing is."""


class TenantStatus(Struct, frozen=True):
    tenant_id: str
    name: str
    """As the configuration calls it; empty where it does not."""
    lines: tuple[SourceLine, ...]
    healthy: bool


class StatusView(Struct, frozen=True, kw_only=True):
    tenants: tuple[TenantStatus, ...]
    badge: Badge
    sentence: str
    facts: tuple[tuple[str, str], ...]
    empty: str


def status_view(
    progress: Sequence[Progress],
    tenants_watched: Mapping[str, Tenant],
    now: datetime,
    *,
    facts: Sequence[tuple[str, str]],
) -> StatusView:
    """``tenants_watched``: by tenant ID, although nothing may have been read of them."""
    tenants: list[TenantStatus] = []
    for tenant_id in dict.fromkeys((*tenants_watched, *(item.tenant_id for item in progress))):
        known = {item.source: item for item in progress if item.tenant_id == tenant_id}
        sources = dict.fromkeys((*EXPECTED, *known))
        rows = [known.get(source) or Progress(tenant_id=tenant_id, source=source) for source in sources]
        tenant = tenants_watched.get(tenant_id) or Tenant(tenant_id=tenant_id)
        lines = tuple(source_line(row, tenant.client_id, now) for row in rows)
        tenants.append(TenantStatus(tenant_id, tenant.name, lines, all(line.badge.tone != "bad" for line in lines)))
    broken = [line for tenant in tenants for line in tenant.lines if line.badge.tone == "bad"]
    waiting = [line for tenant in tenants for line in tenant.lines if line.succeeded is None and line not in broken]
    if not tenants:
        badge, sentence = Badge("Nothing is watched yet", "neutral", "clock"), "No tenant is known so far."
    elif broken:
        badge = Badge("Something cannot be read", "bad", "warning")
        sentence = f"{words.count(len(broken), 'source')} cannot be read: {', '.join(line.name for line in broken)}."
    elif waiting:
        badge = Badge("Not everything is read yet", "info", "clock")
        sentence = f"Still to be read for the first time: {', '.join(line.name for line in waiting)}."
    else:
        badge, sentence = Badge("Every source is read", "good", "check"), "Every source was read at its last attempt."
    return StatusView(
        tenants=tuple(tenants),
        badge=badge,
        sentence=sentence,
        facts=tuple(facts),
        empty="" if tenants else "The first tenant appears here as soon as it is asked for the first time.",
    )


def never_read(
    progress: Sequence[Progress], tenant_ids: Sequence[str] = (), sources: Sequence[str] = EXPECTED
) -> tuple[tuple[str, str], ...]:
    """(tenant_id, source) of each source that was never read to its end: what it would tell is not known.

    Without ``tenant_ids`` the tenants are those of ``progress``; where there is none of either, nothing was read.
    """
    read = {(item.tenant_id, item.source) for item in progress if item.newest is not None}
    tenants = dict.fromkeys(tenant_ids or [item.tenant_id for item in progress]) or {"": None}
    return tuple((tenant, source) for tenant in tenants for source in sources if (tenant, source) not in read)


def source_line(progress: Progress, client_id: str, now: datetime) -> SourceLine:
    return SourceLine(
        name=words.source_name(progress.source),
        badge=words.unknown(words.SOURCE_STATES, progress.state),
        succeeded=times.maybe(progress.succeeded_at, now),
        attempted=times.maybe(progress.attempted_at, now),
        newest=times.maybe(progress.newest, now),
        oldest=times.maybe(progress.oldest, now),
        lag=times.span_words(max(now - progress.newest, times.MINUTE)) if progress.newest else "",
        records=f"{progress.records:,}",
        permission=permission_for(progress.source),
        problem=progress.problem,
        hint=progress.hint,
        filter=_filter(progress),
        grants=grant_commands(progress.source, client_id) if progress.state in _GRANTED_BY else (),
    )


def coverage_sentence(progress: Sequence[Progress], now: datetime) -> tuple[str, bool]:
    """One line on how far reading has come, and whether everything is as it should be."""
    parts: list[str] = []
    fine = bool(progress)
    sign_ins = [item for item in progress if item.source.startswith("sign_ins:")]
    newest = [item.newest for item in sign_ins if item.newest]
    if newest:
        parts.append(f"Sign-ins read until {_clock(min(newest), now)}")
    oldest = [item.oldest for item in sign_ins if item.oldest and item.state == "backfilling"]
    if oldest:
        parts.append(f"back-fill has come down to {times.day(max(oldest))}")
    audited = [item.newest for item in progress if item.source == "changes"]
    changes = [instant for instant in audited if instant]
    if changes and len(changes) == len(audited):
        parts.append(f"changes until {_clock(min(changes), now)}")
    elif not any(item.source == "changes" and item.problem for item in progress):
        parts.append("changes not read yet")
    registrations = [item.newest for item in progress if item.source in ("applications", "service_principals")]
    read = [instant for instant in registrations if instant]
    whole = len(read) == len(registrations) >= 2
    parts.append(f"registrations until {_clock(min(read), now)}" if whole else "registrations not read yet")
    troubles: Counter[str] = Counter()
    for item in progress:
        badge = words.unknown(words.SOURCE_STATES, item.state)
        if badge.tone == "bad":
            fine = False
            troubles[f"{words.source_name(item.source).lower()}: {badge.text.lower()}"] += 1
    parts += [text if number == 1 else f"{text} in {number} tenants" for text, number in troubles.items()]
    if not newest:
        parts.insert(0, "No sign-ins read yet")
        fine = False
    return "; ".join(parts) + ".", fine


def _clock(instant: datetime, now: datetime) -> str:
    if instant.date() == now.date():
        return f"{instant:%H:%M} UTC"
    return times.shown(instant)


def _filter(progress: Progress) -> str:
    if progress.failure_filter is None or not progress.source.startswith("sign_ins:"):
        return ""
    if progress.failure_filter:
        return "The log returns failures only."
    return "The log refused to return failures only, so successes are read too and left out here."
