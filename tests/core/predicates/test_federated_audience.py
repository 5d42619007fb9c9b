"""Questions about the audience of a token presented in place of a secret."""

import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, present
from diag.core.registration import Application, FederatedCredential
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

PUBLIC, CHINA = "api://AzureADTokenExchange", "api://AzureADTokenExchangeChina"


def ask(name: str, facts: Facts) -> Verdict:
    return REGISTRY[f"federated_credential.{name}"].ask(facts, NoArgs())


def facts(sent: str | None, *listed: str, complete: bool = True) -> Facts:
    held = (FederatedCredential("id", "orders", "https://id.contoso.example", "job", listed),) if listed else ()
    return Facts(
        failure=Failure(assertion_audience=present(sent, "text") if sent else UNREAD),
        application=Application(federated_credentials=Found(held, complete=complete)),
    )


def test_an_audience_is_accepted_letter_by_letter() -> None:
    assert isinstance(ask("accepts_audience", facts(PUBLIC, PUBLIC)), Yes)
    refused = ask("accepts_audience", facts(PUBLIC.lower(), PUBLIC))
    assert isinstance(refused, No)
    assert PUBLIC in refused.evidence[0].statement
    assert isinstance(ask("accepts_audience", facts(PUBLIC)), No)


@pytest.mark.parametrize(
    ("sent", "listed", "expected"),
    [
        (PUBLIC, CHINA, Yes),
        (CHINA, PUBLIC, Yes),
        (PUBLIC, PUBLIC, No),
        ("https://github.com/contoso", PUBLIC, No),
        (PUBLIC, "https://github.com/contoso", No),
    ],
)
def test_two_clouds_are_told_by_their_usual_audiences(sent: str, listed: str, expected: type) -> None:
    verdict = ask("expects_other_cloud", facts(sent, listed))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Yes):
        assert verdict.gives["registered_audiences"] == f"“{listed}”"


def test_an_audience_of_the_issuers_own_is_told_from_the_usual_ones() -> None:
    usual = ask("presents_usual_audience", facts(CHINA))
    assert isinstance(usual, Yes)
    assert usual.gives == {"sent_audience": f"“{CHINA}”"}
    assert isinstance(ask("presents_usual_audience", facts("https://github.com/contoso")), No)
    assert isinstance(ask("presents_usual_audience", facts(None)), Unknown)


@pytest.mark.parametrize("name", ["accepts_audience", "expects_other_cloud"])
def test_what_is_lacking_is_named_and_what_is_known_is_given(name: str) -> None:
    silent = ask(name, facts(None, CHINA))
    assert isinstance(silent, Unknown)
    assert [need.fact for need in silent.needs] == ["failure.assertion_audience"]
    blind = ask(name, Facts(failure=Failure(assertion_audience=present(PUBLIC, "text"))))
    assert isinstance(blind, Unknown)
    assert [need.fact for need in blind.needs] == ["application.federated_credentials"]
    assert blind.gives == {"sent_audience": f"“{PUBLIC}”"}
    assert isinstance(ask(name, facts(PUBLIC, complete=False)), Unknown)
