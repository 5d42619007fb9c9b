"""The answer of the engine, in the shape ``POST /api/v1/diagnose`` publishes."""

from typing import Literal

from msgspec import Struct

from diag.core.directory import Change
from diag.core.entry import Commonness, Confidence, Confirm, FixedBy, OrganisationWords, SourceLink
from diag.core.remedy import Fix
from diag.core.verdict import Evidence, Need


class JudgedCause(Struct, frozen=True, kw_only=True):
    """One cause of the entry with its verdict and the evidence for or against it."""

    id: str
    title: str
    verdict: Literal["holds", "possible", "ruled_out"]
    confidence: Confidence
    commonness: Commonness
    fixed_by: FixedBy
    root_cause: str
    evidence: tuple[Evidence, ...] = ()
    needs: tuple[Need, ...] = ()
    """What would settle it; empty unless possible."""
    confirm: tuple[Confirm, ...] = ()
    fix: tuple[Fix, ...] = ()


class Extracted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Values read from the text or given with the request; absent when nothing was read."""

    app_id: str | None = None
    tenant_id: str | None = None
    redirect_uri: str | None = None
    resource: str | None = None
    scope: str | None = None
    error: str | None = None
    suberror: str | None = None
    correlation_id: str | None = None
    trace_id: str | None = None
    timestamp: str | None = None


class Diagnosis(Struct, frozen=True, kw_only=True):
    id: str = ""
    code: int | None
    symptom: str | None
    name: str
    family: str
    kind: str
    summary: str
    verdict: Literal["determined", "undetermined", "unknown_code", "not_a_failure"]
    cause: JudgedCause | None
    """The diagnosis; None unless determined."""
    causes: tuple[JudgedCause, ...]
    """The diagnosis, other causes that hold, possible ones by rank, those ruled out."""
    needs: tuple[Need, ...] = ()
    extracted: Extracted = Extracted()
    related_changes: tuple[Change, ...] = ()
    other_codes: tuple[int, ...] = ()
    sources: tuple[SourceLink, ...] = ()
    notes: str = ""
    organisation: OrganisationWords | None = None
    """What the organisation says beside the entry; its own causes have ids that begin with ``org-``."""
    kb_version: str = ""
    redacted: tuple[str, ...] = ()
