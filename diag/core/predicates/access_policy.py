"""Questions about Conditional Access: which policy stopped a sign-in, and on what it turned."""

from collections.abc import Iterator

from msgspec import Struct

from diag.core.access_control import (
    CONDITION_WORDS,
    CONTROL_WORDS,
    Condition,
    Control,
    applied_imposes,
    applied_rehearses,
    applied_turns_on,
    imposes,
    may_cover,
    rehearses,
    turns_on,
)
from diag.core.asked import asked_apis
from diag.core.directory import AccessPolicy
from diag.core.facts import Facts
from diag.core.permissions import app_id_in, known_api, plain_name
from diag.core.predicate import predicate
from diag.core.read import Found, Missing, Unread
from diag.core.sign_in import AppliedPolicy
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed

_POLICY = {"policy": "a Conditional Access policy"}


class ControlArgs(Struct, frozen=True, forbid_unknown_fields=True):
    control: Control


class PolicyArgs(Struct, frozen=True, forbid_unknown_fields=True):
    control: Control
    condition: Condition = "any"


@predicate(
    "access_policy.applies", needs=("failure.applied_policies", "access_policies"), gives=_POLICY, args=PolicyArgs
)
def applies(facts: Facts, args: PolicyArgs) -> Verdict:
    """The sign-in record names a policy that stopped the sign-in by ``control`` (for ``sign_in_frequency``: applied it)
    and whose ``condition`` was met; ``none`` means that only application and user decided."""
    read = facts.failure.applied_policies
    if isinstance(read, Unread):
        return lacking("failure.applied_policies", read)
    if isinstance(read, Missing):
        return No((observed("The sign-in record lists no policy.", "failure.applied_policies", read),))
    policies = read.value
    stopping = [policy for policy in policies if applied_imposes(policy, args.control)]
    undecided = False
    for policy in stopping:
        met = _condition_met(facts, policy, args)
        if met:
            said = (
                f"The sign-in record names the policy “{_title(policy)}”, which {CONTROL_WORDS[args.control]}"
                f"{CONDITION_WORDS[args.condition]}."
            )
            return Yes((observed(said, "failure.applied_policies", read),), {"policy": f"“{_title(policy)}”"})
        undecided = undecided or met is None
    if undecided:
        seen = observed(f"The policy “{_title(stopping[0])}” stopped the sign-in.", "failure.applied_policies", read)
        return Unknown(lacking("access_policies").needs, (seen,), {"policy": f"“{_title(stopping[0])}”"})
    if not stopping and (not read.complete or not policies):
        # Without permission to read policies the record's list comes empty.
        return lacking("failure.applied_policies")
    if stopping:
        flags = ", ".join(stopping[0].conditions_satisfied) or "unknown conditions"
        said = f"The policy that stopped the sign-in, “{_title(stopping[0])}”, turned on {flags}."
    else:
        said = f"No policy in the sign-in record {CONTROL_WORDS[args.control]}."
    return No((observed(said, "failure.applied_policies", read),))


def _condition_met(facts: Facts, policy: AppliedPolicy, args: PolicyArgs) -> bool | None:
    held = facts.access_policies
    if isinstance(held, Found):
        whole = next((item for item in held.value if item.id == policy.id), None)
        if whole is not None:
            return turns_on(whole, args.condition)
    return applied_turns_on(policy, args.condition)


@predicate(
    "access_policy.exists", needs=("access_policies", "failure.applied_policies"), gives=_POLICY, args=PolicyArgs
)
def exists(facts: Facts, args: PolicyArgs) -> Verdict:
    """The directory holds an enabled policy that imposes ``control``, turns on ``condition`` and may cover this
    application. Where the sign-in record names the policies that stopped it, only those count."""
    held = facts.access_policies
    if isinstance(held, Unread):
        return _by_record(facts, args) or lacking("access_policies", held)
    if isinstance(held, Missing):
        return No((observed("The tenant has no Conditional Access policies.", "access_policies", held),))
    for policy in _candidates(facts, args):
        if turns_on(policy, args.condition):
            said = (
                f"The enabled policy “{policy.display_name or policy.id}” {CONTROL_WORDS[args.control]}"
                f"{CONDITION_WORDS[args.condition]}."
            )
            gives = {"policy": f"“{policy.display_name or policy.id}”"}
            return Yes((observed(said, "access_policies", held),), gives)
    if not held.complete:
        return lacking("access_policies")
    said = f"No enabled policy that may cover this {CONTROL_WORDS[args.control]}{CONDITION_WORDS[args.condition]}."
    return No((observed(said, "access_policies", held),))


