"""Questions about federated credentials."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from diag.core.directory import Change, Neighbour, PropertyChange
from diag.core.facts import Facts
from diag.core.identifiers import AppId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, Missing, present
from diag.core.registration import Application, FederatedCredential
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
GITHUB = "https://token.actions.githubusercontent.com"
MAIN, PULL = "repo:contoso/orders:ref:refs/heads/main", "repo:contoso/orders:pull_request"
AUDIENCE = "api://AzureADTokenExchange"
AKS = "https://westeurope.oic.prod-aks.azure.com/0d3f5b7a/e5a7c9db/"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def credential(subject: str = MAIN, issuer: str = GITHUB) -> FederatedCredential:
    return FederatedCredential("id", "orders", issuer, subject, (AUDIENCE,))


def facts(
    *held: FederatedCredential,
    issuer: str | None = GITHUB,
    subject: str | None = MAIN,
    audience: str | None = None,
    complete: bool = True,
) -> Facts:
    failure = Failure(
        assertion_issuer=present(issuer, "text") if issuer else UNREAD,
        assertion_subject=present(subject, "text") if subject else UNREAD,
        assertion_audience=present(audience, "text") if audience else UNREAD,
    )
    return Facts(failure=failure, application=Application(federated_credentials=Found(held, complete=complete)))


def test_the_part_that_differs_is_told_with_both_values() -> None:
    verdict = ask("federated_credential.differs_in", facts(credential(), subject=PULL), part="entity_type")
    assert isinstance(verdict, Yes)
    assert verdict.gives["sent_subject"] == PULL
    assert verdict.gives["registered_subject"] == MAIN
    assert verdict.gives["sent_issuer"] == GITHUB
    assert verdict.gives["audience"] == AUDIENCE
    assert PULL in verdict.evidence[0].statement
    assert isinstance(ask("federated_credential.differs_in", facts(credential(), subject=PULL), part="entity_name"), No)


def test_without_any_credential_nothing_differs() -> None:
    assert isinstance(ask("federated_credential.differs_in", facts(), part="entity_type"), No)
    assert isinstance(ask("federated_credential.differs_in", facts(complete=False), part="entity_type"), Unknown)


def test_a_subject_nobody_saw_or_a_log_masked_is_asked_for() -> None:
    for subject in (None, "***"):
        verdict = ask("federated_credential.differs_in", facts(credential(), subject=subject), part="entity_type")
        assert isinstance(verdict, Unknown)
        assert [need.fact for need in verdict.needs] == ["failure.assertion_subject"]


def test_issuers_are_compared_without_a_subject_and_subjects_without_an_issuer() -> None:
    slash = facts(credential(issuer=GITHUB + "/"), subject=None)
    assert isinstance(ask("federated_credential.differs_in", slash, part="issuer_slash"), Yes)
    no_issuer = facts(credential(), subject=PULL, issuer=None)
    verdict = ask("federated_credential.differs_in", no_issuer, part="entity_type")
    assert isinstance(verdict, Yes)
    assert verdict.gives["sent_issuer"] == GITHUB
    unknown = ask("federated_credential.differs_in", no_issuer, part="issuer_slash")
    assert isinstance(unknown, Unknown)
    assert [need.fact for need in unknown.needs] == ["failure.assertion_issuer"]


def test_agreement_and_audience_need_all_they_compare() -> None:
    assert isinstance(ask("federated_credential.differs_in", facts(credential(), issuer=None), part="nothing"), Unknown)
    assert isinstance(ask("federated_credential.differs_in", facts(credential()), part="nothing"), Yes)
    assert isinstance(ask("federated_credential.differs_in", facts(credential()), part="audience"), Unknown)
    other = facts(credential(), audience="https://github.com/contoso")
    assert isinstance(ask("federated_credential.differs_in", other, part="audience"), Yes)


def test_unread_credentials_leave_it_open_and_keep_the_sent_values() -> None:
    given = Facts(failure=facts(subject=PULL).failure)
    verdict = ask("federated_credential.differs_in", given, part="entity_type")
    assert isinstance(verdict, Unknown)
    assert verdict.gives["sent_subject"] == PULL
    assert [need.fact for need in verdict.needs] == ["application.federated_credentials"]


def test_a_cut_list_settles_only_what_an_exact_match_could_beat() -> None:
    cut = facts(credential(), subject=PULL, complete=False)
    assert isinstance(ask("federated_credential.differs_in", cut, part="entity_type"), Unknown)
    slash = facts(credential(issuer=GITHUB + "/"), complete=False)
    assert isinstance(ask("federated_credential.differs_in", slash, part="issuer_slash"), Yes)


def test_no_credential_for_the_token_is_a_finding_and_a_near_miss_is_not() -> None:
    name = "federated_credential.is_missing_for_token"
    assert isinstance(ask(name, facts()), Yes)
    assert isinstance(ask(name, Facts(application=Application(federated_credentials=Missing()))), Yes)
    assert isinstance(ask(name, facts(credential("system:serviceaccount:a:b", AKS))), Yes)
    assert isinstance(ask(name, facts(credential("repo:fabrikam/shop:ref:refs/heads/x"))), Yes)
    assert isinstance(ask(name, facts(credential(PULL))), No)


def test_that_no_credential_is_there_is_not_said_blindly() -> None:
    name = "federated_credential.is_missing_for_token"
    assert isinstance(ask(name, Facts()), Unknown)
    assert isinstance(ask(name, facts(complete=False)), Unknown)
    assert isinstance(ask(name, facts(credential("repo:fabrikam/shop:pull_request"), complete=False)), Unknown)
    assert isinstance(ask(name, facts(credential(), subject=None, issuer=None)), Unknown)


@pytest.mark.parametrize(
    ("subject", "form"),
    [
        ("repo:contoso@1/orders@2:pull_request", "github_immutable"),
        ("repo:contoso/orders:job_workflow_ref:x", "github_customised"),
        (MAIN, "github_reference"),
        ("system:serviceaccount:orders:importer", "service_account"),
        ("organization:c:project:p:workspace:w:run_phase:plan", "run_phase"),
    ],
)
def test_each_subject_has_one_form(subject: str, form: str) -> None:
    forms = ["github_immutable", "github_customised", "github_reference", "service_account", "run_phase"]
    holding = [
        name
        for name in forms
        if isinstance(ask("federated_credential.subject_is", facts(subject=subject), form=name), Yes)
    ]
    assert holding == [form]
    assert isinstance(ask("federated_credential.subject_is", facts(subject=None), form=form), Unknown)


def test_a_neighbour_that_trusts_the_token_is_named() -> None:
    other = Neighbour(AppId("5a9e2d4b-7c63-4f1a-8b8e-3d6f9c2a7b02"), "Stock Board", "federated_credential")
    given = msgspec.structs.replace(facts(), neighbours=Found((other,)))
    verdict = ask("federated_credential.belongs_to_neighbour", given)
    assert isinstance(verdict, Yes)
    assert "Stock Board" in verdict.gives["other_application"]
    none = msgspec.structs.replace(facts(), neighbours=Missing())
    assert isinstance(ask("federated_credential.belongs_to_neighbour", none), No)
    cut = msgspec.structs.replace(facts(), neighbours=Found((), complete=False))
    assert isinstance(ask("federated_credential.belongs_to_neighbour", cut), Unknown)
    assert isinstance(ask("federated_credential.belongs_to_neighbour", facts()), Unknown)
    assert isinstance(ask("federated_credential.belongs_to_neighbour", Facts(neighbours=Missing())), Unknown)


def changed(at: datetime, name: str = "FederatedIdentityCredentials", **more: Any) -> Facts:
    change = Change(at, "Update application", properties=(PropertyChange(name, "[]", "[x]"),))
    return Facts(failure=Failure(observed_at=present(NOON)), changes=Found((change,), "history", **more))


@pytest.mark.parametrize(("age", "expected"), [(0, Yes), (900, Yes), (901, No), (-1, No)])
def test_a_change_of_credentials_counts_within_its_minutes(age: int, expected: type) -> None:
    given = changed(NOON - timedelta(seconds=age))
    assert isinstance(ask("federated_credential.was_changed_within", given, minutes=15), expected)


def test_other_changes_do_not_count_and_unread_ones_prove_nothing() -> None:
    name = "federated_credential.was_changed_within"
    assert isinstance(ask(name, changed(NOON, "KeyDescription"), minutes=15), No)
    assert isinstance(ask(name, changed(NOON, "KeyDescription", complete=False), minutes=15), Unknown)
    assert isinstance(ask(name, Facts(), minutes=15), Unknown)
    assert isinstance(ask(name, Facts(changes=Found(())), minutes=15), Unknown)


@pytest.mark.parametrize(
    ("given", "system", "expected"),
    [
        (facts(issuer=AKS), "kubernetes", Yes),
        (facts(issuer=AKS), "ci", No),
        (facts(issuer=None), "ci", Yes),
        (facts(credential("system:serviceaccount:a:b", AKS), issuer=None, subject=None), "kubernetes", Yes),
        (facts(credential(), issuer=None, subject=None), "kubernetes", No),
        (facts(credential(), credential("system:serviceaccount:a:b", AKS), issuer=None, subject=None), "ci", Unknown),
        (facts(credential(), issuer=None, subject=None, complete=False), "ci", Unknown),
        (facts(issuer=None, subject=None), "ci", No),
        (Facts(), "ci", Unknown),
    ],
)
def test_the_origin_of_a_token_is_told_by_itself_or_by_what_is_trusted(
    given: Facts, system: str, expected: type
) -> None:
    assert isinstance(ask("federated_credential.is_presented_by", given, system=system), expected)
