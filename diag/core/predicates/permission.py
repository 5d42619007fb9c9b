"""Questions about the permissions that are asked for, against what the API exposes and who may grant them."""

from typing import Any

from msgspec import Struct

from diag.core.asked import asked_apis
from diag.core.facts import Facts
from diag.core.pasted import plain
from diag.core.permissions import (
    GRAPH,
    GRAPH_FOR_ADMINS,
    GRAPH_FOR_USERS,
    NOT_GRAPHS,
    OPENID_SCOPES,
    api_values,
    nearest,
    same_api,
    split_scopes,
)
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read
from diag.core.registration import DelegatedPermission
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed

_PERMISSION = {"named": "that was asked for"}
_BEFORE = "asked for scope '"
_NAMED = ("failure.permission", "failure.scope")


class ValuesArgs(Struct, frozen=True, forbid_unknown_fields=True):
    values: tuple[str, ...]


def permissions_asked(facts: Facts) -> tuple[tuple[str, ...], str, Found[str]] | None:
    """The permissions of APIs that the failure is about, with where they were read; None when nothing says.

    A permission that the error names stands alone, because it is the one at fault.
    """
    named, scope = facts.failure.permission, facts.failure.scope
    if isinstance(named, Found) and named.value.strip():
        return (named.value.strip().rpartition("/")[2] or named.value,), "failure.permission", named
    if isinstance(scope, Found):
        return api_values(scope.value), "failure.scope", scope
    return None


def _is_graph(facts: Facts) -> bool:
    return any(same_api(api.name, GRAPH) for api in asked_apis(facts))


def _exposed(facts: Facts) -> tuple[tuple[DelegatedPermission, ...], bool, Found[Any] | Missing] | None:
    read: Read[tuple[DelegatedPermission, ...]] = facts.resource.scopes
    if isinstance(read, Found):
        return read.value, read.complete, read
    if isinstance(read, Missing):
        return (), True, read
    return None


@predicate("permission.is_requested", needs=("failure.scope",), args=ValuesArgs)
def is_requested(facts: Facts, args: ValuesArgs) -> Verdict:
    """The scope parameter holds one of ``values``."""
    scope = facts.failure.scope
    match scope:
        case Found(value=text):
            sent = {part.value.casefold() for part in split_scopes(text)}
            hit = next((value for value in args.values if value.casefold() in sent), None)
            if hit:
                return Yes((observed(f"The scopes “{text}” include {hit}.", "failure.scope", scope),))
            return No((observed(f"The scopes “{text}” do not include {args.values[0]}.", "failure.scope", scope),))
        case Missing():
            return No((observed("The request has no scope parameter.", "failure.scope", scope),))
        case _:
            return lacking("failure.scope", scope)


@predicate("permission.has_stray_characters", needs=(*_NAMED, "failure.text"), gives=_PERMISSION)
def has_stray_characters(facts: Facts, _: NoArgs) -> Verdict:
    """A line end, tab, escaped blank, comma or quote sticks to a permission's name."""
    named, scope, text = facts.failure.permission, facts.failure.scope, facts.failure.text
    printed = (_printed(text.value) or _printed(plain(text.value))) if isinstance(text, Found) else ""
    if printed and printed.strip() and printed != printed.strip() and isinstance(text, Found):
        said = f"The message prints the permission as “{_visible(printed)}”: a blank or line end sticks to it."
        return Yes((observed(said, "failure.text", text),), {"named": f"“{_visible(printed)}”"})
    seen = No()
    for read, fact in ((named, "failure.permission"), (scope, "failure.scope")):
        if not isinstance(read, Found):
            continue
        stray = _stray_in(read.value)
        if stray:
            shown = read.value.strip()
            said = f"The permission arrives as “{_visible(shown)}”: {stray} sticks to it."
            return Yes((observed(said, fact, read),), {"named": f"“{_visible(shown)}”"})
        seen = No((observed(f"“{read.value}” holds no stray characters.", fact, read),))
    return seen if seen.evidence else lacking("failure.permission")


def _printed(text: str) -> str:
    """The permission between its quotes as the message prints it, blanks included; empty when it prints none."""
    _, found, rest = text.partition(_BEFORE)
    value, closed, _ = rest[:1024].partition("'")
    return value if found and closed else ""


