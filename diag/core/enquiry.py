"""One question put to the service: what was pasted or told, before the code in it is known.

``POST /api/v1/diagnose``, ``diag explain`` and a case of the knowledge base all become this, and
``diag.workflows.diagnose`` answers it.
"""

from msgspec import Struct, field

from diag.core.facts import Facts


class Enquiry(Struct, frozen=True, kw_only=True):
    """Everything one person or program could tell about one failed sign-in."""

    text: str | None = None
    """As pasted: not redacted, not parsed, at most 256 KB. None when nothing was pasted."""
    code: int | None = None
    """The code the person named; wins over the record's and the text's."""
    symptom: str | None = None
    """Id of a symptom without a code, for example ``api-rejects-token``."""
    sign_in_code: int | None = None
    """``status.errorCode`` of the sign-in record; 0 means that the sign-in succeeded."""
    sign_in_text: str | None = None
    """``status.failureReason`` and ``status.additionalDetails`` of the record, one a line; None without a record."""
    facts: Facts = field(default_factory=Facts)
    """What request, registration, sign-in record and token say; ``failure.code``, ``failure.symptom``, ``failure.text``
    and ``failure.wordings`` are still empty, and so are the values that only the text names."""
