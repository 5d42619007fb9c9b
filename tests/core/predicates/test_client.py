"""Questions about what sends the request and how."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.predicates.client import authority_kind
from diag.core.read import Missing, present
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def failed(**properties: Any) -> Facts:
    return Facts(failure=Failure(**properties))


def test_the_flow_of_the_request_is_compared_with_the_flows_asked_for() -> None:
    facts = failed(flow=present("device_code", "request"))
    verdict = ask("client.uses_flow", facts, flows=["ropc", "device_code"])
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"flow": "device_code"}
    assert isinstance(ask("client.uses_flow", facts, flows=["ropc"]), No)


def test_a_flow_that_does_not_exist_cannot_be_asked_for() -> None:
    with pytest.raises(msgspec.ValidationError):
        ask("client.uses_flow", Facts(), flows=["device"])


def test_without_flow_or_record_the_flow_is_unknown_and_asked_for() -> None:
    verdict = ask("client.uses_flow", Facts(), flows=["ropc"])
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.flow"]


def test_a_record_of_a_service_principal_is_a_client_credentials_flow() -> None:
    facts = failed(event_type=present("servicePrincipal", "sign_in"))
    assert isinstance(ask("client.uses_flow", facts, flows=["client_credentials"]), Yes)
    assert isinstance(ask("client.uses_flow", facts, flows=["ropc"]), No)


@pytest.mark.parametrize(
    ("protocol", "flow"),
    [("deviceCode", "device_code"), ("saml20", "saml"), ("oAuth2,ropc", "ropc"), ("wsFederation", "ws_fed")],
)
def test_the_protocol_of_the_record_answers_where_it_fixes_the_flow(protocol: str, flow: str) -> None:
    facts = failed(protocol=present(protocol, "sign_in"))
    assert isinstance(ask("client.uses_flow", facts, flows=[flow]), Yes)
    assert isinstance(ask("client.uses_flow", facts, flows=["implicit"]), No)


def test_an_oauth_record_rules_out_saml_and_leaves_the_oauth_flows_open() -> None:
    facts = failed(protocol=present("oAuth2", "sign_in"))
    assert isinstance(ask("client.uses_flow", facts, flows=["saml", "ws_fed"]), No)
    assert isinstance(ask("client.uses_flow", facts, flows=["implicit"]), Unknown)
    assert isinstance(ask("client.uses_flow", facts, flows=["saml", "implicit"]), Unknown)


def test_a_request_with_a_response_type_is_none_of_saml() -> None:
    facts = failed(response_type=present("code", "request"))
    assert isinstance(ask("client.uses_flow", facts, flows=["saml"]), No)
    assert isinstance(ask("client.uses_flow", facts, flows=["authorization_code"]), Unknown)


def test_the_kind_of_client_is_compared_and_named_in_words() -> None:
    facts = failed(user_agent_kind=present("cli", "request"))
    verdict = ask("client.is_kind", facts, kinds=["cli", "mobile"])
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"client_kind": "a command-line or desktop program"}
    assert isinstance(ask("client.is_kind", facts, kinds=["browser"]), No)
    assert isinstance(ask("client.is_kind", Facts(), kinds=["browser"]), Unknown)


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("client.sends_secret", "has_client_secret"),
        ("client.sends_assertion", "has_client_assertion"),
        ("client.sends_code_verifier", "has_code_verifier"),
        ("client.sends_origin", "has_origin_header"),
        ("client.is_behind_proxy", "behind_proxy"),
    ],
)
def test_what_the_request_carries_is_yes_no_or_unknown(name: str, fact: str) -> None:
    assert isinstance(ask(name, failed(**{fact: present(True, "request")})), Yes)
    assert isinstance(ask(name, failed(**{fact: present(False, "request")})), No)
    assert isinstance(ask(name, failed(**{fact: Missing("request")})), No)
    verdict = ask(name, Facts())
    assert isinstance(verdict, Unknown)
    assert verdict.needs[0].fact == f"failure.{fact}"


def test_an_origin_printed_in_the_message_proves_the_header() -> None:
    verdict = ask("client.sends_origin", failed(origin=present("http://localhost:9000", "text")))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"origin": "http://localhost:9000"}


def test_the_prompt_is_compared_and_its_absence_is_an_answer() -> None:
    assert isinstance(ask("client.sends_prompt", failed(prompt=present("none", "request")), values=["none"]), Yes)
    assert isinstance(ask("client.sends_prompt", failed(prompt=present("login", "request")), values=["none"]), No)
    assert isinstance(ask("client.sends_prompt", failed(prompt=Missing("request")), values=["none"]), No)
    assert isinstance(ask("client.sends_prompt", Facts(), values=["none"]), Unknown)


def test_the_authority_is_sorted_by_kind() -> None:
    facts = failed(authority_tenant=present("contoso.example", "request"))
    assert isinstance(ask("client.calls_authority", facts, kinds=["tenant"]), Yes)
    assert isinstance(ask("client.calls_authority", facts, kinds=["common", "organizations"]), No)
    assert isinstance(ask("client.calls_authority", Facts(), kinds=["common"]), Unknown)


def test_the_tenant_of_personal_accounts_counts_as_consumers() -> None:
    assert authority_kind("9188040D-6C67-4C5B-B112-36A304B66DAD") == "consumers"
    assert authority_kind("consumers") == "consumers"
    assert authority_kind(" Common ") == "common"
    assert authority_kind("organizations") == "organizations"
    assert authority_kind("11111111-1111-1111-1111-111111111111") == "tenant"


def test_a_resource_counts_as_sent_where_the_request_gives_it() -> None:
    sent = failed(resource=present("https://graph.microsoft.com", "request"))
    verdict = ask("client.sends_resource", sent)
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"resource": "https://graph.microsoft.com"}
    assert isinstance(ask("client.sends_resource", failed(resource=Missing("request"))), No)
    assert isinstance(ask("client.sends_resource", failed(resource=present("api://x", "text"))), Unknown)
    assert isinstance(ask("client.sends_resource", Facts()), Unknown)
