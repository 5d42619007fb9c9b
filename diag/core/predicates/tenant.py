"""Questions about the tenant that the request named: what the name looks like and whose it is."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.identifiers import CONSUMER_TENANT, TenantShape, is_guid, nearly_equal, tenant_shape
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_BOT_FRAMEWORK = frozenset({"botframework.com", "bot framework", "d6d49420-f39b-4df7-a1dc-d59a935871db"})
_CONSUMERS = frozenset({CONSUMER_TENANT, "microsoft accounts", "consumers", "live.com"})

_SHAPE_WORDS: dict[TenantShape, str] = {
    "template": "a variable that was not filled in",
    "placeholder": "sample text that was never replaced",
    "endpoint_word": "a piece of an endpoint's address",
    "well_known": "a tenant that certainly exists",
    "other_cloud_domain": "a domain of another national cloud",
    "setting_word": "a value of another setting",
    "malformed": "neither a complete GUID nor a domain name",
    "guid": "a well-formed GUID",
    "domain": "a domain name",
}


class TenantShapeArgs(Struct, frozen=True, forbid_unknown_fields=True):
    shapes: tuple[TenantShape, ...]


def named_tenant(facts: Facts) -> tuple[Read[str], str]:
    """The tenant as the message names it, else as the request's address does; with the path of the fact."""
    failure = facts.failure
    if isinstance(failure.tenant, Found) or not isinstance(failure.authority_tenant, Found):
        return failure.tenant, "failure.tenant"
    return failure.authority_tenant, "failure.authority_tenant"


@predicate(
    "tenant.looks_like",
    needs=("failure.tenant", "failure.authority_tenant"),
    gives={"tenant": "as the message names it"},
    args=TenantShapeArgs,
)
def looks_like(facts: Facts, args: TenantShapeArgs) -> Verdict:
    """The name of the tenant, as the message or the request gives it, has one of ``shapes``."""
    read, fact = named_tenant(facts)
    match read:
        case Found(value=name) if not name.strip("*.•"):
            return lacking(fact, Unread("the tenant is masked in the text"))
        case Found(value=name):
            shape = tenant_shape(name)
            seen = (observed(f"The tenant named, “{name}”, is {_SHAPE_WORDS[shape]}.", fact, read),)
            return Yes(seen, {"tenant": name}) if shape in args.shapes else No(seen)
        case Missing():
            return No((observed("No tenant is named.", fact, read),))
        case Unread():
            return lacking(fact, read)


@predicate(
    "tenant.is_of_bot_framework",
    needs=("failure.tenant", "failure.authority_tenant"),
    gives={"tenant": "Bot Framework"},
)
def is_of_bot_framework(facts: Facts, _: NoArgs) -> Verdict:
    """The request went to the Bot Framework's tenant."""
    return _named_one_of(facts, _BOT_FRAMEWORK, "the Bot Framework's tenant")


@predicate(
    "tenant.is_of_personal_accounts",
    needs=("failure.tenant", "failure.authority_tenant"),
    gives={"tenant": "Microsoft Accounts"},
)
def is_of_personal_accounts(facts: Facts, _: NoArgs) -> Verdict:
    """The directory that was asked is the one of personal Microsoft accounts."""
    return _named_one_of(facts, _CONSUMERS, "the directory of personal Microsoft accounts")


@predicate(
    "tenant.is_home_of_application",
    needs=("failure.tenant", "failure.authority_tenant", "home_tenant_id"),
    gives={"tenant": "the tenant that was asked", "home_tenant": "the application's own tenant"},
)
def is_home_of_application(facts: Facts, _: NoArgs) -> Verdict:
    """The tenant that was asked is the one that owns the application; only GUIDs are compared."""
    home = facts.home_tenant_id
    if not isinstance(home, Found):
        return lacking("home_tenant_id", home if isinstance(home, Unread) else None)
    failure = facts.failure
    for fact, read in (("failure.authority_tenant", failure.authority_tenant), ("failure.tenant", failure.tenant)):
        if isinstance(read, Found) and is_guid(read.value.strip()):
            name = read.value.strip().casefold()
            if name == home.value.casefold():
                return Yes((observed(f"“{name}” is the application's own tenant.", fact, read),), {"tenant": name})
            said = f"The request went to “{name}”, while the application belongs to “{home.value}”."
            return No((observed(said, fact, read),))
    return lacking("failure.tenant")


