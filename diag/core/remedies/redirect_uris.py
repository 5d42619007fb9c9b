"""Registering a redirect URI, and moving one to the platform its client needs."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.redirect_history import Removal, removals
from diag.core.registration import Platform
from diag.core.remedies import fixing
from diag.core.remedies.addresses import LABELS, LISTS, Judgement, judged, platform_of
from diag.core.remedies.quoting import plain, quoted
from diag.core.remedies.string_lists import Edit, edit_commands, read_note
from diag.core.remedies.subject import Subject, placeholder, subject_of, value, was_read
from diag.core.remedy import Fix, Rollback, remedy


class AddRedirectUri(Struct, frozen=True, forbid_unknown_fields=True):
    uri: str
    platform: str = ""
    removed: str = ""
    """An address that the history shows was taken out; it stands in where the one that was sent is not known."""


class MoveRedirectUri(Struct, frozen=True, forbid_unknown_fields=True):
    uri: str
    from_platform: str = ""
    to_platform: str = ""


@remedy("add_redirect_uri", effect="adds", args=AddRedirectUri)
@fixing.own_registration
def add_redirect_uri(facts: Facts, args: AddRedirectUri) -> Fix:
    """Registers one more redirect URI on a platform of the application.

    The address enters a command only where the application already lists its host or had listed the address itself, by
    the directory's history, or as a loopback address of a native client; never with a wildcard, never over plain http
    elsewhere.
    """
    subject = subject_of(facts)
    wanted = args.uri or args.removed
    removal = _removal_of(facts, wanted)
    # The history does not tell the platform: where all that is left is on one, the address most likely was as well.
    platform = (platform_of(facts, "") if removal else None) or platform_of(facts, args.platform)
    verdict = judged(facts, wanted, platform) if wanted else Judgement("ask", "")
    if removal is not None and verdict.answer != "never":
        verdict = Judgement("known", f"The application listed it until {removal.at:%Y-%m-%d %H:%M UTC}.")
    shown = plain(wanted)
    if verdict.answer == "never":
        return fixing.fix(
            subject,
            do=f"Do not register “{shown}”. {verdict.why} Have the client send an https address that is registered.",
            effect="adds",
            before=("Find out which client sends this address, and whether it is yours.",),
            commands=fixing.nowhere(verdict.why, f"{_portal(subject, platform)}: nothing is to be added there."),
            rollback=Rollback("Nothing was changed."),
            verify="The client sends a registered https address and the sign-in completes.",
        )
    known = verdict.answer == "known"
    uri = wanted if known else placeholder("redirect-uri")
    if removal is not None:
        asked = f"“{plain(removal.actor, 120)}”, who took it out" if removal.actor else "whoever took it out"
        do = (
            f"Was “{shown}” removed on purpose? Ask {asked} on {removal.at:%Y-%m-%d %H:%M UTC}. If it was, have the "
            f"client send an address that is still registered; if not, register it on {subject.name} again."
        )
    elif known:
        do = f"Register “{shown}” as a redirect URI of {subject.name}. {verdict.why}"
    elif wanted:
        do = (
            f"Is the address “{shown}” yours? If not, do nothing: anyone can send this application's ID together with "
            f"an address of their own. {verdict.why} If it is yours, register it on {subject.name}."
        )
    else:
        do = (
            "Read redirect_uri in the client's request to /authorize; if the address is yours, register it on "
            f"{subject.name}."
        )
    before: tuple[str, ...] = (
        "Make sure that you operate the host and that it serves this client at exactly this path.",
    )
    if removal is not None:
        before += (
            "Ask whoever removed the address whether the host was given up: one that others can take over must not be "
            "registered again.",
            f"Make sure that it belongs under {LABELS[platform]}: the history does not tell the platform."
            if platform
            else "Find out under which platform it stood: the history does not tell.",
        )
    if platform is None:
        reason = (
            "the platform is not known: web for server code, spa for code in the browser, public client for native code"
        )
        given = fixing.nowhere(reason, _portal(subject, None))
        undo = fixing.nowhere(reason, _portal(subject, None))
    else:
        edits = (Edit(LISTS[platform], add=(uri,)),)
        given = edit_commands(facts, subject, edits, f"{_portal(subject, platform)} > Add URI > Save.")
        undo = edit_commands(
            facts, subject, (edits[0].reverse(),), f"{_portal(subject, platform)}: delete the address, Save.", undo=True
        )
    return fixing.fix(
        subject,
        do=do,
        effect="adds",
        before=before,
        commands=given,
        caution=" ".join(
            part
            for part in (
                "Every registered address can receive codes and tokens, so register only hosts you keep under control.",
                read_note(facts, (Edit(LISTS[platform]),)) if platform else "",
            )
            if part
        ),
        rollback=Rollback("Take the address off the list again.", undo),
        verify="Sign in again from the client: the browser returns to the address instead of showing AADSTS50011.",
    )


@remedy("move_redirect_uri", effect="changes", args=MoveRedirectUri)
@fixing.own_registration
def move_redirect_uri(facts: Facts, args: MoveRedirectUri) -> Fix:
    """Moves a redirect URI from one platform to another in a single change, so that it is never missing in between."""
    subject = subject_of(facts)
    source, target = platform_of(facts, args.from_platform), _named(facts, args.to_platform)
    before = (
        f"Find every client that uses the address: code that redeems the code on {_label(source)} stops working once "
        f"it "
        f"is under {_label(target)}.",
        "Ask the owner of the application to approve, and change code and registration together.",
    )
    shown = quoted(args.uri, "the redirect URI that the client sends")
    do = f"Move {shown} of {subject.name} from {_label(source)} to {_label(target)}."
    portal = (
        f"{_portal(subject, source)}: delete the address; then {LABELS[target] if target else 'the other platform'}: "
        f"add "
        "it; Save once."
    )
    reason = _why_not(facts, args.uri, source, target)
    if reason or source is None or target is None:
        given, undo = fixing.nowhere(reason, portal), None
    else:
        edits = (Edit(LISTS[source], remove=(args.uri,)), Edit(LISTS[target], add=(args.uri,)))
        back = (edits[0].reverse(), edits[1].reverse())
        given = edit_commands(facts, subject, edits, portal)
        undo = edit_commands(facts, subject, back, f"{_portal(subject, target)}: move it back.", undo=True)
    return fixing.fix(
        subject,
        do=do,
        effect="changes",
        before=before,
        commands=given,
        caution=" ".join(
            part
            for part in (
                "A single-page application's address yields refresh tokens of 24 hours and needs PKCE without a "
                "secret; "
                "a web address needs a credential.",
                read_note(facts, (Edit(LISTS[source]), Edit(LISTS[target]))) if source and target else "",
            )
            if part
        ),
        rollback=Rollback("Move the address back to the platform it came from.", undo),
        verify="The client redeems its code at the token endpoint, and no other client of this application fails.",
    )


def _removal_of(facts: Facts, uri: str) -> Removal | None:
    """The removal of exactly this address, where the directory's own history shows it; None for any claim."""
    if not uri or not was_read(facts.changes):
        return None
    return next((removal for removal in removals(facts) if removal.uri == uri), None)


def _named(facts: Facts, name: str) -> Platform | None:
    return platform_of(facts, name) if name else None


def _why_not(facts: Facts, uri: str, source: Platform | None, target: Platform | None) -> str:
    """Why the move is not shown as a command; empty when it may be."""
    if source is None or target is None or source == target:
        return "it is not known from which platform to which the address is to move"
    entries = value(facts.application.redirect_uris)
    listed = {entry.uri for entry in entries or () if entry.platform == source}
    one = value(getattr(facts.application, LISTS[source].fact.rpartition(".")[2]))
    if uri not in listed | set(one or ()):
        return (
            f"the address was not read on the platform {LABELS[source]} of this application, so nothing shows "
            "that it is yours"
        )
    return ""


def _label(platform: Platform | None) -> str:
    return f"the platform {LABELS[platform]}" if platform else "the other platform"


def _portal(subject: Subject, platform: Platform | None) -> str:
    label = f" > {LABELS[platform]}" if platform else ""
    return f"{fixing.PORTAL} > {subject.name} > Manage > Authentication{label} > Redirect URIs"
