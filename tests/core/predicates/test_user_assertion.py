"""Questions about the user's token that an API passes on."""

import pytest

from diag.core.facts import Facts
from diag.core.permissions import GRAPH
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, Missing, Read, present
from diag.core.registration import Application
from diag.core.sign_in import Failure, Token
from diag.core.verdict import No, Unknown, Verdict, Yes

OWN = "8dca5a7e-af96-4c4d-9eb1-6a9c2f5dae05"
OTHER = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"
URIS: Found[tuple[str, ...]] = present(("api://orders.contoso.example",))


def ask(name: str, facts: Facts) -> Verdict:
    return REGISTRY[f"user_assertion.{name}"].ask(facts, NoArgs())


def passed_on(
    audience: str | None, uris: Read[tuple[str, ...]] = URIS, client: str | None = OWN, expected: str | None = None
) -> Facts:
    failure = Failure(
        assertion_audience=Found(audience, "text") if audience else UNREAD,
        app_id=Found(client, "text") if client else UNREAD,
        expected_audience=Found(expected, "text") if expected else UNREAD,
    )
    return Facts(failure=failure, application=Application(identifier_uris=uris))


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (passed_on(OWN), No),
        (passed_on(f"api://{OWN}", UNREAD), No),
        (passed_on("api://orders.contoso.example/"), No),
        (passed_on("API://Orders.contoso.example"), No),
        (passed_on(OTHER, UNREAD), Yes),
        (passed_on(f"api://{OTHER}", UNREAD), Yes),
        (passed_on("https://graph.microsoft.com", UNREAD), Yes),
        (passed_on(GRAPH, UNREAD, client=GRAPH), No),
        (passed_on("api://stock.contoso.example"), Yes),
        (passed_on("api://stock.contoso.example", Missing()), Yes),
        (passed_on("api://stock.contoso.example", UNREAD), Unknown),
        (passed_on("api://stock.contoso.example", Found(URIS.value, complete=False)), Unknown),
        (passed_on("https://orders.contoso.example", UNREAD, expected="https://orders.contoso.example"), No),
        (passed_on(OTHER, UNREAD, client=None), Unknown),
        (passed_on(None), Unknown),
    ],
)
def test_a_token_for_somebody_else_is_recognised_by_its_audience(facts: Facts, verdict: type[Verdict]) -> None:
    assert isinstance(ask("is_for_other_application", facts), verdict)


def test_the_claims_of_the_token_answer_where_no_text_names_the_audience() -> None:
    facts = Facts(
        failure=Failure(app_id=present(OWN, "request")),
        token=Token(exists=present(True, "token"), audience=present("https://graph.microsoft.com", "token")),
    )
    verdict = ask("is_for_other_application", facts)
    assert isinstance(verdict, Yes)
    assert verdict.gives["audience"] == "Microsoft Graph (“https://graph.microsoft.com”)"
    assert verdict.gives["expected"] == f"“{OWN}”"


def test_the_registration_names_the_client_where_the_request_does_not() -> None:
    facts = Facts(
        failure=Failure(assertion_audience=present(OTHER, "text")), application=Application(app_id=present(OWN))
    )
    assert isinstance(ask("is_for_other_application", facts), Yes)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (passed_on("api://Orders.contoso.example"), Yes),
        (passed_on("https://Orders.contoso.example", UNREAD, expected="https://orders.contoso.example"), Yes),
        (passed_on("api://orders.contoso.example"), No),
        (passed_on(OTHER, UNREAD), No),
        (passed_on("api://stock.contoso.example"), No),
        (passed_on("https://graph.microsoft.com", UNREAD), No),
        (passed_on("api://Orders.contoso.example", UNREAD), Unknown),
        (passed_on(None), Unknown),
    ],
)
def test_letter_case_alone_is_told_from_another_name(facts: Facts, verdict: type[Verdict]) -> None:
    assert isinstance(ask("differs_only_in_case", facts), verdict)
