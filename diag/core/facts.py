"""Frozen values that describe one failed sign-in and the directory around it.

Every property is a ``Read``: ``Found`` (somebody looked, here it is), ``Missing`` (somebody looked, it is not there) or
``Unread`` (nobody could look, and why). The three never turn into one another: blindness is not absence.
Instants are aware UTC. Text inside these values is untrusted: display names and redirect URIs are chosen by attackers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, Literal, NewType, TypeVar

from msgspec import Struct, field

T = TypeVar("T")

AppId = NewType("AppId", str)
"""Application ID (OAuth client_id), a lower-case GUID shared by application and service principal."""
ObjectId = NewType("ObjectId", str)
"""Lower-case GUID of one directory object."""
TenantId = NewType("TenantId", str)
"""Lower-case GUID of a tenant."""
KeyId = NewType("KeyId", str)
"""Lower-case GUID that names one secret or certificate; not the secret itself."""

Source = Literal["registration", "text", "request", "sign_in", "history", "token", "answer"]
Platform = Literal["web", "spa", "public_client"]


class Found(Struct, Generic[T], frozen=True, tag="found"):
    """Somebody looked and this is what is there."""

    value: T
    source: Source = "registration"
    as_of: datetime | None = None
    """When it was read; ``None`` when the source does not say."""
    complete: bool = True
    """False when a collection was cut short (a page missing, a platform not read): absence in it proves nothing."""


class Missing(Struct, frozen=True, tag="missing"):
    """Somebody looked and it is not there."""

    source: Source = "registration"
    as_of: datetime | None = None


class Unread(Struct, frozen=True, tag="unread"):
    """Nobody could look."""

    why: str = "nobody has looked"
    """One clause a person understands, for example ``the permission Policy.Read.All is not granted``."""
    how: str = ""
    """What would let us look; empty where the fact's general advice applies."""


Read = Found[T] | Missing | Unread

UNREAD = Unread()


def present(value: T, source: Source = "registration", as_of: datetime | None = None) -> "Found[T]":
    """A complete ``Found``; shorthand for code that builds facts."""
    return Found(value, source, as_of)


class RedirectUri(Struct, frozen=True):
    uri: str
    platform: Platform


class ClientSecret(Struct, frozen=True):
    """A password credential; its value is never held here."""

    key_id: KeyId
    starts: datetime | None
    ends: datetime | None
    display_name: str = ""
    hint: str = ""
    """First three characters of the value, as the directory shows them."""


class Certificate(Struct, frozen=True):
    """A key credential. A SAML signing certificate appears twice, with usage Sign and Verify."""

    key_id: KeyId
    starts: datetime | None
    ends: datetime | None
    usage: str = "Verify"
    type: str = "AsymmetricX509Cert"
    display_name: str = ""
    thumbprint: str = ""
    """SHA-1 in upper-case hex; empty when ``customKeyIdentifier`` is absent or no SHA-1."""
    custom_key_identifier: str = ""
    """As the directory gave it; equal on the entries of one SAML certificate."""


class FederatedCredential(Struct, frozen=True):
    id: str
    name: str
    issuer: str
    subject: str
    """Empty when the credential matches by expression (beta) rather than by subject."""
    audiences: tuple[str, ...] = ()
    expression: str = ""


class RequiredPermission(Struct, frozen=True):
    """One permission the application lists under API permissions; asked for, not granted."""

    resource_app_id: AppId
    permission_id: str
    kind: Literal["delegated", "application"]


class DelegatedPermission(Struct, frozen=True):
    """A scope that an API exposes."""

    id: str
    value: str
    admin_only: bool = False
    enabled: bool = True


class ApplicationPermission(Struct, frozen=True):
    """An app role that an API or application exposes."""

    id: str
    value: str
    enabled: bool = True
    allowed_member_types: tuple[str, ...] = ()


