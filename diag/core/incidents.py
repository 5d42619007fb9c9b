"""Failures with one fingerprint. The cause is an attribute of an incident, never part of the fingerprint."""

import hashlib
from datetime import datetime
from typing import Literal

from msgspec import Struct

from diag.core.diagnosis import Diagnosis
from diag.core.records import FailureRow

IncidentState = Literal["open", "acknowledged", "snoozed", "resolved"]


class Fingerprint(Struct, frozen=True, order=True):
    """What makes two failures the same incident: only what the record itself tells."""

    app_id: str
    code: int
    resource_id: str
    credential_key_id: str
    """Empty when the record names no credential."""


class Incident(Struct, frozen=True, kw_only=True):
    id: str
    tenant_id: str
    fingerprint: Fingerprint
    app_name: str
    resource_name: str
    state: IncidentState
    first_seen: datetime
    last_seen: datetime
    count: int
    people: int
    """Different users touched; 0 for sign-ins without a user."""
    last_failure_id: str
    interrupt: bool = False
    regressed: bool = False
    """It had been resolved and failures came back."""
    diagnosis: Diagnosis | None = None
    diagnosed_at: datetime | None = None
    snoozed_until: datetime | None = None
    note: str = ""
    problem: str = ""
    """Why the last attempt at a diagnosis failed; what is kept of one then comes from before."""


def fingerprint_of(row: FailureRow) -> Fingerprint:
    """The fingerprint of one failed sign-in."""
    return Fingerprint(row.app_id, row.error_code, row.resource_id, row.credential_key_id)


def incident_id(tenant_id: str, fingerprint: Fingerprint) -> str:
    """The same 20 hex digits for the same failures, on every machine and after every restart."""
    parts = (
        tenant_id,
        fingerprint.app_id,
        str(fingerprint.code),
        fingerprint.resource_id,
        fingerprint.credential_key_id,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
