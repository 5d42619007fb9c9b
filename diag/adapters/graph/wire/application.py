"""Graph's ``application`` → ``diag.core.registration.Application``.

Source: https://learn.microsoft.com/graph/api/resources/application (checked 2026-11-22).
"""

from typing import TypeVar

from diag.adapters.graph.wire.common import (
    Node,
    Unusable,
    essential,
    first_text,
    mapping,
    number,
    optional_texts,
)
from diag.adapters.graph.wire.credentials import certificate, client_secret, federated_credentials
from diag.core.identifiers import AppId
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import (
    Application,
    ApplicationPermission,
    DelegatedPermission,
    Owner,
    Platform,
    RedirectUri,
    RequiredPermission,
)

T = TypeVar("T")


def application(node: Node) -> Application:
    """Every property by itself; all missing or all unread when the object is."""
    web, spa, public = node.inside("web"), node.inside("spa"), node.inside("publicClient")
    implicit, api = web.inside("implicitGrantSettings"), node.inside("api")
    by_platform: dict[Platform, Read[tuple[str, ...]]] = {
        "web": web.texts("redirectUris"),
        "spa": spa.texts("redirectUris"),
        "public_client": public.texts("redirectUris"),
    }
    return Application(
        exists=exists(node),
        object_id=node.guid("id"),
        app_id=node.guid("appId"),
        display_name=node.text("displayName"),
        created_at=node.moment("createdDateTime"),
        sign_in_audience=node.text("signInAudience"),
        redirect_uris=all_platforms(by_platform, node),
        web_redirect_uris=by_platform["web"],
        spa_redirect_uris=by_platform["spa"],
        public_client_redirect_uris=by_platform["public_client"],
        is_fallback_public_client=null_means(
            node, "isFallbackPublicClient", node.flag("isFallbackPublicClient"), False
        ),
        implicit_id_tokens=implicit.flag("enableIdTokenIssuance"),
        implicit_access_tokens=implicit.flag("enableAccessTokenIssuance"),
        identifier_uris=node.texts("identifierUris"),
        access_token_version=null_means(
            api, "requestedAccessTokenVersion", api.read("requestedAccessTokenVersion", _token_version), 1
        ),
        access_token_version_is_set=_token_version_is_set(node),
        instance_lock=_instance_lock(node),
        scopes=api.items("oauth2PermissionScopes", delegated_permission),
        app_roles=node.items("appRoles", application_permission),
        known_clients=api.texts("knownClientApplications"),
        pre_authorized_clients=api.items("preAuthorizedApplications", lambda item: essential(mapping(item), "appId")),
        required_permissions=_required(node),
        client_secrets=node.items("passwordCredentials", client_secret),
        certificates=node.items("keyCredentials", certificate),
        federated_credentials=federated_credentials(node, "federatedIdentityCredentials"),
        owners=node.items("owners", owner),
        disabled_by_microsoft=disabled_by_microsoft(node),
        verified_publisher=node.inside("verifiedPublisher").words("displayName"),
        notes=node.text("notes"),
        tags=node.texts("tags"),
        deleted_at=node.moment("deletedDateTime"),
    )


def exists(node: Node) -> Read[bool]:
    return node.given if isinstance(node.given, (Missing, Unread)) else node.found(True)


def null_means(node: Node, name: str, read: Read[T], default: T) -> Read[T]:
    """``read``, with null replaced by what the directory means by it."""
    null = isinstance(read, Missing) and not isinstance(node.given, (Missing, Unread)) and name in node.given
    return node.found(default) if null else read


def disabled_by_microsoft(node: Node) -> Read[str]:
    """The status when Microsoft disabled the object; missing when it did not."""
    status = node.text("disabledByMicrosoftStatus")
    return node.missing() if isinstance(status, Found) and status.value in ("NotDisabled", "") else status


def all_platforms(by_platform: dict[Platform, Read[tuple[str, ...]]], node: Node) -> Read[tuple[RedirectUri, ...]]:
    """Redirect URIs of all platforms together; incomplete while one of them was not given or was cut short."""
    if isinstance(node.given, (Missing, Unread)):
        return node.given
    if all(isinstance(uris, Unread) for uris in by_platform.values()):
        return next(iter(by_platform.values()))  # type: ignore[return-value]
    together: list[RedirectUri] = []
    complete = True
    for platform, uris in by_platform.items():
        if isinstance(uris, Found):
            together += [RedirectUri(uri, platform) for uri in uris.value]
            complete = complete and uris.complete
        elif isinstance(uris, Unread):
            complete = False
    return node.found(tuple(together), complete=complete)


