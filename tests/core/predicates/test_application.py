"""Questions about the registration as a whole and its service principal."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, Missing, Read, absent, present
from diag.core.registration import Application, ServicePrincipal
from diag.core.verdict import No, Unknown, Verdict, Yes

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


@pytest.mark.parametrize(("exists", "expected"), [(present(True), Yes), (Missing(), No), (UNREAD, Unknown)])
def test_existence_is_yes_no_or_unknown(exists: Read[bool], expected: type) -> None:
    registered = Facts(application=Application(exists=exists))
    assert isinstance(ask("application.is_registered_here", registered), expected)
    principal = Facts(service_principal=ServicePrincipal(exists=exists))
    assert isinstance(ask("service_principal.is_in_tenant", principal), expected)


def test_the_audience_of_the_registration_is_compared() -> None:
    facts = Facts(application=Application(sign_in_audience=present("AzureADMyOrg")))
    verdict = ask("application.is_open_to", facts, audiences=["AzureADMyOrg"])
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"audience": "AzureADMyOrg"}
    assert isinstance(ask("application.is_open_to", facts, audiences=["AzureADMultipleOrgs"]), No)


def test_the_service_principals_copy_answers_for_a_foreign_registration() -> None:
    facts = Facts(
        application=absent(Application),
        service_principal=ServicePrincipal(sign_in_audience=present("AzureADMultipleOrgs")),
    )
    assert isinstance(ask("application.is_open_to", facts, audiences=["AzureADMultipleOrgs"]), Yes)


def test_an_audience_that_nobody_read_is_unknown() -> None:
    assert isinstance(ask("application.is_open_to", Facts(), audiences=["AzureADMyOrg"]), Unknown)
    assert isinstance(
        ask("application.is_open_to", Facts(application=absent(Application)), audiences=["AzureADMyOrg"]), Unknown
    )


@pytest.mark.parametrize(
    ("allowed", "expected"), [(present(True), Yes), (present(False), No), (Missing(), No), (UNREAD, Unknown)]
)
def test_null_counts_as_public_flows_not_allowed(allowed: Read[bool], expected: type) -> None:
    facts = Facts(application=Application(exists=present(True), is_fallback_public_client=allowed))
    assert isinstance(ask("application.allows_public_client_flows", facts), expected)


def test_a_foreign_registration_does_not_show_whether_public_flows_are_allowed() -> None:
    facts = Facts(application=absent(Application))
    assert isinstance(ask("application.allows_public_client_flows", facts), Unknown)


def test_a_deleted_registration_is_found_among_the_deleted_ones() -> None:
    deleted = Application(exists=present(True), deleted_at=present(AT))
    verdict = ask("application.is_deleted", Facts(application=absent(Application), deleted_application=deleted))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"deleted_at": "on 2026-11-20 08:00 UTC"}


def test_the_audit_log_shows_a_deletion_too() -> None:
    facts = Facts(
        application=absent(Application), changes=present((Change(AT, "Delete application", "pat"),), "history")
    )
    verdict = ask("application.is_deleted", facts)
    assert isinstance(verdict, Yes)
    assert "by pat" in verdict.evidence[0].statement


def test_a_registration_that_exists_or_is_not_among_the_deleted_is_not_deleted() -> None:
    assert isinstance(ask("application.is_deleted", Facts(application=Application(exists=present(True)))), No)
    nowhere = Facts(application=absent(Application), deleted_application=absent(Application))
    assert isinstance(ask("application.is_deleted", nowhere), No)
    assert isinstance(ask("application.is_deleted", Facts(application=absent(Application))), Unknown)


def test_the_removal_of_a_service_principal_is_read_from_the_audit_log() -> None:
    removal = Change(AT, "Remove service principal", "admin@contoso.example")
    verdict = ask("service_principal.was_removed", Facts(changes=present((removal,), "history")))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"removed_at": "on 2026-11-20 08:00 UTC", "removed_by": "admin@contoso.example"}
    assert isinstance(ask("service_principal.was_removed", Facts(changes=present((), "history"))), No)
    assert isinstance(ask("service_principal.was_removed", Facts()), Unknown)
    cut = Facts(changes=Found((), "history", complete=False))
    assert isinstance(ask("service_principal.was_removed", cut), Unknown)
