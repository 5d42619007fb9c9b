"""Frozen values that describe an application, its service principal, and what they hold: addresses, keys, permissions.

Every property is a ``Read`` (``diag.core.read``). Text inside these values is untrusted: display names and redirect
URIs are chosen by attackers.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from diag.core.identifiers import AppId, KeyId, ObjectId
from diag.core.read import UNREAD, Read

Platform = Literal["web", "spa", "public_client"]


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


class Owner(Struct, frozen=True, kw_only=True):
    """Who owns an application or service principal: a person, or a program."""

    name: str
    """Display name; the user name or object ID where there is none."""
    object_id: str = ""
    user_name: str = ""
    """userPrincipalName; empty for a program, which has none."""
    mail: str = ""
    guest: bool | None = None
    """None where the kind of account was not read, or does not apply."""
    enabled: bool | None = None
    """Whether the account can sign in; None where it was not read."""


class CredentialUse(Struct, frozen=True):
    """When a credential was last seen in a successful sign-in; None: never, while somebody watched."""

    key_id: KeyId
    last_used: datetime | None = None


class CredentialUses(Struct, frozen=True):
    """What is known of the use of an application's credentials."""

    uses: tuple[CredentialUse, ...]
    """One for each credential that could be watched; one that is absent was not watched."""
    watched_since: datetime | None = None
    """From when on sign-ins were seen without a gap that matters; None when the source covers all time."""


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
    access_token_version_is_set: Read[bool] = UNREAD
    """Whether somebody chose the version; false where the directory holds null."""
    instance_lock: Read[bool] = UNREAD
    """Whether the credentials of the application's service principals in other tenants are locked against additions
    there; null in the directory means false."""
    scopes: Read[tuple[DelegatedPermission, ...]] = UNREAD
    app_roles: Read[tuple[ApplicationPermission, ...]] = UNREAD
    known_clients: Read[tuple[str, ...]] = UNREAD
    pre_authorized_clients: Read[tuple[str, ...]] = UNREAD
    required_permissions: Read[tuple[RequiredPermission, ...]] = UNREAD
    client_secrets: Read[tuple[ClientSecret, ...]] = UNREAD
    certificates: Read[tuple[Certificate, ...]] = UNREAD
    federated_credentials: Read[tuple[FederatedCredential, ...]] = UNREAD
    owners: Read[tuple[Owner, ...]] = UNREAD
    """In the directory's order."""
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
    owners: Read[tuple[Owner, ...]] = UNREAD
    tags: Read[tuple[str, ...]] = UNREAD
