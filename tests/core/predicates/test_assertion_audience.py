"""Questions about whom a client assertion is addressed to."""

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Missing, present
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

TENANT = "0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a"
OTHER = "6b8d0f2a-3c5e-4a7b-9d1f-2e4a6c8b0d13"


def elsewhere(audience: str | None, authority: str | None = TENANT) -> Verdict:
    failure = Failure(
        assertion_audience=Missing("request") if audience is None else present(audience, "request"),
        authority_tenant=UNREAD if authority is None else present(authority, "request"),
    )
    question = REGISTRY["assertion.is_addressed_elsewhere"]
    return question.ask(Facts(failure=failure), msgspec.convert({}, question.args))


@pytest.mark.parametrize(
    "audience",
    [
        f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token",
        f"https://login.microsoftonline.com/{TENANT.upper()}/oauth2/token",
        f"https://login.microsoftonline.com/{TENANT}/v2.0",
        f"https://sts.windows.net/{TENANT}/",
        f"https://westeurope.login.microsoft.com/{TENANT}/oauth2/v2.0/token",
    ],
)
def test_an_address_of_the_called_tenant_is_not_elsewhere(audience: str) -> None:
    assert isinstance(elsewhere(audience), No)


@pytest.mark.parametrize(
    "audience",
    [
        f"https://login.microsoftonline.com/{OTHER}/oauth2/v2.0/token",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://graph.microsoft.com",
        "api://AzureADTokenExchange",
        f"https://login.microsoftonline.com.evil.example/{TENANT}/v2.0",
    ],
)
def test_another_tenant_or_no_sign_in_address_is_elsewhere(audience: str) -> None:
    verdict = elsewhere(audience)
    assert isinstance(verdict, Yes)
    assert verdict.gives["audience"] == f"“{audience}”"


def test_an_assertion_without_audience_is_addressed_to_nobody() -> None:
    assert isinstance(elsewhere(None), Yes)


@pytest.mark.parametrize("authority", ["contoso.example", None])
def test_a_domain_may_be_the_same_tenant_and_stays_open(authority: str | None) -> None:
    verdict = elsewhere(f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token", authority)
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.authority_tenant"]


def test_two_domains_may_belong_to_one_tenant() -> None:
    assert isinstance(elsewhere("https://login.microsoftonline.com/contoso.example/v2.0", "fabrikam.example"), Unknown)


def test_an_unread_assertion_is_asked_for() -> None:
    question = REGISTRY["assertion.is_addressed_elsewhere"]
    verdict = question.ask(Facts(), msgspec.convert({}, question.args))
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.assertion_audience"]
