"""Questions about what an application is used for, compared with what it is registered for."""

from datetime import datetime

from diag.core.facts import Facts
from diag.core.likely_kind import FOR_USERS, NAMES, no_redirect_uri, registered_kinds
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

_AS_ITSELF, _FOR_USERS = "sign_in_activity.as_itself", "sign_in_activity.for_users"
_LISTS = ("application.web_redirect_uris", "application.spa_redirect_uris", "application.public_client_redirect_uris")


@predicate(
    "application.is_used_unlike_registered",
    needs=(*_LISTS, "application.is_fallback_public_client", "application.scopes", _AS_ITSELF, _FOR_USERS),
    gives={"registered": "another kind of program", "used": "this one"},
)
def is_used_unlike_registered(facts: Facts, _: NoArgs) -> Verdict:
    """Tokens were issued in a way that the registration is not made for.

    As itself, where only people's programs are registered; as itself alone, where addresses of a web application stand;
    for users, where nothing is registered that a user could come through. Failed attempts count for nothing.
    """
    application, activity = facts.application, facts.sign_in_activity
    if isinstance(application.exists, Missing):
        return No(
            (observed("The application is not registered in this directory.", "application", application.exists),)
        )
    if isinstance(application.exists, Unread):
        return lacking("application", application.exists)
    lists = (application.web_redirect_uris, application.spa_redirect_uris, application.public_client_redirect_uris)
    for fact, read in zip(_LISTS, lists, strict=True):
        if isinstance(read, Unread):
            return lacking(fact, read)
    itself, users = activity.as_itself, activity.for_users
    if isinstance(itself, Unread) and isinstance(users, Unread):
        return Unknown((*lacking(_AS_ITSELF, itself).needs, *lacking(_FOR_USERS, users).needs))
    kinds = registered_kinds(facts)
    meant = [item for item in kinds if item.kind in FOR_USERS]
    seen = tuple(evidence for item in meant for evidence in item.evidence)
    registered = " and ".join(NAMES[item.kind] for item in meant)
    if meant and isinstance(itself, Found):
        used = (*seen, _got(itself, "as itself, without a user", _AS_ITSELF))
        if all(item.kind != "web_app" for item in meant):
            return Yes(used, {"registered": registered, "used": NAMES["daemon"]})
        if isinstance(users, Missing):
            never = observed("It never got a token for a user.", _FOR_USERS, users)
            return Yes((*used, never), {"registered": registered, "used": NAMES["daemon"]})
        if isinstance(users, Unread):
            return Unknown(lacking(_FOR_USERS, users).needs, used, {"registered": registered})
        return No(used)
    if no_redirect_uri(facts) and not meant:
        return _without_address(facts, kinds_exposed=any(item.kind in ("api", "saml_app") for item in kinds))
    unread = itself if isinstance(itself, Unread) else None
    return lacking(_AS_ITSELF, unread) if unread else No(seen)


def _without_address(facts: Facts, *, kinds_exposed: bool) -> Verdict:
    """Nothing is registered that a user could come through, unless it is an API that exchanges tokens for users."""
    users = facts.sign_in_activity.for_users
    none = Evidence("No redirect URI is registered on any platform.", "application.redirect_uris", "registration")
    for fact, read in (
        ("application.is_fallback_public_client", facts.application.is_fallback_public_client),
        ("application.scopes", facts.application.scopes),
    ):
        if isinstance(read, Unread) and not isinstance(users, Missing):
            return Unknown(lacking(fact, read).needs, (none,))
    if isinstance(users, Unread):
        return Unknown(lacking(_FOR_USERS, users).needs, (none,))
    if isinstance(users, Missing) or kinds_exposed:
        return No((none,))
    gives = {"registered": NAMES["daemon"], "used": "a program to which users sign in"}
    return Yes((none, _got(users, "for a user", _FOR_USERS)), gives)


def _got(read: Found[datetime], how: str, fact: str) -> Evidence:
    return observed(f"It got a token {how}, last on {read.value:%Y-%m-%d}.", fact, read)
