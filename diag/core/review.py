"""Checks and facts in, findings out. Pure: the same facts give the same findings.

A finding that nobody could look at says so and what it lacks; it is never left out, and never taken for all right.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from diag.core.check import SEVERITIES, Area, Check, Severity
from diag.core.engine import evaluate, rendered, stand_ins
from diag.core.entry import Confirm, FixedBy, SourceLink
from diag.core.facts import Facts
from diag.core.placeholders import fill
from diag.core.read import Found, Missing, Unread
from diag.core.remedy import Fix
from diag.core.verdict import Evidence, Need, No, Unknown, Verdict, Yes

FindingVerdict = Literal["holds", "unknown", "ruled_out"]
Scope = Literal["registration", "service_principal", "none"]

MICROSOFT_TENANTS = frozenset({"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"})
"""Tenants in which Microsoft registers its own applications; nobody else can change those."""

_ORDER: dict[FindingVerdict, int] = {"holds": 0, "unknown": 1, "ruled_out": 2}


class Finding(Struct, frozen=True, kw_only=True):
    """What one check says of one application."""

    id: str
    """The check's id; public and never given another meaning."""
    title: str
    severity: Severity
    area: Area
    verdict: FindingVerdict
    fixed_by: FixedBy
    root_cause: str
    risk: str
    evidence: tuple[Evidence, ...] = ()
    needs: tuple[Need, ...] = ()
    """What could not be looked at; empty unless unknown."""
    confirm: tuple[Confirm, ...] = ()
    fix: tuple[Fix, ...] = ()
    """Steps that end it; only where it holds."""
    sources: tuple[SourceLink, ...] = ()


class Review(Struct, frozen=True, kw_only=True):
    """Every check that applies to one application."""

    scope: Scope
    """``service_principal``: the registration is in another tenant, and only what lies here was checked. ``none``:
    nothing of it can be checked here; ``note`` says why."""
    findings: tuple[Finding, ...]
    """Those that hold by severity, then those that nobody could look at, then those ruled out."""
    note: str = ""

    @property
    def held(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict == "holds")

    @property
    def unknown(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict == "unknown")


def review(checks: Iterable[Check], facts: Facts) -> Review:
    """Each check that applies to the application, judged by the facts."""
    scope, note = _scope(facts)
    if scope == "none":
        return Review(scope=scope, findings=(), note=note)
    facts = _as_api(facts)
    found = [_judged(check, facts) for check in checks if scope == "registration" or check.subject == scope]
    return Review(scope=scope, findings=tuple(sorted(found, key=_rank)), note=note)


def judge(check: Check, facts: Facts) -> Finding:
    """What one check says of these facts."""
    return _judged(check, _as_api(facts))


def _judged(check: Check, facts: Facts) -> Finding:
    verdict = evaluate(check.when, facts)
    words = stand_ins(check.when)
    gives = {} if isinstance(verdict, No) else verdict.gives
    holds = isinstance(verdict, Yes)
    return Finding(
        id=check.id,
        title=check.title,
        severity=check.severity,
        area=check.area,
        verdict=_verdict(verdict),
        fixed_by=check.fixed_by,
        root_cause=fill(check.root_cause, gives, words, facts),
        risk=fill(check.risk, gives, words, facts),
        evidence=verdict.evidence,
        needs=_once(verdict.needs) if isinstance(verdict, Unknown) else (),
        confirm=()
        if isinstance(verdict, No)
        else tuple(
            Confirm(fill(step.do, gives, words, facts), fill(step.expect, gives, words, facts))
            for step in check.confirm
        ),
        fix=tuple(rendered(step, gives, words, facts) for step in check.fix) if holds else (),
        sources=check.sources,
    )


def _as_api(facts: Facts) -> Facts:
    """The facts with the application itself as the API that a remedy may change; a review has no other."""
    app_id = facts.application.app_id
    if not isinstance(app_id, Found) or isinstance(facts.resource.app_id, Found):
        return facts
    return replace(facts, resource=replace(facts.service_principal, app_id=app_id))


def _verdict(verdict: Verdict) -> FindingVerdict:
    match verdict:
        case Yes():
            return "holds"
        case No():
            return "ruled_out"
        case Unknown():
            return "unknown"


def _scope(facts: Facts) -> tuple[Scope, str]:
    """What of the application lies here. A registration that nobody read is still asked for, and said to be unread."""
    exists, principal = facts.application.exists, facts.service_principal
    owner, home = principal.owner_tenant_id, facts.home_tenant_id
    if isinstance(owner, Found) and owner.value in MICROSOFT_TENANTS:
        return "none", "Microsoft registers and keeps this application; there is nothing here for you to change."
    if isinstance(principal.type, Found) and principal.type.value == "ManagedIdentity":
        return "service_principal", "A managed identity has no registration; Azure keeps its credentials."
    if isinstance(exists, Found):
        return "registration", ""
    elsewhere = isinstance(owner, Found) and isinstance(home, Found) and owner.value != home.value
    if isinstance(exists, Missing) or elsewhere:
        if not isinstance(principal.exists, Found):
            return "none", "Neither its registration nor a service principal of it is in this tenant."
        said = "The registration is in another tenant, so only the service principal that lies here was checked."
        return "service_principal", said
    why = f": {exists.why}" if exists.why != Unread().why else ""
    return "registration", f"The registration was not read{why}."


def _rank(finding: Finding) -> tuple[int, int, str]:
    return _ORDER[finding.verdict], SEVERITIES.index(finding.severity), finding.id


def _once(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Each fact once."""
    first: dict[str, Need] = {}
    for need in needs:
        first.setdefault(need.fact, need)
    return tuple(first.values())
