"""Where requests may go."""

import ipaddress
from urllib.parse import urlsplit

from diag.core.errors import ForeignLink, SettingsError

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port; ``ValueError`` when the address has none."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError("no http or https address")
    return scheme, parts.hostname.lower().rstrip("."), parts.port or _PORTS[scheme]


def is_loopback(url: str) -> bool:
    """Whether the address names this machine by a loopback address or as ``localhost``."""
    host = (urlsplit(url).hostname or "").lower()
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_safe(setting: str, url: str) -> None:
    """``SettingsError`` unless the address is https, or plain http on loopback."""
    try:
        scheme, _, _ = origin(url)
    except ValueError:
        raise SettingsError([f"{setting}: “{url}” is no http or https address"]) from None
    if scheme != "https" and not is_loopback(url):
        raise SettingsError([f"{setting}: “{url}” is plain http; only a loopback address may be"])


def same_origin(link: str, base: str) -> str:
    """The link, if it leads to the same scheme, host and port; ``ForeignLink`` otherwise."""
    try:
        foreign = origin(link) != origin(base)
    except ValueError:
        foreign = True
    if foreign:
        raise ForeignLink("A page of Microsoft Graph named an address outside Microsoft Graph as its continuation.")
    return link
