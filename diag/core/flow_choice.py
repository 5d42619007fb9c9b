"""Answers → the flow that fits, or the flows that still may, with the question that would decide; never a guess."""

from typing import Literal

from msgspec import Struct

from diag.core.flows import Answers, DeadEnd, Flow, FlowTable, Question, Told, contradicts


class Assumption(Struct, frozen=True):
    """An answer that was not given and that the flow needs."""

    question: str
    answers: tuple[Told, ...]
    """Any of these."""


class Candidate(Struct, frozen=True):
    flow: Flow
    assumes: tuple[Assumption, ...]


class RuledOut(Struct, frozen=True):
    flow: Flow
    because: tuple[str, ...]
    """The questions whose answers speak against it."""


class Recommendation(Struct, frozen=True, kw_only=True):
    outcome: Literal["one", "several", "none"]
    candidates: tuple[Candidate, ...]
    """In the order of the table."""
    question: Question | None
    """What would decide among several; None otherwise."""
    refine: tuple[Question, ...]
    """Unanswered questions that do not change the flow, but its credential or what to request."""
    dead_ends: tuple[DeadEnd, ...]
    """Why no flow fits; empty unless none does."""
    ruled_out: tuple[RuledOut, ...]
    unused: tuple[str, ...]
    """Questions whose answers make no difference to the one flow that fits."""


def recommend(table: FlowTable, answers: Answers) -> Recommendation:
    """What the table says to these answers."""
    known = answers.known()
    fitting: list[Flow] = []
    ruled_out: list[RuledOut] = []
    for flow in table.flows:
        against = contradicts(flow.fits, known)
        if against:
            ruled_out.append(RuledOut(flow, against))
        else:
            fitting.append(flow)
    one = fitting[0] if len(fitting) == 1 else None
    return Recommendation(
        outcome="one" if one else "several" if fitting else "none",
        candidates=tuple(Candidate(flow, _assumed(flow, known)) for flow in fitting),
        question=_deciding(table, fitting, known) if len(fitting) > 1 else None,
        refine=tuple(item for item in table.questions if one and item.id not in known and item.id in _refining(one)),
        dead_ends=() if fitting else tuple(end for end in table.dead_ends if _meets(end, known)),
        ruled_out=tuple(ruled_out),
        unused=tuple(name for name in known if one and name not in one.fits and name not in _refining(one)),
    )


def remaining(flows: list[Flow] | tuple[Flow, ...], question: str, answer: Told) -> list[Flow]:
    """The flows that are left once a question has this answer."""
    return [flow for flow in flows if not contradicts(flow.fits, {question: answer})]


def _assumed(flow: Flow, known: dict[str, Told]) -> tuple[Assumption, ...]:
    return tuple(Assumption(name, right) for name, right in flow.fits.items() if name not in known)


def _deciding(table: FlowTable, fitting: list[Flow], known: dict[str, Told]) -> Question | None:
    """The first question of which some answer leaves fewer flows, but at least one."""
    for question in table.questions:
        if question.id in known:
            continue
        left = [len(remaining(fitting, question.id, option.value)) for option in question.options]
        if any(0 < count < len(fitting) for count in left):
            return question
    return None


def _refining(flow: Flow) -> set[str]:
    named = {name for option in flow.credentials for name in option.fits}
    return named | ({"calls"} if len(flow.request) > 1 else set())


def _meets(end: DeadEnd, known: dict[str, Told]) -> bool:
    """Whether everything the dead end speaks of was answered, and so."""
    return all(name in known and known[name] in right for name, right in end.fits.items())
