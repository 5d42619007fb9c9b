"""Secrets, certificates and federated credentials as applications and service principals list them."""

import base64
import binascii
import re
from collections.abc import Mapping

from diag.adapters.graph.wire.common import (
    Node,
    essential,
    first_text,
    mapping,
    optional_instant,
    optional_mapping,
    optional_texts,
    wholly,
)
from diag.core.identifiers import KeyId
from diag.core.read import Read
from diag.core.registration import Certificate, ClientSecret, FederatedCredential

_SHA1 = re.compile(r"[0-9A-F]{40}")
_SEPARATORS = re.compile(r"[\s:\u200e\u200f-]")


def client_secret(element: object) -> ClientSecret:
    given = mapping(element)
    return ClientSecret(
        key_id=KeyId(essential(given, "keyId")),
        starts=optional_instant(given, "startDateTime"),
        ends=optional_instant(given, "endDateTime"),
        display_name=first_text(given, "displayName"),
        hint=first_text(given, "hint"),
    )


def certificate(element: object) -> Certificate:
    given = mapping(element)
    identifier = first_text(given, "customKeyIdentifier")
    return Certificate(
        key_id=KeyId(essential(given, "keyId")),
        starts=optional_instant(given, "startDateTime"),
        ends=optional_instant(given, "endDateTime"),
        usage=first_text(given, "usage") or "Verify",
        type=first_text(given, "type") or "AsymmetricX509Cert",
        display_name=first_text(given, "displayName"),
        thumbprint=thumbprint(identifier),
        custom_key_identifier=identifier,
    )


def federated_credentials(node: Node, name: str) -> Read[tuple[FederatedCredential, ...]]:
    """Incomplete when one lacks issuer, subject (or expression) or audiences: what is empty then proves nothing."""
    return wholly(node.items(name, lambda item: (federated_credential(item), _whole(item))))


def federated_credential(element: object) -> FederatedCredential:
    given = mapping(element)
    return FederatedCredential(
        id=first_text(given, "id"),
        name=first_text(given, "name"),
        issuer=first_text(given, "issuer"),
        subject=first_text(given, "subject"),
        audiences=optional_texts(given, "audiences"),
        expression=first_text(optional_mapping(given, "claimsMatchingExpression"), "value"),
    )


def _whole(element: object) -> bool:
    return (
        isinstance(element, Mapping)
        and isinstance(element.get("issuer"), str)
        and isinstance(element.get("audiences"), (list, tuple))
        and ("subject" in element or "claimsMatchingExpression" in element)
    )


def thumbprint(identifier: str) -> str:
    """The SHA-1 thumbprint in upper-case hex that a ``customKeyIdentifier`` stands for; empty when it is none.

    Hex is tried first: 40 hex digits are valid Base64 too, of 30 meaningless bytes. Base64 of 20 bytes is the digest
    itself; other lengths (SAML tutorials put a SHA-256 of the thumbprint's text there) prove nothing.
    """
    given = _SEPARATORS.sub("", identifier).upper()
    if _SHA1.fullmatch(given):
        return given
    try:
        digest = base64.b64decode(identifier, validate=True)
    except (binascii.Error, ValueError):
        return ""
    if len(digest) == 20:
        return digest.hex().upper()
    if len(digest) == 40:  # Base64 of the hex text.
        inner = digest.decode("ascii", "replace").upper()
        return inner if _SHA1.fullmatch(inner) else ""
    return ""
