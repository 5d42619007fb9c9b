"""Questions about the platform a redirect URI is registered under: it decides which kind of client is expected."""

from typing import Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.redirect_uri import PARTLY_READ, PLATFORM_NAMES, sent_uri
from diag.core.read import Found, Missing, Read, Unread
from diag.core.redirects import differences, matches, shares_host
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

Platform = Literal["web", "spa", "public_client"]

_ALL: tuple[Platform, ...] = ("web", "spa", "public_client")
_LISTS = tuple(f"application.{name}_redirect_uris" for name in _ALL)
_PROVE_SPA = frozenset({9002325, 9002327})
"""Codes that Entra ID answers only after it took the redirect URI for a single-page application's."""


class PlatformArgs(Struct, frozen=True, forbid_unknown_fields=True):
    platform: Platform


@predicate(
    "redirect_uri.is_registered_under",
    needs=("failure.redirect_uri", *_LISTS),
    gives={"sent": "its address", "platform": ""},
    args=PlatformArgs,
)
def is_registered_under(facts: Facts, args: PlatformArgs) -> Verdict:
    """The redirect URI of the request is registered under ``platform``; the port of http://localhost does not count.

    Where the request's address is unknown, lists answer that leave no choice: none there, or nowhere else. Where the
    registration is unread, codes that are answered for single-page applications alone prove that platform.
    """
    read, fact = _list(facts, args.platform)
    name = PLATFORM_NAMES[args.platform]
    if isinstance(read, Missing) or (isinstance(read, Found) and read.complete and not read.value):
        return No((observed(f"No redirect URI is registered under {name}.", fact, read),))
    sent = sent_uri(facts)
    if isinstance(read, Unread):
        return _proved_by_code(facts, args.platform) or _unread(facts, fact, read)
    if isinstance(sent, Found):
        entry = next((uri for uri in read.value if matches(sent.value, uri, args.platform)), None)
        if entry is not None:
            same = "" if entry == sent.value else f" as “{entry}”, whose port does not count"
            said = f"“{sent.value}” is registered under {name}{same}."
            return Yes((observed(said, fact, read),), {"sent": sent.value, "platform": args.platform})
        if not read.complete:
            return lacking(fact, PARTLY_READ)
        return No((observed(f"“{sent.value}” is not registered under {name}.", fact, read),))
    others = [_list(facts, other)[0] for other in _ALL if other != args.platform]
    if all(isinstance(other, Found) and other.complete and not other.value for other in others):
        gives = {"platform": args.platform} | ({"sent": read.value[0]} if len(read.value) == 1 else {})
        return Yes((observed(f"Every registered redirect URI is under {name}.", fact, read),), gives)
    return _proved_by_code(facts, args.platform) or lacking(
        "failure.redirect_uri", sent if isinstance(sent, Unread) else None
    )


@predicate(
    "redirect_uri.is_unlike_registered",
    needs=("failure.redirect_uri", *_LISTS, "service_principal.reply_urls"),
    gives={"sent": "an address"},
    args=PlatformArgs,
)
def is_unlike_registered(facts: Facts, args: PlatformArgs) -> Verdict:
    """No redirect URI under ``platform`` is on the host of the one that was sent (without a host: of its scheme)."""
    read, fact = _list(facts, args.platform)
    if not isinstance(read, Found):
        replies = facts.service_principal.reply_urls
        if not isinstance(replies, Found):
            unknown, sent = _unread(facts, fact, read), sent_uri(facts)
            return Unknown(unknown.needs, gives={"sent": sent.value}) if isinstance(sent, Found) else unknown
        read, fact = replies, "service_principal.reply_urls"
    name = PLATFORM_NAMES[args.platform] if fact.startswith("application") else "any platform"
    sent = sent_uri(facts)
    gives = {"sent": sent.value} if isinstance(sent, Found) else {}
    if read.complete and not read.value:
        return Yes((observed(f"No redirect URI is registered under {name}.", fact, read),), gives)
    if isinstance(sent, Missing):
        return No((observed("The request sends no redirect URI of its own.", "failure.redirect_uri", sent),))
    if isinstance(sent, Unread):
        return lacking("failure.redirect_uri", sent)
    uri = sent.value
    near = next((entry for entry in read.value if shares_host(uri, entry)), None)
    if near is not None:
        return No((observed(f"“{near}” is registered under {name}, on the same host.", fact, read),))
    if not read.complete:
        return lacking(fact, PARTLY_READ)
    return Yes((observed(f"Nothing under {name} is on the host of “{uri}”.", fact, read),), gives)


