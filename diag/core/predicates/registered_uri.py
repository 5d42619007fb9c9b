"""Questions about the redirect URIs an application lists, whatever any request sends."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from diag.core.facts import Facts, read
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.redirect_uri import PARTLY_READ, PLATFORM_NAMES
from diag.core.read import Found, Missing, Unread
from diag.core.redirects import shapes
from diag.core.registration import Platform, RedirectUri
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_LISTS: dict[Platform, str] = {
    "web": "application.web_redirect_uris",
    "spa": "application.spa_redirect_uris",
    "public_client": "application.public_client_redirect_uris",
}
_FACTS = tuple(_LISTS.values())
_ALL: tuple[Platform, ...] = ("web", "spa", "public_client")
_GIVES = {"addresses": "some of its redirect URIs", "uris": ""}
"""``addresses``: for a sentence; ``uris``: the addresses themselves, a line each, for a remedy."""
_SHOWN_AT_MOST = 5

_TEST_SITES = frozenset({
    "jwt.ms", "jwt.io", "www.jwt.io", "oauth.pstmn.io", "app.getpostman.com", "www.getpostman.com", "oauthdebugger.com",
    "oidcdebugger.com", "openidconnect.net", "www.oauth.com", "webhook.site", "insomnia.rest", "hoppscotch.io",
    "openidconnectdebugger.com",
})  # fmt: skip
"""Sites that show to whoever opens them what they received; whatever arrives there has left the organisation."""
_TUNNELS = (
    ".ngrok.io", ".ngrok.app", ".ngrok.dev", ".ngrok-free.app", ".ngrok-free.dev", ".trycloudflare.com", ".loca.lt",
    ".serveo.net", ".localtunnel.me", ".lhr.life", ".devtunnels.ms", ".webhook.site", ".pipedream.net",
)  # fmt: skip
"""Suffixes of hosts that are handed to the next person when a developer's tunnel closes."""

TAKEOVER_SUFFIXES = (
    ".azurewebsites.net", ".trafficmanager.net", ".cloudapp.net", ".cloudapp.azure.com", ".azurefd.net",
    ".azureedge.net", ".azure-api.net", ".azurecontainer.io", ".azurestaticapps.net", ".blob.core.windows.net",
    ".web.core.windows.net", ".azurewebsites.us", ".usgovtrafficmanager.net", ".chinacloudsites.cn",
)  # fmt: skip
"""Suffixes under which Azure gives a name to the first customer who asks for it, also one that somebody gave up."""


class PlatformsArgs(Struct, frozen=True, forbid_unknown_fields=True):
    platforms: tuple[Platform, ...]


class _Listed(Struct, frozen=True):
    """The addresses of some platforms, as far as they were read."""

    uris: tuple[RedirectUri, ...]
    fact: str
    seen: Found[Any] | Missing | None
    """A list that was read, the one with addresses where there is one."""
    open_fact: str = ""
    """The first list of which something was not read; empty when all were read to their end."""
    why: Unread | None = None


@predicate("registered_uri.exists", needs=_FACTS, gives=_GIVES, args=PlatformsArgs)
def exists(facts: Facts, args: PlatformsArgs) -> Verdict:
    """The application lists a redirect URI under one of ``platforms``."""
    names = " or ".join(PLATFORM_NAMES[platform] for platform in args.platforms)
    return _some(facts, args.platforms, lambda uri: True, f"No redirect URI is listed under {names}.")


@predicate("registered_uri.has_wildcard", needs=_FACTS, gives=_GIVES)
def has_wildcard(facts: Facts, _: NoArgs) -> Verdict:
    """A redirect URI holds a wildcard, so that addresses nobody wrote down receive codes and tokens."""
    return _some(facts, _ALL, lambda uri: "*" in uri.uri, "No redirect URI holds a wildcard.")


@predicate("registered_uri.is_plain_http", needs=_FACTS, gives=_GIVES)
def is_plain_http(facts: Facts, _: NoArgs) -> Verdict:
    """A redirect URI begins with http:// on a host other than the local machine."""
    return _some(facts, _ALL, _is_unencrypted, "No redirect URI is on plain http but for the local machine.")


@predicate("registered_uri.is_leftover_of_development", needs=_FACTS, gives=_GIVES)
def is_leftover_of_development(facts: Facts, _: NoArgs) -> Verdict:
    """The local machine is registered under Web or Single-page application beside an https host: development and
    production share one registration. Native clients, which live on loopback addresses, do not count."""
    platforms: tuple[Platform, ...] = ("web", "spa")
    local = _some(facts, platforms, _is_local, "The local machine is under neither Web nor Single-page application.")
    if not isinstance(local, Yes):
        return local
    listed = _listed(facts, platforms)
    if any(uri.uri.casefold().startswith("https:") and not _is_local(uri) for uri in listed.uris):
        return local
    if listed.open_fact or listed.seen is None:
        return lacking(listed.open_fact or listed.fact, listed.why)
    return No((*local.evidence, observed("No https host is listed beside it.", listed.fact, listed.seen)))


