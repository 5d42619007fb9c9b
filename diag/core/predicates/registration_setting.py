"""Questions about single settings of a registration that decide how safe it is."""

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_OFFERED = ("application.scopes", "application.app_roles")


@predicate("api.is_offered", needs=_OFFERED, gives={"offered": "permissions"})
def is_offered(facts: Facts, _: NoArgs) -> Verdict:
    """The application offers an API: it exposes a scope, or an app role that programs may hold."""
    scopes, roles = facts.application.scopes, facts.application.app_roles
    if isinstance(scopes, Found) and (names := [one.value or one.id for one in scopes.value if one.enabled]):
        said = f"It exposes {_names(names, 'scope')}."
        return Yes((observed(said, _OFFERED[0], scopes),), {"offered": _names(names, "scope")})
    for_programs = (
        [one.value or one.id for one in roles.value if one.enabled and "Application" in one.allowed_member_types]
        if isinstance(roles, Found)
        else []
    )
    if for_programs and isinstance(roles, Found):
        said = f"It offers programs {_names(for_programs, 'app role')}."
        return Yes((observed(said, _OFFERED[1], roles),), {"offered": _names(for_programs, "app role")})
    if isinstance(scopes, Unread):
        return lacking(_OFFERED[0], scopes)
    if isinstance(roles, Unread):
        return lacking(_OFFERED[1], roles)
    for fact, read in ((_OFFERED[0], scopes), (_OFFERED[1], roles)):
        if isinstance(read, Found) and not read.complete:
            return lacking(fact, Unread("the list was cut short"))
    return No((observed("It exposes no scope and no app role for programs.", _OFFERED[0], scopes),))


@predicate("access_token_version.is_chosen", needs=("application.access_token_version_is_set",))
def version_is_chosen(facts: Facts, _: NoArgs) -> Verdict:
    """Somebody chose which version of access tokens the API receives; where nobody did, Entra ID sends version 1."""
    return _flag(
        facts.application.access_token_version_is_set,
        "application.access_token_version_is_set",
        "requestedAccessTokenVersion is set.",
        "requestedAccessTokenVersion is null, which means version 1.",
    )


@predicate("instance_lock.is_on", needs=("application.instance_lock",))
def lock_is_on(facts: Facts, _: NoArgs) -> Verdict:
    """The app instance property lock keeps other tenants from adding credentials to their service principal."""
    return _flag(
        facts.application.instance_lock,
        "application.instance_lock",
        "servicePrincipalLockConfiguration locks the credentials.",
        "servicePrincipalLockConfiguration does not lock the credentials.",
    )


@predicate(
    "publisher.is_verified",
    needs=("application.verified_publisher",),
    gives={"publisher": "a verified publisher"},
)
def publisher_is_verified(facts: Facts, _: NoArgs) -> Verdict:
    """Microsoft has verified who publishes the application."""
    fact, read = "application.verified_publisher", facts.application.verified_publisher
    match read:
        case Found(value=name):
            return Yes((observed(f"The verified publisher is “{name}”.", fact, read),), {"publisher": f"“{name}”"})
        case Missing():
            return No((observed("The application has no verified publisher.", fact, read),))
        case Unread():
            return lacking(fact, read)


def _flag(read: Read[bool], fact: str, on: str, off: str) -> Verdict:
    match read:
        case Found(value=True):
            return Yes((observed(on, fact, read),))
        case Found() | Missing():
            return No((observed(off, fact, read),))
        case Unread():
            return lacking(fact, read)


def _names(names: list[str], what: str) -> str:
    some = ", ".join(f"“{name}”" for name in names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"the {what}{'s' if len(names) > 1 else ''} {some}{more}"
