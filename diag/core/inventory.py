"""What the directory says, as it was read: one object or one small collection of a registration, kept verbatim."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

ObjectKind = Literal["application", "service_principal"]
DetailKind = Literal[
    "federated_credentials",
    "owners",
    "grants",
    "app_role_assignments",
    "assigned_principals",
    "service_principal_owners",
]
TenantKind = Literal["deleted_applications", "access_policies", "licences"]
Kind = Literal[ObjectKind, DetailKind, TenantKind]

Origin = Literal["", "full", "delta", "reconcile", "audit", "detail"]
"""What brought a version: the first reading of everything, what the directory said had changed, a later reading of
everything, a change in the audit log, a collection that was read for a question; empty where it was not kept."""

CredentialKind = Literal["secret", "certificate", "saml_signing", "token_encryption"]


class CredentialRow(Struct, frozen=True, kw_only=True):
    """One credential that can end, counted once (a Sign/Verify pair is one)."""

    owner_kind: ObjectKind
    owner_object_id: str
    app_id: str
    key_id: str
    kind: CredentialKind
    display_name: str = ""
    hint: str = ""
    thumbprint: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    active: bool = True
    """False for a SAML signing certificate that is registered but not the preferred one."""


class RegisteredValue(Struct, frozen=True):
    """A value that another application may hold by mistake; indexed so that it can be looked up."""

    holds: Literal["redirect_uri", "object_id", "key_id", "thumbprint", "federated_credential", "identifier_uri"]
    value: str
    """Compared exactly; a federated credential's is ``issuer`` and ``subject`` joined by a newline."""


class RegistrationObject(Struct, frozen=True, kw_only=True):
    """One object or detail collection with the columns that lists and look-ups need."""

    kind: Kind
    object_id: str
    """Of the object, or of the one that owns the detail collection; the kind's own name for tenant-wide kinds."""
    app_id: str = ""
    display_name: str = ""
    body: bytes
    """Graph's JSON, verbatim but for ``@odata`` annotations and certificate bytes."""
    credentials: tuple[CredentialRow, ...] = ()
    values: tuple[RegisteredValue, ...] = ()


class RemovedObject(Struct, frozen=True):
    kind: ObjectKind
    object_id: str
    restorable: bool
    """True when it went to the deleted items, false when it is gone for good."""


class StoredObject(Struct, frozen=True, kw_only=True):
    """A version of an object: true from ``valid_from`` until ``valid_until``."""

    kind: Kind
    object_id: str
    app_id: str
    display_name: str
    body: bytes | None
    """None: looked for, and not there (deleted, or an empty answer of 404)."""
    valid_from: datetime
    """When the version was first seen; the change itself is between the read before and this one."""
    valid_until: datetime | None
    read_at: datetime
    """When a read last confirmed this version, or when the last attempt failed (``unread_because`` then says why)."""
    unread_because: str = ""
    """Set when the last attempt to read it failed, with the reason; a body is then older than the attempt, and no body
    means that it was never read, not that it is missing."""
    origin: Origin = ""