@predicate("registered_uri.is_test_tool", needs=_FACTS, gives=_GIVES)
def is_test_tool(facts: Facts, _: NoArgs) -> Verdict:
    """A redirect URI is a public site for trying tokens out, or a developer's tunnel whose name goes to somebody else
    when it closes."""
    return _some(facts, _ALL, _is_tool, "No redirect URI is a known public tool or tunnel.")


@predicate("registered_uri.host_is_gone", needs=(*_FACTS, "hosts"), gives=_GIVES)
def host_is_gone(facts: Facts, _: NoArgs) -> Verdict:
    """A redirect URI names a host of Azure's own domains that no longer exists in the DNS: whoever creates a resource
    of that name receives the codes. Hosts of other domains are not judged."""
    listed, hosts = _listed(facts, _ALL), facts.hosts
    known = hosts.value if isinstance(hosts, Found) else {}
    takeable = takeable_hosts(uri.uri for uri in listed.uris)
    gone = tuple(uri for uri in listed.uris if (host := host_of(uri.uri)) in takeable and known.get(host) is False)
    if gone and isinstance(hosts, Found):
        return Yes((observed(f"The DNS has no host for {_shown(gone)}.", "hosts", hosts),), _gives(gone))
    if listed.open_fact or listed.seen is None:
        return lacking(listed.open_fact or listed.fact, listed.why)
    if not takeable:
        return No((observed("No redirect URI is on a host that Azure gives away anew.", listed.fact, listed.seen),))
    if not isinstance(hosts, Found):
        return lacking("hosts", hosts if isinstance(hosts, Unread) else None)
    if not takeable <= known.keys():
        return lacking("hosts", Unread("not every host was looked up"))
    return No((observed(f"The DNS knows {', '.join(sorted(takeable))}.", "hosts", hosts),))


def takeable_hosts(uris: Iterable[str]) -> frozenset[str]:
    """The hosts among these addresses whose name Azure gives to whoever asks for it first."""
    return frozenset(host for uri in uris if (host := host_of(uri)).endswith(TAKEOVER_SUFFIXES))


def host_of(uri: str) -> str:
    """The host in lower case, empty where there is none or it cannot be read."""
    try:
        return (urlsplit(uri.strip()).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_unencrypted(uri: RedirectUri) -> bool:
    return uri.uri.casefold().startswith("http:") and not _is_local(uri)


def _is_local(uri: RedirectUri) -> bool:
    return "loopback" in shapes(uri.uri)


def _is_tool(uri: RedirectUri) -> bool:
    host = host_of(uri.uri)
    return host in _TEST_SITES or host.endswith(_TUNNELS)


def _some(facts: Facts, platforms: tuple[Platform, ...], fits: Callable[[RedirectUri], bool], none: str) -> Verdict:
    """Yes when a listed address fits, no (in the words ``none``) when none does and all were read, else unknown."""
    listed = _listed(facts, platforms)
    fitting = tuple(uri for uri in listed.uris if fits(uri))
    if fitting and listed.seen is not None:
        return Yes((observed(f"Registered: {_shown(fitting)}.", listed.fact, listed.seen),), _gives(fitting))
    if listed.open_fact or listed.seen is None:
        return lacking(listed.open_fact or listed.fact, listed.why)
    return No((observed(none, listed.fact, listed.seen),))


def _listed(facts: Facts, platforms: tuple[Platform, ...]) -> _Listed:
    uris: list[RedirectUri] = []
    seen: Found[Any] | Missing | None = None
    open_fact, why = "", None
    for platform in platforms:
        fact = _LISTS[platform]
        given = read(facts, fact)
        if isinstance(given, Unread):
            open_fact, why = open_fact or fact, why or given
            continue
        if isinstance(given, Found):
            uris += [RedirectUri(uri, platform) for uri in given.value]
            if not given.complete:
                open_fact, why = open_fact or fact, why or PARTLY_READ
        seen = given if seen is None or (isinstance(given, Found) and given.value) else seen
    fact = _LISTS[platforms[0]] if len(platforms) == 1 else "application.redirect_uris"
    return _Listed(tuple(uris), fact, seen, open_fact, why)


def _gives(uris: tuple[RedirectUri, ...]) -> dict[str, str]:
    return {"addresses": _shown(uris), "uris": "\n".join(dict.fromkeys(uri.uri for uri in uris))}


def _shown(uris: tuple[RedirectUri, ...]) -> str:
    """The addresses for a sentence, a few at most."""
    names = list(dict.fromkeys(f"“{uri.uri}” ({PLATFORM_NAMES[uri.platform]})" for uri in uris))
    more = f" and {len(names) - _SHOWN_AT_MOST} more" if len(names) > _SHOWN_AT_MOST else ""
    return ", ".join(names[:_SHOWN_AT_MOST]) + more
