"""Signed links in messages: what may be done with one alert, by whom, and until when. Each works once.

A link is not a session: it names one alert and one action, and whoever holds it may do that one thing. So it only
acknowledges or snoozes for a while, expires, and asks before it acts (link scanners open links, they press no buttons).
"""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Literal

import msgspec
from msgspec import Struct

LONGEST_TOKEN = 1000
_DIGEST = hashlib.sha256
_PURPOSE = b"aadsts-diag action link 1\n"
"""Signed along, so that no other signature under the same key is ever taken for a link's."""

LinkAction = Literal["acknowledge", "snooze"]


class Link(Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """What a signed link permits."""

    alert_id: str
    action: LinkAction
    days: int
    """How long a snooze lasts; 0 for an acknowledgement."""
    reader: str
    """To whom it was sent: a mail address, or a channel's name."""
    expires: int
    """Seconds since 1970."""

    @property
    def id(self) -> str:
        """Names the link among those used up."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:32]


def signed(link: Link, key: bytes) -> str:
    """The link as one word for an address; the same each time it is made."""
    body = msgspec.json.encode(link)
    return f"{_text(body)}.{_text(_signature(body, key))}"


def read(token: str, key: bytes, now: datetime) -> Link | None:
    """The link that a token carries; None when it is not ours, was changed, or has expired."""
    given, dot, signature = token.partition(".")
    if not dot or len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    try:
        body, digest = _bytes(given), _bytes(signature)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(digest, _signature(body, key)):
        return None
    try:
        link = msgspec.json.decode(body, type=Link)
    except msgspec.DecodeError:
        return None
    return link if now.timestamp() < link.expires else None


def expiry(created: datetime, days: int) -> int:
    """When a link of a message written at ``created`` expires: the same for every repeat of it."""
    return int(created.astimezone(UTC).timestamp()) + days * 86400


def _signature(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + body, _DIGEST)


def _text(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).decode().rstrip("=")


def _bytes(given: str) -> bytes:
    return base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