def _stray_in(text: str) -> str | None:
    folded = text.casefold()
    for mark, name in (
        ("%0a", "an escaped line end"),
        ("%0d", "an escaped line end"),
        ("\\n", "an escaped line end"),
        ("\\r", "an escaped line end"),
        ("\\t", "an escaped tab"),
        ("%09", "an escaped tab"),
        ("%20", "an escaped blank"),
        ("%2c", "an escaped comma"),
        ("\n", "a line end"),
        ("\r", "a line end"),
        ("\t", "a tab"),
        (",", "a comma"),
        (";", "a semicolon"),
        ('"', "a quote"),
        ("\u200b", "an invisible blank"),
        ("\ufeff", "an invisible mark"),
    ):
        if mark in folded:
            return name
    return None


def _visible(text: str) -> str:
    return text.replace("\n", "⏎").replace("\r", "").replace("\t", "⇥").replace("\u200b", "␣").replace("\ufeff", "␣")


@predicate(
    "permission.belongs_to_other_api",
    needs=(*_NAMED, "failure.resource", "application.scopes"),
    gives=_PERMISSION | {"owner": "the API that exposes it"},
)
def belongs_to_other_api(facts: Facts, _: NoArgs) -> Verdict:
    """Microsoft Graph is asked for another API's permission: the name was sent without its API's prefix."""
    asked = permissions_asked(facts)
    if asked is None:
        return lacking("failure.permission")
    values, fact, read = asked
    if asked_apis(facts) and not _is_graph(facts):
        return No((observed("The permission was not asked of Microsoft Graph.", "failure.resource", read),))
    if not asked_apis(facts):
        return lacking("failure.resource")
    own = facts.application.scopes
    for value in values:
        if isinstance(own, Found) and any(scope.value == value for scope in own.value):
            said = f"“{value}” is a permission this registration itself exposes, yet it was asked of Microsoft Graph."
            return Yes(
                (observed(said, "application.scopes", own),),
                {"named": f"“{value}”", "owner": "this registration's own API"},
            )
        if value.casefold() in NOT_GRAPHS or value.casefold().startswith("vso."):
            said = f"“{value}” was asked of Microsoft Graph, which has no permission of that name; other APIs do."
            return Yes((observed(said, fact, read),), {"named": f"“{value}”"})
    if values and all(value in GRAPH_FOR_USERS | GRAPH_FOR_ADMINS for value in values):
        return No((observed(f"“{values[0]}” is a permission of Microsoft Graph.", fact, read),))
    return Unknown(lacking("application.scopes").needs, gives={"named": f"“{values[0]}”"} if values else {})


@predicate("permission.is_named", needs=_NAMED, gives=_PERMISSION)
def is_named(facts: Facts, _: NoArgs) -> Verdict:
    """The failure says which permission is asked for."""
    asked = permissions_asked(facts)
    if asked is None:
        return lacking("failure.permission")
    values, fact, read = asked
    if not values:
        return No((observed("No permission of an API is asked for by name.", fact, read),))
    shown = ", ".join(values)
    return Yes((observed(f"Asked for: {shown}.", fact, read),), {"named": f"“{shown}”"})


@predicate("permission.is_exposed", needs=(*_NAMED, "resource.scopes"), gives=_PERMISSION)
def is_exposed(facts: Facts, _: NoArgs) -> Verdict:
    """The API offers every requested delegated permission, and none is disabled there."""
    asked = permissions_asked(facts)
    if asked is None:
        return lacking("failure.permission")
    values, _fact, _read = asked
    exposed = _exposed(facts)
    if not values or exposed is None:
        return Unknown(lacking("resource.scopes").needs, gives={"named": f"“{values[0]}”"} if values else {})
    scopes, complete, read = exposed
    for value in values:
        match = next((scope for scope in scopes if scope.value == value), None)
        if match is not None and not match.enabled:
            return No(
                (observed(f"The API has the permission “{value}”, but it is disabled.", "resource.scopes", read),)
            )
        if match is None and not complete:
            return lacking("resource.scopes")
        if match is None:
            return No((observed(f"The API has no delegated permission “{value}”.", "resource.scopes", read),))
    said = "The API offers every permission that is asked for."
    return Yes((observed(said, "resource.scopes", read),), {"named": f"“{values[0]}”"})


