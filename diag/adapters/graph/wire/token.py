"""Claims of a token, as a person shows them → ``diag.core.sign_in.Token``.

The claims lie at the top, the header's values in ``header``; what is read is the same for v1.0 and v2.0 tokens.
Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference (checked 2026-11-22).
"""

from datetime import UTC, datetime

from diag.adapters.graph.wire.application import exists
from diag.adapters.graph.wire.common import Node, Unusable, instant, text
from diag.core.read import Found, Read, Unread
from diag.core.sign_in import Token


def token(node: Node) -> Token:
    header = node.inside("header")
    return Token(
        exists=exists(node),
        audience=node.read("aud", _single),
        issuer=node.text("iss"),
        version=node.text("ver"),
        scopes=node.read("scp", _words),
        roles=node.read("roles", _words),
        app_id=_either(node, "appid", "azp"),
        tenant_id=node.guid("tid"),
        identity_type=node.text("idtyp"),
        issued_at=node.read("iat", _moment),
        expires_at=node.read("exp", _moment),
        header_nonce=header.text("nonce"),
        algorithm=header.text("alg"),
    )


def _either(node: Node, first: str, second: str) -> Read[str]:
    """v1.0 and v2.0 tokens name the client by different claims; one that is given wins over one that is not."""
    one, other = node.guid(first), node.guid(second)
    if isinstance(one, Found) or isinstance(other, Unread):
        return one
    return other if isinstance(other, Found) or isinstance(one, Unread) else one


def _single(value: object) -> str:
    if isinstance(value, (list, tuple)) and len(value) == 1:
        return text(value[0])
    return text(value)


def _words(value: object) -> tuple[str, ...]:
    """Space-separated text (``scp``) or an array (``roles``)."""
    if isinstance(value, (list, tuple)):
        return tuple(text(item) for item in value)
    return tuple(text(value).split())


def _moment(value: object) -> datetime:
    """Seconds since 1970 as tokens carry them, or RFC 3339."""
    if isinstance(value, bool):
        raise Unusable("is no instant")
    if isinstance(value, (int, float)):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, OSError, ValueError):
            raise Unusable("is no instant of the calendar") from None
    return instant(value)
