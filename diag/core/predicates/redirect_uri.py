"""Questions that compare the sent redirect URI with the registered ones, whatever their platform."""

from typing import Any, Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.redirect_history import removal_of_sent
from diag.core.redirects import Difference, Shape, matches, nearest, port_is_ignored, shapes
from diag.core.registration import Application
from diag.core.verdict import Need, No, Unknown, Verdict, Yes, lacking, observed

PLATFORM_NAMES = {
    "web": "Web",
    "spa": "Single-page application",
    "public_client": "Mobile and desktop applications",
    "": "its platform",
}
"""What the portal calls each platform."""

_PART_WORDS: dict[Difference, str] = {
    "scheme": "its scheme",
    "host": "its host",
    "loopback_host": "the name it gives the local machine",
    "port": "its port",
    "path": "its path",
    "case": "letter case",
    "trailing_slash": "a final slash",
    "double_slash": "a doubled slash",
    "encoding": "its percent-encoding",
    "query": "its query string",
    "fragment": "its fragment",
    "wildcard": "the wildcard of the registered one",
}
_SHAPE_WORDS: dict[Shape, str] = {
    "absent": "no redirect URI is sent",
    "plain_http": "it begins with http:// on a host that is not the local machine",
    "loopback": "it points to the local machine",
    "loopback_ip": "it points to the local machine by an IP address",
    "loopback_with_port": "it points to a port of the local machine",
    "private_host": "its host is known only inside a private network",
    "broker": "it has the form of the operating system's sign-in broker",
    "native_default": "it is a built-in default of a client library",
    "custom_scheme": "it has a scheme of an installed app",
    "double_slash": "it has two slashes in a row after the host",
    "encoded": "it holds percent escapes",
    "query": "it has a query string",
    "fragment": "it has a fragment",
    "port": "it names a port",
    "saml_consumer": "its path is that of a SAML assertion consumer service",
    "sign_in_path": "its path is one that sign-in libraries use",
}
_SHAPE_NAMES: dict[Shape, str] = {
    "absent": "nothing in it",
    "plain_http": "plain http on a real host",
    "loopback": "the local machine as its host",
    "loopback_ip": "a loopback address as its host",
    "loopback_with_port": "a port of the local machine",
    "private_host": "a host of a private network",
    "broker": "the form of a sign-in broker's",
    "native_default": "the form of a library's default",
    "custom_scheme": "an installed app's scheme",
    "double_slash": "a doubled slash",
    "encoded": "percent escapes",
    "query": "a query string",
    "fragment": "a fragment",
    "port": "a port",
    "saml_consumer": "a SAML consumer's path",
    "sign_in_path": "a path that sign-in libraries use",
}
_GIVES = {
    "sent": "one form of the address",
    "registered": "another form",
    "platform": "",
    "platform_name": "its platform",
}
_FACTS = ("failure.redirect_uri", "application.redirect_uris", "service_principal.reply_urls")


PARTLY_READ = Unread(
    "only a part of the redirect URIs was read",
    "Give the whole application, with web, spa and publicClient: only a part of its redirect URIs was read",
)


class DifferenceArgs(Struct, frozen=True, forbid_unknown_fields=True):
    part: Difference
    also: tuple[Difference, ...] = ()
    unless: tuple[Shape, ...] = ()
    """Sent addresses that show one of these shapes are left to another cause."""


class ShapeArgs(Struct, frozen=True, forbid_unknown_fields=True):
    shapes: tuple[Shape, ...]
    unless_removed: bool = False
    """An address that the history shows was itself registered, and taken out lately, is left to another cause."""


class _Entry(Struct, frozen=True):
    uri: str
    platform: Literal["web", "spa", "public_client", ""]


class _Registered(Struct, frozen=True):
    """The registered addresses of whichever object could be read."""

    entries: tuple[_Entry, ...]
    complete: bool
    fact: str
    read: Found[Any]


def sent_uri(facts: Facts) -> Read[str]:
    """The redirect URI of the failed request."""
    return facts.failure.redirect_uri


