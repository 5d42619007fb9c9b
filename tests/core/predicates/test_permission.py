"""Questions about the permissions that are asked for."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.identifiers import AppId
from diag.core.permissions import GRAPH
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, absent, present
from diag.core.registration import (
    Application,
    ApplicationPermission,
    DelegatedPermission,
    RequiredPermission,
    ServicePrincipal,
)
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

API = "api://2c4e6a8b-0d1f-4b3c-9e5a-7f8d6c5b4a39"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def scoped(scope: str, **others: Any) -> Facts:
    return Facts(failure=Failure(scope=present(scope, "request")), **others)


def named(permission: str, resource: str = GRAPH, **others: Any) -> Facts:
    return Facts(failure=Failure(permission=present(permission, "text"), resource=present(resource, "text")), **others)


def exposing(*scopes: DelegatedPermission, complete: bool = True, roles: tuple[str, ...] = ()) -> ServicePrincipal:
    app_roles = tuple(ApplicationPermission(f"r{number}", value) for number, value in enumerate(roles))
    return ServicePrincipal(scopes=Found(scopes, complete=complete), app_roles=present(app_roles))


def test_a_scope_is_found_whatever_its_case_and_prefix() -> None:
    assert isinstance(ask("permission.is_requested", scoped("openid Offline_Access"), values=["offline_access"]), Yes)
    assert isinstance(ask("permission.is_requested", scoped("openid profile"), values=["offline_access"]), No)
    assert isinstance(ask("permission.is_requested", Facts(), values=["offline_access"]), Unknown)
    none = Facts(failure=absent(Failure))
    assert isinstance(ask("permission.is_requested", none, values=["offline_access"]), No)


@pytest.mark.parametrize(
    "sent", ["User.Read%0a", "User.Read,", "User.Read\n", 'User.Read"', "User.Read\\n", "\ufeffUser.Read"]
)
def test_characters_that_stick_to_a_permission_are_told(sent: str) -> None:
    verdict = ask("permission.has_stray_characters", named(sent))
    assert isinstance(verdict, Yes)
    assert "\n" not in verdict.gives["named"]


def test_a_clean_permission_has_no_stray_characters_and_none_known_leaves_it_open() -> None:
    assert isinstance(ask("permission.has_stray_characters", named("User.Read")), No)
    assert isinstance(ask("permission.has_stray_characters", scoped("openid User.Read")), No)
    assert isinstance(ask("permission.has_stray_characters", Facts()), Unknown)


def test_a_line_end_inside_the_quotes_of_the_message_is_seen_in_the_raw_text() -> None:
    text = present("asked for scope 'User.Read\n' that doesn't exist", "text")
    facts = Facts(failure=Failure(text=text, permission=present("User.Read", "text")))
    verdict = ask("permission.has_stray_characters", facts)
    assert isinstance(verdict, Yes)
    assert verdict.evidence[0].fact == "failure.text"
    encoded = present("error_description=AADSTS650053%3a+asked+for+scope+%27User.Read%0a%27+that", "text")
    facts = Facts(failure=Failure(text=encoded, permission=present("User.Read", "text")))
    assert isinstance(ask("permission.has_stray_characters", facts), Yes)
    other = present("something else altogether", "text")
    facts = Facts(failure=Failure(text=other, permission=present("User.Read", "text")))
    assert isinstance(ask("permission.has_stray_characters", facts), No)


def test_a_permission_graph_does_not_have_belongs_to_another_api() -> None:
    for value in ("user_impersonation", "AllSites.Read", "vso.work"):
        assert isinstance(ask("permission.belongs_to_other_api", named(value)), Yes)
    assert isinstance(ask("permission.belongs_to_other_api", named("user_impersonation", API)), No)
    assert isinstance(ask("permission.belongs_to_other_api", named("Mail.Read")), No)
    assert isinstance(ask("permission.belongs_to_other_api", named("orders.read")), Unknown)
    assert isinstance(ask("permission.belongs_to_other_api", Facts()), Unknown)


def test_a_permission_the_registration_itself_exposes_belongs_to_it() -> None:
    own = Application(scopes=present((DelegatedPermission("1", "orders.read"),)))
    verdict = ask("permission.belongs_to_other_api", named("orders.read", application=own))
    assert isinstance(verdict, Yes)
    assert verdict.gives["owner"] == "this registration's own API"


def test_an_exposed_permission_is_told_from_a_disabled_and_an_absent_one() -> None:
    api = exposing(DelegatedPermission("1", "orders.read"), DelegatedPermission("2", "orders.write", enabled=False))
    assert isinstance(ask("permission.is_exposed", scoped(f"{API}/orders.read", resource=api)), Yes)
    disabled = ask("permission.is_exposed", scoped(f"{API}/orders.write", resource=api))
    assert isinstance(disabled, No)
    assert "disabled" in disabled.evidence[0].statement
    assert isinstance(ask("permission.is_exposed", scoped(f"{API}/orders.delete", resource=api)), No)
    assert isinstance(ask("permission.is_exposed", scoped(f"{API}/x", resource=exposing(complete=False))), Unknown)
    assert isinstance(ask("permission.is_exposed", scoped(f"{API}/orders.read")), Unknown)
    assert isinstance(ask("permission.is_exposed", Facts()), Unknown)


def test_a_permission_for_applications_only_is_told() -> None:
    api = exposing(roles=("Orders.Read.All",))
    verdict = ask("permission.is_application_only", scoped(f"{API}/Orders.Read.All", resource=api))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"named": "“Orders.Read.All”"}
    both = exposing(DelegatedPermission("1", "Orders.Read.All"), roles=("Orders.Read.All",))
    assert isinstance(ask("permission.is_application_only", scoped(f"{API}/Orders.Read.All", resource=both)), No)
    cut = exposing(complete=False, roles=("Orders.Read.All",))
    assert isinstance(
        ask("permission.is_application_only", scoped(f"{API}/Orders.Read.All", resource=cut)), No | Unknown
    )
    assert isinstance(ask("permission.is_application_only", scoped(f"{API}/Orders.Read.All")), Unknown)


def test_a_misspelt_permission_is_matched_with_what_the_api_offers_or_graph_is_known_for() -> None:
    verdict = ask("permission.is_nearly_exposed", named("Mail.Red"))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"named": "“Mail.Red”", "near": "“Mail.Read”"}
    api = exposing(DelegatedPermission("1", "orders.read"))
    assert isinstance(ask("permission.is_nearly_exposed", scoped(f"{API}/order.read", resource=api)), Yes)
    assert isinstance(ask("permission.is_nearly_exposed", scoped(f"{API}/invoices.list", resource=api)), No)
    assert isinstance(ask("permission.is_nearly_exposed", named("invoices.list", API)), Unknown)


def test_a_permission_for_administrators_is_known_from_the_api_or_from_the_table() -> None:
    verdict = ask("permission.needs_admin", scoped("openid User.Read Directory.Read.All"))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"admin_permissions": "Directory.Read.All"}
    assert isinstance(ask("permission.needs_admin", scoped("openid User.Read")), No)
    assert isinstance(ask("permission.needs_admin", scoped("Something.Odd")), Unknown)
    assert isinstance(ask("permission.needs_admin", Facts()), Unknown)
    api = exposing(DelegatedPermission("1", "orders.approve", admin_only=True), DelegatedPermission("2", "orders.read"))
    assert isinstance(ask("permission.needs_admin", scoped(f"{API}/orders.approve", resource=api)), Yes)
    assert isinstance(ask("permission.needs_admin", scoped(f"{API}/orders.read", resource=api)), No)


def test_with_default_the_registrations_list_decides() -> None:
    role = Application(required_permissions=present((RequiredPermission(AppId(GRAPH), "x", "application"),)))
    verdict = ask("permission.needs_admin", scoped("https://graph.microsoft.com/.default", application=role))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"admin_permissions": "1 application permission"}


def test_what_is_asked_for_is_named() -> None:
    verdict = ask("permission.is_named", scoped("openid Mail.Read Mail.Send"))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"named": "“Mail.Read, Mail.Send”"}
    assert isinstance(ask("permission.is_named", scoped("openid")), No)
    assert isinstance(ask("permission.is_named", Facts()), Unknown)
