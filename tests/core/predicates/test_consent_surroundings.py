"""Questions about what stands around consent."""

from datetime import UTC, datetime

from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, present
from diag.core.registration import Application, ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

HOME = "0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a"
OTHER = "6b8d0f2a-3c5e-4a7b-9d1f-2e4a6c8b0d13"


def ask(name: str, facts: Facts) -> Verdict:
    return REGISTRY[name].ask(facts, NoArgs())


def change(activity: str) -> Change:
    return Change(datetime(2026, 11, 16, 14, tzinfo=UTC), activity, "ines@contoso.example")


def test_a_removed_grant_in_the_audit_log_is_a_withdrawal() -> None:
    removed = Facts(changes=present((change("Remove delegated permission grant"),), "history"))
    verdict = ask("consent.was_withdrawn", removed)
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"withdrawn": "2026-11-16", "actor": "“ines@contoso.example”"}
    added = present((change("Add delegated permission grant"),), "history")
    assert isinstance(ask("consent.was_withdrawn", Facts(changes=added)), No)
    cut = Found((change("Add delegated permission grant"),), "history", complete=False)
    assert isinstance(ask("consent.was_withdrawn", Facts(changes=cut)), Unknown)
    assert isinstance(ask("consent.was_withdrawn", Facts()), Unknown)


def foreign(tenant: str, audience: str = "AzureADMultipleOrgs") -> Facts:
    return Facts(
        failure=Failure(authority_tenant=present(tenant, "request")),
        application=Application(sign_in_audience=present(audience)),
        home_tenant_id=present(HOME),
    )


def test_an_application_of_another_tenant_is_foreign_there() -> None:
    verdict = ask("consent.concerns_foreign_application", foreign(OTHER))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"tenant": f"“{OTHER}”"}
    assert isinstance(ask("consent.concerns_foreign_application", foreign(HOME)), No)
    assert isinstance(ask("consent.concerns_foreign_application", foreign(OTHER, "AzureADMyOrg")), No)


def test_a_domain_or_an_unknown_owner_leaves_it_open() -> None:
    verdict = ask("consent.concerns_foreign_application", foreign("fabrikam.example"))
    assert isinstance(verdict, Unknown)
    assert verdict.gives == {"tenant": "“fabrikam.example”"}
    assert isinstance(ask("consent.concerns_foreign_application", Facts()), Unknown)


def test_a_verified_publisher_is_told_from_none_and_from_an_unread_one() -> None:
    verified = Facts(service_principal=ServicePrincipal(verified_publisher=present("Contoso")))
    assert isinstance(ask("consent.is_for_verified_publisher", verified), Yes)
    none = Facts(application=Application(verified_publisher=Missing()))
    assert isinstance(ask("consent.is_for_verified_publisher", none), No)
    assert isinstance(ask("consent.is_for_verified_publisher", Facts()), Unknown)
