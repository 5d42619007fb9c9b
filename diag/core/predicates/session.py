"""Questions about the sign-in as a session: interactive or not, followed by success, by which token, from where."""

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_STRICT_BROWSERS = ("safari", "firefox", "brave")
"""Browsers that withhold or partition third-party cookies by default, as a record's deviceDetail.browser begins or
contains them. Checked 2026-11-22 against
https://learn.microsoft.com/en-us/entra/identity-platform/reference-third-party-cookies-spas for Safari and Brave."""

_MODERN_CLIENTS = ("browser", "mobile apps and desktop clients")

_LEVELS_OF_RISK = frozenset({"low", "medium", "high"})
_STATES_OF_RISK = frozenset({"atrisk", "confirmedcompromised"})


_FLOWS_WITHOUT_PAGES = frozenset({"ropc", "refresh_token", "silent", "on_behalf_of", "client_credentials"})


@predicate("sign_in.is_interactive", needs=("failure.is_interactive", "failure.event_type", "failure.flow"))
def is_interactive(facts: Facts, _: NoArgs) -> Verdict:
    """A person was there to answer a page: the record is an interactive one, and the flow is one that has pages (a
    password sent by a program is logged as interactive although nobody can be asked anything)."""
    flag, kind, flow = facts.failure.is_interactive, facts.failure.event_type, facts.failure.flow
    if isinstance(flow, Found) and flow.value in _FLOWS_WITHOUT_PAGES:
        return No((observed(f"The flow “{flow.value}” shows no page to anybody.", "failure.flow", flow),))
    if isinstance(flag, Found):
        said = f"The sign-in was {'' if flag.value else 'not '}interactive."
        evidence = (observed(said, "failure.is_interactive", flag),)
        return Yes(evidence) if flag.value else No(evidence)
    if isinstance(kind, Found):
        interactive = kind.value.casefold() == "interactiveuser"
        said = f"The record is of the kind “{kind.value}”."
        evidence = (observed(said, "failure.event_type", kind),)
        return Yes(evidence) if interactive else No(evidence)
    return lacking("failure.is_interactive")


@predicate("sign_in.is_followed_by_success", needs=("failure.succeeded_afterwards",))
def is_followed_by_success(facts: Facts, _: NoArgs) -> Verdict:
    """The same attempt (same correlation ID) went on to succeed."""
    read = facts.failure.succeeded_afterwards
    match read:
        case Found(value=True):
            said = "A success with the same correlation ID follows."
            return Yes((observed(said, "failure.succeeded_afterwards", read),))
        case Found() | Missing():
            said = "No success with the same correlation ID follows."
            return No((observed(said, "failure.succeeded_afterwards", read),))
        case Unread():
            return lacking("failure.succeeded_afterwards", read)


@predicate("sign_in.redeems_refresh_token", needs=("failure.flow", "failure.incoming_token_type"))
def redeems_refresh_token(facts: Facts, _: NoArgs) -> Verdict:
    """The request presents a refresh token that was stored earlier."""
    flow, token = facts.failure.flow, facts.failure.incoming_token_type
    if isinstance(flow, Found):
        said = f"The request uses the flow “{flow.value}”."
        evidence = (observed(said, "failure.flow", flow),)
        if flow.value == "refresh_token":
            return Yes(evidence)
        if flow.value != "silent":
            return No(evidence)
    if isinstance(token, Found):
        said = f"The token presented was of type “{token.value}”."
        evidence = (observed(said, "failure.incoming_token_type", token),)
        return Yes(evidence) if "refreshtoken" in token.value.casefold() else No(evidence)
    return lacking("failure.flow")


