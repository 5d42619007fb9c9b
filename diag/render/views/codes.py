"""The knowledge base: the list of codes and symptoms, and one entry with all its causes."""

from collections.abc import Sequence
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
    query: str
    family: str
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


def codes_view(
    lines: Sequence[CodeLine], every: Sequence[CodeLine], *, query: str, family: str, listing: Listing
) -> CodesView:
    """``every``: all lines, for the families to choose from; ``lines``: those that were asked for."""
    ids = sorted({line.family for line in every}, key=words.family)
    empty = ""
    if not lines:
        empty = (
            "No entry fits. Try the bare number, a word of the error message, or paste the whole message into Look up."
            if query or family
            else "The knowledge base holds no entries."
        )
    return CodesView(
        rows=tuple(code_row(line) for line in lines),
        families=tuple((name, words.family(name)) for name in ids),
        query=query,
        family=family,
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
