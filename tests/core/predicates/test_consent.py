"""Questions about consent, as the directory records it."""

from typing import Any

import pytest

from diag.core.facts import Facts
from diag.core.identifiers import ObjectId
from diag.core.permissions import GRAPH
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, absent, present
from diag.core.registration import DelegatedGrant, ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

HOME = "0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a"
OTHER = "6b8d0f2a-3c5e-4a7b-9d1f-2e4a6c8b0d13"
GRANTS = ("consent.exists", "consent.exists_for_everyone", "consent.is_wanting", "consent.is_for_other_apis",
          "consent.falls_short", "consent.is_personal")  # fmt: skip
GRAPH_PRINCIPAL = ServicePrincipal(exists=present(True), object_id=present("graph"), app_id=present(GRAPH))


def ask(name: str, facts: Facts) -> Verdict:
    return REGISTRY[name].ask(facts, NoArgs())


def grant(*scopes: str, resource: str = "graph", everyone: bool = True, client: str = "client") -> DelegatedGrant:
    kind, principal = ("AllPrincipals", None) if everyone else ("Principal", ObjectId("someone"))
    return DelegatedGrant(ObjectId(client), ObjectId(resource), kind, scopes, principal)


def granted(*grants: DelegatedGrant, scope: str = "User.Read", complete: bool = True, **others: Any) -> Facts:
    return Facts(
        failure=Failure(scope=present(scope, "request")),
        grants=Found(grants, complete=complete),
        **{"resource": GRAPH_PRINCIPAL, **others},
    )


@pytest.mark.parametrize("name", GRANTS)
def test_unread_grants_leave_every_question_open(name: str) -> None:
    verdict = ask(name, Facts())
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["grants"]


@pytest.mark.parametrize("name", GRANTS)
def test_an_empty_first_page_proves_nothing(name: str) -> None:
    assert isinstance(ask(name, granted(complete=False)), Unknown)


@pytest.mark.parametrize("name", GRANTS)
def test_without_any_grant_consent_is_wanting_and_nothing_else(name: str) -> None:
    expected = Yes if name == "consent.is_wanting" else No
    assert isinstance(ask(name, granted()), expected)
    assert isinstance(ask(name, Facts(grants=Missing())), expected)


def test_a_client_without_a_service_principal_has_no_grants() -> None:
    facts = Facts(service_principal=absent(ServicePrincipal))
    assert isinstance(ask("consent.is_wanting", facts), Yes)
    assert isinstance(ask("consent.exists_for_everyone", facts), No)


def test_a_grant_for_everyone_is_told_from_a_personal_one() -> None:
    wide, narrow = granted(grant("User.Read")), granted(grant("User.Read", everyone=False))
    assert isinstance(ask("consent.exists", wide), Yes)
    assert isinstance(ask("consent.exists", narrow), Yes)
    assert isinstance(ask("consent.exists_for_everyone", wide), Yes)
    assert isinstance(ask("consent.exists_for_everyone", narrow), No)
    assert isinstance(ask("consent.is_personal", wide), No)
    verdict = ask("consent.is_personal", narrow)
    assert isinstance(verdict, Yes)
    assert "one user" in verdict.evidence[0].statement


def test_grants_of_another_client_do_not_count() -> None:
    own = ServicePrincipal(exists=present(True), object_id=present("client"))
    mixed = granted(grant("User.Read", everyone=False), grant("User.Read", client="another"), service_principal=own)
    assert isinstance(ask("consent.is_personal", mixed), Yes)


def test_a_grant_that_lacks_what_is_asked_for_falls_short() -> None:
    verdict = ask("consent.falls_short", granted(grant("openid", "User.Read"), scope="openid User.Read Mail.Send"))
    assert isinstance(verdict, Yes)
    assert verdict.gives["permission"] == "Mail.Send"
    assert isinstance(ask("consent.falls_short", granted(grant("User.Read"))), No)
    assert isinstance(ask("consent.falls_short", granted(grant("User.Read"), scope="openid")), Unknown)


def test_grants_on_another_api_are_told_from_those_on_the_one_asked_for() -> None:
    elsewhere = granted(grant("orders.read", resource="orders"))
    assert isinstance(ask("consent.is_for_other_apis", elsewhere), Yes)
    assert isinstance(ask("consent.is_wanting", elsewhere), Yes)
    assert isinstance(ask("consent.falls_short", elsewhere), No)
    here = granted(grant("User.Read"))
    assert isinstance(ask("consent.is_for_other_apis", here), No)
    assert isinstance(ask("consent.is_wanting", here), No)


def test_without_the_apis_service_principal_only_graphs_grants_are_recognised() -> None:
    unread = {"resource": ServicePrincipal()}
    assert isinstance(ask("consent.falls_short", granted(grant("User.Read"), scope="Mail.Send", **unread)), Yes)
    other = "api://2c4e6a8b-0d1f-4b3c-9e5a-7f8d6c5b4a39/orders.read"
    assert isinstance(ask("consent.is_for_other_apis", granted(grant("User.Read"), scope=other, **unread)), Yes)
    for name in ("consent.is_wanting", "consent.is_for_other_apis", "consent.falls_short"):
        assert isinstance(ask(name, granted(grant("orders.write"), scope=other, **unread)), Unknown)


def test_consent_in_this_tenant_is_out_of_reach_for_a_request_to_a_shared_endpoint() -> None:
    def through(authority: str) -> Facts:
        attempt = Failure(authority_tenant=present(authority, "request"))
        return Facts(failure=attempt, grants=present((grant("User.Read"),)))

    verdict = ask("consent.may_be_out_of_reach", through("Common"))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"authority": "“Common”"}
    assert isinstance(ask("consent.may_be_out_of_reach", through(HOME)), No)
    assert isinstance(ask("consent.may_be_out_of_reach", Facts(grants=present((grant("User.Read"),)))), Unknown)
    assert isinstance(ask("consent.may_be_out_of_reach", Facts(grants=present(()))), No)
    assert isinstance(ask("consent.may_be_out_of_reach", Facts()), Unknown)