@predicate(
    "sign_in.crosses_tenants",
    needs=("failure.home_tenant_id", "failure.resource_tenant_id"),
    gives={"home_tenant": "the user's own tenant", "resource_tenant": "the other tenant"},
)
def crosses_tenants(facts: Facts, _: NoArgs) -> Verdict:
    """The user of one tenant signs in to a resource of another."""
    home, other = facts.failure.home_tenant_id, facts.failure.resource_tenant_id
    if not isinstance(home, Found) or not home.value:
        return lacking("failure.home_tenant_id")
    if not isinstance(other, Found) or not other.value:
        return lacking("failure.resource_tenant_id")
    if home.value.casefold() == other.value.casefold():
        said = "User and resource belong to the same tenant."
        return No((observed(said, "failure.resource_tenant_id", other),))
    said = f"The user's tenant is “{home.value}”, the resource's “{other.value}”."
    gives = {"home_tenant": f"“{home.value}”", "resource_tenant": f"“{other.value}”"}
    return Yes((observed(said, "failure.resource_tenant_id", other),), gives)


@predicate("sign_in.is_risky", needs=("failure.risk_level", "failure.risk_state"), gives={"risk": "a risk"})
def is_risky(facts: Facts, _: NoArgs) -> Verdict:
    """Entra ID saw a risk in this sign-in or in its user."""
    level, state = facts.failure.risk_level, facts.failure.risk_state
    if isinstance(level, Found) and level.value.casefold() in _LEVELS_OF_RISK:
        said = f"The record shows the risk level “{level.value}”."
        return Yes((observed(said, "failure.risk_level", level),), {"risk": f"risk level “{level.value}”"})
    if isinstance(state, Found) and state.value.casefold() in _STATES_OF_RISK:
        said = f"The record shows the risk state “{state.value}”."
        return Yes((observed(said, "failure.risk_state", state),), {"risk": f"risk state “{state.value}”"})
    if isinstance(level, Found) and level.value.casefold() == "none":
        return No((observed("The record shows no risk.", "failure.risk_level", level),))
    return lacking("failure.risk_level")


@predicate("sign_in.uses_legacy_client", needs=("failure.client_app_used",), gives={"client_app": "the kind of client"})
def uses_legacy_client(facts: Facts, _: NoArgs) -> Verdict:
    """The client speaks a protocol without modern authentication (IMAP, POP, SMTP, Exchange ActiveSync and so on)."""
    read = facts.failure.client_app_used
    match read:
        case Found(value=used) if used:
            evidence = (observed(f"The record names the client “{used}”.", "failure.client_app_used", read),)
            if used.casefold() in _MODERN_CLIENTS:
                return No(evidence)
            return Yes(evidence, {"client_app": f"“{used}”"})
        case Found() | Missing():
            return lacking("failure.client_app_used")
        case Unread():
            return lacking("failure.client_app_used", read)


@predicate("sign_in.hides_platform", needs=("failure.operating_system",), gives={"platform": "its platform"})
def hides_platform(facts: Facts, _: NoArgs) -> Verdict:
    """Entra ID could not tell the device platform: it is printed as unknown."""
    read = facts.failure.operating_system
    if isinstance(read, Found) and read.value:
        evidence = (observed(f"The device platform is “{read.value}”.", "failure.operating_system", read),)
        hidden = read.value.casefold() in ("unknown", "other", "none")
        return Yes(evidence, {"platform": f"“{read.value}”"}) if hidden else No(evidence)
    return lacking("failure.operating_system")


@predicate("sign_in.comes_from_strict_browser", needs=("failure.browser",), gives={"browser": "the browser"})
def comes_from_strict_browser(facts: Facts, _: NoArgs) -> Verdict:
    """The browser withholds third-party cookies by default; others may be set to, so they leave it open."""
    read = facts.failure.browser
    if isinstance(read, Found) and any(name in read.value.casefold() for name in _STRICT_BROWSERS):
        said = f"The browser is “{read.value}”, which withholds third-party cookies by default."
        return Yes((observed(said, "failure.browser", read),), {"browser": f"“{read.value}”"})
    return lacking("failure.browser")
