"""Questions about the registration as a whole: does it exist here, for which accounts, which client type by default."""

from typing import Literal

from msgspec import Struct

from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import Evidence, No, Verdict, Yes, lacking, observed

Audience = Literal[
    "AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"
]

_AUDIENCE_WORDS = {
    "AzureADMyOrg": "accounts of its own organisation only",
    "AzureADMultipleOrgs": "work and school accounts of any organisation",
    "AzureADandPersonalMicrosoftAccount": "work and school accounts of any organisation and personal accounts",
    "PersonalMicrosoftAccount": "personal Microsoft accounts only",
}


class AudienceArgs(Struct, frozen=True, forbid_unknown_fields=True):
    audiences: tuple[Audience, ...]


@predicate("application.is_registered_here", needs=("application.exists",))
def is_registered_here(facts: Facts, _: NoArgs) -> Verdict:
    """The application's registration was found in the directory that was read."""
    read = facts.application.exists
    match read:
        case Found(value=True):
            return Yes((observed("The registration is in this directory.", "application.exists", read),))
        case Found() | Missing():
            return No((observed("This directory has no registration of it.", "application.exists", read),))
        case Unread():
            return lacking("application", read)


@predicate("application.is_open_to", needs=("application.sign_in_audience",), gives={"audience": ""}, args=AudienceArgs)
def is_open_to(facts: Facts, args: AudienceArgs) -> Verdict:
    """The accounts the application admits (signInAudience) are one of ``audiences``; the service principal's copy of
    the value answers where the registration cannot be read."""
    fact, read = "application.sign_in_audience", facts.application.sign_in_audience
    copy = facts.service_principal.sign_in_audience
    if not isinstance(read, Found) and isinstance(copy, Found):
        fact, read = "service_principal.sign_in_audience", copy
    match read:
        case Found(value=audience):
            words = _AUDIENCE_WORDS.get(audience, audience)
            seen = (observed(f"The application admits {words} (“{audience}”).", fact, read),)
            return Yes(seen, {"audience": audience}) if audience in args.audiences else No(seen)
        case Missing():
            return lacking(fact)
        case Unread():
            return lacking(fact, read)


@predicate("application.allows_public_client_flows", needs=("application.is_fallback_public_client",))
def allows_public_client_flows(facts: Facts, _: NoArgs) -> Verdict:
    """“Allow public client flows” is on; null in the directory counts as off."""
    fact, read = "application.is_fallback_public_client", facts.application.is_fallback_public_client
    if isinstance(facts.application.exists, Missing):
        return lacking(fact, Unread("the application is not registered in this directory"))
    match read:
        case Found(value=True):
            return Yes((observed("“Allow public client flows” is on.", fact, read),))
        case Found() | Missing():
            return No((observed("“Allow public client flows” is off.", fact, read),))
        case Unread():
            return lacking(fact, read)


@predicate(
    "application.is_deleted", needs=("deleted_application.exists", "changes"), gives={"deleted_at": "at some time"}
)
def is_deleted(facts: Facts, _: NoArgs) -> Verdict:
    """The registration lies among the deleted ones, or the audit log shows that it was deleted."""
    if isinstance(facts.application.exists, Found):
        return No((observed("The registration exists.", "application.exists", facts.application.exists),))
    read, at = facts.deleted_application.exists, facts.deleted_application.deleted_at
    if isinstance(read, Found) and read.value:
        when = f"{at.value:%Y-%m-%d %H:%M UTC}" if isinstance(at, Found) else ""
        said = f"The registration is among the deleted ones{f', since {when}' if when else ''}."
        return Yes((observed(said, "deleted_application", read),), {"deleted_at": f"on {when}"} if when else {})
    deletion = _latest(facts.changes, "Delete application", "Hard delete application")
    if deletion is not None:
        return Yes(
            (_change_evidence("The registration was deleted", deletion),),
            {"deleted_at": f"on {deletion.at:%Y-%m-%d %H:%M UTC}"},
        )
    if isinstance(read, Unread):
        return lacking("deleted_application", read)
    return No((observed("It is not among the deleted registrations.", "deleted_application", read),))


@predicate("service_principal.is_in_tenant", needs=("service_principal.exists",))
def is_in_tenant(facts: Facts, _: NoArgs) -> Verdict:
    """The tenant that was asked has a service principal (an enterprise application) of this application."""
    read = facts.service_principal.exists
    match read:
        case Found(value=True):
            return Yes((observed("The tenant has a service principal of it.", "service_principal.exists", read),))
        case Found() | Missing():
            return No((observed("The tenant has no service principal of it.", "service_principal.exists", read),))
        case Unread():
            return lacking("service_principal", read)


@predicate(
    "service_principal.was_removed", needs=("changes",), gives={"removed_at": "at some time", "removed_by": "somebody"}
)
def was_removed(facts: Facts, _: NoArgs) -> Verdict:
    """The audit log shows that the application's service principal was removed before the failure."""
    read = facts.changes
    removal = _latest(read, "Remove service principal", "Hard delete service principal")
    if removal is not None:
        gives = {"removed_at": f"on {removal.at:%Y-%m-%d %H:%M UTC}"}
        if removal.actor:
            gives["removed_by"] = removal.actor
        return Yes((_change_evidence("The service principal was removed", removal),), gives)
    if isinstance(read, Unread):
        return lacking("changes", read)
    if isinstance(read, Found) and not read.complete:
        return lacking("changes", Unread("only a part of the audit log was read"))
    return No((Evidence("The audit log shows no removal of the service principal.", "changes", "history", read.as_of),))


def _latest(changes: Read[tuple[Change, ...]], *activities: str) -> Change | None:
    listed = changes.value if isinstance(changes, Found) else ()
    return next((item for item in listed if item.activity in activities), None)


def _change_evidence(what: str, change: Change) -> Evidence:
    by = f" by {change.actor}" if change.actor else ""
    return Evidence(f"{what}{by} on {change.at:%Y-%m-%d %H:%M UTC}, by the audit log.", "changes", "history", change.at)
