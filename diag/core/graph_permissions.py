"""Which permissions of Microsoft Graph reading a tenant takes, what is not seen without each, and which are held."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct


class Need(Struct, frozen=True):
    permission: str
    sources: tuple[str, ...]
    """Sources that cannot be read without it; empty where it is for details of what they find."""
    blind: str
    """What is not seen without it, as the second half of a sentence."""


NEEDS = (
    Need(
        "AuditLog.Read.All",
        ("sign_ins:user", "sign_ins:service", "changes"),
        "no failed sign-in is seen, and not who changed what",
    ),
    Need(
        "Application.Read.All",
        ("applications", "service_principals"),
        "registrations are not seen, so most causes stay undetermined and no end of a credential is known",
    ),
    Need("Policy.Read.All", (), "a block by Conditional Access is explained without naming the policy"),
    Need("Directory.Read.All", (), "delegated permissions that were consented to, and users, are not seen"),
)
"""The smallest read-only set, most needed first."""

_MORE: Mapping[str, frozenset[str]] = {
    "Application.Read.All": frozenset(
        {"Application.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"}
    ),
    "Directory.Read.All": frozenset({"Directory.ReadWrite.All", "Directory.AccessAsUser.All"}),
}
"""Permissions that allow the same and more (facts: permissions of Microsoft Graph, 2026-08-07)."""
_BY_SOURCE = {
    "sign_ins": "AuditLog.Read.All",
    "successes": "AuditLog.Read.All",
    "changes": "AuditLog.Read.All",
    "applications": "Application.Read.All",
    "service_principals": "Application.Read.All",
    "access_policies": "Policy.Read.All",
    "grants": "Directory.Read.All",
}


class Connection(Struct, frozen=True, kw_only=True):
    """What the connection to a tenant was last seen to be."""

    token: Literal["application", "delegated", ""] = ""
    app_id: str = ""
    """The application the token was issued to."""
    permissions: tuple[str, ...] | None = None
    """None while no token could be read."""
    skew_seconds: float | None = None
    throttled_until: datetime | None = None
    observed_at: datetime | None = None


def permission_for(source: str) -> str:
    """The least application permission that lets the source be read; empty when none is known."""
    return _BY_SOURCE.get(source.partition(":")[0], "")


def missing(held: Collection[str]) -> tuple[str, ...]:
    """The needed permissions that are neither held nor contained in one that is, most needed first."""
    return tuple(
        need.permission
        for need in NEEDS
        if need.permission not in held and not _MORE.get(need.permission, frozenset()) & frozenset(held)
    )


def of_token(claims: Mapping[str, Any]) -> tuple[Literal["application", "delegated"], tuple[str, ...], str]:
    """Whose permissions an access token of Microsoft Graph carries, which, and the application it was issued to.

    Application permissions are its ``roles``, delegated ones the words of ``scp``
    (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference, checked 2026-11-22).
    """
    app_id = str(claims.get("appid") or claims.get("azp") or "").lower()
    scopes = claims.get("scp")
    if isinstance(scopes, str):
        return "delegated", tuple(sorted(scopes.split())), app_id
    roles = claims.get("roles")
    named = [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []
    return "application", tuple(sorted(named)), app_id
