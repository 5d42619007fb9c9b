"""Questions about the service principal of the API that is asked for."""

from datetime import UTC, datetime

import msgspec

from diag.core.directory import Change, PropertyChange
from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, present
from diag.core.registration import ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

API = "b2d4f6a8-1c3e-4a5b-8d7f-4e6a8b0c2d05"
HOME = "0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a"


def ask(name: str, facts: Facts) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert({}, question.args))


def switched_off(target: str = API, name: str = "AccountEnabled", new: str = "[false]") -> Change:
    return Change(
        at=datetime(2026, 11, 19, 8, 0, tzinfo=UTC),
        activity="Update service principal",
        actor="ines@contoso.example",
        target_object_id=target,
        properties=(PropertyChange(name, "[true]", new),),
    )


def test_a_disabled_api_is_disabled_and_named() -> None:
    facts = Facts(
        failure=Failure(resource=present("https://vault.azure.net", "request")),
        resource=ServicePrincipal(account_enabled=present(False)),
    )
    verdict = ask("resource.is_disabled", facts)
    assert isinstance(verdict, Yes)
    assert "Azure Key Vault" in verdict.gives["api"]


def test_an_enabled_or_absent_api_is_not_disabled_and_an_unread_one_is_asked_for() -> None:
    assert isinstance(ask("resource.is_disabled", Facts(resource=ServicePrincipal(account_enabled=present(True)))), No)
    assert isinstance(ask("resource.is_disabled", Facts(resource=ServicePrincipal(account_enabled=Missing()))), No)
    verdict = ask("resource.is_disabled", Facts())
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["resource.account_enabled"]


def test_one_code_proves_that_the_api_is_disabled_until_somebody_looked() -> None:
    assert isinstance(ask("resource.is_disabled", Facts(failure=Failure(code=500014))), Yes)
    assert isinstance(ask("resource.is_disabled", Facts(failure=Failure(code=500011))), Unknown)
    enabled = Facts(failure=Failure(code=500014), resource=ServicePrincipal(account_enabled=present(True)))
    assert isinstance(ask("resource.is_disabled", enabled), No)


def test_the_audit_log_names_who_disabled_the_api() -> None:
    facts = Facts(resource=ServicePrincipal(object_id=present(API)), changes=present((switched_off(),), "history"))
    verdict = ask("resource.was_disabled_by_somebody", facts)
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"switched_off": "by ines@contoso.example on 2026-11-19 08:00 UTC"}


def test_other_changes_and_other_service_principals_do_not_count() -> None:
    others = (
        switched_off(target="b2d4f6a8-1c3e-4a5b-8d7f-4e6a8b0c2d99"),
        switched_off(new="[true]"),
        switched_off(name="DisplayName"),
    )
    facts = Facts(resource=ServicePrincipal(object_id=present(API)), changes=present(others, "history"))
    assert isinstance(ask("resource.was_disabled_by_somebody", facts), No)


def test_a_part_of_the_audit_log_or_none_leaves_it_open() -> None:
    part: Found[tuple[Change, ...]] = Found((), "history", complete=False)
    facts = Facts(resource=ServicePrincipal(object_id=present(API)), changes=part)
    assert isinstance(ask("resource.was_disabled_by_somebody", facts), Unknown)
    verdict = ask("resource.was_disabled_by_somebody", Facts())
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["changes"]


def test_whose_change_it_was_cannot_be_said_without_the_apis_object_id() -> None:
    facts = Facts(changes=present((switched_off(),), "history"))
    verdict = ask("resource.was_disabled_by_somebody", facts)
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["resource"]


def test_an_api_of_the_clients_own_tenant_belongs_to_it() -> None:
    own = Facts(resource=ServicePrincipal(owner_tenant_id=present(HOME)), home_tenant_id=present(HOME))
    foreign = Facts(
        resource=ServicePrincipal(owner_tenant_id=present("6b8d0f2a-3c5e-4a7b-9d1f-2e4a6c8b0d13")),
        home_tenant_id=present(HOME),
    )
    assert isinstance(ask("resource.belongs_to_this_tenant", own), Yes)
    assert isinstance(ask("resource.belongs_to_this_tenant", foreign), No)
    assert isinstance(ask("resource.belongs_to_this_tenant", Facts(home_tenant_id=present(HOME))), Unknown)
    assert isinstance(
        ask("resource.belongs_to_this_tenant", Facts(resource=ServicePrincipal(owner_tenant_id=present(HOME)))), Unknown
    )
