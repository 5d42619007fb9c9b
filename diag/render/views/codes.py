"""The knowledge base: the list of codes and symptoms, and one entry with all its causes."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from diag.core.diagnosis import Diagnosis
from diag.render import links, words
from diag.render.views.chrome import Listing
from diag.render.views.diagnosis import DiagnosisView, diagnosis_view
from diag.render.views.incidents import IncidentLine
from diag.workflows.ports import CodeLine


class CodeRow(Struct, frozen=True):
    label: str
    href: str
    name: str
    family: str
    family_id: str
    kind: str
    summary: str
    fixed_by: str


class CodesView(Struct, frozen=True, kw_only=True):
    rows: tuple[CodeRow, ...]
    families: tuple[tuple[str, str], ...]
    """(id, title) of every family there is."""
    kinds: tuple[tuple[str, str], ...]
    owners: tuple[tuple[str, str], ...]
    """(id, words) of everybody who fixes something."""
    query: str
    family: str
    kind: str
    fixed_by: str
    found: int
    """Entries that fit, on this page and the others."""
    total: int
    listing: Listing
    empty: str


class CodeView(Struct, frozen=True, kw_only=True):
    entry: DiagnosisView
    """All causes, each with words in place of the values that only a failed sign-in has."""
    label: str
    incidents: tuple[IncidentLine, ...]


def code_row(line: CodeLine) -> CodeRow:
    label, href = (
        (f"AADSTS{line.code}", links.code(line.code))
        if line.code is not None
        else ("Symptom", links.symptom(line.symptom or ""))
    )
    return CodeRow(
        label,
        href,
        line.name,
        words.family(line.family),
        line.family,
        words.KINDS.get(line.kind, line.kind).partition(":")[0],
        line.summary,
        words.FIXED_BY.get(line.fixed_by, line.fixed_by),
    )


def key_of(line: CodeLine) -> str:
    """What names the line among all: its code, else its symptom id."""
    return str(line.code) if line.code is not None else line.symptom or ""


def codes_view(
    lines: Sequence[CodeLine], every: Sequence[CodeLine], *, found: int, filters: Mapping[str, str], listing: Listing
) -> CodesView:
    """``every``: all lines, for what there is to choose from; ``lines``: one page of the ``found`` that fit."""
    ids = sorted({line.family for line in every}, key=words.family)
    kinds = sorted({line.kind for line in every})
    owners = sorted({line.fixed_by for line in every})
    empty = ""
    if not lines:
        empty = (
            "No entry fits. Try the bare number, a word of the error message, or paste the whole message into Look up."
            if any(filters.values())
            else "The knowledge base holds no entries."
        )
    return CodesView(
        rows=tuple(code_row(line) for line in lines),
        families=tuple((name, words.family(name)) for name in ids),
        kinds=tuple((name, words.KINDS.get(name, name).partition(":")[0]) for name in kinds),
        owners=tuple((name, words.FIXED_BY.get(name, name)) for name in owners),
        query=filters["query"],
        family=filters["family"],
        kind=filters["kind"],
        fixed_by=filters["fixed_by"],
        found=found,
        total=len(every),
        listing=listing,
        empty=empty,
    )


def record(line: CodeLine) -> dict[str, object]:
    return {
        "code": line.code,
        "symptom": line.symptom,
        "name": line.name,
        "family": line.family,
        "kind": line.kind,
        "summary": line.summary,
        "fixed_by": line.fixed_by,
    }


def code_view(diagnosis: Diagnosis, incidents: Sequence[IncidentLine], now: datetime) -> CodeView:
    """``diagnosis``: the entry asked without any facts, so that every cause is open."""
    view = diagnosis_view(diagnosis, now)
    return CodeView(entry=view, label=view.code or "Symptom", incidents=tuple(incidents))
