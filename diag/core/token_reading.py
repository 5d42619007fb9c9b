"""What a token is and whether it can work, in sentences, from its claims alone, never from its signature.

Sources: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference and
https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference (checked 2026-11-22).
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from msgspec import Struct

from diag.core.access_tokens import is_graph, issuer_tenant, issuer_version
from diag.core.permissions import OPENID_SCOPES, is_guid, known_api, shown_api
from diag.core.read import Found, Missing, Read
from diag.core.sign_in import Token

T = TypeVar("T")
TokenKind = Literal["delegated", "application", "id_token", "unknown"]
Cloud = Literal["global", "us-government", "china"]

CLOCK_SKEW = timedelta(minutes=5)
_SHOWN = 12
"""Permissions named in one sentence."""
_ID_TOKEN_CLAIMS = frozenset({"nonce", "at_hash", "c_hash"})
_ISSUERS: tuple[tuple[str, Cloud], ...] = (
    (r"https://login\.microsoftonline\.com/", "global"),
    (r"https://login\.microsoftonline\.us/", "us-government"),
    (r"https://(?:login\.partner\.microsoftonline\.cn|login\.chinacloudapi\.cn|sts\.chinacloudapi\.cn)/", "china"),
)
"""sts.windows.net is left out: it issues for more than one cloud."""
_AUDIENCES: tuple[tuple[str, Cloud], ...] = (
    (
        r"https://(?:graph\.microsoft\.us|dod-graph\.microsoft\.us|management\.usgovcloudapi\.net)(?:/|$)",
        "us-government",
    ),
    (r"https://(?:microsoftgraph\.chinacloudapi\.cn|management\.chinacloudapi\.cn)(?:/|$)", "china"),
    (r"https://(?:graph\.microsoft\.com|management\.azure\.com|vault\.azure\.net)(?:/|$)", "global"),
)
_CLOUDS: dict[Cloud, str] = {"global": "the global cloud", "us-government": "the US Government cloud", "china": "China"}


class TokenStatement(Struct, frozen=True):
    """One sentence about the token."""

    about: Literal["kind", "audience", "issuer", "permissions", "time", "signature"]
    weight: Literal["fine", "note", "problem"]
    text: str


class TokenReading(Struct, frozen=True, kw_only=True):
    kind: TokenKind
    """delegated: an access token for a user; application: one of a program itself; id_token: for the client alone."""
    version: Literal["1.0", "2.0"] | None
    audience: str | None
    api: str | None
    """The audience's well-known name; null for an API of somebody's own."""
    issuer: str | None
    tenant_id: str | None
    client_id: str | None
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    issued_at: datetime | None
    expires_at: datetime | None
    expired: bool | None
    """null when the token names no end."""
    statements: tuple[TokenStatement, ...]
    """Problems first."""


def read_token(token: Token, claims: Mapping[str, Any], now: datetime) -> TokenReading:
    """What the claims say; ``claims`` are the same as in ``token``, for those that are no fact of ours."""
    kind, why = _kind(token, claims)
    audience, issuer = _value(token.audience), _value(token.issuer)
    known = known_api(audience) if audience else None
    said = [TokenStatement("kind", "note" if kind in ("id_token", "unknown") else "fine", why)]
    said += _about_audience(token, kind)
    said += _about_issuer(token)
    said += _about_permissions(token, kind)
    said += _about_time(token, claims, now)
    said += _about_signature(token)
    order = {"problem": 0, "note": 1, "fine": 2}
    ends = _value(token.expires_at)
    tenant = _value(token.tenant_id)
    return TokenReading(
        kind=kind,
        version=_version(token),
        audience=audience,
        api=known.name if known else None,
        issuer=issuer,
        tenant_id=tenant or (issuer_tenant(issuer) if issuer else None),
        client_id=_value(token.app_id),
        scopes=_value(token.scopes) or (),
        roles=_value(token.roles) or (),
        issued_at=_value(token.issued_at),
        expires_at=ends,
        expired=None if ends is None else ends <= now,
        statements=tuple(sorted(said, key=lambda item: order[item.weight])),
    )


def _kind(token: Token, claims: Mapping[str, Any]) -> tuple[TokenKind, str]:
    scopes, roles, client = _value(token.scopes), _value(token.roles), _value(token.app_id)
    audience = _value(token.audience) or ""
    if scopes:
        return "delegated", "It is an access token that acts for a signed-in user: it carries scp."
    # Without scp, roles are the program's own or, in an ID token, the user's.
    itself = _value(token.identity_type) == "app" or ("oid" in claims and claims.get("oid") == claims.get("sub"))
    for_client = is_guid(audience) and known_api(audience) is None and client in (None, audience.strip().lower())
    marks = sorted(_ID_TOKEN_CLAIMS & claims.keys())
    if marks and for_client and not itself:
        named = " and ".join(f"`{name}`" for name in marks)
        return "id_token", (
            f"It is an ID token: it carries {named} and is issued to the client itself. It tells the client who signed "
            "in; no API takes it."
        )
    if itself or (roles and client):
        return "application", "It is an access token of a program itself, without a user: it carries no scp."
    if for_client and client is None and not roles:
        return "id_token", (
            "It is most likely an ID token: its audience is an application ID, and it carries neither scp, roles nor "
            "a client. It tells the client who signed in; no API takes it."
        )
    return "unknown", "Its claims do not tell whether it acts for a user or for a program."


def _about_audience(token: Token, kind: TokenKind) -> list[TokenStatement]:
    audience = _value(token.audience)
    graph_nonce = isinstance(token.header_nonce, Found)
    if audience is None:
        if isinstance(token.audience, Missing):
            return [TokenStatement("audience", "problem", "It names no audience (aud): no API can take it as meant.")]
        return [TokenStatement("audience", "note", "It names no audience (aud) that was read.")]
    found: list[TokenStatement] = []
    if kind == "id_token":
        found.append(
            TokenStatement(
                "audience", "problem", f"It is for the client “{audience}”; as a bearer token it is refused."
            )
        )
    elif is_graph(audience):
        found.append(
            TokenStatement(
                "audience",
                "note",
                f"It is for {shown_api(audience)} and for nothing else: an API of your own must not take it, but "
                "needs a token of its own.",
            )
        )
    else:
        found.append(TokenStatement("audience", "fine", f"It is for {shown_api(audience)} and for no other API."))
    if graph_nonce:
        found.append(
            TokenStatement(
                "signature",
                "note",
                "Its header holds a nonce, as only access tokens for Microsoft Graph do: only Graph can check the "
                "signature.",
            )
        )
    here, there = _cloud(_value(token.issuer) or "", _ISSUERS), _cloud(audience, _AUDIENCES)
    if here is not None and there is not None and here != there:
        said = f"It comes from {_CLOUDS[here]} and is for an API of {_CLOUDS[there]}: clouds do not share tokens."
        found.append(TokenStatement("issuer", "problem", said))
    return found


def _about_issuer(token: Token) -> list[TokenStatement]:
    issuer = _value(token.issuer)
    if issuer is None:
        return [TokenStatement("issuer", "note", "It names no issuer (iss) that was read.")]
    version, named = issuer_version(issuer), _value(token.version)
    if version is None:
        said = f"Its issuer “{issuer}” is none of Entra ID's: another identity provider made it."
        return [TokenStatement("issuer", "problem", said)]
    tenant = issuer_tenant(issuer)
    found = [
        TokenStatement(
            "issuer",
            "fine",
            f"Entra ID issued it for the tenant {tenant}, version {version}: the API must expect exactly “{issuer}”.",
        )
    ]
    if named is not None and named != version:
        found.append(TokenStatement("issuer", "problem", f"Its claim ver says {named}, its issuer version {version}."))
    told = _value(token.tenant_id)
    if told is not None and tenant is not None and is_guid(tenant) and told != tenant:
        found.append(TokenStatement("issuer", "problem", f"Its claim tid says {told}, its issuer {tenant}."))
    return found


def _about_permissions(token: Token, kind: TokenKind) -> list[TokenStatement]:
    scopes, roles = _value(token.scopes), _value(token.roles)
    audience = _value(token.audience)
    if kind == "delegated" and scopes:
        own = [scope for scope in scopes if scope.lower() not in OPENID_SCOPES]
        if not own:
            return [
                TokenStatement(
                    "permissions", "problem", "Its scp holds only what sign-in itself needs: it opens no API."
                )
            ]
        said = f"It permits, as the user: {_listed(scopes)}."
        if roles:
            said += f" The user has the roles {_listed(roles)}."
        return [TokenStatement("permissions", "fine", said)]
    if kind != "application":
        return []
    if roles:
        return [TokenStatement("permissions", "fine", f"It permits, as the program itself: {_listed(roles)}.")]
    known = known_api(audience) if audience else None
    if known is not None and not is_graph(audience or ""):
        return [
            TokenStatement(
                "permissions", "note", "It carries no roles; that API may keep its own list of who may do what."
            )
        ]
    return [
        TokenStatement(
            "permissions",
            "problem",
            "It carries no roles: no application permission of that API was granted, or not yet then.",
        )
    ]


def _about_time(token: Token, claims: Mapping[str, Any], now: datetime) -> list[TokenStatement]:
    issued, ends = _value(token.issued_at), _value(token.expires_at)
    found: list[TokenStatement] = []
    if ends is None:
        found.append(TokenStatement("time", "note", "It names no end (exp) that was read."))
    elif ends <= now:
        found.append(TokenStatement("time", "problem", f"It ended {_long(now - ends)} ago, at {_at(ends)}."))
    else:
        found.append(TokenStatement("time", "fine", f"It is valid for {_long(ends - now)} more, until {_at(ends)}."))
    if issued is not None:
        if issued > now + CLOCK_SKEW:
            said = f"It was issued {_long(issued - now)} in the future, at {_at(issued)}: compare the clocks."
            found.append(TokenStatement("time", "problem", said))
        else:
            lives = f", and lives for {_long(ends - issued)}" if ends is not None and ends > issued else ""
            found.append(TokenStatement("time", "fine", f"It is {_long(now - issued)} old{lives}."))
    begins = claims.get("nbf")
    if (
        isinstance(begins, int)
        and not isinstance(begins, bool)
        and begins > now.timestamp() + CLOCK_SKEW.total_seconds()
    ):
        found.append(TokenStatement("time", "problem", "It is not valid yet (nbf lies ahead): compare the clocks."))
    return found


def _about_signature(token: Token) -> list[TokenStatement]:
    algorithm = _value(token.algorithm)
    if algorithm is None or algorithm.upper().startswith(("RS", "PS", "ES")):
        return []
    said = f"Its header names the algorithm “{algorithm[:40]}”; Entra ID signs with a key pair. Refuse it."
    return [TokenStatement("signature", "problem", said)]


def _version(token: Token) -> Literal["1.0", "2.0"] | None:
    issuer, named = _value(token.issuer), _value(token.version)
    found = issuer_version(issuer) if issuer else None
    if found is not None or named not in ("1.0", "2.0"):
        return found
    return "1.0" if named == "1.0" else "2.0"


def _cloud(address: str, known: tuple[tuple[str, Cloud], ...]) -> Cloud | None:
    return next((cloud for pattern, cloud in known if re.match(pattern, address.strip(), re.IGNORECASE)), None)


def _value(read: Read[T]) -> T | None:
    return read.value if isinstance(read, Found) else None


def _listed(values: tuple[str, ...]) -> str:
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(values[:_SHOWN]) + more


def _long(span: timedelta) -> str:
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