class DelegatedGrant(Struct, frozen=True):
    """Consent: the client's service principal may call the resource as the user."""

    client_object_id: ObjectId
    resource_object_id: ObjectId
    consent_type: Literal["AllPrincipals", "Principal"] | str
    scopes: tuple[str, ...]
    principal_object_id: ObjectId | None = None
    id: str = ""


class RoleAssignment(Struct, frozen=True):
    """An app role (or the default access, an all-zero id) given to a principal on a resource."""

    principal_object_id: ObjectId
    resource_object_id: ObjectId
    app_role_id: str
    principal_type: str = ""
    principal_name: str = ""
    resource_name: str = ""


class AppliedPolicy(Struct, frozen=True):
    """A Conditional Access policy as the sign-in record lists it."""

    id: str
    display_name: str
    result: str
    controls: tuple[str, ...] = ()
    session_controls: tuple[str, ...] = ()
    conditions_satisfied: tuple[str, ...] = ()


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


class SecretShape(Struct, frozen=True):
    """What the configured secret looks like; computed where the secret is, the value never leaves."""

    kind: Literal["opaque", "guid", "placeholder", "reference"] | str
    length: int | None = None
    hint: str | None = None
    has_special_characters: bool | None = None


class Identity(Struct, frozen=True):
    """One sign-in name (signInType) of a user object; its issuer is a tenant's domain, or another provider."""

    kind: str
    issuer: str


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


class Application(Struct, frozen=True, kw_only=True):
    """A registration in its home tenant. Fields of a missing object are ``Missing``, of an unread one ``Unread``."""

    exists: Read[bool] = UNREAD
    object_id: Read[str] = UNREAD
    app_id: Read[str] = UNREAD
    display_name: Read[str] = UNREAD
    created_at: Read[datetime] = UNREAD
    sign_in_audience: Read[str] = UNREAD
    redirect_uris: Read[tuple[RedirectUri, ...]] = UNREAD
    """All platforms together; ``complete`` is false while one of the three platforms was not read."""
    web_redirect_uris: Read[tuple[str, ...]] = UNREAD
    spa_redirect_uris: Read[tuple[str, ...]] = UNREAD
    public_client_redirect_uris: Read[tuple[str, ...]] = UNREAD
    is_fallback_public_client: Read[bool] = UNREAD
    """Whether public client flows are allowed; null in the directory means false."""
    implicit_id_tokens: Read[bool] = UNREAD
    implicit_access_tokens: Read[bool] = UNREAD
    identifier_uris: Read[tuple[str, ...]] = UNREAD
    access_token_version: Read[int] = UNREAD
    """1 or 2; null in the directory means 1."""
    scopes: Read[tuple[DelegatedPermission, ...]] = UNREAD
    app_roles: Read[tuple[ApplicationPermission, ...]] = UNREAD
    known_clients: Read[tuple[str, ...]] = UNREAD
    pre_authorized_clients: Read[tuple[str, ...]] = UNREAD
    required_permissions: Read[tuple[RequiredPermission, ...]] = UNREAD
    client_secrets: Read[tuple[ClientSecret, ...]] = UNREAD
    certificates: Read[tuple[Certificate, ...]] = UNREAD
    federated_credentials: Read[tuple[FederatedCredential, ...]] = UNREAD
    owners: Read[tuple[str, ...]] = UNREAD
    """Display names of the owners, in the directory's order."""
    disabled_by_microsoft: Read[str] = UNREAD
    verified_publisher: Read[str] = UNREAD
    notes: Read[str] = UNREAD
    tags: Read[tuple[str, ...]] = UNREAD
    deleted_at: Read[datetime] = UNREAD


