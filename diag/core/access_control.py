"""Conditional Access policies compared with a question: which control they impose and on which condition it turns."""

from typing import Literal

from diag.core.directory import AccessPolicy
from diag.core.permissions import is_guid, plain_name
from diag.core.sign_in import AppliedPolicy

Control = Literal["block", "mfa", "sign_in_frequency", "device"]
Condition = Literal[
    "any",
    "none",
    "location",
    "platform",
    "risk",
    "legacy_client",
    "transfer_method",
    "service_principal",
    "device_filter",
]

_GRANT_WORDS = {
    "block": ("block",),
    "mfa": ("mfa", "requiremultifactor", "authenticationstrength"),
    "device": (
        "compliantdevice",
        "domainjoineddevice",
        "requirecompliantdevice",
        "requiredomainjoined",
        "requirehybrid",
    ),
}

_FLAGS: dict[str, frozenset[str]] = {
    "location": frozenset({"location", "ipaddressseenbyazuread", "ipaddressseenbyresourceprovider"}),
    "platform": frozenset({"deviceplatform"}),
    "risk": frozenset({"signinrisk", "userrisk", "serviceprincipalrisk", "insiderrisk"}),
    "legacy_client": frozenset({"clienttype"}),
    "transfer_method": frozenset({"authenticationflows", "authenticationflow"}),
    "service_principal": frozenset({"serviceprincipals"}),
    "device_filter": frozenset({"devicestate"}),
}
"""Values of a record's conditionsSatisfied by condition, in lower case."""

_WHO_AND_WHAT = frozenset({"application", "users"})

_UNNAMED = "unknownfuturevalue"
"""What Graph writes for a condition that is newer than the version asked; it may be any."""

_LEGACY_TYPES = frozenset({"other", "exchangeactivesync"})

CONDITION_WORDS: dict[str, str] = {
    "any": "",
    "none": " without any further condition",
    "location": " by location",
    "platform": " by device platform",
    "risk": " by risk",
    "legacy_client": " by type of client",
    "transfer_method": " by authentication flow",
    "service_principal": " for workload identities",
    "device_filter": " by a filter for devices",
}
CONTROL_WORDS = {
    "block": "blocks access",
    "mfa": "requires multi-factor authentication",
    "sign_in_frequency": "limits how long a sign-in lasts",
    "device": "requires a compliant or hybrid joined device",
}


def applied_imposes(policy: AppliedPolicy, control: Control) -> bool:
    """Whether a policy of a sign-in record was the one that stopped it by this control, or set this session limit."""
    if control == "sign_in_frequency":
        named = {_plain(name) for name in policy.session_controls}
        return policy.result.casefold() in ("success", "failure") and any("signinfrequency" in name for name in named)
    if policy.result.casefold() != "failure":
        return False
    return _names(policy.controls, control)


def applied_turns_on(policy: AppliedPolicy, condition: Condition) -> bool | None:
    """Whether the record lists the condition as met for this policy; None when it lists none, or an unnamed one."""
    if condition == "any":
        return True
    flags = {flag.casefold() for flag in policy.conditions_satisfied}
    if not flags:
        return None
    if condition != "none" and flags & _FLAGS[condition]:
        return True
    if _UNNAMED in flags:
        return None
    return condition == "none" and flags <= _WHO_AND_WHAT


def imposes(policy: AccessPolicy, control: Control) -> bool:
    """Whether an enabled policy of the directory imposes the control."""
    if policy.state.casefold() != "enabled":
        return False
    if control == "sign_in_frequency":
        return any(name.casefold() == "signinfrequency" for name in policy.session_controls)
    return _names(policy.controls, control)


def rehearses(policy: AccessPolicy, control: Control) -> bool:
    """Whether a policy of the directory names the control, or asks about the device, in report-only mode."""
    if policy.state.casefold() != "enabledforreportingbutnotenforced":
        return False
    return _names(policy.controls, control) or (control == "device" and policy.has_device_filter)


def applied_rehearses(policy: AppliedPolicy, control: Control) -> bool:
    """Whether a report-only policy of a sign-in record would have asked for the control, or have refused."""
    return policy.result.casefold() in _REHEARSED and _names(policy.controls, control)


_REHEARSED = ("reportonlyinterrupted", "reportonlyfailure")


def turns_on(policy: AccessPolicy, condition: Condition) -> bool:
    """Whether the policy's effect depends on the condition; ``none``: on nothing but application and user."""
    types = {name.casefold() for name in policy.client_app_types}
    held: dict[str, bool] = {
        "location": bool(policy.include_locations or policy.exclude_locations),
        "platform": bool(policy.include_platforms or policy.exclude_platforms),
        "risk": bool(policy.user_risk_levels or policy.sign_in_risk_levels or policy.service_principal_risk_levels),
        "legacy_client": bool(types & _LEGACY_TYPES) and not types - _LEGACY_TYPES,
        "transfer_method": bool(policy.transfer_methods),
        "service_principal": bool(policy.include_service_principals),
        "device_filter": policy.has_device_filter,
    }
    if condition == "any":
        return True
    if condition == "none":
        return not (any(held.values()) or types - {"all", *_ALL_TYPES})
    return held[condition]


_ALL_TYPES = frozenset({"browser", "mobileappsanddesktopclients", "other", "exchangeactivesync"})


def may_cover(policy: AccessPolicy, application_ids: frozenset[str]) -> bool:
    """False only when the policy's applications, all named by ID, do not include any of these, or it leaves one out.

    No ids known means that it may.
    """
    if application_ids & {plain_name(name) for name in policy.exclude_applications}:
        return False
    included = {plain_name(name) for name in policy.include_applications}
    if not application_ids or not included or not all(is_guid(name) for name in included):
        return included != {"none"}
    return bool(included & application_ids)


def _names(controls: tuple[str, ...], control: Control) -> bool:
    words = _GRANT_WORDS.get(control, ())
    return any(_plain(name).startswith(words) for name in controls)


def _plain(name: str) -> str:
    """Letters alone: records write a control as a name or in words (``Mfa``, ``Require multifactor…``)."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
