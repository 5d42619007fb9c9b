"""Frozen values that describe one failed sign-in: what was asked for, how, and what the token that came of it says.

Every property is a ``Read`` (``diag.core.read``). All text is untrusted.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from diag.core.read import UNREAD, Read


class AppliedPolicy(Struct, frozen=True):
    """A Conditional Access policy as the sign-in record lists it."""

    id: str
    display_name: str
    result: str
    controls: tuple[str, ...] = ()
    session_controls: tuple[str, ...] = ()
    conditions_satisfied: tuple[str, ...] = ()


class SecretShape(Struct, frozen=True):
    """What the configured secret looks like; computed where the secret is, the value never leaves."""

    kind: Literal["opaque", "guid", "placeholder", "reference"] | str
    length: int | None = None
    hint: str | None = None
    has_special_characters: bool | None = None


class Failure(Struct, frozen=True, kw_only=True):
    """What is known of the failed attempt itself, from the text, the request as described, and the sign-in record."""

    code: int | None = None
    symptom: str | None = None
    text: Read[str] = UNREAD
    """The pasted text after redaction."""
    wordings: Read[tuple[str, ...]] = UNREAD
    """Names of the entry's wordings that the text matches; unread when it matches none of them (older wording,
    another language), because that proves nothing."""
    observed_at: Read[datetime] = UNREAD
    error: Read[str] = UNREAD
    suberror: Read[str] = UNREAD
    correlation_id: Read[str] = UNREAD
    trace_id: Read[str] = UNREAD
    app_id: Read[str] = UNREAD
    """The client id as sent; not always a GUID, which is a cause of its own."""
    app_name: Read[str] = UNREAD
    account: Read[str] = UNREAD
    """The account as the error text names it: a user name, or the immutable ID that was looked up."""
    tenant: Read[str] = UNREAD
    """The tenant as the error text names it: a GUID, a domain, a display name or a placeholder."""
    authority_tenant: Read[str] = UNREAD
    """The tenant segment of the endpoint that was called: common, organizations, consumers, a GUID or a domain."""
    flow: Read[str] = UNREAD
    endpoint: Read[str] = UNREAD
    redirect_uri: Read[str] = UNREAD
    scope: Read[str] = UNREAD
    resource: Read[str] = UNREAD
    """The API as sent or printed: App ID URI, GUID or malformed text."""
    prompt: Read[str] = UNREAD
    response_type: Read[str] = UNREAD
    has_client_secret: Read[bool] = UNREAD
    has_client_assertion: Read[bool] = UNREAD
    has_code_verifier: Read[bool] = UNREAD
    has_origin_header: Read[bool] = UNREAD
    origin: Read[str] = UNREAD
    behind_proxy: Read[bool] = UNREAD
    user_agent_kind: Read[str] = UNREAD
    secret_shape: Read[SecretShape] = UNREAD
    assertion_issuer: Read[str] = UNREAD
    assertion_subject: Read[str] = UNREAD
    assertion_audience: Read[str] = UNREAD
    assertion_thumbprint: Read[str] = UNREAD
    assertion_not_before: Read[datetime] = UNREAD
    assertion_expires_at: Read[datetime] = UNREAD
    expected_audience: Read[str] = UNREAD
    expected_issuer: Read[str] = UNREAD
    identity_provider: Read[str] = UNREAD
    """Where the account comes from, as the text prints it (``live.com``, another tenant's issuer)."""
    api_version: Read[str] = UNREAD
    permission: Read[str] = UNREAD
    """A single permission the text names."""
    token_issued_at: Read[datetime] = UNREAD
    """When the refresh token that is refused was issued, as the text prints it."""
    event_type: Read[str] = UNREAD
    """interactiveUser, nonInteractiveUser, servicePrincipal or managedIdentity."""
    is_interactive: Read[bool] = UNREAD
    protocol: Read[str] = UNREAD
    """authenticationProtocol of the record; several values are joined by commas."""
    incoming_token_type: Read[str] = UNREAD
    client_app_used: Read[str] = UNREAD
    credential_key_id: Read[str] = UNREAD
    credential_thumbprint: Read[str] = UNREAD
    credential_type: Read[str] = UNREAD
    federated_credential_id: Read[str] = UNREAD
    conditional_access_status: Read[str] = UNREAD
    applied_policies: Read[tuple[AppliedPolicy, ...]] = UNREAD
    home_tenant_id: Read[str] = UNREAD
    resource_tenant_id: Read[str] = UNREAD
    user_type: Read[str] = UNREAD
    cross_tenant_access_type: Read[str] = UNREAD
    browser: Read[str] = UNREAD
    operating_system: Read[str] = UNREAD
    device_id: Read[str] = UNREAD
    device_is_compliant: Read[bool] = UNREAD
    device_is_managed: Read[bool] = UNREAD
    device_trust_type: Read[str] = UNREAD
    """How the device belongs to the tenant, in the words of record (``Azure AD joined``) or page (``Unregistered``)."""
    country: Read[str] = UNREAD
    risk_level: Read[str] = UNREAD
    risk_state: Read[str] = UNREAD
    failures_since: Read[datetime] = UNREAD
    """First failure of the same incident; known only to the running service."""
    succeeded_afterwards: Read[bool] = UNREAD
    """A success with the same correlation ID follows."""


class Attempts(Struct, frozen=True, kw_only=True):
    """Sign-ins of one way that failed or paused. Anybody can send an application's ID, so they are claims."""

    event_type: str
    """interactiveUser, nonInteractiveUser, servicePrincipal or managedIdentity; empty where the log gave none."""
    protocol: str
    """authenticationProtocol of the record, empty where it gave none."""
    count: int
    last: datetime


class SignInActivity(Struct, frozen=True, kw_only=True):
    """What an application's sign-ins over time show of the client behind it."""

    as_itself: Read[datetime] = UNREAD
    """Last time it got a token with a credential of its own, without a user."""
    for_users: Read[datetime] = UNREAD
    """Last time it got a token for a user."""
    attempts: Read[tuple[Attempts, ...]] = UNREAD
    """What failed or paused, most frequent first."""


class Token(Struct, frozen=True, kw_only=True):
    """Claims of a token that was shown to us; never the token."""

    exists: Read[bool] = UNREAD
    audience: Read[str] = UNREAD
    issuer: Read[str] = UNREAD
    version: Read[str] = UNREAD
    scopes: Read[tuple[str, ...]] = UNREAD
    roles: Read[tuple[str, ...]] = UNREAD
    app_id: Read[str] = UNREAD
    tenant_id: Read[str] = UNREAD
    identity_type: Read[str] = UNREAD
    issued_at: Read[datetime] = UNREAD
    expires_at: Read[datetime] = UNREAD
    header_nonce: Read[str] = UNREAD
    """``nonce`` in the token's header, which only Microsoft Graph's access tokens carry."""
    algorithm: Read[str] = UNREAD