def delegated_permission(element: object) -> DelegatedPermission:
    given = mapping(element)
    return DelegatedPermission(
        id=essential(given, "id"),
        value=first_text(given, "value"),
        admin_only=given.get("type") == "Admin",
        enabled=given.get("isEnabled") is not False,
    )


def application_permission(element: object) -> ApplicationPermission:
    given = mapping(element)
    return ApplicationPermission(
        id=essential(given, "id"),
        value=first_text(given, "value"),
        enabled=given.get("isEnabled") is not False,
        allowed_member_types=optional_texts(given, "allowedMemberTypes"),
    )


def owner(element: object) -> Owner:
    """An owner; called by its object ID when no name was read."""
    given = mapping(element)
    name = first_text(given, "displayName", "userPrincipalName", "id")
    if not name:
        raise Unusable("names nobody")
    kind, enabled = given.get("userType"), given.get("accountEnabled")
    return Owner(
        name=name,
        object_id=first_text(given, "id").lower(),
        user_name=first_text(given, "userPrincipalName"),
        mail=first_text(given, "mail"),
        guest=kind == "Guest" if isinstance(kind, str) else None,
        enabled=enabled if isinstance(enabled, bool) else None,
    )


def _token_version_is_set(node: Node) -> Read[bool]:
    """Whether somebody chose the version of access tokens; null, also of ``api`` as a whole, means that nobody did."""
    if isinstance(node.given, (Missing, Unread)):
        return node.given
    api = node.inside("api")
    if isinstance(api.given, Unread):
        return api.given
    if isinstance(api.given, Missing):
        return node.found(False)
    name = "requestedAccessTokenVersion"
    return node.found(api.given[name] is not None) if name in api.given else Unread()


def _instance_lock(node: Node) -> Read[bool]:
    """Whether the lock covers the credentials that programs sign in with."""
    if isinstance(node.given, (Missing, Unread)):
        return node.given
    lock = node.inside("servicePrincipalLockConfiguration")
    if isinstance(lock.given, Unread):
        return lock.given
    if isinstance(lock.given, Missing):
        return node.found(False)
    on = [lock.flag(name) for name in ("isEnabled", "allProperties", "credentialsWithUsageVerify")]
    enabled, everything, verifying = (flag.value if isinstance(flag, Found) else False for flag in on)
    if enabled and (everything or verifying):
        return node.found(True)
    unread = [flag for flag in on if isinstance(flag, Unread)]
    # A lock that is off needs no more to be known of it.
    return unread[0] if unread and not (isinstance(on[0], Found) and not enabled) else node.found(False)


_KINDS = {"Scope": "delegated", "Role": "application"}


def _required(node: Node) -> Read[tuple[RequiredPermission, ...]]:
    """Flat list of what the application asks for; incomplete when an element of any resource could not be used."""
    partial = False

    def of_resource(element: object) -> tuple[RequiredPermission, ...]:
        nonlocal partial
        given = mapping(element)
        resource = AppId(essential(given, "resourceAppId"))
        access = given.get("resourceAccess")
        if not isinstance(access, (list, tuple)):
            raise Unusable("has no resourceAccess")
        permissions = []
        for item in access:
            kind = _KINDS.get(str(item.get("type"))) if isinstance(item, dict) else None
            if kind is None or not isinstance(item.get("id"), str):
                partial = True
                continue
            permissions.append(RequiredPermission(resource, essential(item, "id"), kind))  # type: ignore[arg-type]
        return tuple(permissions)

    read = node.items("requiredResourceAccess", of_resource)
    if not isinstance(read, Found):
        return read
    flat = tuple(permission for group in read.value for permission in group)
    return node.found(flat, complete=read.complete and not partial)


def _token_version(value: object) -> int:
    version = number(value)
    if version not in (1, 2):
        raise Unusable(f"is {version}, neither 1 nor 2")
    return version
