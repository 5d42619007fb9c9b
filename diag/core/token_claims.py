"""What a JSON Web Token says, without believing it: the signature is neither checked nor kept."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from diag.core.errors import BadInput

MOST_CHARACTERS = 256 * 1024
"""Entra ID's tokens have some thousand; what is far longer is something else."""

_PART = re.compile(r"[A-Za-z0-9_\-+/=]*")
_SHOWN_HEADER = ("typ", "alg", "kid", "x5t", "nonce", "ver")
_RESPONSE = ("access_token", "id_token")
"""Where a token endpoint's answer holds tokens; the first of them is read."""


class Claims(Struct, frozen=True):
    header: Mapping[str, Any]
    """Type, algorithm, key id and nonce; nothing else of the header is needed."""
    claims: Mapping[str, Any]

    def as_fact(self) -> dict[str, Any]:
        """As the ``token`` of a diagnose request."""
        return {**self.claims, "header": dict(self.header)}


def read_claims(token: str) -> Claims:
    """The claims of a pasted token, with or without ``Bearer`` before it, alone or in a token endpoint's answer.

    ``BadInput`` says in one sentence why it cannot be read; it never quotes the token.
    """
    parts = _parts(token)
    header, claims = _object(parts[0], "header"), _object(parts[1], "claims")
    return Claims(shown_header(header), claims)


def shown_header(header: Mapping[str, Any]) -> dict[str, Any]:
    """The header's values that say something about the token; certificates and addresses stay out."""
    return {name: header[name] for name in _SHOWN_HEADER if name in header}


def is_signed(token: str) -> bool:
    """Whether a token carries its signature; ``BadInput`` when it is none that can be read."""
    parts = _parts(token)
    return len(parts) == 3 and bool(parts[2])


def _parts(token: str) -> list[str]:
    if len(token) > MOST_CHARACTERS:
        raise BadInput("This is far too long for a token.", hint="Give the token alone, without what surrounds it.")
    compact = _in_response(token.strip())
    compact = re.sub(r"^\s*(?:authorization:\s*)?bearer\s+", "", compact, flags=re.IGNORECASE)
    compact = re.sub(r"\s+", "", compact).strip("\"'")
    parts = compact.split(".")
    if not compact or compact.lower() == "bearer":
        raise BadInput("There is no token.", hint="Pipe it in, for example: pbpaste | diag token")
    if len(parts) == 5:
        raise BadInput("The token is encrypted; only the API it is for can read it.", hint="Ask that API's owner.")
    if len(parts) not in (2, 3) or not all(_PART.fullmatch(part) for part in parts):
        raise BadInput(
            "This is no JSON Web Token.",
            hint="Access tokens of personal accounts and refresh tokens are opaque: nobody but Entra ID can read them.",
        )
    return parts


def _in_response(text: str) -> str:
    if not text.startswith("{"):
        return text
    try:
        given = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return text
    found = [given[name] for name in _RESPONSE if isinstance(given, dict) and isinstance(given.get(name), str)]
    return str(found[0]) if found else text


def _object(part: str, name: str) -> dict[str, Any]:
    plain = part.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        content = base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
        value = msgspec.json.decode(content)
        json.loads(content, object_pairs_hook=lambda pairs: _once(pairs, name))
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        raise BadInput(f"The token's {name} cannot be read; it may be cut off.") from None
    if not isinstance(value, dict):
        raise BadInput(f"The token's {name} is no JSON object.")
    return value


def _once(pairs: list[tuple[str, Any]], name: str) -> None:
    """Refuses a name that comes twice: who reads the first value and who reads the last would see two tokens."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise BadInput(
                f"The token's {name} has “{key[:40]}” twice, so it has no one meaning.",
                hint="No identity provider makes such a token: refuse it.",
            )
        seen.add(key)
