"""Questions about the sign-in as a session."""

from typing import Any

import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Missing, present
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes


def ask(name: str, **properties: Any) -> Verdict:
    reads = {key: present(value, "sign_in") for key, value in properties.items()}
    return REGISTRY[name].ask(Facts(failure=Failure(**reads)), NoArgs())


@pytest.mark.parametrize(
    ("name", "need"),
    [
        ("sign_in.is_interactive", "failure.is_interactive"),
        ("sign_in.is_followed_by_success", "failure.succeeded_afterwards"),
        ("sign_in.redeems_refresh_token", "failure.flow"),
        ("sign_in.crosses_tenants", "failure.home_tenant_id"),
        ("sign_in.is_risky", "failure.risk_level"),
        ("sign_in.uses_legacy_client", "failure.client_app_used"),
        ("sign_in.hides_platform", "failure.operating_system"),
        ("sign_in.comes_from_strict_browser", "failure.browser"),
    ],
)
def test_what_nobody_recorded_is_asked_for(name: str, need: str) -> None:
    verdict = ask(name)
    assert isinstance(verdict, Unknown)
    assert [item.fact for item in verdict.needs] == [need]


YES: list[tuple[str, dict[str, Any]]] = [
    ("sign_in.is_interactive", {"is_interactive": True}),
    ("sign_in.is_interactive", {"event_type": "interactiveUser", "flow": "authorization_code"}),
    ("sign_in.is_followed_by_success", {"succeeded_afterwards": True}),
    ("sign_in.redeems_refresh_token", {"flow": "refresh_token"}),
    ("sign_in.redeems_refresh_token", {"flow": "silent", "incoming_token_type": "refreshToken"}),
    ("sign_in.redeems_refresh_token", {"incoming_token_type": "primaryRefreshToken,refreshToken"}),
    ("sign_in.crosses_tenants", {"home_tenant_id": "a", "resource_tenant_id": "b"}),
    ("sign_in.is_risky", {"risk_level": "medium"}),
    ("sign_in.is_risky", {"risk_level": "none", "risk_state": "atRisk"}),
    ("sign_in.uses_legacy_client", {"client_app_used": "IMAP4"}),
    ("sign_in.hides_platform", {"operating_system": "Unknown"}),
    ("sign_in.comes_from_strict_browser", {"browser": "Mobile Safari 19.1"}),
]
NO: list[tuple[str, dict[str, Any]]] = [
    ("sign_in.is_interactive", {"is_interactive": False}),
    ("sign_in.is_interactive", {"is_interactive": True, "flow": "ropc"}),
    ("sign_in.is_interactive", {"event_type": "nonInteractiveUser"}),
    ("sign_in.is_followed_by_success", {"succeeded_afterwards": False}),
    ("sign_in.redeems_refresh_token", {"flow": "ropc", "incoming_token_type": "refreshToken"}),
    ("sign_in.redeems_refresh_token", {"incoming_token_type": "none"}),
    ("sign_in.crosses_tenants", {"home_tenant_id": "A", "resource_tenant_id": "a"}),
    ("sign_in.is_risky", {"risk_level": "none"}),
    ("sign_in.uses_legacy_client", {"client_app_used": "Mobile Apps and Desktop clients"}),
    ("sign_in.hides_platform", {"operating_system": "Windows 11"}),
]


@pytest.mark.parametrize(("name", "properties"), YES)
def test_the_record_says_yes(name: str, properties: dict[str, Any]) -> None:
    verdict = ask(name, **properties)
    assert isinstance(verdict, Yes)
    assert verdict.evidence


@pytest.mark.parametrize(("name", "properties"), NO)
def test_the_record_says_no(name: str, properties: dict[str, Any]) -> None:
    verdict = ask(name, **properties)
    assert isinstance(verdict, No)
    assert verdict.evidence


def test_another_browser_may_withhold_cookies_too() -> None:
    assert isinstance(ask("sign_in.comes_from_strict_browser", browser="Chrome 140.0"), Unknown)


def test_an_empty_client_kind_is_no_legacy_client() -> None:
    assert isinstance(ask("sign_in.uses_legacy_client", client_app_used=""), Unknown)
    facts = Facts(failure=Failure(client_app_used=Missing("sign_in")))
    assert isinstance(REGISTRY["sign_in.uses_legacy_client"].ask(facts, NoArgs()), Unknown)
