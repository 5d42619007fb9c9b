"""Questions about what surrounds a redirect URI: other applications, recent edits, defaults of client libraries."""

from datetime import timedelta

from msgspec import Struct

from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.identifiers import is_guid
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.redirect_uri import PLATFORM_NAMES, sent_uri
from diag.core.read import Found, Missing, Unread
from diag.core.redirect_history import PROPERTIES, removals
from diag.core.redirects import matches, shapes
from diag.core.verdict import Evidence, No, Verdict, Yes, lacking, observed


class DaysArgs(Struct, frozen=True, forbid_unknown_fields=True):
    days: int


class MinutesArgs(Struct, frozen=True, forbid_unknown_fields=True):
    minutes: int


@predicate(
    "redirect_uri.is_held_by_other_application",
    needs=("neighbours", "failure.redirect_uri", "failure.app_id", "application.app_id", "application.redirect_uris"),
    gives={"other_application": "another application"},
)
def is_held_by_other_application(facts: Facts, _: NoArgs) -> Verdict:
    """Another application than the client has registered the redirect URI that was sent.

    The application that was read answers too, where the client ID of the request is not its own.
    """
    own = _on_application_read(facts)
    if own is not None:
        return own
    read = facts.neighbours
    match read:
        case Found(value=neighbours):
            holder = next((item for item in neighbours if item.holds == "redirect_uri"), None)
            if holder is not None:
                said = f"The application “{holder.display_name}” ({holder.app_id}) has registered this redirect URI."
                return Yes((observed(said, "neighbours", read),), {"other_application": f"“{holder.display_name}”"})
            if not read.complete:
                return lacking("neighbours", Unread("only a part of the tenant's applications was compared"))
        case Unread():
            return lacking("neighbours", read)
        case Missing():
            pass
    return No((observed("No other application of the tenant has registered this redirect URI.", "neighbours", read),))


@predicate(
    "redirect_uri.was_changed_within",
    needs=("changes", "failure.observed_at"),
    gives={"changed_at": "shortly before the failure"},
    args=MinutesArgs,
)
def was_changed_within(facts: Facts, args: MinutesArgs) -> Verdict:
    """The application's redirect URIs were edited within ``minutes`` before the failure, by the audit log's account."""
    changes, at = facts.changes, facts.failure.observed_at
    if isinstance(changes, Unread):
        return lacking("changes", changes)
    if isinstance(at, Missing):
        return lacking("failure.observed_at")
    if isinstance(at, Unread):
        return lacking("failure.observed_at", at)
    edits = [
        change
        for change in (changes.value if isinstance(changes, Found) else ())
        if timedelta(0) <= at.value - change.at <= timedelta(minutes=args.minutes) and _may_touch_addresses(change)
    ]
    if edits:
        when = edits[0].at.strftime("%Y-%m-%d %H:%M:%S UTC")
        said = f"The redirect URIs were edited at {when}, {_ago(at.value - edits[0].at)} before the failure."
        return Yes((Evidence(said, "changes", "history", changes.as_of),), {"changed_at": when})
    if isinstance(changes, Found) and not changes.complete:
        return lacking("changes", Unread("only a part of the audit log was read"))
    said = f"The audit log shows no edit of the redirect URIs in the {args.minutes} minutes before the failure."
    return No((Evidence(said, "changes", "history", changes.as_of),))


@predicate(
    "redirect_uri.was_removed_within",
    needs=("changes", "failure.observed_at", "failure.redirect_uri"),
    gives={
        "sent": "an address",
        "removal": "Nothing like it is listed.",
        "removed_uri": "the address that was taken out",
    },
    args=DaysArgs,
)
def was_removed_within(facts: Facts, args: DaysArgs) -> Verdict:
    """The redirect URI of the request, or any where the request's is unknown, was taken out of the registration within
    ``days`` before the failure, and is not back."""
    changes, at = facts.changes, facts.failure.observed_at
    if isinstance(changes, Unread):
        return lacking("changes", changes)
    if not isinstance(at, Found):
        return lacking("failure.observed_at", at if isinstance(at, Unread) else None)
    for removal in removals(facts):
        if timedelta(0) <= at.value - removal.at <= timedelta(days=args.days) and _may_be_sent(facts, removal.uri):
            sent = sent_uri(facts)
            gives = {"removal": removal.evidence.statement, "removed_uri": removal.uri}
            gives |= {"sent": sent.value} if isinstance(sent, Found) else {}
            return Yes((removal.evidence,), gives)
    if isinstance(changes, Found) and not changes.complete:
        return lacking("changes", Unread("only a part of the audit log was read"))
    said = f"The audit log shows no such address taken out in the {args.days} days before the failure."
    return No((Evidence(said, "changes", "history", changes.as_of),))


def _may_be_sent(facts: Facts, uri: str) -> bool:
    sent = sent_uri(facts)
    return matches(sent.value, uri) if isinstance(sent, Found) else not isinstance(sent, Missing)


def _on_application_read(facts: Facts) -> Verdict | None:
    """Yes or no when the application that was read lists the sent address; None when it does not, or was not read."""
    application, sent, client = facts.application, sent_uri(facts), facts.failure.app_id
    listed = application.redirect_uris
    if not isinstance(listed, Found) or not isinstance(sent, Found):
        return None
    if sent.value not in {item.uri for item in listed.value}:
        return None
    if isinstance(application.app_id, Found) and isinstance(client, Found) and is_guid(client.value):
        app_id = application.app_id.value
        if client.value.casefold() != app_id.casefold():
            name = application.display_name
            shown = f"“{name.value}”" if isinstance(name, Found) else "the application that was read"
            said = (
                f"“{sent.value}” is registered on {shown} ({app_id}), not on the client of the request, {client.value}."
            )
            gives = {"other_application": shown}
            return Yes((observed(said, "application.redirect_uris", listed),), gives)
    said = "The application itself has registered the address."
    return No((observed(said, "application.redirect_uris", listed),))


@predicate(
    "redirect_uri.differs_from_registered_default",
    needs=("failure.redirect_uri", "application.public_client_redirect_uris"),
    gives={"registered_default": "another library's default"},
)
def differs_from_registered_default(facts: Facts, _: NoArgs) -> Verdict:
    """Under Mobile and desktop applications another client library's default is registered than the one sent."""
    read = facts.application.public_client_redirect_uris
    if isinstance(read, Unread):
        return lacking("application.public_client_redirect_uris", read)
    sent = sent_uri(facts)
    own = sent.value if isinstance(sent, Found) else ""
    uris = read.value if isinstance(read, Found) else ()
    other = next((uri for uri in uris if "native_default" in shapes(uri) and uri != own and own not in uris), None)
    if other is not None:
        said = f"Registered under {PLATFORM_NAMES['public_client']} is the library default “{other}”."
        return Yes(
            (observed(said, "application.public_client_redirect_uris", read),), {"registered_default": f"“{other}”"}
        )
    if isinstance(read, Found) and not read.complete:
        return lacking("application.public_client_redirect_uris", Unread("only a part of the list was read"))
    return No((observed("No other library default is registered.", "application.public_client_redirect_uris", read),))


def _may_touch_addresses(change: Change) -> bool:
    """A change that names the addresses, or an update that names no property at all."""
    if change.properties:
        return any(item.name in PROPERTIES for item in change.properties)
    return change.activity.startswith("Update application")


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return "less than a minute" if minutes < 1 else f"{minutes} minute{'s' if minutes != 1 else ''}"