@predicate(
    "redirect_uri.has_localhost_twin",
    needs=("failure.redirect_uri", *_LISTS),
    gives={
        "shadowing": "the one",
        "shadowed": "the other",
        "shadowed_platform": "another platform",
    },
)
def has_localhost_twin(facts: Facts, _: NoArgs) -> Verdict:
    """An http://localhost address under Web and one under another platform are the same but for the port.

    Entra ID leaves that port out of the comparison and picks one of the two; when it picks Web, it expects a
    confidential client. The sent address, where known, is one that both fit.
    """
    web, web_fact = _list(facts, "web")
    if isinstance(web, Unread):
        return _unread(facts, web_fact, web)
    sent = sent_uri(facts)
    mine = [uri for uri in _values(web) if _fits(sent, uri)]
    if _whole(web) and not any(uri.casefold().startswith("http://localhost") for uri in mine):
        said = "No http://localhost address that fits the request is registered under Web."
        return No((observed(said, web_fact, web),))
    unread: list[tuple[str, Unread]] = []
    for platform in ("spa", "public_client"):
        read, fact = _list(facts, platform)
        for uri in (uri for uri in _values(read) if _fits(sent, uri)):
            twin = next((other for other in mine if differences(other, uri) <= {"port"} and matches(other, uri)), None)
            if twin is not None and isinstance(read, Found):
                said = (
                    f"“{twin}” under Web and “{uri}” under {PLATFORM_NAMES[platform]} are the same for Entra ID, "
                    "which leaves the port of http://localhost out."
                )
                gives = {"shadowing": twin, "shadowed": uri, "shadowed_platform": PLATFORM_NAMES[platform]}
                return Yes((observed(said, fact, read),), gives)
        if not _whole(read):
            unread.append((fact, read if isinstance(read, Unread) else PARTLY_READ))
    if unread:
        return _unread(facts, *unread[0])
    return No((observed("No localhost address is registered under Web and another platform.", web_fact, web),))


def _list(facts: Facts, platform: Platform) -> tuple[Read[tuple[str, ...]], str]:
    """The list of one platform; unread, not empty, where the application is not registered in this directory."""
    application = facts.application
    if isinstance(application.exists, Missing):
        return Unread("the application is not registered in this directory"), f"application.{platform}_redirect_uris"
    reads = {
        "web": application.web_redirect_uris,
        "spa": application.spa_redirect_uris,
        "public_client": application.public_client_redirect_uris,
    }
    return reads[platform], f"application.{platform}_redirect_uris"


def _unread(facts: Facts, fact: str, read: Read[tuple[str, ...]]) -> Unknown:
    """Unknown for want of one list, or of all while none was read, so that one fact is asked for once."""
    together = facts.application.redirect_uris
    whole = not isinstance(together, Found)
    reason = together if isinstance(together, Unread) else read if isinstance(read, Unread) else None
    return lacking("application.redirect_uris" if whole else fact, reason if whole else PARTLY_READ)


def _values(read: Read[tuple[str, ...]]) -> tuple[str, ...]:
    return read.value if isinstance(read, Found) else ()


def _whole(read: Read[tuple[str, ...]]) -> bool:
    return isinstance(read, Missing) or (isinstance(read, Found) and read.complete)


def _fits(sent: Read[str], uri: str) -> bool:
    return not isinstance(sent, Found) or matches(sent.value, uri)


def _proved_by_code(facts: Facts, platform: Platform) -> Verdict | None:
    code = facts.failure.code
    if code not in _PROVE_SPA or platform != "spa":
        return None
    said = f"Entra ID answers AADSTS{code} only for a redirect URI under {PLATFORM_NAMES[platform]}."
    sent = sent_uri(facts)
    return Yes((Evidence(said, "failure.text", "text"),), {"sent": sent.value} if isinstance(sent, Found) else {})