class ServicePrincipal(Struct, frozen=True, kw_only=True):
    """An application's identity in a tenant; also what an API is when a client asks for a token for it."""

    exists: Read[bool] = UNREAD
    object_id: Read[str] = UNREAD
    app_id: Read[str] = UNREAD
    display_name: Read[str] = UNREAD
    type: Read[str] = UNREAD
    """Application, ManagedIdentity, Legacy, ServiceIdentity or SocialIdp."""
    account_enabled: Read[bool] = UNREAD
    assignment_required: Read[bool] = UNREAD
    owner_tenant_id: Read[str] = UNREAD
    sign_in_audience: Read[str] = UNREAD
    names: Read[tuple[str, ...]] = UNREAD
    """servicePrincipalNames: what the audience of a token may be called."""
    reply_urls: Read[tuple[str, ...]] = UNREAD
    single_sign_on_mode: Read[str] = UNREAD
    scopes: Read[tuple[DelegatedPermission, ...]] = UNREAD
    app_roles: Read[tuple[ApplicationPermission, ...]] = UNREAD
    client_secrets: Read[tuple[ClientSecret, ...]] = UNREAD
    certificates: Read[tuple[Certificate, ...]] = UNREAD
    preferred_signing_thumbprint: Read[str] = UNREAD
    disabled_by_microsoft: Read[str] = UNREAD
    verified_publisher: Read[str] = UNREAD
    owners: Read[tuple[str, ...]] = UNREAD
    tags: Read[tuple[str, ...]] = UNREAD


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


class Facts(Struct, frozen=True, kw_only=True):
    """Everything the engine may ask about. Predicates read it; nobody writes it."""

    failure: Failure = field(default_factory=Failure)
    application: Application = field(default_factory=Application)
    service_principal: ServicePrincipal = field(default_factory=ServicePrincipal)
    deleted_application: Application = field(default_factory=Application)
    resource: ServicePrincipal = field(default_factory=ServicePrincipal)
    grants: Read[tuple[DelegatedGrant, ...]] = UNREAD
    app_role_assignments: Read[tuple[RoleAssignment, ...]] = UNREAD
    """Application permissions granted to the client."""
    assigned_principals: Read[tuple[RoleAssignment, ...]] = UNREAD
    """Users, groups and clients assigned to the application."""
    access_policies: Read[tuple[AccessPolicy, ...]] = UNREAD
    changes: Read[tuple[Change, ...]] = UNREAD
    """Changes of this registration before the failure, newest first."""
    neighbours: Read[tuple[Neighbour, ...]] = UNREAD
    user: User = field(default_factory=User)
    domain: Domain = field(default_factory=Domain)
    device: Device = field(default_factory=Device)
    token: Token = field(default_factory=Token)
    home_tenant_id: Read[str] = UNREAD
    """The tenant the registration was read in."""
    answers: Mapping[str, bool] = field(default_factory=dict)
    """A person's answers to an entry's questions, by question id."""


def read(facts: Facts, path: str) -> Read[Any]:
    """The ``Read`` at a dotted path such as ``application.redirect_uris``; ``KeyError`` when no such fact exists."""
    value: Any = facts
    for part in path.split("."):
        if part not in getattr(value, "__struct_fields__", ()):
            raise KeyError(path)
        value = getattr(value, part)
    if isinstance(value, (Found, Missing, Unread)):
        return value
    if "exists" in getattr(value, "__struct_fields__", ()):
        exists: Read[Any] = value.exists
        return exists
    raise KeyError(path)


def absent(kind: type[T], as_of: datetime | None = None, source: Source = "registration") -> T:
    """A ``kind`` (Application, ServicePrincipal, User…) whose every property is ``Missing``: looked for, not there."""
    missing = Missing(source, as_of)
    return kind(**dict.fromkeys(kind.__struct_fields__, missing))  # type: ignore[attr-defined]


def unreadable(kind: type[T], why: str, how: str = "") -> T:
    """A ``kind`` whose every property is ``Unread`` for the same reason."""
    unread = Unread(why, how)
    return kind(**dict.fromkeys(kind.__struct_fields__, unread))  # type: ignore[attr-defined]
