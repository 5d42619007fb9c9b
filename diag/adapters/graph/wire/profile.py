"""Stored bodies → what alerts look at of an application: its owners, its labels, and how it is signed in with."""

from collections.abc import Mapping

from diag.adapters.graph.wire.common import Node, Unusable, first_text, mapping
from diag.core.profile import Person, Profile
from diag.core.read import Found, Missing, Read


def profile(
    application: Node, principal: Node, owners: Node | None = None, principal_owners: Node | None = None
) -> Profile:
    """The profile; ``owners``: the detail collections, None where they were never read."""
    return Profile(
        name=_value(application.text("displayName")) or _value(principal.text("displayName")),
        tags=tuple(dict.fromkeys((*_values(application.texts("tags")), *_values(principal.texts("tags"))))),
        notes="\n".join(filter(None, (_value(application.text("notes")), _value(principal.text("notes"))))),
        service_management_reference=_value(application.text("serviceManagementReference")),
        owners=(owners or application).items("value" if owners else "owners", person),
        principal_owners=(principal_owners or principal).items("value" if principal_owners else "owners", person),
        principal_type=_value(principal.text("servicePrincipalType")),
        owner_tenant_id=_value(principal.guid("appOwnerOrganizationId")),
        users_sign_in=_users_sign_in(application, principal),
    )


def person(element: object) -> Person:
    """One owner; ``Unusable`` when it names nobody."""
    given = mapping(element)
    name = first_text(given, "displayName", "userPrincipalName", "id")
    if not name:
        raise Unusable("names nobody")
    enabled = given.get("accountEnabled")
    guest = first_text(given, "userType").casefold()
    return Person(
        name=name,
        mail=first_text(given, "mail"),
        user_name=first_text(given, "userPrincipalName"),
        enabled=enabled if isinstance(enabled, bool) else None,
        guest=guest == "guest" if guest else None,
        # The stored collection names no types; of all that can own an application only people have these.
        human=bool(guest or first_text(given, "userPrincipalName", "mail")),
    )


def _users_sign_in(application: Node, principal: Node) -> bool | None:
    """By where people could come back to, and by the scopes that a token for somebody could be exchanged for."""
    seen: list[Read[tuple[str, ...]]]
    if isinstance(application.given, Mapping):
        seen = [
            application.inside("web").texts("redirectUris"),
            application.inside("spa").texts("redirectUris"),
            application.inside("publicClient").texts("redirectUris"),
            application.inside("api").items("oauth2PermissionScopes", _named),
        ]
    elif isinstance(principal.given, Mapping):
        seen = [principal.texts("replyUrls"), principal.items("oauth2PermissionScopes", _named)]
    else:
        return None
    if any(isinstance(read, Found) and read.value for read in seen):
        return True
    known = all(isinstance(read, Missing) or (isinstance(read, Found) and read.complete) for read in seen)
    return False if known else None


def _named(element: object) -> str:
    return first_text(mapping(element), "value", "id") or "unnamed"


def _value(read: Read[str]) -> str:
    return read.value if isinstance(read, Found) else ""


def _values(read: Read[tuple[str, ...]]) -> tuple[str, ...]:
    return read.value if isinstance(read, Found) else ()
