"""Graph's ``oAuth2PermissionGrant`` and ``appRoleAssignment`` → delegated grants and role assignments."""

from diag.adapters.graph.wire.common import essential, first_text, mapping
from diag.core.identifiers import ObjectId
from diag.core.registration import DelegatedGrant, RoleAssignment


def delegated_grant(element: object) -> DelegatedGrant:
    """Scopes are split at spaces, in the directory's order, without repeats; no scopes is a grant of nothing."""
    given = mapping(element)
    principal = first_text(given, "principalId")
    scopes = "" if given.get("scope", "") is None else essential(given, "scope")
    return DelegatedGrant(
        client_object_id=ObjectId(essential(given, "clientId")),
        resource_object_id=ObjectId(essential(given, "resourceId")),
        consent_type=essential(given, "consentType"),
        scopes=tuple(dict.fromkeys(scopes.split())),
        principal_object_id=ObjectId(principal.lower()) if principal else None,
        id=first_text(given, "id"),
    )


def role_assignment(element: object) -> RoleAssignment:
    given = mapping(element)
    return RoleAssignment(
        principal_object_id=ObjectId(essential(given, "principalId")),
        resource_object_id=ObjectId(essential(given, "resourceId")),
        app_role_id=essential(given, "appRoleId"),
        principal_type=first_text(given, "principalType"),
        principal_name=first_text(given, "principalDisplayName"),
        resource_name=first_text(given, "resourceDisplayName"),
    )
