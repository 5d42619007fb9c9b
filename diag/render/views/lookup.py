"""Look up: what was pasted, what it means, and what this tenant knows about it."""

from msgspec import Struct

from diag.render.views.chrome import Link
from diag.render.views.diagnosis import DiagnosisView, Named
from diag.render.views.incidents import FailureLine, IncidentLine


class LookupView(Struct, frozen=True, kw_only=True):
    text: str
    """What to show in the box again: the pasted text without its secrets."""
    diagnosis: DiagnosisView | None
    problem: str
    hint: str
    symptoms: tuple[Link, ...]
    applications: tuple[Link, ...]
    """Applications that the text names and this tenant holds."""
    incidents: tuple[IncidentLine, ...]
    failures: tuple[FailureLine, ...]
    """Stored sign-ins with the correlation ID that the text names."""
    asked: bool
    answering: tuple[Named, ...]
    """Form fields that ask the same again, so that one more answer can be added to them."""
    answers: tuple[Named, ...]
    """Questions that were answered, in words, with the answers."""
