"""A tenant's coverage as the API and ``diag doctor --json`` publish it."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from diag.core.coverage import Coverage, Verdict
from diag.core.graph_permissions import NEEDS
from diag.core.tenants import Tenant
from diag.render.views.grants import grants


class ReasonItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something is not good."""

    subject: str
    """A source, ``permission:`` with its name, ``clock`` or ``credential``."""
    code: str
    """not_read, permission_lost, licence_missing, authentication_failed, throttled, unreachable, not_offered, late,
    gap, permission_missing, clock, credential_ending or credential_ended."""
    text: str
    hint: str = ""


class MissingPermission(Struct, frozen=True, kw_only=True):
    permission: str
    blind: str
    """What is not seen without it."""
    grant: dict[str, str]
    """How to grant it, by tool."""


class CredentialEnd(Struct, frozen=True, kw_only=True):
    """The credential this service signs in with."""

    kind: str
    display_name: str
    key_id: str
    ends: datetime


class CoverageItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is seen of a tenant; what is absent could not be learnt."""

    verdict: Verdict
    """good; degraded: something is missing or late; blind: no new sign-in is seen."""
    reasons: tuple[ReasonItem, ...]
    licence: Literal["present", "missing", "unknown"]
    """Entra ID P1 or P2, by what the sign-in log answers."""
    permissions_needed: tuple[str, ...]
    permissions_held: tuple[str, ...] | None = None
    permissions_missing: tuple[MissingPermission, ...] = ()
    token: Literal["application", "delegated", ""] = ""
    """Whose permissions these are."""
    clock_skew_seconds: float | None = None
    """This host's clock minus Microsoft Graph's."""
    throttled_until: datetime | None = None
    own_credential: CredentialEnd | None = None


def published(coverage: Coverage, tenant: Tenant) -> CoverageItem:
    """The coverage with the grants for what is missing."""
    blind = {need.permission: need.blind for need in NEEDS}
    own = coverage.credential
    return CoverageItem(
        verdict=coverage.verdict,
        reasons=tuple(
            ReasonItem(subject=item.subject, code=item.code, text=item.text, hint=item.hint)
            for item in coverage.reasons
        ),
        licence=coverage.licence,
        permissions_needed=tuple(need.permission for need in NEEDS),
        permissions_held=coverage.held,
        permissions_missing=tuple(
            MissingPermission(
                permission=name,
                blind=blind[name],
                grant={tool.id: tool.text for tool in grants(name, tenant.client_id)},
            )
            for name in coverage.lacking
        ),
        token=coverage.token,
        clock_skew_seconds=None if coverage.skew_seconds is None else round(coverage.skew_seconds, 1),
        throttled_until=coverage.throttled_until,
        own_credential=CredentialEnd(**{name: getattr(own, name) for name in own.__struct_fields__}) if own else None,
    )
