"""Credentials of one application or service principal: which is live, which replaced which, which one a failure used.

A credential is valid while ``starts <= t < ends``; a start or end the directory does not name sets no bound.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.identifiers import KeyId
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import Certificate, ClientSecret

Credential = ClientSecret | Certificate
State = Literal["not_yet_valid", "live", "ended"]

_DESCRIBED_KEY = re.compile(r"KeyIdentifier=([0-9a-fA-F-]{36}),\s{0,4}KeyType=(\w{1,40})")
_SEPARATORS = re.compile(r"[\s:\u200e\u200f-]")


def counted(credentials: Iterable[Credential]) -> tuple[Credential, ...]:
    """The credentials that end on their own, in the given order.

    A SAML signing certificate is listed three times: as a key that signs, as a key that verifies, and as a password
    with the signing key's key ID. It counts once, by its verifying key; everything else counts for itself
    (graph.md section 9, checked 2026-11-22).
    """
    listed = tuple(credentials)
    certificates = [item for item in listed if isinstance(item, Certificate)]
    signing = {item.key_id for item in certificates if item.usage == "Sign"}
    signed = {
        item.custom_key_identifier for item in certificates if item.usage == "Sign" and item.custom_key_identifier
    }
    kept: dict[str, Credential] = {}
    for item in listed:
        if isinstance(item, ClientSecret):
            if item.key_id not in signing:
                kept.setdefault(item.key_id, item)
            continue
        identifier = item.custom_key_identifier
        name = f"pair {identifier}" if identifier in signed else str(item.key_id)
        if name not in kept or (item.usage == "Verify" and not _verifies(kept[name])):
            kept[name] = item
    return tuple(kept.values())


def _verifies(credential: Credential) -> bool:
    return isinstance(credential, Certificate) and credential.usage == "Verify"


def state_at(credential: Credential, at: datetime) -> State:
    """Whether the credential is live, has ended or has yet to begin at an instant."""
    if credential.ends is not None and at >= credential.ends:
        return "ended"
    if credential.starts is not None and at < credential.starts:
        return "not_yet_valid"
    return "live"


def successor(credential: Credential, others: Iterable[Credential]) -> Credential | None:
    """The credential of the same kind and use that replaces this one: it begins later and ends later.

    The one that ends last when several do; None when nothing outlives it.
    """
    if credential.ends is None:
        return None
    later = [
        other
        for other in others
        if other.key_id != credential.key_id
        and type(other) is type(credential)
        and _usage(other) == _usage(credential)
        and (other.ends is None or other.ends > credential.ends)
        and other.starts is not None
        and (credential.starts is None or other.starts > credential.starts)
    ]
    return max(later, key=lambda other: (other.ends is None, other.ends or other.starts), default=None)


def _usage(credential: Credential) -> str:
    return credential.usage if isinstance(credential, Certificate) else ""


def instant(facts: Facts) -> Read[datetime]:
    """The instant credentials are judged at: when the failure was seen, else when the registration was read.

    Whoever pastes an error without its time pastes the registration of the same day; the sentence that rests on the
    second kind of instant says so.
    """
    observed_at = facts.failure.observed_at
    if not isinstance(observed_at, Unread):
        return observed_at
    for read in (facts.application.client_secrets, facts.application.certificates, facts.application.exists):
        if isinstance(read, (Found, Missing)) and read.as_of is not None:
            return Found(read.as_of, read.source, read.as_of)
    return observed_at


def instant_words(facts: Facts) -> str:
    """How a sentence names that instant: ``when the sign-in failed`` or ``when the registration was read``."""
    if isinstance(facts.failure.observed_at, Found):
        return "when the sign-in failed"
    return "when the registration was read (the failure carries no time)"


def sha1_thumbprint(thumbprint: str) -> str:
    """The 40 upper-case hex digits that a thumbprint stands for, printed as hex or as the ``x5t`` of an assertion.

    Empty when it is no SHA-1 digest; a SHA-256 one cannot be compared with what the directory shows.
    """
    digits = _SEPARATORS.sub("", thumbprint).upper()
    if re.fullmatch(r"[0-9A-F]{40}", digits):
        return digits
    digest = _decoded(thumbprint)
    return digest.hex().upper() if len(digest) == 20 else ""


def is_digest(thumbprint: str) -> bool:
    """Whether a thumbprint is a SHA-1 or SHA-256 digest at all, in hex or Base64."""
    digits = _SEPARATORS.sub("", thumbprint).upper()
    return bool(re.fullmatch(r"[0-9A-F]{40}|[0-9A-F]{64}", digits)) or len(_decoded(thumbprint)) in (20, 32)


def spelled_out(thumbprint: str) -> str:
    """The SHA-1 thumbprint whose hex *text* was put into the header in place of its bytes, else empty.

    A client that encodes the 40 characters of a thumbprint rather than its 20 bytes makes Entra ID print 80 hex digits:
    the character codes of the thumbprint it meant.
    """
    digits = _SEPARATORS.sub("", thumbprint)
    if not re.fullmatch(r"[0-9A-Fa-f]{80}", digits):
        return ""
    letters = bytes.fromhex(digits).decode("latin-1").upper()
    return letters if re.fullmatch(r"[0-9A-F]{40}", letters) else ""


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.strip().replace("+", "-").replace("/", "_").rstrip("=") + "==")
    except (binascii.Error, ValueError):
        return b""


def used(facts: Facts, credentials: Found[tuple[Credential, ...]]) -> Read[Credential]:
    """The registered credential that the failed request presented.

    Told by the key ID or thumbprint of the record, or the thumbprint of the assertion. Missing when the request's
    credential is known and a complete list does not hold it; unread when nothing tells which one was presented.
    """
    failure = facts.failure
    listed = credentials.value
    if isinstance(failure.credential_key_id, Found):
        key_id = failure.credential_key_id.value.casefold()
        return _only([item for item in listed if item.key_id.casefold() == key_id], credentials)
    for read in (failure.assertion_thumbprint, failure.credential_thumbprint):
        if not isinstance(read, Found):
            continue
        wanted = sha1_thumbprint(read.value)
        if not wanted:
            return Unread("the thumbprint that was presented is no SHA-1 thumbprint")
        certificates = [item for item in listed if isinstance(item, Certificate)]
        found = [item for item in certificates if item.thumbprint == wanted]
        if not found and any(not item.thumbprint for item in certificates):
            return Unread("a registered certificate shows no thumbprint to compare with")
        return _only(list(found), credentials)
    return Unread()


def _only(found: list[Credential], credentials: Found[tuple[Credential, ...]]) -> Read[Credential]:
    if found:
        return Found(found[0], credentials.source, credentials.as_of)
    if not credentials.complete:
        return Unread("the list of credentials was cut short")
    return Missing(credentials.source, credentials.as_of)


def keys_named(description: str, key_type: Literal["Password", "AsymmetricX509Cert"]) -> frozenset[KeyId]:
    """Key IDs of one kind in an audit record's KeyDescription."""
    return frozenset(KeyId(key.lower()) for key, kind in _DESCRIBED_KEY.findall(description) if kind == key_type)


def removed_keys(change: Change, key_type: Literal["Password", "AsymmetricX509Cert"]) -> frozenset[KeyId]:
    """Key IDs that the change took away."""
    return frozenset(
        key
        for item in change.properties
        if item.name == "KeyDescription"
        for key in keys_named(item.old, key_type) - keys_named(item.new, key_type)
    )


def shown(credential: Credential) -> str:
    """How a sentence names the credential: its name and key ID, never its value."""
    return f"“{credential.display_name}” ({credential.key_id})" if credential.display_name else str(credential.key_id)