@predicate("redirect_uri.looks_like", needs=("failure.redirect_uri",), gives={"sent": "this address"}, args=ShapeArgs)
def looks_like(facts: Facts, args: ShapeArgs) -> Verdict:
    """The redirect URI that was sent shows one of ``shapes`` by itself; ``absent`` when the request sends none."""
    read = sent_uri(facts)
    match read:
        case Found(value=uri):
            seen = sorted(shapes(uri) & set(args.shapes))
            gone = removal_of_sent(facts) if seen and args.unless_removed else None
            if gone is not None:
                return No((gone.evidence,))
            if seen:
                said = f"The redirect URI sent is “{uri}”: {' and '.join(_SHAPE_WORDS[shape] for shape in seen)}."
                return Yes((observed(said, "failure.redirect_uri", read),), {"sent": uri})
            names = " or ".join(_SHAPE_NAMES[shape] for shape in args.shapes)
            said = f"The redirect URI sent, “{uri}”, is none with {names}."
            return No((observed(said, "failure.redirect_uri", read),))
        case Missing():
            none = observed("The request sends no redirect URI of its own.", "failure.redirect_uri", read)
            return Yes((none,)) if "absent" in args.shapes else No((none,))
        case Unread():
            return lacking("failure.redirect_uri", read)


@predicate(
    "redirect_uri.differs_only_in",
    needs=(*_FACTS, "failure.wordings", "changes", "failure.observed_at"),
    gives=_GIVES,
    args=DifferenceArgs,
)
def differs_only_in(facts: Facts, args: DifferenceArgs) -> Verdict:
    """The sent redirect URI is not registered; the nearest registered one differs in ``part``, at most ``also`` too.

    Where the registration cannot be read, a message of the wording ``differs-in-<part>`` answers. A different port of
    http://localhost stays unknown: today it does not count, so it alone should not fail. Where the history shows that
    the very address that was sent was registered and taken out lately, that explains the failure, not a difference.
    """
    sent = sent_uri(facts)
    if isinstance(sent, Missing):
        return No((observed("The request sends no redirect URI of its own.", "failure.redirect_uri", sent),))
    apart = sorted(shapes(sent.value) & set(args.unless)) if isinstance(sent, Found) else []
    if isinstance(sent, Found) and apart:
        said = f"The redirect URI sent is “{sent.value}”: {_SHAPE_WORDS[apart[0]]}."
        return No((observed(said, "failure.redirect_uri", sent),))
    gone = removal_of_sent(facts)
    if gone is not None:
        return No((gone.evidence,))
    listed = _registered(facts)
    if isinstance(listed, Unknown):
        return _said_by_message(facts, args) or listed
    if not listed.entries and listed.complete:
        return No((observed("No redirect URI is registered.", listed.fact, listed.read),))
    if isinstance(sent, Unread):
        return _said_by_message(facts, args) or lacking("failure.redirect_uri", sent)
    return _compared(sent.value, args, listed)


def _compared(uri: str, args: DifferenceArgs, listed: _Registered) -> Verdict:
    if any(entry.uri == uri for entry in listed.entries):
        return No((observed(f"“{uri}” is registered as it was sent.", listed.fact, listed.read),))
    best = nearest(uri, [entry.uri for entry in listed.entries])
    if best is None or args.part not in best[1] or not best[1] <= {args.part, *args.also}:
        return _nothing_like_it(uri, listed)
    entry = next(entry for entry in listed.entries if entry.uri == best[0])
    said = f"The redirect URI sent, “{uri}”, differs from the registered “{entry.uri}” only in {_words(best[1])}."
    seen = (observed(said, listed.fact, listed.read),)
    gives = _gives(uri, entry)
    if best[1] == {"port"} and port_is_ignored(uri, entry.platform):
        advice = (
            "Read redirect_uri in the failing request once more: Entra ID leaves the port of http://localhost out of "
            "the comparison, so this difference alone should not fail"
        )
        return Unknown((Need("failure.redirect_uri", advice),), seen, gives)
    return Yes(seen, gives)


def _nothing_like_it(uri: str, listed: _Registered) -> Verdict:
    if not listed.complete:
        return _partly_read(uri, listed.fact)
    best = nearest(uri, [entry.uri for entry in listed.entries])
    if best is None:
        return No((observed("No redirect URI is registered.", listed.fact, listed.read),))
    said = f"The nearest registered one, “{best[0]}”, differs from “{uri}” in {_words(best[1])}."
    return No((observed(said, listed.fact, listed.read),))


