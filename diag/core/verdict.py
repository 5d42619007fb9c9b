"""What a predicate answers: yes, no, or unknown with what it lacked; and how conditions combine (Kleene's logic)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct, field

from diag.core.read import Found, Missing, Source, Unread

T = TypeVar("T")


class Evidence(Struct, frozen=True):
    """One observation in plain words, with where it was read."""

    statement: str
    fact: str
    """Dotted path of the fact, for example ``application.redirect_uris``."""
    source: Source
    as_of: datetime | None = None


class Need(Struct, frozen=True):
    """A fact that would settle an open question, and how to get it."""

    fact: str
    how: str


class Yes(Struct, frozen=True):
    evidence: tuple[Evidence, ...] = ()
    gives: Mapping[str, str] = field(default_factory=dict)
    """Values that the entry's text may quote and its remedies may use, by the names the predicate declares."""


class No(Struct, frozen=True):
    evidence: tuple[Evidence, ...] = ()


class Unknown(Struct, frozen=True):
    needs: tuple[Need, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    """What was already seen to speak for it."""
    gives: Mapping[str, str] = field(default_factory=dict)
    """Values that are known although the answer is not."""


Verdict = Yes | No | Unknown


def observed(statement: str, fact: str, read: Found[Any] | Missing) -> Evidence:
    """Evidence for a statement that rests on one fact."""
    return Evidence(statement, fact, read.source, read.as_of)


def lacking(fact: str, unread: Unread | None = None) -> Unknown:
    """Unknown for want of one fact; the reason it could not be read becomes the advice."""
    how = ""
    if unread is not None:
        how = unread.how or ("" if unread.why == Unread().why else unread.why)
    return Unknown((Need(fact, how),))


def every(verdicts: list[Verdict]) -> Verdict:
    """Yes when all are yes, no when any is no, else unknown; the answer of ``all``."""
    gives: dict[str, str] = {}
    evidence: list[Evidence] = []
    needs: list[Need] = []
    refuted: list[Evidence] | None = None
    for verdict in verdicts:
        if isinstance(verdict, No):
            refuted = [*(refuted or []), *verdict.evidence]
            continue
        evidence.extend(verdict.evidence)
        if isinstance(verdict, Unknown):
            needs.extend(verdict.needs)
        for name, value in verdict.gives.items():
            gives.setdefault(name, value)
    if refuted is not None:
        return No(_once(refuted))
    if needs or any(isinstance(verdict, Unknown) for verdict in verdicts):
        return Unknown(_once(needs), _once(evidence), gives)
    return Yes(_once(evidence), gives)


def some(verdicts: list[Verdict]) -> Verdict:
    """Yes when any is yes (the first one's evidence and values), no when all are no, else unknown: ``any``."""
    needs: list[Need] = []
    seen: list[Evidence] = []
    against: list[Evidence] = []
    gives: dict[str, str] = {}
    unknown = False
    for verdict in verdicts:
        if isinstance(verdict, Yes):
            return verdict
        if isinstance(verdict, Unknown):
            unknown = True
            needs.extend(verdict.needs)
            seen.extend(verdict.evidence)
            gives |= {name: value for name, value in verdict.gives.items() if name not in gives}
        else:
            against.extend(verdict.evidence)
    return Unknown(_once(needs), _once(seen), gives) if unknown else No(_once(against))


def reverse(verdict: Verdict) -> Verdict:
    """No for yes, yes for no, unknown for unknown; the evidence stays, the values go."""
    if isinstance(verdict, Yes):
        return No(verdict.evidence)
    if isinstance(verdict, No):
        return Yes(verdict.evidence)
    return verdict


def _once(items: Sequence[T]) -> tuple[T, ...]:
    """The items without repetition, in their order."""
    return tuple(dict.fromkeys(items))
