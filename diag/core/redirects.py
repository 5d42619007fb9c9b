"""Comparison of a sent redirect URI with registered ones, in a small vocabulary of differences and shapes.

How Entra ID compares (https://learn.microsoft.com/entra/identity-platform/reply-url, read 2026-11-22): as text, letter
case of the path included; a registered ``http`` address may be loopback only; the port does not count for
``http://localhost``. Its remark on loopback addresses in general follows RFC 8252, which speaks of native clients, and
people report that the port of ``127.0.0.1`` does count; so for IP literals it is left out on the public client platform
alone, and never for ``https``.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct

Difference = Literal[
    "scheme",
    "host",
    "loopback_host",
    "port",
    "path",
    "case",
    "trailing_slash",
    "double_slash",
    "encoding",
    "query",
    "fragment",
    "wildcard",
]
"""``loopback_host``: both sides are loopback under different names. ``case``, ``trailing_slash``, ``double_slash`` and
``encoding`` speak of a path that is otherwise equal; ``path`` of one that is not. ``wildcard``: only a registered
pattern covers the sent address."""

Shape = Literal[
    "absent",
    "plain_http",
    "loopback",
    "loopback_ip",
    "loopback_with_port",
    "private_host",
    "broker",
    "native_default",
    "custom_scheme",
    "double_slash",
    "encoded",
    "query",
    "fragment",
    "port",
    "saml_consumer",
    "sign_in_path",
]

_COST: dict[Difference, int] = {
    "case": 1,
    "trailing_slash": 1,
    "double_slash": 1,
    "encoding": 1,
    "query": 1,
    "fragment": 1,
    "wildcard": 1,
    "loopback_host": 2,
    "port": 2,
    "scheme": 2,
    "path": 5,
    "host": 8,
}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_NATIVE_DEFAULTS = frozenset(
    {
        "urn:ietf:wg:oauth:2.0:oob",
        "https://login.microsoftonline.com/common/oauth2/nativeclient",
        "https://login.live.com/oauth20_desktop.srf",
        "http://localhost",
        "http://localhost/",
    }
)
_BROKER_PREFIXES = ("ms-appx-web://microsoft.aad.brokerplugin/", "msauth://", "msauth.", "brk-")
_CALLBACK = re.compile(
    r"(?:^|[/._-])(?:callback|cb|signin|sign-in|login|logon|oauth2?|oidc|auth|authorize|redirect)(?:$|[/._-])"
)
_SAML = re.compile(r"(?:^|[/._-])(?:saml2?|acs|assertionconsumer(?:service)?|shibboleth\.sso|simplesaml)(?:$|[/._-])")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


class _Parts(Struct, frozen=True):
    scheme: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str


@lru_cache(maxsize=4096)
def differences(sent: str, registered: str) -> frozenset[Difference]:
    """What tells the two apart as text; empty when they are the same. Rules that ignore a port are in ``matches``.

    A web address and one of an app's own scheme have nothing in common: scheme, host and path.
    """
    if sent == registered:
        return frozenset()
    if "*" in registered and _covers(registered, sent):
        return frozenset({"wildcard"})
    if "://" not in sent and ("%3a" in sent.casefold() or "%253a" in sent.casefold()):
        return differences(_decoded(sent), registered) | {"encoding"}
    left, right = _parts(sent), _parts(registered)
    if (left.scheme in _DEFAULT_PORTS) != (right.scheme in _DEFAULT_PORTS):
        return frozenset({"scheme", "host", "path"})
    found: set[Difference] = set()
    if left.scheme != right.scheme:
        found.add("scheme")
    if left.host != right.host:
        both_loopback = {left.host, right.host} <= _LOOPBACK_NAMES
        found.add("loopback_host" if both_loopback else "host")
    if _ports_differ(left, right):
        found.add("port")
    found |= _path_differences(left.path, right.path)
    if left.query != right.query:
        found.add("query")
    if left.fragment != right.fragment:
        found.add("fragment")
    return frozenset(found or {"case"})


def matches(sent: str, registered: str, platform: str = "") -> bool:
    """Whether Entra ID takes the sent address for the registered one on this platform (``""``: platform not known)."""
    found = differences(sent, registered)
    return not found or (found == {"port"} and port_is_ignored(sent, platform))


def port_is_ignored(uri: str, platform: str = "") -> bool:
    """Whether the port does not count when this address is compared."""
    parts = _parts(uri)
    if parts.scheme != "http":
        return False
    return parts.host == "localhost" or (parts.host in _LOOPBACK_NAMES and platform == "public_client")


def nearest(sent: str, registered: Iterable[str]) -> tuple[str, frozenset[Difference]] | None:
    """The registered address that tells least apart from the sent one, and what does; the first of several, or None."""
    compared = [(uri, differences(sent, uri)) for uri in registered]
    return min(compared, key=lambda pair: sum(_COST[part] for part in pair[1]), default=None)


def shapes(uri: str) -> frozenset[Shape]:
    """What the address alone shows, without any registration."""
    parts = _parts(uri)
    web = parts.scheme in _DEFAULT_PORTS
    loopback = parts.host in _LOOPBACK_NAMES
    private = web and not loopback and _is_private(parts.host)
    lowered = uri.casefold()
    tests: dict[Shape, bool] = {
        "plain_http": parts.scheme == "http" and not loopback and not private,
        "loopback": web and loopback,
        "loopback_ip": web and loopback and parts.host != "localhost",
        "loopback_with_port": web and loopback and parts.port is not None,
        "private_host": private,
        "broker": lowered.startswith(_BROKER_PREFIXES),
        "native_default": lowered in _NATIVE_DEFAULTS or (lowered.startswith("msal") and "://auth" in lowered),
        "custom_scheme": bool(parts.scheme) and not web,
        "double_slash": web and "//" in parts.path,
        "encoded": bool(_ESCAPE.search(uri)),
        "query": web and bool(parts.query),
        "fragment": bool(parts.fragment),
        "port": web and parts.port is not None,
        "saml_consumer": web and bool(_SAML.search(parts.path.casefold())),
        "sign_in_path": web and bool(_CALLBACK.search(parts.path.casefold())),
    }
    return frozenset(shape for shape, holds in tests.items() if holds)


def shares_host(sent: str, registered: str) -> bool:
    """Whether both are on one host, or, without a host, of one scheme; loopback names count as one host."""
    left, right = _parts(sent), _parts(registered)
    if left.host and right.host:
        if left.host in _LOOPBACK_NAMES and right.host in _LOOPBACK_NAMES:
            return True
        return left.host == right.host or ("*" in right.host and _covers(right.host, left.host))
    return left.scheme == right.scheme and bool(left.scheme)


def origin(uri: str) -> str:
    """Scheme, host and port, as a browser's Origin header shows them; empty for addresses without a host."""
    parts = _parts(uri)
    if not parts.host:
        return ""
    host = f"[{parts.host}]" if ":" in parts.host else parts.host
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _parts(uri: str) -> _Parts:
    """The address in parts; scheme and host in lower case. What cannot be taken apart counts as a path."""
    try:
        split = urlsplit(uri.strip())
        return _Parts(split.scheme, split.hostname or "", split.port, split.path, split.query, split.fragment)
    except ValueError:
        return _Parts("", "", None, uri, "", "")


