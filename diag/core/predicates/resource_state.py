"""Questions about the service principal of the API that is asked for: switched off, and by whom."""

from diag.core.asked import API_WORDS, asked_api, values_of
from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

_ENABLED = "resource.account_enabled"
_OWNER = "resource.owner_tenant_id"
_PROVE_DISABLED = frozenset({500014})
"""Codes that Entra ID answers only while the API's service principal is disabled."""


@predicate("resource.is_disabled", needs=(_ENABLED, "failure.resource", "failure.scope"), gives=API_WORDS)
def is_disabled(facts: Facts, _: NoArgs) -> Verdict:
    """The service principal of the API that is asked for is switched off in the tenant; one code proves it."""
    read, gives = facts.resource.account_enabled, values_of(asked_api(facts))
    match read:
        case Found(value=False):
            return Yes((observed("The API's service principal is disabled in the tenant.", _ENABLED, read),), gives)
        case Found():
            return No((observed("The API's service principal is enabled.", _ENABLED, read),))
        case Missing():
            return No((observed("The tenant has no service principal of the API.", _ENABLED, read),))
        case Unread() if (code := facts.failure.code) in _PROVE_DISABLED:
            said = f"Entra ID answers AADSTS{code} only while the API's service principal is disabled."
            return Yes((Evidence(said, "failure.text", "text"),), gives)
        case Unread():
            return Unknown(lacking(_ENABLED, read).needs, gives=gives)


@predicate(
    "resource.was_disabled_by_somebody",
    needs=("changes", "resource.object_id"),
    gives={"switched_off": "by hand or by a script"},
)
def was_disabled_by_somebody(facts: Facts, _: NoArgs) -> Verdict:
    """The audit log shows that somebody set accountEnabled of the API's service principal to false."""
    read, own = facts.changes, facts.resource.object_id
    if isinstance(read, Unread):
        return lacking("changes", read)
    listed = read.value if isinstance(read, Found) else ()
    switched = [item for item in listed if _switches_off(item)]
    if isinstance(own, Found):
        switched = [item for item in switched if item.target_object_id.casefold() == own.value.casefold()]
    elif switched:
        return lacking("resource", own if isinstance(own, Unread) else None)
    if switched:
        latest = switched[0]
        by = f" by {latest.actor}" if latest.actor else ""
        how = f"{by} on {latest.at:%Y-%m-%d %H:%M UTC}"
        said = f"The API's service principal was disabled{how}, by the audit log."
        return Yes((Evidence(said, "changes", "history", latest.at),), {"switched_off": how.strip()})
    if isinstance(read, Found) and not read.complete:
        return lacking("changes", Unread("only a part of the audit log was read"))
    said = "The audit log that was read shows nobody who disabled the API's service principal."
    return No((observed(said, "changes", read),))


@predicate("resource.belongs_to_this_tenant", needs=(_OWNER, "home_tenant_id"), gives=API_WORDS)
def belongs_to_this_tenant(facts: Facts, _: NoArgs) -> Verdict:
    """The API is registered in the same tenant as the client, so nobody sells it to that tenant."""
    owner, home = facts.resource.owner_tenant_id, facts.home_tenant_id
    if not isinstance(owner, Found):
        return lacking(_OWNER, owner if isinstance(owner, Unread) else None)
    if not isinstance(home, Found):
        return lacking("home_tenant_id", home if isinstance(home, Unread) else None)
    if owner.value.casefold() == home.value.casefold():
        said = "The API is registered in the client's own tenant."
        return Yes((observed(said, _OWNER, owner),), values_of(asked_api(facts)))
    return No((observed(f"The API belongs to another tenant, “{owner.value}”.", _OWNER, owner),))


def _switches_off(change: Change) -> bool:
    if "service principal" not in change.activity.casefold():
        return False
    return any(
        item.name.replace(" ", "").casefold() == "accountenabled" and "false" in item.new.casefold()
        for item in change.properties
    )
