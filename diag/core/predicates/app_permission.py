"""Questions about application permissions: does the daemon ask for them on the API it calls, and are they granted."""

from diag.core.access_tokens import is_graph
from diag.core.asked import asked_api
from diag.core.facts import Facts
from diag.core.permissions import GRAPH, app_id_in, known_api, same_api, shown_api
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import RequiredPermission, RoleAssignment
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

_REQUIRED, _GRANTED = "application.required_permissions", "app_role_assignments"
_CALLED = ("failure.resource", "failure.scope", "token.audience")
_DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"


def called_api(facts: Facts) -> str | None:
    """The API that is called, by the token's audience or by what the request names; None when nothing says."""
    api = asked_api(facts)
    if api is not None:
        return api.name
    audience = facts.token.audience
    if isinstance(audience, Found):
        return GRAPH if is_graph(audience.value) else audience.value
    return None


@predicate(
    "app_permission.is_sought",
    needs=(_REQUIRED, _GRANTED, *_CALLED),
    gives={"api": "the API that is called", "resource": "the API's application ID"},
)
def is_sought(facts: Facts, _: NoArgs) -> Verdict:
    """The registration lists, or the directory grants, an application permission on the API that is called."""
    required, api = facts.application.required_permissions, called_api(facts)
    gives = _called(api)
    granted = _granted_on(facts, api)
    if granted:
        read = facts.app_role_assignments
        return Yes((_seen_granted(granted, read),), gives)
    if isinstance(required, Unread):
        return Unknown(lacking(_REQUIRED, required).needs, (), gives)
    listed = required.value if isinstance(required, Found) else ()
    roles = [item for item in listed if item.kind == "application" and _on(item, api)]
    if roles:
        statement = f"The registration lists {len(roles)} application permission(s) on the API called."
        return Yes((observed(statement, _REQUIRED, required),), gives)
    if isinstance(required, Found) and not required.complete:
        return Unknown(lacking(_REQUIRED).needs, (), gives)
    where = f" on {shown_api(api)}" if api else ""
    return No((observed(f"The registration lists no application permission{where}.", _REQUIRED, required),))


@predicate(
    "delegated_permission.is_listed",
    needs=(_REQUIRED, *_CALLED),
    gives={"api": "the API that is called", "resource": "the API's application ID"},
)
def delegated_is_listed(facts: Facts, _: NoArgs) -> Verdict:
    """The registration lists a delegated permission on the API that is called."""
    required, api = facts.application.required_permissions, called_api(facts)
    gives = _called(api)
    if isinstance(required, Unread):
        return Unknown(lacking(_REQUIRED, required).needs, (), gives)
    listed = required.value if isinstance(required, Found) else ()
    scopes = [item for item in listed if item.kind == "delegated" and _on(item, api)]
    if scopes:
        statement = f"The registration lists {len(scopes)} delegated permission(s), which need a signed-in user."
        return Yes((observed(statement, _REQUIRED, required),), gives)
    if isinstance(required, Found) and not required.complete:
        return Unknown(lacking(_REQUIRED).needs, (), gives)
    return No((observed("The registration lists no delegated permission on the API called.", _REQUIRED, required),))