def _ports_differ(left: _Parts, right: _Parts) -> bool:
    """Equal schemes are compared as written; across schemes the default ports count as unwritten."""
    if left.scheme == right.scheme:
        return left.port != right.port
    written = [None if parts.port == _DEFAULT_PORTS.get(parts.scheme) else parts.port for parts in (left, right)]
    return written[0] != written[1]


_PATH_STEPS: tuple[tuple[Difference, Callable[[str], str]], ...] = (
    ("encoding", lambda path: _decoded(path)),
    ("double_slash", lambda path: re.sub(r"/{2,}", "/", path)),
    ("trailing_slash", lambda path: path.removesuffix("/")),
    ("case", lambda path: path.casefold()),
)


def _path_differences(left: str, right: str) -> set[Difference]:
    """The steps of normalisation without which the two paths stay apart; ``path`` when they stay apart with all."""
    if left == right:
        return set()

    def equal_without(skipped: Difference | None) -> bool:
        a, b = left, right
        for name, step in _PATH_STEPS:
            if name != skipped:
                a, b = step(a), step(b)
        return a == b

    if not equal_without(None):
        return {"path"}
    return {name for name, _ in _PATH_STEPS if not equal_without(name)} or {"path"}


def _decoded(text: str) -> str:
    """Percent escapes undone, at most twice."""
    return unquote(unquote(text))


def _covers(pattern: str, text: str) -> bool:
    """Whether ``*`` in the pattern, standing for any characters, makes it fit the whole text.

    Patterns with more than two stars are not tried: both sides are untrusted, and each star multiplies the work.
    """
    pieces = [re.escape(piece) for piece in pattern.casefold().split("*")]
    return len(pieces) <= 3 and re.fullmatch(".{0,256}".join(pieces), text.casefold()) is not None


def _is_private(host: str) -> bool:
    """A private or link-local address, a name without a dot, or one under a suffix unknown to the public net."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return bool(host) and ("." not in host or host.endswith((".local", ".internal", ".lan", ".home.arpa")))
