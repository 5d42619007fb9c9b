"""Questions about who issued the presented assertion."""

from typing import Any

import msgspec
import pytest

from diag.core.directory import Domain
from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Missing, absent, present
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

ADFS = "http://contoso.example/adfs/services/trust/"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[f"assertion_issuer.{name}"]
    return question.ask(facts, msgspec.convert(args, question.args))


def issued_by(issuer: str | None, domain: Domain | None = None) -> Facts:
    failure = Failure(assertion_issuer=present(issuer, "text") if issuer else UNREAD)
    return Facts(failure=failure, domain=domain or Domain())


@pytest.mark.parametrize(
    ("issuer", "shape"),
    [
        ("https://sts.windows.net/0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a/", "entra"),
        ("https://login.microsoftonline.com/0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a/v2.0", "entra"),
        ("https://contoso.ciamlogin.com/", "entra"),
        (ADFS, "adfs"),
        ("http://sales.contoso.example/adfs/services/trust", "adfs"),
        ("https://kubernetes.default.svc.cluster.local", "cluster_default"),
        ("kubernetes.default.svc", "cluster_default"),
        ("https://kubernetes.contoso.example", None),
        ("Ines@sales.contoso.example", "user_name"),
        ("https://id.fabrikam.example/saml", None),
        ("https://sts.windows.net.fabrikam.example/", None),
        ("https://ines@contoso.example/adfs", None),
    ],
)
def test_an_issuer_is_known_by_its_form(issuer: str, shape: str | None) -> None:
    for asked in ("entra", "adfs", "user_name", "cluster_default"):
        verdict = ask("looks_like", issued_by(issuer), shapes=[asked])
        assert isinstance(verdict, Yes if asked == shape else No)
        if isinstance(verdict, Yes):
            assert verdict.gives == {"issuer": f"“{issuer}”"}


@pytest.mark.parametrize("issuer", [None, "******"])
def test_a_masked_or_unread_issuer_leaves_the_form_open(issuer: str | None) -> None:
    verdict = ask("looks_like", issued_by(issuer), shapes=["entra"])
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.assertion_issuer"]


def test_an_issuer_is_trusted_only_letter_by_letter() -> None:
    domain = Domain(authentication_type=present("Federated"), issuer_uri=present(ADFS))
    assert isinstance(ask("is_trusted", issued_by(ADFS, domain)), Yes)
    refused = ask("is_trusted", issued_by(ADFS.rstrip("/"), domain))
    assert isinstance(refused, No)
    assert ADFS in refused.evidence[0].statement


def test_a_managed_or_absent_domain_trusts_nobody_whatever_the_issuer() -> None:
    managed = Domain(authentication_type=present("Managed"), issuer_uri=Missing())
    assert isinstance(ask("is_trusted", issued_by(None, managed)), No)
    assert isinstance(ask("is_trusted", issued_by(None, absent(Domain))), No)
    federated = Domain(authentication_type=present("Federated"), issuer_uri=Missing())
    assert isinstance(ask("is_trusted", issued_by(ADFS, federated)), No)


def test_what_is_lacking_to_judge_trust_is_named() -> None:
    blind = ask("is_trusted", issued_by(ADFS))
    assert isinstance(blind, Unknown)
    assert [need.fact for need in blind.needs] == ["domain.issuer_uri"]
    assert blind.gives == {"issuer": f"“{ADFS}”"}
    half = ask("is_trusted", issued_by("***", Domain(issuer_uri=present(ADFS))))
    assert isinstance(half, Unknown)
    assert [need.fact for need in half.needs] == ["failure.assertion_issuer"]
