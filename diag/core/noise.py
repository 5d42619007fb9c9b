"""Which credentials raise no alert, each with its reason: a reason is shown, never acted on in silence.

A credential is called superseded or unused only where its use could have been seen. Two things hide use: successes
that were not counted, and people's sign-ins, whose records do not name the credential that redeemed the code.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from diag.core.alerts import Quieting
from diag.core.inventory import CredentialRow
from diag.core.profile import MICROSOFT_TENANTS, Profile

QuietCode = Literal["snoozed", "platform", "rule", "inactive", "superseded", "unused"]
IN_USE = timedelta(days=7)
"""A successor with a successful sign-in this recently has taken over."""
NOT_SEEN = timedelta(days=14)
"""Without a sign-in for this long, while all were counted, the older credential is taken for replaced."""
STILL_TRIED = timedelta(days=1)
"""A failed sign-in with a credential this recently means that somebody depends on it."""
_PLATFORM_MANAGED = ("CWAP_AuthSecret",)
_PLATFORM_MANAGED_PREFIXES = ("ConnectSyncProvisioning_", "MS-Organization-P2P-Access")
_PLATFORM_APPLICATIONS = ("P2P Server",)
_PLATFORM_APPLICATION_PREFIXES = ("ConnectSyncProvisioning_",)
"""Names by which the platform's own tools register themselves. Anybody can use them, so what they silence is listed."""
_CLIENT_CREDENTIALS = ("secret", "certificate")


class Quiet(Struct, frozen=True):
    """Why a credential raises no alert."""

    code: QuietCode
    because: str
    """A sentence for the Credentials page."""


class Used(Struct, frozen=True, kw_only=True):
    """A credential with what was seen of its use."""

    credential: CredentialRow
    last_used: datetime | None = None
    last_tried: datetime | None = None
    """Last failed sign-in that named it."""


class Sight(Struct, frozen=True, kw_only=True):
    """How much of an application's use could be seen."""

    counted_since: datetime | None = None
    """All successes of applications were counted from here until now; None: they were not."""
    nameless: bool = False
    """Successes were counted that name no credential."""


def quiet(
    used: Used,
    siblings: Sequence[Used],
    now: datetime,
    *,
    application: str = "",
    profile: Profile | None = None,
    sight: Sight | None = None,
    unused_days: int = 0,
    rule: tuple[str, str] = ("", ""),
    quietings: Sequence[Quieting] = (),
) -> Quiet | None:
    """Why no alert is due for a credential; None when alerts are due.

    ``siblings``: all credentials of the same object. ``application``: the name of its application. ``rule``: name and
    reason of the rule that fits, if it has one. ``quietings``: of the credential and of its application. What is None
    was not looked at.
    """
    profile, sight = profile or Profile(), sight or Sight()
    tried = used.last_tried is not None and now - used.last_tried < STILL_TRIED
    return (
        _snoozed(quietings, now)
        or _platform(used.credential, application, profile)
        or (Quiet("rule", f"{rule[1].rstrip('.')} (rule {rule[0]}).") if rule[1] else None)
        or _inactive(used.credential, siblings)
        or (None if tried else _superseded(used, siblings, now, profile, sight))
        or (None if tried else _unused(used, now, profile, sight, unused_days))
    )


def quiet_until(quietings: Sequence[Quieting], now: datetime) -> datetime | None:
    """When the latest snooze that is over by now ended: thresholds of that time are told now and are not late."""
    over = [item.until for item in quietings if item.action == "snooze" and item.until and item.until <= now]
    return max(over, default=None)


def acknowledged(quietings: Sequence[Quieting], now: datetime) -> Quieting | None:
    """The acknowledgement in force: somebody looks after it, and nobody else is called in."""
    standing = [item for item in quietings if item.action == "acknowledge" and (item.until is None or item.until > now)]
    return standing[0] if standing else None


def _snoozed(quietings: Sequence[Quieting], now: datetime) -> Quiet | None:
    for item in quietings:
        if item.action == "snooze" and (item.until is None or item.until > now):
            until = f"until {item.until:%Y-%m-%d %H:%M} UTC" if item.until else "for good"
            why = f": {item.why}" if item.why else ""
            return Quiet("snoozed", f"Snoozed {until} by {item.by}{why.rstrip('.')}.")
    return None


def _platform(credential: CredentialRow, application: str, profile: Profile) -> Quiet | None:
    name = credential.display_name.removeprefix("CN=")
    if name in _PLATFORM_MANAGED or name.startswith(_PLATFORM_MANAGED_PREFIXES):
        return Quiet("platform", "The platform made this credential and renews it by itself.")
    # Its tools give their applications these names, and their certificates any.
    named = [name for name in (application, profile.name) if _is_platforms(name)]
    if named and credential.kind == "certificate":
        return Quiet("platform", "Its application is a tool of the platform's, which renews it by itself.")
    if credential.owner_kind == "service_principal" and profile.principal_type == "ManagedIdentity":
        return Quiet("platform", "It belongs to a managed identity, whose credentials the platform renews by itself.")
    if credential.owner_kind == "service_principal" and profile.owner_tenant_id in MICROSOFT_TENANTS:
        return Quiet("platform", "It belongs to an application of Microsoft's, which looks after it.")
    return None


def _is_platforms(application: str) -> bool:
    return application in _PLATFORM_APPLICATIONS or application.startswith(_PLATFORM_APPLICATION_PREFIXES)


def _inactive(credential: CredentialRow, siblings: Sequence[Used]) -> Quiet | None:
    others = (other.credential for other in siblings)
    inactive = credential.kind == "saml_signing" and not credential.active
    if inactive and any(other.kind == "saml_signing" and other.active for other in others):
        return Quiet("inactive", "Another signing certificate is the active one.")
    return None


def _superseded(used: Used, siblings: Sequence[Used], now: datetime, profile: Profile, sight: Sight) -> Quiet | None:
    if not _use_is_seen(used, now, profile, sight, NOT_SEEN):
        return None
    for other in siblings:
        follows = other.credential.kind in _CLIENT_CREDENTIALS and _outlives(other.credential, used.credential)
        if follows and other.last_used is not None and now - other.last_used <= IN_USE:
            name = other.credential.display_name or other.credential.key_id
            return Quiet(
                "superseded",
                f"“{name}” has taken over: it was used in the last {IN_USE.days} days, this one not in the last "
                f"{NOT_SEEN.days}.",
            )
    return None


def _unused(used: Used, now: datetime, profile: Profile, sight: Sight, days: int) -> Quiet | None:
    if days <= 0 or not _use_is_seen(used, now, profile, sight, timedelta(days=days)):
        return None
    return Quiet("unused", f"No successful sign-in used it in the last {days} days, while all were counted.")


def _use_is_seen(used: Used, now: datetime, profile: Profile, sight: Sight, span: timedelta) -> bool:
    """Whether nothing was seen of it for that long, and use would have been seen."""
    credential = used.credential
    if credential.kind not in _CLIENT_CREDENTIALS or profile.users_sign_in is not False or sight.nameless:
        return False
    if sight.counted_since is None or sight.counted_since > now - span:
        return False
    if credential.starts is not None and credential.starts > now - span:
        return False  # So new that nobody may have got to use it yet.
    return used.last_used is None or used.last_used <= now - span


def _outlives(other: CredentialRow, credential: CredentialRow) -> bool:
    if other.key_id == credential.key_id or credential.ends is None:
        return False
    return other.ends is None or other.ends > credential.ends + IN_USE
