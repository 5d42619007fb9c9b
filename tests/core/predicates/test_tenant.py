"""Questions about the tenant that the request named."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Missing, present
from diag.core.registration import Application
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

HOME = "0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a"
OTHER = "5e7a9c1b-3d5f-4a7c-9e1b-4c6d8e0f2a3b"
CLIENT = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def named(text: str | None = None, authority: str | None = None, home: str | None = None) -> Facts:
    failure: dict[str, Any] = {}
    if text is not None:
        failure["tenant"] = present(text, "text")
    if authority is not None:
        failure["authority_tenant"] = present(authority, "request")
    facts = Facts(failure=Failure(**failure))
    return msgspec.structs.replace(facts, home_tenant_id=present(home)) if home else facts


def test_the_name_in_the_message_comes_before_the_one_in_the_address() -> None:
    facts = named(text="oauth2", authority=HOME)
    verdict = ask("tenant.looks_like", facts, shapes=["endpoint_word"])
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"tenant": "oauth2"}
    assert isinstance(ask("tenant.looks_like", named(authority=HOME), shapes=["endpoint_word"]), No)


def test_no_name_a_masked_name_and_a_null_are_told_apart() -> None:
    assert isinstance(ask("tenant.looks_like", Facts(), shapes=["guid"]), Unknown)
    assert isinstance(ask("tenant.looks_like", named(text="****"), shapes=["malformed"]), Unknown)
    assert isinstance(ask("tenant.looks_like", Facts(failure=Failure(tenant=Missing())), shapes=["guid"]), No)


@pytest.mark.parametrize("facts", [named(text="Bot Framework"), named(text="X", authority="botframework.com")])
def test_the_bot_frameworks_tenant_is_known_by_name_and_domain(facts: Facts) -> None:
    assert isinstance(ask("tenant.is_of_bot_framework", facts), Yes)


def test_any_other_tenant_is_not_the_bot_frameworks() -> None:
    assert isinstance(ask("tenant.is_of_bot_framework", named(text="Contoso")), No)
    assert isinstance(ask("tenant.is_of_bot_framework", Facts()), Unknown)


@pytest.mark.parametrize("name", ["Microsoft Accounts", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"])
def test_the_directory_of_personal_accounts_is_known_by_each_of_its_names(name: str) -> None:
    assert isinstance(ask("tenant.is_of_personal_accounts", named(text=name)), Yes)
    assert isinstance(ask("tenant.is_of_personal_accounts", named(text="Contoso")), No)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (named(authority=HOME.upper(), home=HOME), Yes),
        (named(authority=OTHER, home=HOME), No),
        (named(text=OTHER, authority="contoso.example", home=HOME), No),
        (named(text="Contoso", authority="contoso.example", home=HOME), Unknown),
        (named(authority=HOME), Unknown),
    ],
)
def test_only_ids_of_tenants_are_compared_with_the_home_tenant(facts: Facts, expected: type) -> None:
    assert isinstance(ask("tenant.is_home_of_application", facts), expected)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (named(text=HOME[:-1] + "b", home=HOME), Yes),
        (named(text=HOME, home=HOME), No),
        (named(text=OTHER, home=HOME), No),
        (named(text=OTHER), Unknown),
        (named(home=HOME), Unknown),
    ],
)
def test_a_tenant_with_few_wrong_characters_is_nearly_home(facts: Facts, expected: type) -> None:
    assert isinstance(ask("tenant.is_nearly_home", facts), expected)


def test_a_client_id_in_the_tenants_place_is_recognised() -> None:
    application = Application(app_id=present(CLIENT))
    swapped = Facts(failure=Failure(tenant=present(CLIENT, "text")), application=application)
    assert isinstance(ask("tenant.is_another_setting", swapped), Yes)
    right = Facts(failure=Failure(tenant=present(HOME, "text")), application=application)
    assert isinstance(ask("tenant.is_another_setting", right), No)
    assert isinstance(ask("tenant.is_another_setting", named(text=HOME)), Unknown)
    assert isinstance(ask("tenant.is_another_setting", Facts(application=application)), Unknown)


@pytest.mark.parametrize(
    ("tenant", "scope", "expected"),
    [
        (present(".default", "text"), present("https://graph.microsoft.com/.default", "request"), Yes),
        (present("contoso", "text"), present("https://graph.microsoft.com/.default", "request"), No),
        (present("a", "text"), present("api://a/.default", "request"), No),
        (Failure().tenant, present("openid", "request"), Unknown),
        (present(".default", "text"), Failure().scope, Unknown),
    ],
)
def test_a_piece_of_the_scope_in_the_tenants_place_is_recognised(tenant: Any, scope: Any, expected: type) -> None:
    assert isinstance(ask("tenant.is_part_of_scope", Facts(failure=Failure(tenant=tenant, scope=scope))), expected)
