"""Questions about the scope parameter."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.identifiers import AppId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.predicates.scope import scope_shapes
from diag.core.read import Missing, present
from diag.core.registration import Application, RequiredPermission
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

GRAPH = "https://graph.microsoft.com"
API = "api://8dca5a7e-af96-4c4d-9eb1-6a9c2f5dae05"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


@pytest.mark.parametrize(
    ("scope", "shapes"),
    [
        ("openid profile User.Read", {"single_permissions"}),
        (f"{GRAPH}/.default", set()),
        (f"{GRAPH}/.default openid profile offline_access", set()),
        (f"{GRAPH}/User.Read", {"single_permissions"}),
        (f"{API}/Orders.Read", {"single_permissions"}),
        (f"{GRAPH}/.default%0a", {"stray_characters"}),
        (f"{GRAPH}/.default\n", {"stray_characters"}),
        ("Mail.Read,User.Read", {"separator", "single_permissions"}),
        ("Mail.Read; User.Read", {"separator", "single_permissions"}),
        ("/.default offline_access", {"empty_resource"}),
        ("graph.microsoft.com/User.Read", {"missing_scheme", "single_permissions"}),
        (f"{GRAPH}.default", {"missing_slash", "single_permissions"}),
        (f"{GRAPH}User.Read", {"missing_slash", "single_permissions"}),
        ("https://links.contoso.exampleuser_impersonation", {"missing_slash", "single_permissions"}),
        ("https://orders.fabrikam.exampleOrders.Read", {"missing_slash", "single_permissions"}),
        ("api:/8dca5a7e-af96-4c4d-9eb1-6a9c2f5dae05/Orders.Read", {"missing_scheme", "single_permissions"}),
        ("https:/graph.microsoft.com/User.Read", {"missing_scheme", "single_permissions"}),
        (f"{API}.default", {"missing_slash", "single_permissions"}),
        (f"{GRAPH}/.default {GRAPH}/User.Read", {"default_mixed"}),
        (f"{GRAPH}/User.Read {API}/Orders.Read", {"several_resources", "single_permissions"}),
        (f"User.Read {API}/Orders.Read", {"several_resources", "single_permissions"}),
        ("User.Read profile", {"openid_missing", "single_permissions"}),
        ("access_as_user", {"bare_foreign_name", "single_permissions"}),
        ("openid User.Read Mail.Read user.read", {"repeated", "single_permissions"}),
        ("User.Read+openid+User.Read", {"repeated", "separator", "bare_foreign_name", "single_permissions"}),
    ],
)
def test_a_scope_shows_exactly_these_shapes(scope: str, shapes: set[str]) -> None:
    assert scope_shapes(scope) == shapes


def test_the_scope_of_the_failure_is_compared_and_quoted() -> None:
    facts = Facts(failure=Failure(scope=present("access_as_user", "text")))
    verdict = ask("scope.is_written_with", facts, shapes=["bare_foreign_name"])
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"scope": "access_as_user"}
    assert isinstance(ask("scope.is_written_with", facts, shapes=["separator"]), No)
    assert isinstance(ask("scope.is_written_with", Facts(), shapes=["separator"]), Unknown)
    none = Facts(failure=Failure(scope=Missing("request")))
    assert isinstance(ask("scope.is_written_with", none, shapes=["separator"]), No)


def requiring(*resources: str, scope: str = "Orders.Read") -> Facts:
    required = tuple(RequiredPermission(AppId(resource), "", "delegated") for resource in resources)
    return Facts(
        failure=Failure(scope=present(scope, "request")),
        application=Application(required_permissions=present(required)),
    )


def test_a_bare_permission_beside_another_required_api_points_there() -> None:
    graph = "00000003-0000-0000-c000-000000000000"
    assert isinstance(ask("scope.asks_for_other_api", requiring(graph, API.removeprefix("api://"))), Yes)
    assert isinstance(ask("scope.asks_for_other_api", requiring(graph)), No)
    assert isinstance(ask("scope.asks_for_other_api", requiring(graph, scope=f"{API}/Orders.Read openid")), No)


def test_without_scope_or_registration_the_api_is_unknown() -> None:
    assert isinstance(ask("scope.asks_for_other_api", Facts()), Unknown)
    verdict = ask("scope.asks_for_other_api", Facts(failure=Failure(scope=present("Orders.Read", "request"))))
    assert isinstance(verdict, Unknown)
    assert verdict.needs[0].fact == "application.required_permissions"
