"""Questions about the client secrets that the registration holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.identifiers import KeyId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.predicates.client_secret import secrets_of
from diag.core.read import Found, Missing, Unread, absent, present
from diag.core.registration import Application, Certificate, ClientSecret, ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TINY = timedelta(microseconds=1)


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def secret(starts: datetime | None = None, ends: datetime | None = None, number: int = 1) -> ClientSecret:
    return ClientSecret(KeyId(f"7b9d1f3e-5a6c-4d8e-9f0a-1b2c3d4e5f{number:02}"), starts, ends, "web server")


def holding(
    *secrets: ClientSecret, complete: bool = True, at: datetime | None = NOON, code: int | None = None
) -> Facts:
    return Facts(
        failure=Failure(code=code, observed_at=present(at) if at else Unread()),
        application=Application(exists=present(True), client_secrets=Found(secrets, complete=complete)),
    )


def test_secrets_are_unread_when_the_registration_is_in_another_tenant() -> None:
    assert isinstance(secrets_of(Facts(application=absent(Application))), Unread)


def test_secrets_of_the_service_principal_count_but_not_the_twin_of_its_saml_certificate() -> None:
    sign = Certificate(KeyId("k1"), None, None, "Sign", custom_key_identifier="x")
    own, twin = secret(number=2), ClientSecret(KeyId("k1"), None, None)
    principal = ServicePrincipal(client_secrets=Found((twin, own)), certificates=Found((sign,)))
    read = secrets_of(Facts(application=Application(client_secrets=Found(())), service_principal=principal))
    assert isinstance(read, Found)
    assert read.value == (own,)


def test_a_null_list_of_secrets_is_an_empty_one() -> None:
    facts = Facts(application=Application(exists=present(True), client_secrets=Missing()))
    assert isinstance(ask("client_secret.is_registered", facts), No)


def test_a_registered_secret_is_listed_and_an_empty_list_says_no() -> None:
    assert isinstance(ask("client_secret.is_registered", holding(secret())), Yes)
    assert isinstance(ask("client_secret.is_registered", holding()), No)
    assert isinstance(ask("client_secret.is_registered", holding(complete=False)), Unknown)
    assert isinstance(ask("client_secret.is_registered", Facts()), Unknown)


@pytest.mark.parametrize(("at", "expected"), [(NOON - TINY, No), (NOON, Yes), (NOON + TINY, Yes)])
def test_every_secret_has_ended_from_the_last_end_on(at: datetime, expected: type) -> None:
    facts = holding(secret(ends=NOON - DAY), secret(ends=NOON, number=2), at=at)
    assert isinstance(ask("client_secret.every_one_has_ended", facts), expected)


def test_the_end_of_the_last_secret_is_given() -> None:
    verdict = ask("client_secret.every_one_has_ended", holding(secret(ends=NOON - DAY)))
    assert isinstance(verdict, Yes)
    assert verdict.gives["ended"] == "2026-11-19"


def test_a_cut_list_in_which_all_have_ended_proves_nothing() -> None:
    assert isinstance(
        ask("client_secret.every_one_has_ended", holding(secret(ends=NOON - DAY), complete=False)), Unknown
    )
    live = holding(secret(ends=NOON + DAY), complete=False)
    assert isinstance(ask("client_secret.every_one_has_ended", live), No)


def test_no_secret_at_all_is_not_every_one_ended() -> None:
    assert isinstance(ask("client_secret.every_one_has_ended", holding()), No)


def test_without_an_instant_the_end_is_unknown_but_for_the_code_that_says_so_itself() -> None:
    one = secret(ends=NOON)
    unknown = ask("client_secret.every_one_has_ended", holding(one, at=None))
    assert isinstance(unknown, Unknown)
    assert [need.fact for need in unknown.needs] == ["failure.observed_at"]
    assert isinstance(ask("client_secret.every_one_has_ended", holding(one, at=None, code=7000222)), Yes)
    two = holding(one, secret(ends=NOON + DAY, number=2), at=None, code=7000222)
    assert isinstance(ask("client_secret.every_one_has_ended", two), Unknown)
    endless = holding(secret(), at=None, code=7000222)
    assert isinstance(ask("client_secret.every_one_has_ended", endless), Unknown)


def test_the_time_of_reading_stands_in_for_the_time_of_the_failure() -> None:
    read = Application(exists=present(True), client_secrets=Found((secret(ends=NOON - DAY),), as_of=NOON))
    verdict = ask("client_secret.every_one_has_ended", Facts(application=read))
    assert isinstance(verdict, Yes)
    assert "carries no time" in verdict.evidence[0].statement


def test_one_ended_secret_suffices_and_a_live_one_does_not() -> None:
    ended, live = secret(ends=NOON), secret(ends=NOON + DAY, number=2)
    assert isinstance(ask("client_secret.some_has_ended", holding(ended, live)), Yes)
    assert isinstance(ask("client_secret.some_has_ended", holding(live)), No)
    assert isinstance(ask("client_secret.some_has_ended", holding(live, complete=False)), Unknown)
    assert isinstance(ask("client_secret.some_has_ended", holding(ended, at=None)), Unknown)
    assert isinstance(ask("client_secret.some_has_ended", Facts()), Unknown)