@predicate(
    "access_policy.only_reports",
    needs=("access_policies", "failure.applied_policies"),
    gives=_POLICY,
    args=ControlArgs,
)
def only_reports(facts: Facts, args: ControlArgs) -> Verdict:
    """A policy in report-only mode asks for ``control``, in the sign-in record or in the directory. Report-only
    policies about devices still make Entra ID ask the device to show itself."""
    held, applied = facts.access_policies, facts.failure.applied_policies
    if isinstance(applied, Found):
        for item in applied.value:
            if applied_rehearses(item, args.control):
                said = (
                    f"The report-only policy “{_title(item)}” looked at the sign-in and {CONTROL_WORDS[args.control]}."
                )
                seen = observed(said, "failure.applied_policies", applied)
                return Yes((seen,), {"policy": f"“{_title(item)}”"})
    if isinstance(held, Found):
        for policy in held.value:
            if rehearses(policy, args.control) and may_cover(policy, _api_ids(facts)):
                shown = f"“{policy.display_name or policy.id}”"
                said = f"The policy {shown} is in report-only mode and {CONTROL_WORDS[args.control]}."
                return Yes((observed(said, "access_policies", held),), {"policy": shown})
    if isinstance(held, Missing) or (isinstance(held, Found) and held.complete):
        said = f"No report-only policy {CONTROL_WORDS[args.control]}."
        return No((observed(said, "access_policies", held),))
    return lacking("access_policies", held if isinstance(held, Unread) else None)


@predicate(
    "access_policy.singles_out_api",
    needs=("access_policies", "failure.resource", "failure.scope", "failure.app_id"),
    gives=_POLICY,
    args=ControlArgs,
)
def singles_out_api(facts: Facts, args: ControlArgs) -> Verdict:
    """An enabled policy imposes ``control`` on the API that is asked for by name, and on the client not: a sign-in to
    the client alone does not meet it."""
    held = facts.access_policies
    if isinstance(held, Unread):
        return lacking("access_policies", held)
    if isinstance(held, Missing):
        return No((observed("The tenant has no Conditional Access policies.", "access_policies", held),))
    ids = _api_ids(facts)
    if not ids:
        return lacking("failure.resource")
    client = facts.failure.app_id if isinstance(facts.failure.app_id, Found) else facts.application.app_id
    everything = {"all"} | ({client.value.casefold()} if isinstance(client, Found) else set())
    for policy in held.value:
        named = {plain_name(name) for name in policy.include_applications}
        if imposes(policy, args.control) and named & ids and not named & everything:
            shown = f"“{policy.display_name or policy.id}”"
            said = (
                f"The policy {shown} {CONTROL_WORDS[args.control]} for the API that is asked for, not for the client."
            )
            return Yes((observed(said, "access_policies", held),), {"policy": shown})
    if not held.complete:
        return lacking("access_policies")
    said = f"No enabled policy {CONTROL_WORDS[args.control]} for the API that is asked for alone."
    return No((observed(said, "access_policies", held),))


def _by_record(facts: Facts, args: PolicyArgs) -> Verdict | None:
    """No when the record names what stopped the sign-in and none of it turned on the condition; else None."""
    applied = facts.failure.applied_policies
    if not isinstance(applied, Found) or args.condition == "any":
        return None
    stopping = [policy for policy in applied.value if applied_imposes(policy, args.control)]
    if not stopping or any(applied_turns_on(policy, args.condition) is not False for policy in stopping):
        return None
    said = f"What stopped the sign-in was “{_title(stopping[0])}”, which does not act{CONDITION_WORDS[args.condition]}."
    return No((observed(said, "failure.applied_policies", applied),))


def _candidates(facts: Facts, args: PolicyArgs) -> Iterator[AccessPolicy]:
    held, applied = facts.access_policies, facts.failure.applied_policies
    if not isinstance(held, Found):
        return
    stopping: set[str] = set()
    if isinstance(applied, Found):
        stopping = {policy.id for policy in applied.value if applied_imposes(policy, args.control)}
    ids = _api_ids(facts)
    for policy in held.value:
        if imposes(policy, args.control) and may_cover(policy, ids) and (not stopping or policy.id in stopping):
            yield policy


def _api_ids(facts: Facts) -> frozenset[str]:
    """Application IDs of the APIs the request names; empty while one of them has a name that tells no ID."""
    ids = set()
    for api in asked_apis(facts):
        known = known_api(api.name)
        app_id = known.app_id if known else app_id_in(api.name)
        if app_id is None:
            return frozenset()
        ids.add(app_id)
    return frozenset(ids)


def _title(policy: AppliedPolicy) -> str:
    return policy.display_name or policy.id
