"""Questions about the replacement of client secrets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from diag.core.directory import Change, PropertyChange
from diag.core.facts import Facts
from diag.core.identifiers import KeyId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, present
from diag.core.registration import Application, ClientSecret
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
OLD, NEW = KeyId("7b9d1f3e-5a6c-4d8e-9f0a-1b2c3d4e5f01"), KeyId("7b9d1f3e-5a6c-4d8e-9f0a-1b2c3d4e5f02")


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def facts(
    *secrets: ClientSecret,
    at: datetime | None = NOON,
    since: datetime | None = None,
    changes: tuple[Change, ...] | None = None,
    complete: bool = True,
) -> Facts:
    return Facts(
        failure=Failure(observed_at=present(at) if at else UNREAD, failures_since=present(since) if since else UNREAD),
        application=Application(exists=present(True), client_secrets=Found(secrets, complete=complete)),
        changes=UNREAD if changes is None else Found(changes, "history"),
    )


def removal(at: datetime) -> Change:
    old = f"[KeyIdentifier={OLD},KeyType=Password,KeyUsage=Verify,DisplayName=x]"
    return Change(at, "Update application", properties=(PropertyChange("KeyDescription", old, ""),))


def old(ends: datetime) -> ClientSecret:
    return ClientSecret(OLD, NOON - 400 * DAY, ends)


def new(starts: datetime) -> ClientSecret:
    return ClientSecret(NEW, starts, NOON + 300 * DAY)


def test_an_ended_secret_beside_a_valid_one_was_replaced() -> None:
    verdict = ask("client_secret.is_replaced", facts(old(NOON), new(NOON - DAY)))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"old_secret": OLD, "new_secret": NEW, "replaced": "2026-11-19"}


def test_two_valid_secrets_or_one_alone_are_no_replacement() -> None:
    assert isinstance(ask("client_secret.is_replaced", facts(old(NOON + SECOND), new(NOON - DAY))), No)
    assert isinstance(ask("client_secret.is_replaced", facts(old(NOON))), No)
    assert isinstance(ask("client_secret.is_replaced", facts(old(NOON), complete=False)), Unknown)
    assert isinstance(ask("client_secret.is_replaced", facts(old(NOON), new(NOON), at=None)), Unknown)
    assert isinstance(ask("client_secret.is_replaced", Facts()), Unknown)


def test_a_secret_that_outlives_another_shows_a_rotation_at_any_time() -> None:
    assert isinstance(ask("client_secret.outlives_another", facts(old(NOON), new(NOON), at=None)), Yes)
    assert isinstance(ask("client_secret.outlives_another", facts(old(NOON), at=None)), No)
    assert isinstance(ask("client_secret.outlives_another", facts(old(NOON), complete=False)), Unknown)
    assert isinstance(ask("client_secret.outlives_another", Facts()), Unknown)


@pytest.mark.parametrize(
    ("gone_before", "expected"), [(-SECOND, No), (timedelta(), Yes), (2 * DAY, Yes), (2 * DAY + SECOND, No)]
)
def test_failures_follow_a_replacement_only_within_the_days_after_it(gone_before: timedelta, expected: type) -> None:
    given = facts(new(NOON - 30 * DAY), since=NOON, changes=(removal(NOON - gone_before),))
    assert isinstance(ask("client_secret.failures_follow_replacement", given, days=2), expected)


def test_an_end_counts_like_a_removal() -> None:
    given = facts(old(NOON - SECOND), new(NOON - DAY), since=NOON)
    assert isinstance(ask("client_secret.failures_follow_replacement", given, days=2), Yes)


def test_a_new_secret_alone_proves_nothing() -> None:
    given = facts(old(NOON + 30 * DAY), new(NOON - SECOND), since=NOON, changes=())
    assert isinstance(ask("client_secret.failures_follow_replacement", given, days=2), No)


def test_failures_that_began_before_the_newer_secret_did_not_follow_it() -> None:
    given = facts(old(NOON - DAY), new(NOON + SECOND), since=NOON, changes=())
    assert isinstance(ask("client_secret.failures_follow_replacement", given, days=2), No)


def test_unread_changes_leave_a_removal_open() -> None:
    verdict = ask("client_secret.failures_follow_replacement", facts(new(NOON - DAY), since=NOON), days=2)
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["changes"]


def test_without_the_first_failure_only_a_removal_just_before_this_one_counts() -> None:
    removed = facts(new(NOON - 9 * DAY), changes=(removal(NOON - DAY),))
    assert isinstance(ask("client_secret.failures_follow_replacement", removed, days=2), Yes)
    for given in (
        facts(new(NOON - 9 * DAY), changes=(removal(NOON - 3 * DAY),)),
        facts(changes=(removal(NOON - DAY),)),
        facts(old(NOON - DAY), new(NOON - 9 * DAY)),
    ):
        verdict = ask("client_secret.failures_follow_replacement", given, days=2)
        assert isinstance(verdict, Unknown)
        assert [need.fact for need in verdict.needs] == ["failure.failures_since"]


@pytest.mark.parametrize(
    ("age", "expected"),
    [(-SECOND, No), (timedelta(), Yes), (timedelta(minutes=5), Yes), (timedelta(minutes=5, seconds=1), No)],
)
def test_a_secret_began_within_the_minutes_before_the_failure(age: timedelta, expected: type) -> None:
    assert isinstance(ask("client_secret.started_within", facts(new(NOON - age)), minutes=5), expected)


def test_when_a_secret_began_is_unknown_without_list_or_time() -> None:
    assert isinstance(ask("client_secret.started_within", Facts(), minutes=5), Unknown)
    assert isinstance(ask("client_secret.started_within", facts(new(NOON), at=None), minutes=5), Unknown)
    assert isinstance(ask("client_secret.started_within", facts(complete=False), minutes=5), Unknown)
