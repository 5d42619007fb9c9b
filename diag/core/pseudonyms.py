"""People under names that say nothing: the same for the same person in this instance, and only in this one.

A pseudonym is a keyed digest (HMAC-SHA-256), so that who has the database alone cannot try names until one fits. Giving
a pseudonym a pseudonym changes nothing, so that what was treated may be treated again.
"""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from diag.core.directory import Change, PropertyChange
from diag.core.records import FailureRow

_NAME = re.compile(r"user-[0-9a-f]{16}")
_ID_PREFIX = "ffffffff-"
_ADDRESS = re.compile(r"[^\s@<>()\[\]{}\"',;:|\\/=]{1,128}@[^\s@<>()\[\]{}\"',;:|\\/=]{1,253}")
"""Anything that looks like a mail address or a user principal name, also one with #EXT# in it."""
_NAMES = frozenset(
    {"userPrincipalName", "userDisplayName", "signInIdentifier", "alternateSignInName", "principalDisplayName"}
)
_IDS = frozenset({"userId", "deviceId", "principalId"})
_IPS = frozenset({"ipAddress", "ipAddressFromResourceProvider", "globalSecureAccessIpAddress"})
_LEFT_OUT = frozenset({"geoCoordinates", "authDetail"})
"""Where exactly somebody was, and a part of their phone number."""
_SHORTEST_NAME = 4
"""Characters; a shorter display name stands in too many other words to be looked for in texts."""
PERSONAL_DETAILS = ("assigned_principals", "grants", "access_policies")
"""Collections that name ordinary users. Owners and notification addresses stay: they are there to be written to."""
_POLICY_USERS = frozenset({"includeUsers", "excludeUsers"})
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class _Person(Struct, frozen=True):
    name: str
    texts: tuple[str, ...]
    """What the record calls the person, longest first; looked for in every other text of it."""


class Pseudonyms:
    """Names people by one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @property
    def fingerprint(self) -> str:
        """Tells one key from another, and nothing about it."""
        return self._digest("fingerprint", "")[:16]

    def name(self, given: str) -> str:
        """``user-`` and 16 digits; the letter case of what is given does not matter."""
        if not given or _NAME.fullmatch(given):
            return given
        return f"user-{self._digest('name', given.casefold())[:16]}"

    def object_id(self, given: str) -> str:
        """An identifier in the form of a GUID that begins with ``ffffffff``."""
        if not given or given.casefold().startswith(_ID_PREFIX):
            return given.casefold()
        digits = self._digest("id", given.casefold())
        return f"{_ID_PREFIX}{digits[:4]}-8{digits[4:7]}-8{digits[7:10]}-{digits[10:22]}"

    def failure(self, row: FailureRow) -> FailureRow:
        """The record without the person who signed in; one of an application alone stays as it is."""
        if not row.user_id and not row.user_principal_name and "user" not in row.event_type.casefold():
            return row
        record = _object(row.raw)
        called = [row.user_principal_name, *(str(record.get(name) or "") for name in sorted(_NAMES))]
        person = self._person(row.user_id or row.user_principal_name, [*called, row.user_id])
        return replace(
            row,
            user_id=self.object_id(row.user_id),
            user_principal_name=person.name if row.user_principal_name else "",
            ip_address=network(row.ip_address),
            failure_reason=self._text(row.failure_reason, person),
            raw=msgspec.json.encode(self._value(record, person)),
        )

    def change(self, change: Change) -> Change:
        """The change without the people in it; an application that made it stays named."""
        return replace(
            change,
            actor=self._addresses(change.actor),
            target_name=self._addresses(change.target_name),
            properties=tuple(
                PropertyChange(item.name, self._addresses(item.old), self._addresses(item.new))
                for item in change.properties
            ),
        )

    def detail(self, kind: str, body: bytes) -> bytes:
        """A collection of a registration without the users in it; groups and applications stay named."""
        if kind not in PERSONAL_DETAILS:
            return body
        try:
            given = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return b'{"value": []}'
        if kind == "access_policies":
            return msgspec.json.encode(self._policies(given))
        items = given.get("value") if isinstance(given, dict) else None
        if not isinstance(items, list):
            return body
        treated = [self._principal(item) if isinstance(item, dict) else item for item in items]
        return msgspec.json.encode({**given, "value": treated})

    def _policies(self, value: Any, name: str = "") -> Any:
        """Policies without the users they name; All, None and the like are words and stay."""
        if isinstance(value, dict):
            return {key: self._policies(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._policies(inner, name) for inner in value]
        if name in _POLICY_USERS and isinstance(value, str) and _GUID.fullmatch(value):
            return self.object_id(value)
        return value

    def _principal(self, item: Mapping[str, Any]) -> dict[str, Any]:
        kind, principal = item.get("principalType"), item.get("principalId")
        if not (isinstance(principal, str) and principal) or kind in ("Group", "ServicePrincipal"):
            return dict(item)
        treated = {**item, "principalId": self.object_id(principal)}
        if isinstance(item.get("principalDisplayName"), str):
            treated["principalDisplayName"] = self.name(principal)
        return treated

    def _person(self, identity: str, called: list[str]) -> _Person:
        texts = {text.casefold() for text in called if len(text) >= _SHORTEST_NAME and not _NAME.fullmatch(text)}
        known = next((text for text in called if _NAME.fullmatch(text)), "")
        return _Person(known or self.name(identity), tuple(sorted(texts, key=len, reverse=True)))

    def _value(self, value: Any, person: _Person, name: str = "") -> Any:
        if isinstance(value, dict):
            # A device is often called after its owner.
            out = _LEFT_OUT | {"displayName"} if name == "deviceDetail" else _LEFT_OUT
            return {key: self._value(inner, person, key) for key, inner in value.items() if key not in out}
        if isinstance(value, list):
            return [self._value(inner, person, name) for inner in value]
        if not isinstance(value, str) or not value:
            return value
        if name in _NAMES:
            return person.name
        if name in _IDS:
            return self.object_id(value)
        if name in _IPS:
            return network(value)
        return self._text(value, person)

    def _text(self, text: str, person: _Person) -> str:
        for called in person.texts:
            if called in text.casefold():
                text = re.sub(re.escape(called), person.name, text, flags=re.IGNORECASE)
        return self._addresses(text)

    def _addresses(self, text: str) -> str:
        return _ADDRESS.sub(lambda found: self.name(found[0].rstrip(".")), text) if "@" in text else text

    def _digest(self, use: str, value: str) -> str:
        return hmac.new(self._key, f"{use}\n{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def network(address: str) -> str:
    """The network an address lies in, which is enough to tell places apart: /24, /48 of IPv6; empty for no address."""
    try:
        given = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    return str(ipaddress.ip_network((given, 24 if given.version == 4 else 48), strict=False).network_address)


def _object(raw: bytes) -> dict[str, Any]:
    """The record; an empty one where it cannot be read, since nobody knows what it says."""
    try:
        given = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}
