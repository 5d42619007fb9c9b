"""Whether an address may enter a command: only where the application already lists its host, or on a native client's
loopback."""

import re
from collections.abc import Iterable
from typing import Any, Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.registration import Platform, RedirectUri
from diag.core.remedies.quoting import refusal
from diag.core.remedies.string_lists import PUBLIC_CLIENT, SPA, WEB, StringList
from diag.core.remedies.subject import value

LISTS: dict[Platform, StringList] = {"web": WEB, "spa": SPA, "public_client": PUBLIC_CLIENT}
LABELS: dict[Platform, str] = {
    "web": "Web",
    "spa": "Single-page application",
    "public_client": "Mobile and desktop applications",
}

_PARTS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,40}):(?://([^/?#]{0,300}))?([^#]{0,2048})")
_AUTHORITY = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]{2,45}\])(?::\d{1,5})?")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_NEVER = re.compile(r"[\s\\*<>\"^`{|}]")


class Address(Struct, frozen=True):
    scheme: str
    host: str
    """Lower case, without port; empty for schemes that have none."""

    @property
    def is_loopback(self) -> bool:
        return self.host in _LOOPBACK


class Judgement(Struct, frozen=True):
    """``known``: may be shown in commands. ``ask``: only the person knows whether it is theirs. ``never``: not to be
    added."""

    answer: Literal["known", "ask", "never"]
    why: str


def parsed(uri: str) -> Address | None:
    """Scheme and host, or None for anything a browser and this reading could understand differently."""
    if not uri or refusal(uri) is not None or _NEVER.search(uri) or not uri.isascii():
        return None
    parts = _PARTS.fullmatch(uri)
    if parts is None:
        return None
    scheme, authority = parts.group(1).lower(), parts.group(2)
    if authority is None:
        return None if scheme in ("http", "https") else Address(scheme, "")
    host = _AUTHORITY.fullmatch(authority)
    if host is None:
        return Address(scheme, "") if not authority and scheme not in ("http", "https") else None
    return Address(scheme, host.group(1).lower().rstrip("."))


def registered(facts: Facts) -> tuple[str, ...]:
    """Every redirect URI read in the directory, of all platforms and of the service principal."""
    application = facts.application
    both: list[RedirectUri] = list(value(application.redirect_uris) or ())
    lists: Iterable[Any] = (
        value(application.web_redirect_uris) or (),
        value(application.spa_redirect_uris) or (),
        value(application.public_client_redirect_uris) or (),
        value(facts.service_principal.reply_urls) or (),
    )
    return tuple(dict.fromkeys([*(entry.uri for entry in both), *(uri for part in lists for uri in part)]))


def is_native(facts: Facts) -> bool:
    """Whether the application was read to have a native client: an address for one, or public client flows allowed."""
    return bool(value(facts.application.public_client_redirect_uris)) or (
        value(facts.application.is_fallback_public_client) is True
    )


def judged(facts: Facts, uri: str, platform: Platform | None) -> Judgement:
    """Whether this address may be added to this application by a command."""
    if "*" in uri:
        return Judgement("never", "A wildcard lets any matching host receive the codes of your users.")
    refused = refusal(uri)
    if refused is not None:
        return Judgement("never", f"The address is not usable: {refused.why}.")
    address = parsed(uri)
    if address is None:
        return Judgement("ask", "The address cannot be read as one that every browser understands alike.")
    if address.scheme == "http" and not address.is_loopback:
        return Judgement("never", "Over plain http anyone on the path could read the code; register the https address.")
    if address.is_loopback:
        if platform == "public_client" and is_native(facts):
            return Judgement("known", "The application has native clients, and those may use a loopback address.")
    elif not address.host and address.scheme not in ("http", "https"):
        return Judgement("ask", "An address without a host belongs to whoever registers its scheme on a device.")
    for other in registered(facts):
        known = parsed(other)
        if known is None or known.host != address.host:
            continue
        if address.scheme == "https" or address.scheme == known.scheme:
            return Judgement("known", "The application already lists an address on this host.")
    if not registered(facts):
        return Judgement(
            "ask", "Which addresses the application lists was not read, so nothing shows whose this one is."
        )
    return Judgement("ask", "The application lists no address on this host.")


def platform_of(facts: Facts, named: str) -> Platform | None:
    """The platform by name, else the only one that has addresses, else None."""
    normal = named.strip().lower().replace("-", "_")
    by_name: dict[str, Platform] = {
        "web": "web",
        "spa": "spa",
        "public_client": "public_client",
        "publicclient": "public_client",
    }
    if normal in by_name:
        return by_name[normal]
    used = {entry.platform for entry in value(facts.application.redirect_uris) or ()}
    return used.pop() if len(used) == 1 else None
