"""What a JSON Web Token says, without believing it: the signature is neither checked nor kept."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from diag.core.errors import BadInput

_PART = re.compile(r"[A-Za-z0-9_\-+/=]*")
_SHOWN_HEADER = ("typ", "alg", "kid", "x5t", "nonce", "ver")


class Claims(Struct, frozen=True):
    header: Mapping[str, Any]
    """Type, algorithm, key id and nonce; nothing else of the header is needed."""
    claims: Mapping[str, Any]

    def as_fact(self) -> dict[str, Any]:
        """As the ``token`` of a diagnose request."""
        return {**self.claims, "header": dict(self.header)}


def read_claims(token: str) -> Claims:
    """The claims of a pasted token, with or without ``Bearer`` before it; ``BadInput`` when it cannot be read."""
    compact = re.sub(r"\s+", "", re.sub(r"^\s*(?:authorization:\s*)?bearer\s+", "", token, flags=re.IGNORECASE)).strip(
        "\"'"
    )
    parts = compact.split(".")
    if not compact:
        raise BadInput("There is no token.", hint="Pipe it in, for example: pbpaste | diag token")
    if len(parts) == 5:
        raise BadInput("The token is encrypted; only the API it is for can read it.", hint="Ask that API's owner.")
    if len(parts) not in (2, 3) or not all(_PART.fullmatch(part) for part in parts):
        raise BadInput(
            "This is no JSON Web Token.",
            hint="Access tokens of personal accounts and refresh tokens are opaque: nobody but Entra ID can read them.",
        )
    header, claims = _object(parts[0], "header"), _object(parts[1], "claims")
    return Claims({name: header[name] for name in _SHOWN_HEADER if name in header}, claims)


def _object(part: str, name: str) -> dict[str, Any]:
    plain = part.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        value = msgspec.json.decode(base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4)))
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        raise BadInput(f"The token's {name} cannot be read; it may be cut off.") from None
    if not isinstance(value, dict):
        raise BadInput(f"The token's {name} is no JSON object.")
    return value
