"""Questions about Conditional Access."""

from typing import Any

import msgspec
import pytest

from diag.core.access_control import may_cover, turns_on
from diag.core.directory import AccessPolicy
from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, present
from diag.core.sign_in import AppliedPolicy, Failure
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


GRAPH = "00000003-0000-0000-c000-000000000000"
ORDERS = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"


def control(name: str, facts: Facts, control: str) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert({"control": control}, question.args))


@pytest.mark.parametrize("named", ["RequireCompliantDevice", "RequireDomainJoinedDevice", "Require compliant device"])
def test_a_record_names_a_control_on_the_device(named: str) -> None:
    facts = recorded(applied("Managed only", "failure", named, "application", "users"))
    assert isinstance(ask("access_policy.applies", facts, control="device"), Yes)
    assert isinstance(ask("access_policy.applies", facts, control="block"), No)


def test_an_approved_application_is_no_control_on_the_device() -> None:
    facts = recorded(applied("Phones", "failure", "RequireCompliantApp", "application", "users"))
    assert isinstance(ask("access_policy.applies", facts, control="device"), No)


@pytest.mark.parametrize("result", ["reportOnlyInterrupted", "reportOnlyFailure"])
def test_a_report_only_policy_of_the_record_is_seen(result: str) -> None:
    verdict = control(
        "access_policy.only_reports", recorded(applied("Trial", result, "RequireCompliantDevice")), "device"
    )
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"policy": "“Trial”"}


def test_a_report_only_policy_of_the_directory_is_seen() -> None:
    trial = policy("Trial", "enabledForReportingButNotEnforced", "compliantDevice")
    assert isinstance(control("access_policy.only_reports", directory(trial), "device"), Yes)
    filtered = policy("Filter", "enabledForReportingButNotEnforced", "mfa", has_device_filter=True)
    assert isinstance(control("access_policy.only_reports", directory(filtered), "device"), Yes)
    assert isinstance(control("access_policy.only_reports", directory(trial), "mfa"), No)


def test_an_enforced_policy_does_not_only_report() -> None:
    assert isinstance(control("access_policy.only_reports", directory(policy(control="compliantDevice")), "device"), No)
    assert isinstance(control("access_policy.only_reports", Facts(access_policies=Missing()), "device"), No)


def test_report_only_policies_stay_open_while_not_all_were_read() -> None:
    assert isinstance(control("access_policy.only_reports", directory(policy(), complete=False), "device"), Unknown)
    passed = recorded(applied("Trial", "reportOnlyNotApplied", "RequireCompliantDevice"))
    assert isinstance(control("access_policy.only_reports", passed, "device"), Unknown)


def asking(resource: str, *policies: AccessPolicy, client: str = ORDERS, complete: bool = True) -> Facts:
    failure = Failure(resource=present(resource, "request"), app_id=present(client, "request"))
    return Facts(failure=failure, access_policies=Found(policies, complete=complete))


def naming(*applications: str) -> AccessPolicy:
    return AccessPolicy("MFA", "MFA", "enabled", ("mfa",), include_applications=applications)


@pytest.mark.parametrize("resource", [GRAPH, "https://graph.microsoft.com"])
def test_a_policy_on_the_api_alone_singles_it_out(resource: str) -> None:
    assert isinstance(control("access_policy.singles_out_api", asking(resource, naming(GRAPH)), "mfa"), Yes)


def test_a_policy_on_everything_or_on_the_client_too_singles_nothing_out() -> None:
    for everything in (naming("All"), naming(GRAPH, ORDERS), naming(ORDERS)):
        assert isinstance(control("access_policy.singles_out_api", asking(GRAPH, everything), "mfa"), No)
    assert isinstance(control("access_policy.singles_out_api", asking(GRAPH, naming(GRAPH)), "block"), No)


def test_what_is_singled_out_stays_open_without_api_or_policies() -> None:
    assert isinstance(control("access_policy.singles_out_api", directory(naming(GRAPH)), "mfa"), Unknown)
    assert isinstance(
        control("access_policy.singles_out_api", asking("https://orders.contoso.example"), "mfa"), Unknown
    )
    assert isinstance(control("access_policy.singles_out_api", asking(GRAPH, complete=False), "mfa"), Unknown)
    unread = Facts(failure=Failure(resource=present(GRAPH, "request")))
    assert isinstance(control("access_policy.singles_out_api", unread, "mfa"), Unknown)


def test_an_api_named_by_its_uri_is_compared_by_application_id() -> None:
    other = "2c4e6a8b-0d1f-4b3c-9e5a-7f8d6c5b4a39"
    assert isinstance(ask("access_policy.exists", asking("https://graph.microsoft.com", naming(GRAPH)), "mfa"), Yes)
    assert isinstance(ask("access_policy.exists", asking("https://graph.microsoft.com", naming(other)), "mfa"), No)
    assert isinstance(ask("access_policy.exists", asking("https://orders.contoso.example", naming(other)), "mfa"), Yes)


def test_a_filter_for_devices_is_a_condition() -> None:
    filtered, plain = policy("Filter", control="mfa", has_device_filter=True), policy("Plain", control="mfa")
    assert isinstance(ask("access_policy.exists", directory(filtered), "mfa", "device_filter"), Yes)
    assert isinstance(ask("access_policy.exists", directory(plain), "mfa", "device_filter"), No)
    assert not turns_on(filtered, "none")
