"""Findings as a page shows them: what holds with evidence and fixes, then what nobody could look at, and why."""

from datetime import datetime

from msgspec import Struct

from diag.core.check import AREAS
from diag.core.review import Finding, Review
from diag.render import words
from diag.render.views.diagnosis import EvidenceView, NeedView, StepView, evidence_view
from diag.render.views.fixes import FixView, fix_view
from diag.render.words import Badge


class FindingView(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    badge: Badge
    """Its severity."""
    commonness: str
    """The part of the registration it is about; shown where a cause shows how common it is."""
    fixed_by: str
    root_cause: str
    risk: str
    evidence: tuple[EvidenceView, ...]
    needs: tuple[NeedView, ...] = ()
    confirm: tuple[StepView, ...]
    fix: tuple[FixView, ...]


class UnlookedView(Struct, frozen=True):
    """Checks that lack the same thing."""

    how: str
    titles: tuple[str, ...]


class FindingsView(Struct, frozen=True, kw_only=True):
    held: tuple[FindingView, ...]
    unlooked: tuple[UnlookedView, ...]
    note: str
    summary: str


def findings_view(review: Review, now: datetime) -> FindingsView:
    return FindingsView(
        held=tuple(finding_view(finding, now) for finding in review.held),
        unlooked=_unlooked(review.unknown),
        note=review.note,
        summary=_summary(review),
    )


def finding_view(finding: Finding, now: datetime) -> FindingView:
    return FindingView(
        id=finding.id,
        title=finding.title,
        badge=words.SEVERITIES[finding.severity],
        commonness=AREAS[finding.area],
        fixed_by=words.FIXED_BY.get(finding.fixed_by, finding.fixed_by),
        root_cause=finding.root_cause,
        risk=finding.risk,
        evidence=tuple(evidence_view(item, now) for item in finding.evidence),
        confirm=tuple(StepView(step.do, step.expect) for step in finding.confirm),
        fix=tuple(fix_view(fix, number) for number, fix in enumerate(finding.fix, start=1)),
    )


def _unlooked(findings: tuple[Finding, ...]) -> tuple[UnlookedView, ...]:
    by_need: dict[str, list[str]] = {}
    for finding in findings:
        how = "; ".join(dict.fromkeys(need.how for need in finding.needs if need.how))
        by_need.setdefault(how, []).append(finding.title)
    return tuple(UnlookedView(how, tuple(titles)) for how, titles in by_need.items())


def _summary(review: Review) -> str:
    if review.scope == "none":
        return "not checked"
    ruled_out = len(review.findings) - len(review.held) - len(review.unknown)
    parts = [f"{len(review.held)} found", f"{ruled_out} ruled out"]
    if review.unknown:
        parts.append(f"{len(review.unknown)} could not be looked at")
    return ", ".join(parts)
