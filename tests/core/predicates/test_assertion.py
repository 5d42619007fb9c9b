"""Questions about the time in which an assertion is valid."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.identifiers import KeyId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.predicates.assertion import span_words
from diag.core.read import UNREAD, Found, Missing, present
from diag.core.registration import Application, Certificate, FederatedCredential
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE, HOUR, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def timed(begins: datetime | None, ends: datetime | None, now: datetime | None = NOON) -> Facts:
    return Facts(
        failure=Failure(
            observed_at=present(now, "text") if now else UNREAD,
            assertion_not_before=present(begins, "text") if begins else UNREAD,
            assertion_expires_at=present(ends, "text") if ends else UNREAD,
        )
    )


@pytest.mark.parametrize(("ends", "expected"), [(NOON + SECOND, No), (NOON, Yes), (NOON - SECOND, Yes)])
def test_an_assertion_has_ended_from_its_end_on(ends: datetime, expected: type) -> None:
    assert isinstance(ask("assertion.had_ended", timed(None, ends)), expected)


def test_what_is_lacking_to_judge_the_end_is_named() -> None:
    verdict = ask("assertion.had_ended", Facts())
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.observed_at", "failure.assertion_expires_at"]
    one = ask("assertion.had_ended", timed(None, NOON, now=None))
    assert isinstance(one, Unknown)
    assert [need.fact for need in one.needs] == ["failure.observed_at"]


@pytest.mark.parametrize(("begins", "expected"), [(NOON, No), (NOON + SECOND, Yes), (EPOCH, No)])
def test_an_assertion_begins_later_when_its_start_lies_ahead(begins: datetime, expected: type) -> None:
    assert isinstance(ask("assertion.begins_later", timed(begins, None)), expected)


def test_a_start_that_is_not_there_is_no_later_one() -> None:
    facts = Facts(failure=Failure(observed_at=present(NOON), assertion_not_before=Missing("request")))
    assert isinstance(ask("assertion.begins_later", facts), No)
    assert isinstance(ask("assertion.begins_at_epoch", facts), Yes)
    assert isinstance(ask("assertion.begins_later", Facts()), Unknown)


def test_a_start_in_1970_is_none() -> None:
    assert isinstance(ask("assertion.begins_at_epoch", timed(EPOCH, None)), Yes)
    assert isinstance(ask("assertion.begins_at_epoch", timed(NOON, None)), No)
    assert isinstance(ask("assertion.begins_at_epoch", Facts()), Unknown)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (7 * MINUTE - 31 * SECOND, No),
        (7 * MINUTE - 30 * SECOND, Yes),
        (10 * MINUTE, Yes),
        (16 * MINUTE + 30 * SECOND, Yes),
        (16 * MINUTE + 31 * SECOND, No),
    ],
)
def test_a_lifetime_lies_between_its_bounds(span: timedelta, expected: type) -> None:
    assert isinstance(ask("assertion.lasts", timed(NOON, NOON + span), at_least=7, at_most=16), expected)


def test_a_lifetime_without_both_ends_is_unknown() -> None:
    assert isinstance(ask("assertion.lasts", timed(None, NOON), at_least=7), Unknown)
    assert isinstance(ask("assertion.lasts", timed(NOON, None), at_least=7), Unknown)


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        (NOON - HOUR, None, Yes),
        (NOON - HOUR - 30 * SECOND, None, Yes),
        (NOON - HOUR - 31 * SECOND, None, No),
        (NOON + 5 * HOUR + 30 * MINUTE, None, Yes),
        (NOON - 14 * HOUR, None, Yes),
        (NOON - 15 * HOUR, None, No),
        (NOON - SECOND, None, No),
        (EPOCH, NOON - HOUR + 5 * MINUTE, Yes),
        (EPOCH, NOON - HOUR + 10 * MINUTE, Yes),
        (None, NOON - 2 * HOUR + HOUR, Yes),
        (EPOCH, NOON - HOUR + 17 * MINUTE, No),
        (None, None, Unknown),
    ],
)
def test_a_wrong_time_zone_shows_as_whole_or_half_hours(
    begins: datetime | None, ends: datetime | None, expected: type
) -> None:
    assert isinstance(ask("assertion.is_off_by_whole_hours", timed(begins, ends)), expected)


def test_without_entra_id_s_clock_no_offset_is_known() -> None:
    verdict = ask("assertion.is_off_by_whole_hours", timed(NOON, NOON, now=None))
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.observed_at"]


FIC = FederatedCredential("id", "name", "https://token.actions.githubusercontent.com", "repo:a/b:pull_request")
CERTIFICATE = Certificate(KeyId("k"), None, None)


def own(trusted: Any = UNREAD, certificates: Any = UNREAD, issuer: str | None = None) -> Facts:
    failure = Failure(assertion_issuer=present(issuer, "request")) if issuer else Failure()
    return Facts(failure=failure, application=Application(federated_credentials=trusted, certificates=certificates))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (own(issuer="7cbf4f6d-9e85-4b3c-8da0-5f8b1e4c9d04"), Yes),
        (own(issuer="https://token.actions.githubusercontent.com"), No),
        (own(Found(())), Yes),
        (own(Missing()), Yes),
        (own(Found((FIC,)), Found(())), No),
        (own(Found((FIC,)), Missing()), No),
        (own(Found((FIC,)), Found((CERTIFICATE,))), Unknown),
        (own(Found((FIC,))), Unknown),
        (own(Found((), complete=False), Found((CERTIFICATE,))), Unknown),
        (own(), Unknown),
    ],
)
def test_an_assertion_is_the_client_s_own_by_its_issuer_or_where_nothing_else_is_trusted(
    facts: Facts, expected: type
) -> None:
    assert isinstance(ask("assertion.is_made_by_client", facts), expected)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (SECOND, "1 second"),
        (59 * SECOND, "59 seconds"),
        (61 * SECOND, "1 minute"),
        (HOUR, "1 hour"),
        (90 * MINUTE, "90 minutes"),
        (5 * HOUR + 30 * MINUTE, "5 hours 30 minutes"),
        (49 * HOUR, "2 days"),
    ],
)
def test_lengths_of_time_are_said_in_words(span: timedelta, words: str) -> None:
    assert span_words(span) == words
