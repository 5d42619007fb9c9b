"""A token's claims → what it is, whether it can work, and which causes of the known symptoms hold for it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from diag.core.enquiry import Enquiry
from diag.core.token_claims import Claims
from diag.core.token_reading import TokenReading, read_token
from diag.workflows.diagnose import answer
from diag.workflows.ports import KnowledgeBase

SYMPTOM = "api-rejects-token"

ToEnquiry = Callable[[Mapping[str, Any], datetime], Enquiry]
"""The body of a diagnose request → the question."""


class TokenCause(Struct, frozen=True):
    """A cause of a symptom that holds for this token."""

    symptom: str
    id: str
    title: str
    root_cause: str


class TokenInspection(TokenReading, frozen=True, kw_only=True):
    """What the token is, with the known causes that it explains."""

    causes: tuple[TokenCause, ...]
    """Causes of an API's refusal that hold for this token; empty when none is proved."""


def inspect_token(
    read: Claims,
    to_enquiry: ToEnquiry,
    knowledge_base: KnowledgeBase,
    now: datetime,
    *,
    expected_audience: str = "",
    expected_issuer: str = "",
) -> TokenInspection:
    """What the claims say, compared with what the API expects where that is told; nothing is kept."""
    expected = {"expected_audience": expected_audience, "expected_issuer": expected_issuer}
    told = any(expected.values())
    body: dict[str, Any] = {"symptom": SYMPTOM, "token": read.as_fact()}
    if told:
        body["request"] = {name: value for name, value in expected.items() if value}
    enquiry = to_enquiry(body, now)
    reading = read_token(enquiry.facts.token, read.claims, now)
    found: tuple[TokenCause, ...] = ()
    if knowledge_base.symptom(SYMPTOM) is not None:
        diagnosis = answer(enquiry, knowledge_base)
        found = tuple(
            TokenCause(SYMPTOM, cause.id, cause.title, cause.root_cause)
            for cause in diagnosis.causes
            if cause.verdict == "holds" and (told or _of_the_token_alone(cause.id, reading))
        )
    return TokenInspection(**{name: getattr(reading, name) for name in reading.__struct_fields__}, causes=found)


def _of_the_token_alone(cause_id: str, reading: TokenReading) -> bool:
    """Whether the cause holds whatever the API expects: a token for Microsoft Graph is right where Graph is called."""
    if cause_id == "no-app-role-assigned-to-daemon":
        return any(item.about == "permissions" and item.weight == "problem" for item in reading.statements)
    return cause_id == "id-token-used-as-access-token"
