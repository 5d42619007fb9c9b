"""Frozen values of the directory around a registration: policies, changes, neighbours, users, domains, devices.

Every property of an object is a ``Read`` (``diag.core.read``). All text is untrusted.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from diag.core.identifiers import AppId
from diag.core.read import UNREAD, Read


class AccessPolicy(Struct, frozen=True):
    """A Conditional Access policy as the directory holds it."""

    id: str
    display_name: str
    state: str
    controls: tuple[str, ...] = ()
    session_controls: tuple[str, ...] = ()
    include_applications: tuple[str, ...] = ()
    exclude_applications: tuple[str, ...] = ()
    include_service_principals: tuple[str, ...] = ()
    include_platforms: tuple[str, ...] = ()
    exclude_platforms: tuple[str, ...] = ()
    include_locations: tuple[str, ...] = ()
    exclude_locations: tuple[str, ...] = ()
    client_app_types: tuple[str, ...] = ()
    transfer_methods: tuple[str, ...] = ()
    user_risk_levels: tuple[str, ...] = ()
    sign_in_risk_levels: tuple[str, ...] = ()
    service_principal_risk_levels: tuple[str, ...] = ()
    has_device_filter: bool = False
    created_at: datetime | None = None
    modified_at: datetime | None = None


class PropertyChange(Struct, frozen=True):
    name: str
    old: str
    new: str


class Change(Struct, frozen=True):
    """Something an audit record or two versions of a registration say was changed."""

    at: datetime
    activity: str
    """Activity name with a plain hyphen and no trailing period."""
    actor: str = ""
    target_object_id: str = ""
    target_name: str = ""
    properties: tuple[PropertyChange, ...] = ()
    correlation_id: str = ""


class Neighbour(Struct, frozen=True):
    """Another registration of the same tenant that holds a value the failed request carried."""

    app_id: AppId
    display_name: str
    holds: Literal["redirect_uri", "object_id", "key_id", "thumbprint", "federated_credential", "similar_app_id"]


class Identity(Struct, frozen=True):
    """One sign-in name (signInType) of a user object; its issuer is a tenant's domain, or another provider."""

    kind: str
    issuer: str


class User(Struct, frozen=True, kw_only=True):
    exists: Read[bool] = UNREAD
    account_enabled: Read[bool] = UNREAD
    user_type: Read[str] = UNREAD
    external_state: Read[str] = UNREAD
    identities: Read[tuple[Identity, ...]] = UNREAD
    """Names and accounts under which the user signs in."""
    immutable_id: Read[str] = UNREAD
    """onPremisesImmutableId: what a federated identity provider's NameID is compared with."""
    on_premises_synced: Read[bool] = UNREAD
    password_changed_at: Read[datetime] = UNREAD
    sessions_valid_from: Read[datetime] = UNREAD


class Domain(Struct, frozen=True, kw_only=True):
    exists: Read[bool] = UNREAD
    name: Read[str] = UNREAD
    authentication_type: Read[str] = UNREAD
    is_verified: Read[bool] = UNREAD
    issuer_uri: Read[str] = UNREAD


class Device(Struct, frozen=True, kw_only=True):
    exists: Read[bool] = UNREAD
    account_enabled: Read[bool] = UNREAD
    is_compliant: Read[bool] = UNREAD
    is_managed: Read[bool] = UNREAD
    trust_type: Read[str] = UNREAD
