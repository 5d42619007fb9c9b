"""Entry and facts in, diagnosis out. Pure: the same facts give the same answer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

import msgspec

from diag.core import predicate, remedy
from diag.core.advice import how_to_learn
from diag.core.diagnosis import Diagnosis, Extracted, JudgedCause
from diag.core.entry import (
    AllOf,
    AnyOf,
    Asked,
    Cause,
    Condition,
    Confidence,
    Confirm,
    Entry,
    FixStep,
    Not,
    Otherwise,
    Test,
)
from diag.core.facts import Facts
from diag.core.placeholders import fill
from diag.core.read import Found, Read
from diag.core.remedy import Fix
from diag.core.verdict import Evidence, Need, No, Unknown, Verdict, Yes, every, reverse, some

_COMMONNESS = {"common": 0, "occasional": 1, "rare": 2}
_PROSE = frozenset({"do", "who", "before", "verify", "caution"})
"""Arguments of remedies that are sentences for people; every other one is a value for a command."""
_MOST_AGAINST = 4
"""Statements that a cause found by elimination shows beside the elimination itself."""
_REFUTED = -1.0
"""Progress of a part that is seen not to hold: the branch it belongs to speaks for nothing."""


class _Judged(msgspec.Struct, frozen=True):
    cause: Cause
    verdict: Verdict
    progress: float
    position: int


def diagnose(entry: Entry, facts: Facts, *, kb_version: str = "") -> Diagnosis:
    """The diagnosis of one failure by its entry, with every cause judged.

    ``determined`` means: this cause's condition holds, every earlier one is ruled out or unknown, and its confidence is
    at least ``likely``. An earlier unknown caps the confidence at ``likely`` and is named in ``needs``.
    """
    judged = _judge_all(entry, facts)
    holding = [item for item in judged if isinstance(item.verdict, Yes)]
    possible = sorted(
        (item for item in judged if isinstance(item.verdict, Unknown)),
        key=lambda item: (-item.progress, _COMMONNESS[item.cause.commonness], item.position),
    )
    ruled_out = [item for item in judged if isinstance(item.verdict, No)]

    first = holding[0] if holding else None
    earlier_open = [item for item in possible if first is not None and item.position < first.position]
    confidence = _capped(first.cause.confidence, bool(earlier_open)) if first else None
    determined = first is not None and confidence in ("certain", "likely")

    causes = [_answer(item, facts, confidence if item is first else None) for item in [*holding, *possible, *ruled_out]]
    open_causes = earlier_open if determined else possible
    verdict = "determined" if determined else "not_a_failure" if entry.kind == "interrupt" else "undetermined"
    return Diagnosis(
        code=entry.code if facts.failure.code is None else facts.failure.code,
        symptom=entry.symptom,
        name=entry.name,
        family=entry.family,
        kind=entry.kind,
        summary=entry.summary,
        verdict=verdict,  # type: ignore[arg-type]
        cause=causes[0] if determined else None,
        causes=tuple(causes),
        needs=_merged(need for item in open_causes if isinstance(item.verdict, Unknown) for need in item.verdict.needs),
        extracted=extracted(facts),
        related_changes=facts.changes.value if isinstance(facts.changes, Found) else (),
        sources=entry.sources,
        notes=entry.notes,
        organisation=entry.organisation,
        kb_version=kb_version,
    )


def extracted(facts: Facts) -> Extracted:
    """What is known of the failed request itself, from text or request, as plain values."""
    failure = facts.failure

    def plain(read: Read[Any]) -> str | None:
        return str(read.value) if isinstance(read, Found) else None

    return Extracted(
        app_id=plain(failure.app_id),
        tenant_id=plain(failure.tenant) or plain(failure.authority_tenant),
        redirect_uri=plain(failure.redirect_uri),
        resource=plain(failure.resource),
        scope=plain(failure.scope),
        error=plain(failure.error),
        suberror=plain(failure.suberror),
        correlation_id=plain(failure.correlation_id),
        trace_id=plain(failure.trace_id),
        timestamp=failure.observed_at.value.isoformat().replace("+00:00", "Z")
        if isinstance(failure.observed_at, Found)
        else None,
    )


def evaluate(
    condition: Condition, facts: Facts, entry: Entry | None = None, *, others_ruled_out: bool | None = None
) -> Verdict:
    """The verdict on one condition. ``others_ruled_out`` answers ``otherwise``: None while an earlier cause is open.

    ``entry`` holds the questions that ``asked`` names; a check's condition asks nobody, and needs none.
    """
    match condition:
        case Test(predicate=name, args=args):
            question = predicate.named(name)
            return _advised(question.ask(facts, msgspec.convert(args, question.args)))
        case AllOf(conditions=parts):
            return every([evaluate(part, facts, entry) for part in parts])
        case AnyOf(conditions=parts):
            return some([evaluate(part, facts, entry) for part in parts])
        case Not(condition=part):
            return reverse(evaluate(part, facts, entry))
        case Asked(question=question_id):
            return _answered(question_id, facts, entry)
        case Otherwise():
            if others_ruled_out is None:
                return Unknown()
            return Yes((_by_elimination(entry),)) if others_ruled_out else No()
        case _:
            assert_never(condition)


def leaves(condition: Condition) -> Iterator[Test | Asked | Otherwise]:
    """Every question a condition asks, in order of writing."""
    match condition:
        case AllOf(conditions=parts) | AnyOf(conditions=parts):
            for part in parts:
                yield from leaves(part)
        case Not(condition=part):
            yield from leaves(part)
        case Test() | Asked() | Otherwise():
            yield condition
        case _:
            assert_never(condition)


def stand_ins(condition: Condition) -> Mapping[str, str]:
    """The values a text may quote, each with the words that stand in while the value is unknown."""
    words: dict[str, str] = {"client_id": "<application-id>"}
    for leaf in leaves(condition):
        if isinstance(leaf, Test):
            words |= predicate.named(leaf.predicate).gives
    return words


def _judge_all(entry: Entry, facts: Facts) -> list[_Judged]:
    judged: list[_Judged] = []
    for position, cause in enumerate(entry.causes):
        earlier = [item.verdict for item in judged]
        others_ruled_out = None
        if any(isinstance(verdict, Yes) for verdict in earlier):
            others_ruled_out = False
        elif all(isinstance(verdict, No) for verdict in earlier):
            others_ruled_out = True
        verdict = evaluate(cause.when, facts, entry, others_ruled_out=others_ruled_out)
        if isinstance(cause.when, Otherwise) and isinstance(verdict, Yes):
            verdict = Yes((*verdict.evidence, *_against(earlier)), verdict.gives)
        judged.append(_Judged(cause, verdict, _progress(cause.when, facts, entry), position))
    return judged


def _progress(condition: Condition, facts: Facts, entry: Entry) -> float:
    """How much of a condition is already seen to hold, 0 to 1; ``_REFUTED`` where it is seen not to hold."""
    match condition:
        case AllOf(conditions=parts):
            shares = [_progress(part, facts, entry) for part in parts]
            return _REFUTED if _REFUTED in shares else sum(shares) / len(shares)
        case AnyOf(conditions=parts):
            return max(_progress(part, facts, entry) for part in parts)
        case _:
            verdict = evaluate(condition, facts, entry)
            return 1.0 if isinstance(verdict, Yes) else _REFUTED if isinstance(verdict, No) else 0.0


def _answered(question_id: str, facts: Facts, entry: Entry | None) -> Verdict:
    question = entry.questions[question_id] if entry is not None else question_id
    fact = f"answers.{question_id}"
    answer = facts.answers.get(question_id)
    if answer is None:
        return Unknown((Need(fact, question),))
    evidence = (Evidence(f"{question} Answered: {'yes' if answer else 'no'}.", fact, "answer"),)
    return Yes(evidence) if answer else No(evidence)


def _against(verdicts: Sequence[Verdict]) -> list[Evidence]:
    """What was seen to rule the earlier causes out, a statement a cause: the facts that an elimination rests on."""
    first = (verdict.evidence[0] for verdict in verdicts if isinstance(verdict, No) and verdict.evidence)
    return list(dict.fromkeys(first))[:_MOST_AGAINST]


def _by_elimination(entry: Entry | None) -> Evidence:
    single = entry is not None and len(entry.causes) == 1
    said = "No other cause of this error is known." if single else "Every other known cause is ruled out."
    return Evidence(said, "failure.code", "text")


def _advised(verdict: Verdict) -> Verdict:
    """Fill in how to learn each fact that is lacking, where the predicate did not say."""
    if not isinstance(verdict, Unknown):
        return verdict
    needs = tuple(need if need.how else Need(need.fact, how_to_learn(need.fact)) for need in verdict.needs)
    return Unknown(needs, verdict.evidence, verdict.gives)


def _capped(confidence: Confidence, earlier_open: bool) -> Confidence:
    return "likely" if earlier_open and confidence == "certain" else confidence


def _answer(item: _Judged, facts: Facts, confidence: Confidence | None) -> JudgedCause:
    cause, verdict = item.cause, item.verdict
    if isinstance(verdict, No):
        return JudgedCause(
            id=cause.id,
            title=cause.title,
            verdict="ruled_out",
            confidence=cause.confidence,
            commonness=cause.commonness,
            fixed_by=cause.fixed_by,
            root_cause=fill(cause.root_cause, {}, stand_ins(cause.when), facts),
            evidence=verdict.evidence,
        )
    words = stand_ins(cause.when)
    holds = isinstance(verdict, Yes)
    return JudgedCause(
        id=cause.id,
        title=cause.title,
        verdict="holds" if holds else "possible",
        confidence=confidence or ("likely" if holds and cause.confidence == "certain" else cause.confidence),
        commonness=cause.commonness,
        fixed_by=cause.fixed_by,
        root_cause=fill(cause.root_cause, verdict.gives, words, facts),
        evidence=verdict.evidence,
        needs=verdict.needs if isinstance(verdict, Unknown) else (),
        confirm=tuple(
            Confirm(fill(step.do, verdict.gives, words, facts), fill(step.expect, verdict.gives, words, facts))
            for step in cause.confirm
        ),
        fix=tuple(rendered(step, verdict.gives, words, facts) for step in cause.fix),
    )


def rendered(step: FixStep, gives: Mapping[str, str], words: Mapping[str, str], facts: Facts) -> Fix:
    """The remedy's fix. In a sentence, words stand in for an unknown value; an argument that is itself a value arrives
    empty, and the remedy shows a named placeholder."""
    named = remedy.named(step.remedy)
    args = {name: fill(value, gives, words if name in _PROSE else {}, facts) for name, value in step.args.items()}
    return named.render(facts, msgspec.convert(args, named.args))


def _merged(needs: Iterator[Need]) -> tuple[Need, ...]:
    """Each fact once, in the order in which the ranked causes first ask for it."""
    first: dict[str, Need] = {}
    for need in needs:
        first.setdefault(need.fact, need)
    return tuple(first.values())
