"""Questions about consent: which delegated permissions the directory records as granted to the client, and for whom."""

from diag.core.asked import API_WORDS, asked_api, values_of
from diag.core.facts import DelegatedGrant, Facts, Found, Missing, Read, ServicePrincipal, Unread
from diag.core.permissions import GRAPH, GRAPH_SCOPES, is_guid, same_api
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.permission import permissions_asked
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

_GRANTS = ("grants", "service_principal.object_id")
_NONE = "The directory holds no delegated grant for the client."

_WITHDRAWALS = (
    "remove delegated permission grant",
    "remove oauth2permissiongrant",
    "remove app role assignment from service principal",
    "revoke consent",
)
"""Audit activities that take consent away, in lower case."""


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


@predicate(
    "consent.was_withdrawn", needs=("changes",), gives={"withdrawn": "some day before the failure", "actor": "somebody"}
)
def was_withdrawn(facts: Facts, _: NoArgs) -> Verdict:
    """The audit log shows that a grant of this application was removed before the failure."""
    changes = facts.changes
    match changes:
        case Unread():
            return lacking("changes", changes)
        case Missing():
            return No((observed("The audit log shows no removed consent.", "changes", changes),))
        case Found(value=listed):
            for change in listed:
                if change.activity.casefold().rstrip(".").startswith(_WITHDRAWALS):
                    when = change.at.date().isoformat()
                    actor = f"“{change.actor}”" if change.actor else "somebody"
                    said = f"On {when} {actor} removed consent (“{change.activity}”)."
                    return Yes((observed(said, "changes", changes),), {"withdrawn": when, "actor": actor})
            if not changes.complete:
                return lacking("changes")
            return No((observed("The audit log shows no removed consent.", "changes", changes),))


@predicate(
    "consent.concerns_foreign_application",
    needs=(
        "application.sign_in_audience",
        "service_principal.owner_tenant_id",
        "home_tenant_id",
        "failure.resource_tenant_id",
        "failure.authority_tenant",
        "failure.tenant",
    ),
    gives={"tenant": "the user's tenant"},
)
def concerns_foreign_application(facts: Facts, _: NoArgs) -> Verdict:
    """The application belongs to another tenant than the one in which consent is wanting."""
    audience = facts.application.sign_in_audience
    if isinstance(audience, Found) and audience.value == "AzureADMyOrg":
        said = "The application serves its own tenant only."
        return No((observed(said, "application.sign_in_audience", audience),))
    seen: tuple[Evidence, ...] = ()
    if isinstance(audience, Found):
        seen = (
            observed("The application is registered for several tenants.", "application.sign_in_audience", audience),
        )
    owner = next(
        (r for r in (facts.service_principal.owner_tenant_id, facts.home_tenant_id) if isinstance(r, Found)), None
    )
    candidates = (
        (facts.failure.resource_tenant_id, "failure.resource_tenant_id"),
        (facts.failure.authority_tenant, "failure.authority_tenant"),
        (facts.failure.tenant, "failure.tenant"),
    )
    named = [(read, fact) for read, fact in candidates if isinstance(read, Found)]
    tenant = next(((read, fact) for read, fact in named if is_guid(read.value)), None)
    gives = {"tenant": f"“{named[0][0].value}”"} if named else {}
    if owner is None or tenant is None:
        fact = "home_tenant_id" if owner is None else "failure.authority_tenant"
        return Unknown(lacking(fact).needs, seen, gives)
    read, fact = tenant
    if read.value.casefold() == owner.value.casefold():
        return No((observed("The request goes to the tenant that owns the application.", fact, read),))
    said = f"The request goes to the tenant “{read.value}”; the application belongs to “{owner.value}”."
    return Yes((*seen, observed(said, fact, read)), {"tenant": f"“{read.value}”"})


@predicate(
    "consent.is_for_verified_publisher",
    needs=("service_principal.verified_publisher", "application.verified_publisher"),
)
def is_for_verified_publisher(facts: Facts, _: NoArgs) -> Verdict:
    """The application's publisher is verified, which users' consent may depend on."""
    for read, fact in (
        (facts.service_principal.verified_publisher, "service_principal.verified_publisher"),
        (facts.application.verified_publisher, "application.verified_publisher"),
    ):
        match read:
            case Found(value=name) if name:
                return Yes((observed(f"The publisher “{name}” is verified.", fact, read),))
            case Found() | Missing():
                return No((observed("The application's publisher is not verified.", fact, read),))
            case Unread():
                continue
    return lacking("service_principal.verified_publisher")


def _scopes(grants: list[DelegatedGrant] | tuple[DelegatedGrant, ...]) -> str:
    return ", ".join(dict.fromkeys(scope for grant in grants for scope in grant.scopes)) or "no scope at all"
