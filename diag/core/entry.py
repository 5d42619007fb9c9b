"""What a knowledge-base entry is once read: one code or symptom, its causes in order, how to tell them apart."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

Confidence = Literal["certain", "likely", "possible"]
Commonness = Literal["common", "occasional", "rare"]
Kind = Literal["failure", "interrupt", "user-error", "service"]
FixedBy = Literal["developer", "app-owner", "admin", "user", "microsoft", "partner"]
Status = Literal["draft", "test", "stable"]


class Test(Struct, frozen=True, tag="test"):
    """Ask a registered predicate."""

    predicate: str
    args: Mapping[str, Any] = field(default_factory=dict)


class AllOf(Struct, frozen=True, tag="all"):
    conditions: tuple["Condition", ...]


class AnyOf(Struct, frozen=True, tag="any"):
    conditions: tuple["Condition", ...]


class Not(Struct, frozen=True, tag="not"):
    condition: "Condition"


class Asked(Struct, frozen=True, tag="asked"):
    """Unknown until the person answers the entry's question of this id."""

    question: str


class Otherwise(Struct, frozen=True, tag="otherwise"):
    """Holds only when every earlier cause is ruled out."""


Condition = Test | AllOf | AnyOf | Not | Asked | Otherwise


class SourceLink(Struct, frozen=True):
    url: str
    checked: str
    """ISO date on which somebody read it."""
    supports: str = ""


class Confirm(Struct, frozen=True):
    """A step that proves the cause, and what one sees if it is the one."""

    do: str
    expect: str = ""


class FixStep(Struct, frozen=True):
    """A remedy by name with its arguments; ``{value}`` in an argument is filled from the condition."""

    remedy: str
    args: Mapping[str, str] = field(default_factory=dict)


class Cause(Struct, frozen=True):
    id: str
    title: str
    when: Condition
    confidence: Confidence
    commonness: Commonness
    fixed_by: FixedBy
    root_cause: str
    confirm: tuple[Confirm, ...]
    fix: tuple[FixStep, ...]


class Sample(Struct, frozen=True):
    """An error text in our own invention and the values that must be read from it."""

    text: str
    gives: Mapping[str, str] = field(default_factory=dict)


class Case(Struct, frozen=True, kw_only=True):
    """Facts, given in the form of a diagnose request, and the cause that must come out."""

    name: str
    given: Mapping[str, Any] = field(default_factory=dict)
    """A diagnose request's body without ``code`` and ``symptom``."""
    answers: Mapping[str, bool] = field(default_factory=dict)
    expect: str
    """A cause id of the entry, or ``undetermined``."""
    needs: tuple[str, ...] = ()
    """Facts that the answer must ask for."""


class OrganisationLink(Struct, frozen=True):
    title: str
    url: str
    """https only."""


class OrganisationContact(Struct, frozen=True):
    name: str
    reach: str
    """How to reach them, in the organisation's words."""


class OrganisationWords(Struct, frozen=True, kw_only=True):
    """What the organisation that runs this service says beside a shipped entry; never in place of it."""

    notes: str = ""
    links: tuple[OrganisationLink, ...] = ()
    contacts: tuple[OrganisationContact, ...] = ()
    hidden: tuple[str, ...] = ()
    """Ids of shipped causes that it does not want to see."""


class Entry(Struct, frozen=True, kw_only=True):
    code: int | None = None
    symptom: str | None = None
    name: str
    family: str
    kind: Kind
    status: Status
    summary: str
    sources: tuple[SourceLink, ...] = ()
    read_from_text: tuple[str, ...] = ()
    """Patterns whose named groups are fields of ``Failure``."""
    wordings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Patterns that tell variants of the message apart, by name; asked with ``text.has_wording``."""
    questions: Mapping[str, str] = field(default_factory=dict)
    """Questions only a person can answer, by id."""
    causes: tuple[Cause, ...]
    samples: tuple[Sample, ...] = ()
    cases: tuple[Case, ...] = ()
    notes: str = ""
    """Where sources disagree or the meaning of the code changed."""
    organisation: OrganisationWords | None = None
    """From the overlay; None where it says nothing about this entry."""
