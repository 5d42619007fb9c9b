"""Graph's ``servicePrincipal`` → ``diag.core.registration.ServicePrincipal``.

Source: https://learn.microsoft.com/graph/api/resources/serviceprincipal (checked 2026-11-22).
"""

from collections.abc import Mapping

from diag.adapters.graph.wire.application import (
    application_permission,
    delegated_permission,
    disabled_by_microsoft,
    exists,
    owner,
)
from diag.adapters.graph.wire.common import Node
from diag.adapters.graph.wire.credentials import certificate, client_secret, thumbprint
from diag.core.read import Found, Read, Unread
from diag.core.registration import ServicePrincipal


def service_principal(node: Node) -> ServicePrincipal:
    """Every property by itself; all missing or all unread when the object is."""
    return ServicePrincipal(
        exists=exists(node),
        object_id=node.guid("id"),
        app_id=node.guid("appId"),
        display_name=node.text("displayName"),
        type=node.text("servicePrincipalType"),
        account_enabled=node.flag("accountEnabled"),
        assignment_required=node.flag("appRoleAssignmentRequired"),
        owner_tenant_id=node.guid("appOwnerOrganizationId"),
        sign_in_audience=node.text("signInAudience"),
        names=node.texts("servicePrincipalNames"),
        reply_urls=node.texts("replyUrls"),
        single_sign_on_mode=node.words("preferredSingleSignOnMode"),
        scopes=node.items(_scopes_name(node), delegated_permission),
        app_roles=node.items("appRoles", application_permission),
        client_secrets=node.items("passwordCredentials", client_secret),
        certificates=node.items("keyCredentials", certificate),
        preferred_signing_thumbprint=_preferred_thumbprint(node),
        disabled_by_microsoft=disabled_by_microsoft(node),
        verified_publisher=node.inside("verifiedPublisher").words("displayName"),
        owners=node.items("owners", owner),
        tags=node.texts("tags"),
    )


def _scopes_name(node: Node) -> str:
    """beta calls the same collection otherwise."""
    beta = "publishedPermissionScopes"
    given = node.given if isinstance(node.given, Mapping) else {}
    return beta if beta in given and "oauth2PermissionScopes" not in given else "oauth2PermissionScopes"


def _preferred_thumbprint(node: Node) -> Read[str]:
    read = node.words("preferredTokenSigningKeyThumbprint")
    if not isinstance(read, Found):
        return read
    normal = thumbprint(read.value)
    if not normal:
        return Unread(f"{node.path}.preferredTokenSigningKeyThumbprint is no SHA-1 thumbprint")
    return node.found(normal)