@predicate("redirect_uri.is_registered", needs=_FACTS, gives={"sent": "the address", "platform_name": "its platform"})
def is_registered(facts: Facts, _: NoArgs) -> Verdict:
    """The redirect URI that was sent is registered in exactly this spelling, on whichever platform."""
    listed = _registered(facts)
    if isinstance(listed, Unknown):
        return listed
    if not listed.entries and listed.complete:
        return No((observed("No redirect URI is registered.", listed.fact, listed.read),))
    sent = sent_uri(facts)
    if isinstance(sent, Missing):
        return No((observed("The request sends no redirect URI of its own.", "failure.redirect_uri", sent),))
    if isinstance(sent, Unread):
        return lacking("failure.redirect_uri", sent)
    uri = sent.value
    entry = next((entry for entry in listed.entries if entry.uri == uri), None)
    if entry is not None:
        said = f"“{uri}” is registered as it was sent, under {PLATFORM_NAMES[entry.platform]}."
        gives = {"sent": uri, "platform_name": PLATFORM_NAMES[entry.platform]}
        return Yes((observed(said, listed.fact, listed.read),), gives)
    if not listed.complete:
        return _partly_read(uri, listed.fact)
    return No((observed(f"“{uri}” is not among the registered redirect URIs.", listed.fact, listed.read),))


@predicate("redirect_uri.is_missing_from_registration", needs=_FACTS, gives={"sent": "its address"})
def is_missing_from_registration(facts: Facts, _: NoArgs) -> Verdict:
    """The request sends a redirect URI, and none of the registered ones is the same, the port of loopback apart."""
    sent = sent_uri(facts)
    if isinstance(sent, Missing):
        return No((observed("The request sends no redirect URI of its own.", "failure.redirect_uri", sent),))
    listed = _registered(facts)
    if isinstance(sent, Unread):
        return lacking("failure.redirect_uri", sent)
    gives = {"sent": sent.value}
    if isinstance(listed, Unknown):
        return Unknown(listed.needs, gives=gives)
    same = next((entry for entry in listed.entries if matches(sent.value, entry.uri, entry.platform)), None)
    if same is not None:
        return No((observed(f"“{same.uri}” is registered and fits what was sent.", listed.fact, listed.read),))
    if not listed.complete:
        return Unknown(lacking(listed.fact, PARTLY_READ).needs, gives=gives)
    return Yes(
        (observed(f"“{sent.value}” is not among the registered redirect URIs.", listed.fact, listed.read),), gives
    )


@predicate("redirect_uri.exists", needs=_FACTS[1:])
def exists(facts: Facts, _: NoArgs) -> Verdict:
    """The application lists at least one redirect URI or reply URL, on whichever platform."""
    listed = _registered(facts)
    if isinstance(listed, Unknown):
        return listed
    if listed.entries:
        shown = ", ".join(f"“{entry.uri}”" for entry in listed.entries[:3])
        more = f" and {len(listed.entries) - 3} more" if len(listed.entries) > 3 else ""
        return Yes((observed(f"Registered: {shown}{more}.", listed.fact, listed.read),))
    if not listed.complete:
        return lacking(listed.fact, PARTLY_READ)
    return No((observed("No redirect URI is registered.", listed.fact, listed.read),))


def _registered(facts: Facts) -> _Registered | Unknown:
    """The addresses of the application, else of its service principal here (which does not tell platforms apart)."""
    application: Application = facts.application
    read = application.redirect_uris
    if isinstance(read, Found):
        entries = tuple(_Entry(item.uri, item.platform) for item in read.value)
        return _Registered(entries, read.complete, "application.redirect_uris", read)
    replies = facts.service_principal.reply_urls
    if isinstance(replies, Found):
        entries = tuple(_Entry(uri, "") for uri in replies.value)
        return _Registered(entries, replies.complete, "service_principal.reply_urls", replies)
    unknown = lacking("application.redirect_uris", read if isinstance(read, Unread) else None)
    sent = sent_uri(facts)
    return Unknown(unknown.needs, gives={"sent": sent.value}) if isinstance(sent, Found) else unknown


def _partly_read(uri: str, fact: str) -> Unknown:
    return Unknown(lacking(fact, PARTLY_READ).needs, gives={"sent": uri})


def _said_by_message(facts: Facts, args: DifferenceArgs) -> Verdict | None:
    read = facts.failure.wordings
    if isinstance(read, Found) and f"differs-in-{args.part.replace('_', '-')}" in read.value:
        sent = sent_uri(facts)
        said = f"The message itself says that the sent and the registered one differ in {_PART_WORDS[args.part]}."
        gives = {"sent": sent.value} if isinstance(sent, Found) else {}
        return Yes((observed(said, "failure.wordings", read),), gives)
    return None


def _gives(uri: str, entry: _Entry) -> dict[str, str]:
    return {
        "sent": uri,
        "registered": entry.uri,
        "platform": entry.platform,
        "platform_name": PLATFORM_NAMES[entry.platform],
    }


def _words(found: frozenset[Difference]) -> str:
    words = [text for part, text in _PART_WORDS.items() if part in found]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
