"""A diagnosis as a page shows it: the honest word first, then proof, then what to do."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from diag.core.diagnosis import Diagnosis, Extracted, JudgedCause
from diag.core.directory import Change
from diag.core.entry import OrganisationWords
from diag.core.verdict import Evidence, Need
from diag.render import links, times, words
from diag.render.differences import Difference, text_differences
from diag.render.times import Moment
from diag.render.views.chrome import Link
from diag.render.views.fixes import FixView, fix_view
from diag.render.words import Badge


class EvidenceView(Struct, frozen=True):
    statement: str
    fact: str
    source: str
    as_of: Moment | None


class NeedView(Struct, frozen=True):
    how: str
    question: str
    """The id of the entry's question that only a person can answer; empty for what can be read somewhere."""


class StepView(Struct, frozen=True):
    do: str
    expect: str


class CauseView(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    verdict: str
    own: bool
    """The organisation's own, from its overlay."""
    badge: Badge
    confidence: str
    """The level and what it means; empty for a cause that was ruled out."""
    commonness: str
    fixed_by: str
    root_cause: str
    evidence: tuple[EvidenceView, ...]
    needs: tuple[NeedView, ...]
    confirm: tuple[StepView, ...]
    fix: tuple[FixView, ...]


class ChangeView(Struct, frozen=True, kw_only=True):
    at: Moment
    activity: str
    actor: str
    target: str
    differences: tuple[Difference, ...]


class Named(Struct, frozen=True):
    label: str
    value: str


class DiagnosisView(Struct, frozen=True, kw_only=True):
    code: str
    """``AADSTS50011``; empty for a symptom."""
    code_href: str
    name: str
    family: str
    family_href: str
    kind: str
    summary: str
    verdict: str
    badge: Badge
    headline: str
    explanation: str
    """One sentence that says what the verdict means here."""
    cause: CauseView | None
    possible: tuple[CauseView, ...]
    also_hold: tuple[CauseView, ...]
    ruled_out: tuple[CauseView, ...]
    needs: tuple[NeedView, ...]
    extracted: tuple[Named, ...]
    changes: tuple[ChangeView, ...]
    other_codes: tuple[Link, ...]
    sources: tuple[Link, ...]
    notes: str
    organisation: "OrganisationView | None"
    redacted: tuple[str, ...]
    kb_version: str


class OrganisationView(Struct, frozen=True, kw_only=True):
    """What the organisation that runs this service says itself."""

    notes: str
    links: tuple[Link, ...]
    contacts: tuple[Named, ...]
    hidden: tuple[str, ...]


_EXTRACTED: tuple[tuple[str, str], ...] = (
    ("app_id", "Application ID"),
    ("tenant_id", "Tenant"),
    ("redirect_uri", "Redirect URI"),
    ("resource", "Resource"),
    ("scope", "Scope"),
    ("error", "Error"),
    ("suberror", "Sub-error"),
    ("correlation_id", "Correlation ID"),
    ("trace_id", "Trace ID"),
    ("timestamp", "Time"),
)


def diagnosis_view(diagnosis: Diagnosis, now: datetime) -> DiagnosisView:
    causes = [cause_view(cause, now) for cause in diagnosis.causes]
    determined = diagnosis.cause is not None
    first, rest = (causes[0], causes[1:]) if determined and causes else (None, causes)
    possible = tuple(cause for cause in rest if cause.verdict == "possible")
    holding = tuple(cause for cause in rest if cause.verdict == "holds")
    return DiagnosisView(
        code=f"AADSTS{diagnosis.code}" if diagnosis.code else "",
        code_href=_entry_href(diagnosis),
        name=diagnosis.name or diagnosis.symptom or "",
        family=words.family(diagnosis.family) if diagnosis.family else "",
        family_href=links.family(diagnosis.family) if diagnosis.family else "",
        kind=words.KINDS.get(diagnosis.kind, diagnosis.kind),
        summary=diagnosis.summary,
        verdict=diagnosis.verdict,
        badge=words.unknown(words.VERDICTS, diagnosis.verdict),
        headline=first.title if first else _headline(diagnosis, possible),
        explanation=_explanation(diagnosis, first, possible, holding),
        cause=first,
        possible=possible,
        also_hold=holding,
        ruled_out=tuple(cause for cause in rest if cause.verdict == "ruled_out"),
        needs=_needs(diagnosis.needs),
        extracted=_extracted(diagnosis.extracted),
        changes=change_views(diagnosis.related_changes, now),
        other_codes=tuple(Link(f"AADSTS{code}", links.code(code)) for code in diagnosis.other_codes),
        sources=tuple(
            Link(f"{source.url} (read {source.checked})", links.safe_outside(source.url))
            for source in diagnosis.sources
        ),
        notes=diagnosis.notes,
        organisation=_organisation(diagnosis.organisation),
        redacted=diagnosis.redacted,
        kb_version=diagnosis.kb_version,
    )


def _organisation(said: OrganisationWords | None) -> OrganisationView | None:
    if said is None:
        return None
    return OrganisationView(
        notes=said.notes,
        links=tuple(Link(link.title, links.safe_outside(link.url)) for link in said.links),
        contacts=tuple(Named(contact.name, contact.reach) for contact in said.contacts),
        hidden=said.hidden,
    )


def cause_view(cause: JudgedCause, now: datetime) -> CauseView:
    return CauseView(
        id=cause.id,
        title=cause.title,
        verdict=cause.verdict,
        own=cause.id.startswith("org-"),
        badge=words.unknown(words.CAUSE_VERDICTS, cause.verdict),
        confidence="" if cause.verdict == "ruled_out" else words.CONFIDENCE.get(cause.confidence, cause.confidence),
        commonness=words.COMMONNESS.get(cause.commonness, cause.commonness),
        fixed_by=words.FIXED_BY.get(cause.fixed_by, cause.fixed_by),
        root_cause=cause.root_cause,
        evidence=tuple(evidence_view(item, now) for item in cause.evidence),
        needs=_needs(cause.needs),
        confirm=tuple(StepView(step.do, step.expect) for step in cause.confirm),
        fix=tuple(fix_view(fix, number) for number, fix in enumerate(cause.fix, start=1)),
    )


def evidence_view(evidence: Evidence, now: datetime) -> EvidenceView:
    return EvidenceView(
        evidence.statement,
        evidence.fact,
        words.SOURCES.get(evidence.source, evidence.source),
        times.maybe(evidence.as_of, now),
    )


def change_views(changes: Sequence[Change], now: datetime) -> tuple[ChangeView, ...]:
    return tuple(
        ChangeView(
            at=times.moment(change.at, now),
            activity=change.activity,
            actor=change.actor,
            target=change.target_name,
            differences=tuple(
                difference
                for item in change.properties
                for difference in text_differences(item.name, item.old, item.new)
            ),
        )
        for change in changes
    )


def _entry_href(diagnosis: Diagnosis) -> str:
    if diagnosis.verdict == "unknown_code":
        return ""
    if diagnosis.code:
        return links.code(diagnosis.code)
    return links.symptom(diagnosis.symptom) if diagnosis.symptom else ""


def _headline(diagnosis: Diagnosis, possible: Sequence[CauseView]) -> str:
    match diagnosis.verdict:
        case "unknown_code":
            return "No entry knows this code"
        case "not_a_failure":
            return "This sign-in did not fail"
        case _ if len(possible) == 1:
            return "One cause is left, and it is not proven"
        case _ if possible:
            return f"{len(possible)} causes are possible"
        case _:
            return "No known cause fits"


def _explanation(
    diagnosis: Diagnosis, first: CauseView | None, possible: Sequence[CauseView], holding: Sequence[CauseView]
) -> str:
    if first is not None:
        return f"Confidence {first.confidence}." if first.confidence else ""
    match diagnosis.verdict:
        case "unknown_code":
            return diagnosis.summary
        case "not_a_failure":
            return "The sign-in paused for something more, or succeeded. Act only if people say that they cannot go on."
        case _ if possible or holding:
            return "What was read does not decide between them. Below is what would settle it."
        case _:
            return "What was read rules out every cause the knowledge base knows. The code's page tells what it means."


def _needs(needs: Sequence[Need]) -> tuple[NeedView, ...]:
    """Needs without repetition: several facts are often learnt in one way."""
    merged: dict[str, list[str]] = {}
    for need in needs:
        merged.setdefault(need.how, []).append(need.fact)
    return tuple(NeedView(how, _question(facts)) for how, facts in merged.items())


def _question(facts: Sequence[str]) -> str:
    return facts[0].removeprefix("answers.") if facts[0].startswith("answers.") else ""


def _extracted(extracted: Extracted) -> tuple[Named, ...]:
    return tuple(Named(label, value) for name, label in _EXTRACTED if (value := getattr(extracted, name)))