@predicate(
    "permission.is_application_only", needs=(*_NAMED, "resource.scopes", "resource.app_roles"), gives=_PERMISSION
)
def is_application_only(facts: Facts, _: NoArgs) -> Verdict:
    """A requested permission exists on the API as application permission and not as delegated permission."""
    asked = permissions_asked(facts)
    if asked is None:
        return lacking("failure.permission")
    values, roles, exposed = asked[0], facts.resource.app_roles, _exposed(facts)
    gives = {"named": f"“{values[0]}”"} if values else {}
    if isinstance(roles, Missing):
        return No((observed("The API has no application permissions.", "resource.app_roles", roles),))
    if not isinstance(roles, Found) or exposed is None:
        return Unknown(lacking("resource.app_roles").needs, gives=gives)
    delegated = {scope.value for scope in exposed[0]}
    for value in values:
        if any(role.value == value for role in roles.value) and value not in delegated:
            if not exposed[1]:
                return Unknown(lacking("resource.scopes").needs, gives=gives)
            said = f"The API offers “{value}” as application permission only, not on behalf of a user."
            return Yes((observed(said, "resource.app_roles", roles),), {"named": f"“{value}”"})
    if not roles.complete:
        return lacking("resource.app_roles")
    return No((observed("No requested permission is one for applications only.", "resource.app_roles", roles),))


@predicate(
    "permission.is_nearly_exposed", needs=(*_NAMED, "resource.scopes"), gives=_PERMISSION | {"near": "a similar one"}
)
def is_nearly_exposed(facts: Facts, _: NoArgs) -> Verdict:
    """A requested permission is spelt nearly like one the API offers (or, unread, like one of Graph's commonest)."""
    asked = permissions_asked(facts)
    if asked is None:
        return lacking("failure.permission")
    values, fact, read = asked
    exposed = _exposed(facts)
    offered = {scope.value for scope in exposed[0]} if exposed else set()
    common = GRAPH_FOR_USERS | GRAPH_FOR_ADMINS if _is_graph(facts) else frozenset()
    for value in values:
        if value in offered:
            continue
        near = nearest(value, sorted(offered)) or nearest(value, sorted(common | OPENID_SCOPES))
        if near:
            said = f"“{value}” is spelt nearly like “{near}”, which exists."
            return Yes((observed(said, fact, read),), {"named": f"“{value}”", "near": f"“{near}”"})
    if exposed and exposed[1]:
        return No((observed("No permission of the API has a similar name.", "resource.scopes", exposed[2]),))
    return Unknown(lacking("resource.scopes").needs, gives={"named": f"“{values[0]}”"} if values else {})


@predicate(
    "permission.needs_admin",
    needs=(*_NAMED, "resource.scopes", "application.required_permissions"),
    gives={"admin_permissions": "the permissions that only an administrator can grant"},
)
def needs_admin(facts: Facts, _: NoArgs) -> Verdict:
    """Among what is asked for is a permission that only an administrator can grant.

    ``.default`` asks for everything the registration lists, so its list of required permissions counts then.
    """
    asked, required = permissions_asked(facts), facts.application.required_permissions
    exposed = _exposed(facts)
    by_value = {scope.value: scope for scope in exposed[0]} if exposed else {}
    by_id = {scope.id: scope for scope in exposed[0]} if exposed else {}
    values = asked[0] if asked else ()
    hit = [
        v for v in values if (v in by_value and by_value[v].admin_only) or (_is_graph(facts) and v in GRAPH_FOR_ADMINS)
    ]
    if hit and asked:
        shown = ", ".join(hit)
        said = f"Of what is asked for, {shown} can only be granted by an administrator."
        return Yes((observed(said, asked[1], asked[2]),), {"admin_permissions": shown})
    known = bool(values) and all(v in by_value or (_is_graph(facts) and v in GRAPH_FOR_USERS) for v in values)
    if known and asked:
        said = f"A user may grant each permission asked for ({', '.join(values)}), as far as the API is concerned."
        return No((observed(said, asked[1], asked[2]),))
    if asked and values:
        return lacking("resource.scopes")
    if isinstance(required, Found):
        listed = [by_id[item.permission_id].value for item in required.value if _admin_only(by_id, item.permission_id)]
        roles = [item for item in required.value if item.kind == "application"]
        if listed or roles:
            said = f"The registration lists {_listing(listed, len(roles))}, which only an administrator can grant."
            evidence = observed(said, "application.required_permissions", required)
            return Yes((evidence,), {"admin_permissions": _listing(listed, len(roles))})
        if required.complete and required.value and all(item.permission_id in by_id for item in required.value):
            said = "The registration lists no permission that needs an administrator."
            return No((observed(said, "application.required_permissions", required),))
    return lacking("failure.scope")


def _admin_only(by_id: dict[str, DelegatedPermission], permission_id: str) -> bool:
    return permission_id in by_id and by_id[permission_id].admin_only


def _listing(values: list[str], roles: int) -> str:
    parts = values + ([f"{roles} application permission{'s' if roles != 1 else ''}"] if roles else [])
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
