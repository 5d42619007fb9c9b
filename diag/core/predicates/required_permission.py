"""Questions about the list of API permissions in the registration as a whole."""

from diag.core.facts import Facts
from diag.core.permissions import AZURE_AD_GRAPH, GRAPH, known_api
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import RequiredPermission
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_LIST = "application.required_permissions"
_DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
"""The role of an assignment that gives access without a permission."""
_SIGN_IN = frozenset({
    "e1fe6dd8-ba31-4d61-89e7-88639da4683d",  # Microsoft Graph: User.Read
    "37f7f235-527c-4136-accd-4a02d197296e",  # Microsoft Graph: openid
    "14dad69e-099b-42c9-810b-d002981feec1",  # Microsoft Graph: profile
    "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",  # Microsoft Graph: email
    "311a71cc-e848-46a1-bdf8-97ff7156d8e6",  # Azure AD Graph: User.Read
})  # fmt: skip
"""Delegated permissions that let a user sign in; their ids are the same in every tenant."""


@predicate("required_permission.exists", needs=(_LIST,), gives={"listed": "other APIs"})
def exists(facts: Facts, _: NoArgs) -> Verdict:
    """The registration lists at least one API permission."""
    read = _read(facts)
    if isinstance(read, Unread):
        return lacking(_LIST, read)
    listed = read.value if isinstance(read, Found) else ()
    if listed:
        names = _names(listed)
        return Yes((observed(f"The registration lists permissions of {names}.", _LIST, read),), {"listed": names})
    if isinstance(read, Found) and not read.complete:
        return lacking(_LIST, Unread("the list of API permissions was cut short"))
    return No((observed("The registration lists no API permission at all.", _LIST, read),))


@predicate("required_permission.allows_sign_in", needs=(_LIST,), gives={"listed": "other APIs"})
def allows_sign_in(facts: Facts, _: NoArgs) -> Verdict:
    """The registration lists a delegated permission of Microsoft Graph (or the retired Azure AD Graph) for signing in,
    such as User.Read or openid."""
    read = _read(facts)
    if isinstance(read, Unread):
        return lacking(_LIST, read)
    listed = read.value if isinstance(read, Found) else ()
    for item in listed:
        if item.permission_id.casefold() in _SIGN_IN and str(item.resource_app_id) in (GRAPH, AZURE_AD_GRAPH):
            said = "The registration lists a permission for signing in (User.Read, openid, profile or email)."
            return Yes((observed(said, _LIST, read),), {"listed": _names(listed)})
    if isinstance(read, Found) and not read.complete:
        return lacking(_LIST, Unread("the list of API permissions was cut short"))
    names = f"it lists permissions of {_names(listed)}" if listed else "it lists none"
    said = f"The registration lists no permission for signing in, such as User.Read or openid: {names}."
    return No((observed(said, _LIST, read),))


@predicate("required_permission.is_of_retired_api", needs=(_LIST,), gives={"retired": "a retired API"})
def is_of_retired_api(facts: Facts, _: NoArgs) -> Verdict:
    """The registration lists a permission of an API that has been retired, such as Azure AD Graph."""
    read = _read(facts)
    if isinstance(read, Unread):
        return lacking(_LIST, read)
    listed = read.value if isinstance(read, Found) else ()
    apis = [known_api(str(item.resource_app_id)) for item in listed]
    retired = list(dict.fromkeys(api.name for api in apis if api is not None and api.retired))
    if retired:
        said = f"The registration lists permissions of {', '.join(retired)}."
        return Yes((observed(said, _LIST, read),), {"retired": ", ".join(retired)})
    if isinstance(read, Found) and not read.complete:
        return lacking(_LIST, Unread("the list of API permissions was cut short"))
    return No((observed("No API that it lists permissions of is known to be retired.", _LIST, read),))


@predicate("required_permission.acts_for_user", needs=(_LIST,), gives={"delegated": "delegated permissions"})
def acts_for_user(facts: Facts, _: NoArgs) -> Verdict:
    """The registration lists a delegated permission beyond what signing in takes."""
    read = _read(facts)
    if isinstance(read, Unread):
        return lacking(_LIST, read)
    listed = read.value if isinstance(read, Found) else ()
    beyond = tuple(
        item for item in listed if item.kind == "delegated" and item.permission_id.casefold() not in _SIGN_IN
    )
    if beyond:
        count = f"{len(beyond)} delegated permission{'s' if len(beyond) > 1 else ''} of {_names(beyond)}"
        return Yes((observed(f"The registration lists {count}.", _LIST, read),), {"delegated": count})
    if isinstance(read, Found) and not read.complete:
        return lacking(_LIST, Unread("the list of API permissions was cut short"))
    return No((observed("It lists no delegated permission beyond signing in.", _LIST, read),))


@predicate(
    "required_permission.acts_as_itself",
    needs=(_LIST, "app_role_assignments"),
    gives={"own_permissions": "application permissions"},
)
def acts_as_itself(facts: Facts, _: NoArgs) -> Verdict:
    """The application is granted, or asks for, an application permission: a program uses it without a user."""
    read, assigned = _read(facts), facts.app_role_assignments
    if isinstance(assigned, Found):
        names = [
            item.resource_name or item.resource_object_id
            for item in assigned.value
            if item.app_role_id != _DEFAULT_ACCESS
        ]
        if names:
            of = ", ".join(list(dict.fromkeys(names))[:3])
            count = f"{len(names)} application permission{'s' if len(names) > 1 else ''} of {of}"
            seen = observed(f"Granted: {count}.", "app_role_assignments", assigned)
            return Yes((seen,), {"own_permissions": count})
    if isinstance(read, Unread):
        return lacking(_LIST, read)
    listed = read.value if isinstance(read, Found) else ()
    roles = tuple(item for item in listed if item.kind == "application")
    if roles:
        count = f"{len(roles)} application permission{'s' if len(roles) > 1 else ''} of {_names(roles)}"
        return Yes((observed(f"The registration lists {count}.", _LIST, read),), {"own_permissions": count})
    if isinstance(read, Found) and not read.complete:
        return lacking(_LIST, Unread("the list of API permissions was cut short"))
    return No((observed("It lists no application permission.", _LIST, read),))


def _read(facts: Facts) -> Read[tuple[RequiredPermission, ...]]:
    if isinstance(facts.application.exists, Missing):
        return Unread("the application's registration is in another tenant")
    return facts.application.required_permissions


def _names(listed: tuple[RequiredPermission, ...]) -> str:
    ids = dict.fromkeys(str(item.resource_app_id) for item in listed)
    return ", ".join(api.name if (api := known_api(app_id)) else app_id for app_id in ids)