@predicate(
    "app_permission.is_on_other_api_only",
    needs=(_REQUIRED, _GRANTED, *_CALLED),
    gives={"api": "the API that is called", "resource": "the API's application ID", "other_api": "another API"},
)
def is_on_other_api_only(facts: Facts, _: NoArgs) -> Verdict:
    """Application permissions are listed or granted, but on another API than the one that is called."""
    api, required, assigned = called_api(facts), facts.application.required_permissions, facts.app_role_assignments
    if api is None:
        return lacking("failure.resource")
    gives = _called(api)
    if isinstance(required, Unread) and not isinstance(assigned, Found):
        return Unknown(lacking(_REQUIRED, required).needs, (), gives)
    roles = [item for item in required.value if item.kind == "application"] if isinstance(required, Found) else []
    if any(_on(item, api) for item in roles) or _granted_on(facts, api):
        statement = f"Application permissions on {shown_api(api)} are listed or granted."
        return No((observed(statement, _REQUIRED, _any(facts)),))
    others = {_plain(item.resource_app_id) for item in roles}
    if isinstance(assigned, Found):
        others |= {item.resource_name for item in assigned.value if _names_other(item, api)}
    if not others:
        return No((observed("No application permission on any API is listed or granted.", _REQUIRED, _any(facts)),))
    other = ", ".join(sorted(others)[:3])
    statement = f"Application permissions are listed or granted on {other}, none on {shown_api(api)}, which is called."
    return Yes((observed(statement, _REQUIRED, _any(facts)),), gives | {"other_api": other})


@predicate(
    "app_permission.awaits_consent",
    needs=(_REQUIRED, _GRANTED, *_CALLED),
    gives={
        "api": "the API that is called",
        "resource": "the API's application ID",
        "permission": "the permission that is not granted",
    },
)
def awaits_consent(facts: Facts, _: NoArgs) -> Verdict:
    """The registration lists an application permission on the API that is called, and it is not granted."""
    required, api, assigned = facts.application.required_permissions, called_api(facts), facts.app_role_assignments
    if isinstance(required, Unread):
        return lacking(_REQUIRED, required)
    listed = required.value if isinstance(required, Found) else ()
    roles = [item for item in listed if item.kind == "application" and _on(item, api)]
    if not roles:
        if isinstance(required, Found) and not required.complete:
            return lacking(_REQUIRED)
        return No((observed("The registration lists no application permission on the API.", _REQUIRED, required),))
    first = roles[0]
    owner = str(first.resource_app_id)
    gives = {"resource": owner, "permission": _value(facts, first), "api": shown_api(owner)}
    if isinstance(assigned, Unread):
        return Unknown(lacking(_GRANTED, assigned).needs, (), gives)
    held = {item.app_role_id.casefold() for item in assigned.value} if isinstance(assigned, Found) else set()
    open_roles = [item for item in roles if item.permission_id.casefold() not in held]
    if not open_roles:
        return No((observed("Every application permission that is listed is granted.", _GRANTED, assigned),))
    if isinstance(assigned, Found) and not assigned.complete:
        return Unknown(lacking(_GRANTED).needs, (), gives)
    gives["permission"] = _value(facts, open_roles[0])
    statement = f"Listed and not granted: {', '.join(_value(facts, item) for item in open_roles[:5])}."
    return Yes((observed(statement, _GRANTED, assigned),), gives)


@predicate(
    "app_permission.is_granted",
    needs=(_GRANTED, "token.roles", *_CALLED),
    gives={"granted": "what is granted", "api": "the API that is called", "resource": "the API's application ID"},
)
def is_granted(facts: Facts, _: NoArgs) -> Verdict:
    """At least one application permission on the API that is called is granted to the client."""
    api, roles, assigned = called_api(facts), facts.token.roles, facts.app_role_assignments
    gives = _called(api)
    if isinstance(roles, Found) and roles.value:
        carried = " ".join(roles.value[:12])
        seen = (observed(f"The token carries the roles “{carried}”.", "token.roles", roles),)
        return Yes(seen, gives | {"granted": carried})
    granted = _granted_on(facts, api)
    if granted:
        gives["granted"] = f"{len(granted)} application permission(s)"
        return Yes((_seen_granted(granted, assigned),), gives)
    if isinstance(assigned, Unread):
        return Unknown(lacking(_GRANTED, assigned).needs, (), gives)
    if isinstance(assigned, Found) and not assigned.complete:
        return Unknown(lacking(_GRANTED).needs, (), gives)
    return No((observed("No application permission on the API called is granted.", _GRANTED, assigned),))


