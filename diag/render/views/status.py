"""What is read and what is not: per tenant and source its state, lag and reach, and the grant for what is missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from diag.core.coverage import EXPECTED, Coverage, Reason, SourceCoverage
from diag.core.graph_permissions import NEEDS, permission_for
from diag.core.tenants import Tenant
from diag.render import times, words
from diag.render.times import Moment
from diag.render.views.fixes import ToolView
from diag.render.views.grants import grant_commands, grants
from diag.render.words import Badge
from diag.workflows.ports import Progress

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
    gaps: tuple[str, ...] = ()
    """Times that were not read, in words."""


class MissingLine(Struct, frozen=True):
    """A permission that is not held, though no source failed for it."""

    permission: str
    blind: str
    grants: tuple[ToolView, ...]


class TenantStatus(Struct, frozen=True, kw_only=True):
    tenant_id: str
    name: str
    """As the configuration calls it; empty where it does not."""
    badge: Badge
    lines: tuple[SourceLine, ...]
    facts: tuple[tuple[str, str], ...]
    """Permissions, licence, clock, throttling, our own credential."""
    reasons: tuple[Reason, ...]
    """What speaks against the whole, sources apart."""
    missing: tuple[MissingLine, ...]


class StatusView(Struct, frozen=True, kw_only=True):
    tenants: tuple[TenantStatus, ...]
    badge: Badge
    sentence: str
    facts: tuple[tuple[str, str], ...]
    empty: str


def status_view(
    progress: Sequence[Progress],
    tenants_watched: Mapping[str, Tenant],
    coverage: Sequence[Coverage],
    now: datetime,
    *,
    facts: Sequence[tuple[str, str]],
) -> StatusView:
    """``coverage``: of every tenant shown, in the order in which they are shown."""
    tenants = [
        _tenant(
            tenants_watched.get(item.tenant_id) or Tenant(tenant_id=item.tenant_id),
            item,
            {row.source: row for row in progress if row.tenant_id == item.tenant_id},
            now,
        )
        for item in coverage
    ]
    short = [tenant for tenant in tenants if tenant.badge.tone != "good"]
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
    elif short:
        badge = Badge("Not everything is seen", "warn", "warning")
        said = [reason.text for item in coverage for reason in item.reasons]
        sentence = " ".join(said[:2]) + (f" And {len(said) - 2} more." if len(said) > 2 else "")
    else:
        badge, sentence = Badge("Every source is read", "good", "check"), "Every source was read at its last attempt."
    return StatusView(
        tenants=tuple(tenants),
        badge=badge,
        sentence=sentence,
        facts=tuple(facts),
        empty="" if tenants else "The first tenant appears here as soon as it is asked for the first time.",
    )


def _tenant(tenant: Tenant, coverage: Coverage, known: Mapping[str, Progress], now: datetime) -> TenantStatus:
    lines = tuple(
        source_line(
            known.get(item.source) or Progress(tenant_id=tenant.tenant_id, source=item.source),
            tenant.client_id,
            now,
            item,
        )
        for item in coverage.sources
    )
    granted = {line.permission for line in lines if line.grants}
    blind = {need.permission: need.blind for need in NEEDS}
    return TenantStatus(
        tenant_id=tenant.tenant_id,
        name=tenant.name,
        badge=words.COVERAGE[coverage.verdict],
        lines=lines,
        facts=_facts(coverage, now),
        reasons=tuple(reason for reason in coverage.reasons if reason.subject not in {*known, *EXPECTED}),
        missing=tuple(
            MissingLine(name, blind[name], grants(name, tenant.client_id))
            for name in coverage.lacking
            if name not in granted
        ),
    )


def _facts(coverage: Coverage, now: datetime) -> tuple[tuple[str, str], ...]:
    held = coverage.held
    whose = {"application": "of the application", "delegated": "of a person who signed in", "": ""}[coverage.token]
    facts = [
        ("Permissions held", f"{', '.join(held) or 'none'} ({whose})" if held is not None else "not known yet"),
        ("Permissions missing", ", ".join(coverage.lacking) or ("none" if held is not None else "not known yet")),
        ("Licence for the sign-in log", words.LICENCES[coverage.licence]),
    ]
    skew = coverage.skew_seconds
    if skew is not None:
        near = abs(skew) < 2
        side = "ahead of" if skew > 0 else "behind"
        facts.append(("Clock", f"{'with' if near else f'{abs(skew):.0f} s {side}'} Microsoft Graph's"))
    if coverage.throttled_until is not None and coverage.throttled_until > now:
        facts.append(("Asked to wait", f"until {times.shown(coverage.throttled_until)}"))
    if coverage.credential is not None:
        own = coverage.credential
        label = f" “{own.display_name}”" if own.display_name else ""
        facts.append(("This service's own credential", f"{own.kind}{label}, ends {times.shown(own.ends)}"))
    return tuple(facts)


def never_read(
    progress: Sequence[Progress], tenant_ids: Sequence[str] = (), sources: Sequence[str] = EXPECTED
) -> tuple[tuple[str, str], ...]:
    """(tenant_id, source) of each source that was never read to its end: what it would tell is not known.

    Without ``tenant_ids`` the tenants are those of ``progress``; where there is none of either, nothing was read.
    """
    read = {(item.tenant_id, item.source) for item in progress if item.newest is not None}
    tenants = dict.fromkeys(tenant_ids or [item.tenant_id for item in progress]) or {"": None}
    return tuple((tenant, source) for tenant in tenants for source in sources if (tenant, source) not in read)


def source_line(
    progress: Progress, client_id: str, now: datetime, coverage: SourceCoverage | None = None
) -> SourceLine:
    badge = words.unknown(words.SOURCE_STATES, progress.state)
    if coverage is not None and any(reason.code == "late" for reason in coverage.reasons):
        badge = words.LATE[coverage.verdict]
    return SourceLine(
        name=words.source_name(progress.source),
        badge=badge,
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
        gaps=tuple(f"{times.shown(gap.start)} to {times.shown(gap.end)}" for gap in coverage.gaps) if coverage else (),
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
