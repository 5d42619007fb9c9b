"""Findings as the JSON that the API and ``diag review --json`` publish, and as lines for a terminal."""

from collections.abc import Iterator, Sequence
from typing import Any

from diag.core.review import Finding, Review
from diag.render.published import evidence_object, fix_object
from diag.render.text import FIXED_BY, Lines, Style, Visible, plain

_SEVERITY_STYLES = {"high": "bad", "medium": "warn", "low": "faint"}


def finding_object(finding: Finding) -> dict[str, Any]:
    """One finding; evidence and fixes have the form they have in a diagnosis."""
    return {
        "id": finding.id,
        "title": finding.title,
        "severity": finding.severity,
        "area": finding.area,
        "verdict": finding.verdict,
        "fixed_by": finding.fixed_by,
        "root_cause": finding.root_cause,
        "risk": finding.risk,
        "evidence": [evidence_object(item) for item in finding.evidence],
        "needs": [{"fact": need.fact, "how": need.how} for need in finding.needs],
        "confirm": [{"do": step.do, "expect": step.expect} for step in finding.confirm],
        "fix": [fix_object(fix) for fix in finding.fix],
        "sources": [{"url": source.url, "checked": source.checked} for source in finding.sources],
    }


def review_object(review: Review, **about: Any) -> dict[str, Any]:
    """One application's review: ``about`` first, then scope, note, counts and the findings that were not ruled out."""
    shown = [finding for finding in review.findings if finding.verdict != "ruled_out"]
    return {
        **about,
        "scope": review.scope,
        "note": review.note,
        "ruled_out": len(review.findings) - len(shown),
        "findings": [finding_object(finding) for finding in shown],
    }


def review_lines(
    review: Review, *, full: bool = True, style: Style = plain, visible: Visible = str, all_tools: bool = False
) -> Iterator[str]:
    """The findings that hold, then what could not be looked at; ``full`` with evidence, risk and fixes."""
    lines = Lines(style, visible, all_tools)
    if review.note:
        yield from lines.wrapped(review.note)
    for finding in review.held:
        mark = style(finding.severity, _SEVERITY_STYLES[finding.severity])
        yield f"● {mark}  {style(visible(finding.title), 'strong')}  {style(finding.id, 'faint')}"
        yield from lines.wrapped(finding.root_cause, first="    ")
        if full:
            yield from _details(finding, lines, style)
    if review.unknown:
        yield style("Could not be looked at", "strong")
        yield from _unknown(review.unknown, lines)


def _details(finding: Finding, lines: Lines, style: Style) -> Iterator[str]:
    yield from lines.wrapped(f"Risk: {finding.risk}", first="    ")
    for item in finding.evidence:
        yield from lines.evidence(item)
    yield f"  {style('To be sure', 'faint')}"
    for step in finding.confirm:
        text = f"{step.do} → {step.expect}" if step.expect else step.do
        yield from lines.wrapped(text, first="    ? ", rest="      ")
    yield f"  {style(f'Fix (by {FIXED_BY.get(finding.fixed_by, finding.fixed_by)})', 'faint')}"
    for number, fix in enumerate(finding.fix, 1):
        yield from lines.fix(fix, number, whole=True)
    yield ""


def _unknown(findings: Sequence[Finding], lines: Lines) -> Iterator[str]:
    """Findings that lack the same thing together, with how to learn it once."""
    by_need: dict[str, list[str]] = {}
    for finding in findings:
        by_need.setdefault(finding.needs[0].how if finding.needs else "", []).append(finding.id)
    for how, ids in by_need.items():
        yield from lines.wrapped(", ".join(ids), first="  ○ ", rest="    ")
        yield from lines.wrapped(how, first="    ")
