"""The written form of knowledge-base files, key by key. ``kb/schema/entry.schema.json`` is generated from these."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from diag.core.check import Area, Severity, Subject
from diag.core.entry import Commonness, Confidence, FixedBy, Kind, Status

Undetermined = Literal["undetermined"]


class WrittenSource(Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    checked: str
    """ISO date on which somebody read it."""
    supports: str = ""


class WrittenConfirm(Struct, frozen=True, forbid_unknown_fields=True):
    do: str
    expect: str = ""


class WrittenCause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str
    when: Any
    """``otherwise``, or a mapping with one key: all, any, not, asked, or a predicate's name."""
    confidence: Confidence
    commonness: Commonness
    fixed_by: FixedBy
    root_cause: str
    confirm: list[str | WrittenConfirm]
    fix: list[dict[str, str]]
    """Each with ``remedy`` and the remedy's arguments."""


class WrittenSample(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    gives: dict[str, str] = field(default_factory=dict)


class WrittenCase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    from_: str = field(default="", name="from")
    text: str | UnsetType = UNSET
    observed_at: str | UnsetType = UNSET
    request: Any | UnsetType = UNSET
    registration: Any | UnsetType = UNSET
    sign_in: Any | UnsetType = UNSET
    token: Any | UnsetType = UNSET
    answers: dict[str, bool] = field(default_factory=dict)
    expect: str
    needs: list[str] = field(default_factory=list)


class WrittenEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    entry: Literal[1]
    """Version of this form."""
    code: int | None = None
    symptom: str | None = None
    name: str
    family: str
    kind: Kind
    status: Status
    summary: str
    sources: list[WrittenSource]
    notes: str = ""
    read_from_text: list[str] = field(default_factory=list)
    wordings: dict[str, list[str]] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    samples: list[WrittenSample] = field(default_factory=list)
    causes: list[WrittenCause]
    cases: list[WrittenCase]


class WrittenCheck(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    check: Literal[1]
    """Version of this form."""
    id: str
    """From ``kb/schema/checks.txt``; public, and the file's name."""
    title: str
    severity: Severity
    area: Area
    subject: Subject = "registration"
    """``service_principal`` where the condition reads nothing of the registration."""
    status: Status
    when: Any
    """As a cause's, without ``otherwise`` and ``asked``."""
    fixed_by: FixedBy
    root_cause: str
    risk: str
    confirm: list[str | WrittenConfirm]
    fix: list[dict[str, str]]
    """Each with ``remedy`` and the remedy's arguments."""
    sources: list[WrittenSource]
    notes: str = ""
    cases: list[WrittenCase]
    """Each expects ``holds``, ``ruled_out`` or ``unknown``; there is one of each."""


class CatalogueCause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str = ""
    """From ``kb/schema/causes.txt``; without one, the slug of the code's name."""
    text: str
    confidence: Literal["likely", "possible"] = "likely"
    """``possible`` where the message leaves the cause open: the answer is then undetermined and says what is known."""


class CatalogueLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: int
    name: str
    kind: Kind
    meaning: str
    cause: CatalogueCause
    confirm: str
    fix: str
    fixed_by: FixedBy
    sources: list[WrittenSource] = field(default_factory=list)
    notes: str = ""


class WrittenCatalogue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    catalogue: Literal[1]
    family: str
    sources: list[WrittenSource]
    """What every line of the family rests on; a line may name its own instead."""
    codes: list[CatalogueLine]


class WrittenFamily(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str
    shares: str
    """What the family's codes have in common, in one or two sentences."""


class WrittenFamilies(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    families: list[WrittenFamily]


def keys_of(kind: type[Struct]) -> tuple[str, ...]:
    """The keys a written mapping of this kind may have, in order."""
    return kind.__struct_encode_fields__
