"""Questions about consent: which delegated permissions the directory records as granted to the client, and for whom."""

from diag.core.asked import API_WORDS, asked_api, values_of
from diag.core.facts import Facts
from diag.core.permissions import GRAPH, GRAPH_SCOPES, same_api
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.permission import permissions_asked
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import DelegatedGrant, ServicePrincipal
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed

_GRANTS = ("grants", "service_principal.object_id")
_NONE = "The directory holds no delegated grant for the client."

_SHARED = frozenset({"common", "organizations"})


def _of_client(
    facts: Facts,
) -> tuple[tuple[DelegatedGrant, ...], bool, Found[tuple[DelegatedGrant, ...]] | Missing] | None:
    """The client's grants, whether they are all, and where they were read; None when nobody could look."""
    read: Read[tuple[DelegatedGrant, ...]] = facts.grants
    if isinstance(read, Unread):
        # A client without a service principal in the tenant has nothing that a grant could hang on.
        exists = facts.service_principal.exists
        return ((), True, exists) if isinstance(exists, Missing) else None
    if isinstance(read, Missing):
        return (), True, read
    own = facts.service_principal.object_id
    grants = read.value
    if isinstance(own, Found) and any(grant.client_object_id == own.value for grant in grants):
        grants = tuple(grant for grant in grants if grant.client_object_id == own.value)
    return grants, read.complete, read


def _blind(facts: Facts) -> Unknown:
    return lacking("grants", facts.grants if isinstance(facts.grants, Unread) else None)


def _split(
    facts: Facts, grants: tuple[DelegatedGrant, ...]
) -> tuple[list[DelegatedGrant], list[DelegatedGrant]] | None:
    """The grants on the API that is asked for, and those on others; None when nobody can tell.

    Where the API's service principal was not read, Microsoft Graph's grants are known by the names of their scopes.
    """
    api, held = asked_api(facts), facts.resource
    if isinstance(held.object_id, Found) and (api is None or _is_same(api.name, held)):
        object_id = held.object_id.value
        return [g for g in grants if g.resource_object_id == object_id], [
            g for g in grants if g.resource_object_id != object_id
        ]
    if api is None or not all(GRAPH_SCOPES & {scope.casefold() for scope in grant.scopes} for grant in grants):
        return None
    return (list(grants), []) if same_api(api.name, GRAPH) else ([], list(grants))


def _is_same(name: str, held: ServicePrincipal) -> bool:
    names = [held.app_id.value] if isinstance(held.app_id, Found) else []
    names += list(held.names.value) if isinstance(held.names, Found) else []
    return not names or any(same_api(name, other) for other in names)


@predicate("consent.exists", needs=_GRANTS, gives={"granted": "what is granted"})
def exists(facts: Facts, _: NoArgs) -> Verdict:
    """The directory records some delegated grant for the client, for any API and any user."""
    held = _of_client(facts)
    if held is None:
        return _blind(facts)
    grants, complete, read = held
    if grants:
        shown = _scopes(grants)
        said = f"The client holds {len(grants)} delegated grant{'s' if len(grants) > 1 else ''} ({shown})."
        return Yes((observed(said, "grants", read),), {"granted": shown})
    return No((observed(_NONE, "grants", read),)) if complete else lacking("grants")


@predicate("consent.exists_for_everyone", needs=_GRANTS)
def exists_for_everyone(facts: Facts, _: NoArgs) -> Verdict:
    """An administrator has granted the client something on behalf of all users of the tenant."""
    return _for_everyone(facts)


def _for_everyone(facts: Facts) -> Verdict:
    held = _of_client(facts)
    if held is None:
        return _blind(facts)
    grants, complete, read = held
    wide = [grant for grant in grants if grant.consent_type.casefold() == "allprincipals"]
    if wide:
        return Yes((observed(f"Granted for all users of the tenant: {_scopes(wide)}.", "grants", read),))
    if not complete:
        return lacking("grants")
    return No((observed("Nothing is granted to the client for all users of the tenant.", "grants", read),))


@predicate(
    "consent.may_be_out_of_reach",
    needs=(*_GRANTS, "failure.authority_tenant"),
    gives={"authority": "a shared endpoint"},
)
def may_be_out_of_reach(facts: Facts, _: NoArgs) -> Verdict:
    """This tenant has consented for all its users, yet the request goes to a shared endpoint, which sends each user to
    their own tenant."""
    granted, authority = _for_everyone(facts), facts.failure.authority_tenant
    if not isinstance(granted, Yes):
        return granted
    if not isinstance(authority, Found):
        return lacking("failure.authority_tenant")
    seen = (observed(f"The request goes to “{authority.value}”.", "failure.authority_tenant", authority),)
    if authority.value.strip().casefold() in _SHARED:
        return Yes((*granted.evidence, *seen), {"authority": f"“{authority.value}”"})
    return No(seen)


