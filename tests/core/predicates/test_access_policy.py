"""Questions about Conditional Access."""

from typing import Any

import msgspec
import pytest

from diag.core import predicates as _predicates  # noqa: F401  registers every predicate
from diag.core.access_control import may_cover, turns_on
from diag.core.facts import AccessPolicy, AppliedPolicy, Facts, Failure, Found, Missing, present
from diag.core.predicate import REGISTRY
from diag.core.verdict import No, Unknown, Verdict, Yes


def ask(name: str, facts: Facts, control: str = "block", condition: str = "any") -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert({"control": control, "condition": condition}, question.args))


def applied(
    name: str = "Home only", result: str = "failure", control: str = "Block", *conditions: str
) -> AppliedPolicy:
    return AppliedPolicy(name, name, result, (control,), conditions_satisfied=conditions)


def recorded(*policies: AppliedPolicy, **others: Any) -> Facts:
    return Facts(failure=Failure(applied_policies=present(policies, "sign_in")), **others)


def policy(name: str = "Home only", state: str = "enabled", control: str = "block", **conditions: Any) -> AccessPolicy:
    return AccessPolicy(name, name, state, (control,), include_applications=("All",), **conditions)


def directory(*policies: AccessPolicy, complete: bool = True) -> Facts:
    return Facts(access_policies=Found(policies, complete=complete))


ABROAD = applied("Home only", "failure", "Block", "application", "users", "location")


def test_the_record_names_the_policy_and_the_condition() -> None:
    verdict = ask("access_policy.applies", recorded(ABROAD), condition="location")
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"policy": "“Home only”"}
    assert "“Home only”" in verdict.evidence[0].statement
    assert isinstance(ask("access_policy.applies", recorded(ABROAD), condition="risk"), No)
    assert isinstance(ask("access_policy.applies", recorded(ABROAD), condition="none"), No)
    assert isinstance(ask("access_policy.applies", recorded(ABROAD), control="mfa"), No)


def test_a_policy_that_turns_on_nothing_but_who_and_what_has_no_condition() -> None:
    outright = applied("Retired", "failure", "Block", "application", "users")
    assert isinstance(ask("access_policy.applies", recorded(outright), condition="none"), Yes)


def test_a_condition_graph_does_not_name_may_be_any() -> None:
    unnamed = applied("New", "failure", "Block", "application", "users", "unknownFutureValue")
    for condition in ("none", "location", "transfer_method"):
        assert isinstance(ask("access_policy.applies", recorded(unnamed), condition=condition), Unknown)


@pytest.mark.parametrize("control", ["Mfa", "Require multifactor authentication", "AuthenticationStrength"])
def test_a_control_is_recognised_as_a_name_and_in_words(control: str) -> None:
    facts = recorded(applied("MFA", "failure", control, "application", "users"))
    assert isinstance(ask("access_policy.applies", facts, control="mfa"), Yes)
    assert isinstance(ask("access_policy.applies", facts, control="block"), No)


@pytest.mark.parametrize("result", ["success", "notApplied", "notEnabled", "reportOnlyFailure"])
def test_a_policy_that_did_not_fail_stopped_nothing(result: str) -> None:
    facts = recorded(applied("Home only", result, "Block", "application", "users", "location"))
    assert isinstance(ask("access_policy.applies", facts, condition="location"), No)


def test_an_empty_list_is_what_a_reader_without_the_permission_sees() -> None:
    assert isinstance(ask("access_policy.applies", recorded()), Unknown)
    assert isinstance(ask("access_policy.applies", Facts()), Unknown)
    assert isinstance(ask("access_policy.applies", Facts(failure=Failure(applied_policies=Missing("sign_in")))), No)


def test_without_conditions_in_the_record_the_directorys_policy_tells_them() -> None:
    silent = applied()
    assert isinstance(ask("access_policy.applies", recorded(silent), condition="location"), Unknown)
    known = recorded(silent, access_policies=present((policy(include_locations=("All",)),)))
    assert isinstance(ask("access_policy.applies", known, condition="location"), Yes)
    assert isinstance(ask("access_policy.applies", known, condition="risk"), No)


def test_a_session_limit_applies_without_stopping_anything() -> None:
    daily = AppliedPolicy("Daily", "Daily", "success", (), ("SignInFrequency",))
    assert isinstance(ask("access_policy.applies", recorded(daily), control="sign_in_frequency"), Yes)


CONDITIONS: list[tuple[str, dict[str, Any]]] = [
    ("location", {"exclude_locations": ("office",)}),
    ("platform", {"include_platforms": ("all",)}),
    ("risk", {"sign_in_risk_levels": ("high",)}),
    ("legacy_client", {"client_app_types": ("exchangeActiveSync", "other")}),
    ("transfer_method", {"transfer_methods": ("deviceCodeFlow",)}),
    ("service_principal", {"include_service_principals": ("All",)}),
]


@pytest.mark.parametrize(("condition", "held"), CONDITIONS)
def test_the_directorys_policies_are_told_apart_by_condition(condition: str, held: dict[str, Any]) -> None:
    facts = directory(policy(**held))
    assert isinstance(ask("access_policy.exists", facts, condition=condition), Yes)
    assert isinstance(ask("access_policy.exists", facts, condition="none"), No)
    for other, _ in CONDITIONS:
        if other != condition:
            assert not turns_on(policy(**held), other)  # type: ignore[arg-type]


def test_only_enabled_policies_count_and_a_cut_list_proves_no_absence() -> None:
    report_only = policy(state="enabledForReportingButNotEnforced", include_locations=("All",))
    assert isinstance(ask("access_policy.exists", directory(report_only), condition="location"), No)
    assert isinstance(ask("access_policy.exists", directory(complete=False), condition="location"), Unknown)
    assert isinstance(ask("access_policy.exists", Facts(), condition="location"), Unknown)
    assert isinstance(ask("access_policy.exists", Facts(access_policies=Missing())), No)


def test_the_record_narrows_the_directorys_policies_to_the_one_that_stopped_it() -> None:
    held = present((policy(include_locations=("All",)), policy("Risk", user_risk_levels=("high",))))
    facts = recorded(ABROAD, access_policies=held)
    assert isinstance(ask("access_policy.exists", facts, condition="location"), Yes)
    assert isinstance(ask("access_policy.exists", facts, condition="risk"), No)
    assert isinstance(ask("access_policy.exists", recorded(ABROAD), condition="risk"), No)
    assert isinstance(ask("access_policy.exists", recorded(ABROAD), condition="location"), Unknown)


def test_a_policy_for_other_applications_does_not_cover_this_one() -> None:
    graph, other = "00000003-0000-0000-c000-000000000000", "2c4e6a8b-0d1f-4b3c-9e5a-7f8d6c5b4a39"
    named = AccessPolicy("1", "One", "enabled", ("block",), include_applications=(graph,))
    assert may_cover(named, frozenset({graph}))
    assert not may_cover(named, frozenset({other}))
    assert may_cover(named, frozenset())
    spared = AccessPolicy(
        "2", "Two", "enabled", ("block",), include_applications=("All",), exclude_applications=(other,)
    )
    assert not may_cover(spared, frozenset({other}))
    group = AccessPolicy("3", "Three", "enabled", ("block",), include_applications=("Office365",))
    assert may_cover(group, frozenset({other}))