@predicate(
    "tenant.is_nearly_home",
    needs=("failure.tenant", "failure.authority_tenant", "home_tenant_id"),
    gives={"tenant": "as the message names it", "home_tenant": "the application's own tenant"},
)
def is_nearly_home(facts: Facts, _: NoArgs) -> Verdict:
    """The tenant named is the application's own but for a few characters, or a piece of it."""
    home = facts.home_tenant_id
    if not isinstance(home, Found):
        return lacking("home_tenant_id", home if isinstance(home, Unread) else None)
    read, fact = named_tenant(facts)
    if not isinstance(read, Found):
        return lacking(fact, read if isinstance(read, Unread) else None)
    name = read.value.strip().casefold()
    gives = {"tenant": name, "home_tenant": home.value}
    if name != home.value and nearly_equal(name, home.value):
        said = f"“{name}” differs from the application's own tenant, “{home.value}”, in a few characters only."
        return Yes((observed(said, fact, read),), gives)
    return No((observed(f"“{name}” is not nearly the application's own tenant, “{home.value}”.", fact, read),))


@predicate(
    "tenant.is_another_setting",
    needs=("failure.tenant", "failure.authority_tenant", "failure.app_id", "application.object_id"),
    gives={"tenant": "as the message names it"},
)
def is_another_setting(facts: Facts, _: NoArgs) -> Verdict:
    """What stands in the tenant's place is the client ID or the object ID of the application."""
    read, fact = named_tenant(facts)
    if not isinstance(read, Found):
        return lacking(fact, read if isinstance(read, Unread) else None)
    name = read.value.strip().casefold()
    known: list[tuple[str, Read[str]]] = [
        ("the client ID", facts.failure.app_id),
        ("the application's client ID", facts.application.app_id),
        ("the object ID of the application", facts.application.object_id),
        ("the object ID of the service principal", facts.service_principal.object_id),
    ]
    for what, own in known:
        if isinstance(own, Found) and own.value.casefold() == name:
            return Yes((observed(f"“{name}” in the tenant's place is {what}.", fact, read),), {"tenant": name})
    if not any(isinstance(own, Found) for _, own in known):
        return lacking("failure.app_id")
    return No((observed(f"“{name}” is no known ID of the application.", fact, read),))


@predicate(
    "tenant.is_part_of_scope", needs=("failure.tenant", "failure.scope"), gives={"tenant": "as the message names it"}
)
def is_part_of_scope(facts: Facts, _: NoArgs) -> Verdict:
    """What the message names as the tenant is a piece of the scope that was asked for."""
    named, scope = facts.failure.tenant, facts.failure.scope
    if not isinstance(named, Found):
        return lacking("failure.tenant", named if isinstance(named, Unread) else None)
    if not isinstance(scope, Found):
        return lacking("failure.scope", scope if isinstance(scope, Unread) else None)
    name = named.value.strip().casefold()
    if len(name) > 2 and name in scope.value.casefold():
        said = f"“{named.value}” is a piece of the scope “{scope.value}”."
        return Yes((observed(said, "failure.scope", scope),), {"tenant": named.value})
    return No((observed(f"“{named.value}” is no piece of the scope “{scope.value}”.", "failure.scope", scope),))


def _named_one_of(facts: Facts, names: frozenset[str], what: str) -> Verdict:
    failure = facts.failure
    reads = (("failure.tenant", failure.tenant), ("failure.authority_tenant", failure.authority_tenant))
    for fact, read in reads:
        if isinstance(read, Found) and read.value.strip().casefold() in names:
            return Yes((observed(f"“{read.value}” is {what}.", fact, read),), {"tenant": read.value})
    for fact, read in reads:
        if isinstance(read, Found):
            return No((observed(f"“{read.value}” is not {what}.", fact, read),))
    return lacking("failure.tenant", failure.tenant if isinstance(failure.tenant, Unread) else None)