@predicate(
    "consent.is_wanting",
    needs=(*_GRANTS, "resource.object_id", "failure.resource", "failure.scope"),
    gives=API_WORDS | {"permission": "what is asked for"},
)
def is_wanting(facts: Facts, _: NoArgs) -> Verdict:
    """Nothing is granted to the client on the API that is asked for, neither for all users nor for one."""
    held = _of_client(facts)
    gives = {**values_of(asked_api(facts)), **_permission(facts)}
    if held is None:
        return Unknown(_blind(facts).needs, gives=gives)
    grants, complete, read = held
    if not grants:
        return Yes((observed(_NONE, "grants", read),), gives) if complete else lacking("grants")
    parts = _split(facts, grants)
    if parts is None:
        return Unknown(lacking("resource.object_id").needs, gives=gives)
    for_api, _others = parts
    if for_api:
        return No((observed(f"On that API the client is granted {_scopes(for_api)}.", "grants", read),))
    if not complete:
        return lacking("grants")
    return Yes((observed("None of the client's grants is for the API that is asked for.", "grants", read),), gives)


@predicate(
    "consent.is_for_other_apis",
    needs=(*_GRANTS, "resource.object_id", "failure.resource"),
    gives={"granted": "other scopes"},
)
def is_for_other_apis(facts: Facts, _: NoArgs) -> Verdict:
    """The client holds grants, all of them on other APIs than the one that is asked for."""
    held = _of_client(facts)
    if held is None:
        return _blind(facts)
    grants, complete, read = held
    if not grants:
        return No((observed(_NONE, "grants", read),)) if complete else lacking("grants")
    parts = _split(facts, grants)
    if parts is None:
        return Unknown(lacking("resource.object_id").needs, gives={"granted": _scopes(grants)})
    if parts[0]:
        return No((observed("The client holds a grant on the API that is asked for.", "grants", read),))
    if not complete:
        return lacking("grants")
    said = f"What is granted ({_scopes(grants)}) is on other APIs than the one asked for."
    return Yes((observed(said, "grants", read),), {"granted": _scopes(grants)})


@predicate(
    "consent.falls_short",
    needs=(*_GRANTS, "failure.scope", "failure.permission", "resource.object_id"),
    gives=API_WORDS | {"permission": "what is asked for", "granted": "what is granted"},
)
def falls_short(facts: Facts, _: NoArgs) -> Verdict:
    """Something is granted on the API, but not all of what is asked for."""
    held = _of_client(facts)
    gives = {**values_of(asked_api(facts)), **_permission(facts)}
    if held is None:
        return Unknown(_blind(facts).needs, gives=gives)
    grants, complete, read = held
    if not grants:
        return No((observed(_NONE, "grants", read),)) if complete else lacking("grants")
    asked = permissions_asked(facts)
    if asked is None or not asked[0]:
        return Unknown(lacking("failure.scope").needs, gives=gives)
    parts = _split(facts, grants)
    if parts is None:
        # Grants on another API would look the same, and so would a permission of the same name on one.
        return Unknown(lacking("resource.object_id").needs, gives=gives | {"granted": _scopes(grants)})
    relevant, _others = parts
    if not relevant:
        return No((observed("Nothing is granted on the API that is asked for.", "grants", read),))
    granted = {scope.casefold() for grant in relevant for scope in grant.scopes}
    absent = [value for value in asked[0] if value.casefold() not in granted]
    shown = _scopes(relevant)
    if absent and not complete:
        return lacking("grants")
    if absent:
        missing = ", ".join(absent)
        said = f"Not granted of what is asked for: {missing}. Granted: {shown}."
        return Yes((observed(said, "grants", read),), gives | {"permission": " ".join(absent), "granted": shown})
    return No((observed(f"All that is asked for is granted: {shown}.", "grants", read),))


def _permission(facts: Facts) -> dict[str, str]:
    asked = permissions_asked(facts)
    return {"permission": " ".join(asked[0])} if asked and asked[0] else {}


@predicate("consent.is_personal", needs=_GRANTS, gives={"granted": "what is granted"})
def is_personal(facts: Facts, _: NoArgs) -> Verdict:
    """There is consent, but only by single users for themselves."""
    held = _of_client(facts)
    if held is None:
        return _blind(facts)
    grants, complete, read = held
    if any(grant.consent_type.casefold() == "allprincipals" for grant in grants):
        return No((observed("An administrator has consented for all users.", "grants", read),))
    if not complete:
        return lacking("grants")
    if not grants:
        return No((observed(_NONE, "grants", read),))
    people = len({grant.principal_object_id for grant in grants})
    who = "one user" if people == 1 else f"{people} users"
    said = f"Only {who} consented, each for themselves: {_scopes(grants)}."
    return Yes((observed(said, "grants", read),), {"granted": _scopes(grants)})


def _scopes(grants: list[DelegatedGrant] | tuple[DelegatedGrant, ...]) -> str:
    return ", ".join(dict.fromkeys(scope for grant in grants for scope in grant.scopes)) or "no scope at all"