@predicate(
    "token.precedes_grant",
    needs=("token.issued_at", "changes", "token.roles", _GRANTED),
    gives={"issued": "when it was issued", "granted_at": "when the permission was granted"},
)
def precedes_grant(facts: Facts, _: NoArgs) -> Verdict:
    """The token was issued before an application permission was granted, so it does not carry it."""
    issued, changes = facts.token.issued_at, facts.changes
    shown = isinstance(facts.token.exists, Found)
    if shown and isinstance(facts.token.roles, Missing) and _granted_on(facts, called_api(facts)):
        statement = "The directory grants application permissions on the API, and the token carries no roles."
        return Yes((observed(statement, "token.roles", facts.token.roles),))
    if not isinstance(issued, Found):
        return lacking("token.issued_at", issued if isinstance(issued, Unread) else None)
    if isinstance(changes, Unread):
        return lacking("changes", changes)
    for change in changes.value if isinstance(changes, Found) else ():
        name = change.activity.casefold()
        if name.startswith("add app role assignment") and change.at > issued.value:
            gives = {"issued": f"{issued.value:%Y-%m-%d %H:%M UTC}", "granted_at": f"{change.at:%Y-%m-%d %H:%M UTC}"}
            statement = f"A permission was granted at {gives['granted_at']}; the token is of {gives['issued']}."
            return Yes((observed(statement, "changes", changes),), gives)
    return No((observed("No permission was granted after the token was issued.", "changes", changes),))


def _called(api: str | None) -> dict[str, str]:
    """``api`` as sentences show it, and its application ID where its name tells it."""
    if api is None:
        return {}
    known = known_api(api)
    app_id = known.app_id if known else app_id_in(api)
    return {"api": shown_api(api)} | ({"resource": app_id} if app_id else {})


def _on(item: RequiredPermission, api: str | None) -> bool:
    return api is None or same_api(item.resource_app_id, api)


def _granted_on(facts: Facts, api: str | None) -> list[RoleAssignment]:
    """Assignments on the API: by its service principal, its well-known name, or because the registration lists it."""
    assigned = facts.app_role_assignments
    if not isinstance(assigned, Found):
        return []
    required = facts.application.required_permissions
    listed = {
        item.permission_id.casefold()
        for item in (required.value if isinstance(required, Found) else ())
        if item.kind == "application" and _on(item, api)
    }
    known = known_api(api) if api else None
    own = facts.resource.object_id
    return [
        item
        for item in assigned.value
        if item.app_role_id != _DEFAULT_ACCESS
        and (
            api is None
            or item.app_role_id.casefold() in listed
            or (known is not None and item.resource_name.casefold() == known.name.casefold())
            or (isinstance(own, Found) and item.resource_object_id.casefold() == own.value.casefold())
        )
    ]


def _plain(app_id: str) -> str:
    known = known_api(app_id)
    return known.name if known else app_id


def _names_other(item: RoleAssignment, api: str) -> bool:
    known = known_api(api)
    return bool(item.resource_name) and known is not None and item.resource_name.casefold() != known.name.casefold()


def _value(facts: Facts, item: RequiredPermission) -> str:
    """The permission's name where the API's service principal was read, else its ID."""
    roles = facts.resource.app_roles
    for role in roles.value if isinstance(roles, Found) else ():
        if role.id.casefold() == item.permission_id.casefold() and role.value:
            return role.value
    return item.permission_id


def _seen_granted(granted: list[RoleAssignment], read: Read[tuple[RoleAssignment, ...]]) -> Evidence:
    names = sorted({item.resource_name for item in granted if item.resource_name})
    on = f" on {', '.join(names)}" if names else ""
    statement = f"{len(granted)} application permission(s){on} are granted to the client."
    return observed(statement, _GRANTED, read if not isinstance(read, Unread) else Missing())


def _any(facts: Facts) -> Missing:
    for read in (facts.application.required_permissions, facts.app_role_assignments):
        if isinstance(read, (Found, Missing)):
            return Missing(read.source, read.as_of)
    return Missing()
