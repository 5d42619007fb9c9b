"""What a check of the knowledge base is once read: something wrong with a registration before anything fails."""

from typing import Literal

from msgspec import Struct

from diag.core.entry import Case, Condition, Confirm, FixedBy, FixStep, SourceLink, Status

Severity = Literal["high", "medium", "low"]
Area = Literal["credentials", "addresses", "permissions", "tokens", "ownership"]
Subject = Literal["registration", "service_principal"]

SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")
"""Most severe first."""

AREAS: dict[Area, str] = {
    "credentials": "Credentials",
    "addresses": "Redirect URIs and flows",
    "permissions": "Permissions",
    "tokens": "Tokens",
    "ownership": "Ownership",
}
"""Parts of a registration that checks are about, with their titles."""


class Check(Struct, frozen=True, kw_only=True):
    """One check; it never asks a person, so its condition holds no question and no ``otherwise``."""

    id: str
    title: str
    """What is the case when the condition holds."""
    severity: Severity
    area: Area
    subject: Subject = "registration"
    """Where the facts lie: a service principal is here also where the registration is another tenant's."""
    status: Status
    when: Condition
    fixed_by: FixedBy
    root_cause: str
    """What was found and why it is that way; quotes values."""
    risk: str
    """What can come of it."""
    confirm: tuple[Confirm, ...]
    fix: tuple[FixStep, ...]
    sources: tuple[SourceLink, ...] = ()
    notes: str = ""
    cases: tuple[Case, ...] = ()
    """Each expects ``holds``, ``ruled_out`` or ``unknown``."""


class CheckLine(Struct, frozen=True):
    """A check as lists show it."""

    id: str
    title: str
    severity: Severity
    area: Area
    risk: str
    fixed_by: FixedBy
