"""Questions about the user's account and what ended their sessions."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from diag.core.directory import User
from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, Missing, Read, present
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ISSUED = AT - timedelta(days=10)
SECOND = timedelta(seconds=1)


def ask(name: str, facts: Facts, **args: int | str) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def facts(
    changed: Read[datetime] = UNREAD,
    valid_from: Read[datetime] = UNREAD,
    issued: datetime | None = ISSUED,
    at: datetime | None = AT,
) -> Facts:
    failure = Failure(
        token_issued_at=Found(issued, "text") if issued else UNREAD,
        observed_at=Found(at, "text") if at else UNREAD,
    )
    return Facts(failure=failure, user=User(password_changed_at=changed, sessions_valid_from=valid_from))


@pytest.mark.parametrize(
    ("read", "verdict"), [(present(True), Yes), (present(False), No), (Missing(), No), (UNREAD, Unknown)]
)
def test_a_user_is_enabled_only_when_the_directory_says_so(read: Read[bool], verdict: type[Verdict]) -> None:
    assert isinstance(ask("user.is_enabled", Facts(user=User(account_enabled=read))), verdict)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        (AT - timedelta(days=30) - SECOND, Yes),
        (AT - timedelta(days=30), No),
        (AT + SECOND, Unknown),
    ],
)
def test_the_age_of_a_password_is_taken_at_the_failure(changed: datetime, verdict: type[Verdict]) -> None:
    assert isinstance(ask("user.password_is_older_than", facts(present(changed)), days=30), verdict)


def test_the_age_of_a_password_is_open_without_its_change_or_the_instant() -> None:
    assert isinstance(ask("user.password_is_older_than", facts(), days=30), Unknown)
    assert isinstance(ask("user.password_is_older_than", facts(Missing()), days=30), Unknown)
    undated = facts(present(AT - timedelta(days=99)), at=None)
    assert isinstance(ask("user.password_is_older_than", undated, days=30), Unknown)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [(ISSUED + SECOND, Yes), (ISSUED, No), (ISSUED - SECOND, No), (AT, Yes), (AT + SECOND, Unknown)],
)
def test_a_password_change_counts_between_issue_and_refusal(changed: datetime, verdict: type[Verdict]) -> None:
    assert isinstance(ask("user.changed_password_after_grant", facts(present(changed))), verdict)


def test_a_password_change_proves_nothing_while_the_day_of_issue_is_unknown() -> None:
    verdict = ask("user.changed_password_after_grant", facts(present(AT - SECOND), issued=None))
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.token_issued_at"]
    assert isinstance(ask("user.changed_password_after_grant", facts()), Unknown)
    assert isinstance(ask("user.changed_password_after_grant", facts(Missing())), No)


BEFORE = AT - SECOND


@pytest.mark.parametrize(
    ("valid_from", "changed", "by_change", "by_revocation"),
    [
        (present(BEFORE), present(BEFORE), Yes, No),
        (present(BEFORE), present(BEFORE - timedelta(minutes=5)), Yes, No),
        (present(BEFORE), present(BEFORE - timedelta(minutes=5) - SECOND), No, Yes),
        (present(BEFORE - timedelta(minutes=5)), present(BEFORE), Yes, No),
        (present(BEFORE - timedelta(minutes=5) - SECOND), present(BEFORE), Unknown, Unknown),
        (present(BEFORE), Missing(), No, Yes),
        (present(BEFORE), UNREAD, Unknown, Unknown),
        (present(AT + SECOND), present(AT + SECOND), Unknown, Unknown),
        (present(ISSUED), Missing(), No, No),
        (Missing(), UNREAD, No, No),
        (UNREAD, UNREAD, Unknown, Unknown),
    ],
)
def test_a_revocation_is_told_from_a_password_change(
    valid_from: Read[datetime], changed: Read[datetime], by_change: type[Verdict], by_revocation: type[Verdict]
) -> None:
    given = facts(changed, valid_from)
    assert isinstance(ask("user.lost_sessions_by", given, event="password_change"), by_change)
    assert isinstance(ask("user.lost_sessions_by", given, event="revocation"), by_revocation)


def test_what_ended_the_sessions_is_seen_without_the_day_of_issue() -> None:
    verdict = ask("user.lost_sessions_by", facts(Missing(), present(BEFORE), issued=None), event="revocation")
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"revoked": "2026-11-20 09:29 UTC"}


@pytest.mark.parametrize(
    ("valid_from", "verdict"),
    [
        (present(AT), Yes),
        (present(AT + SECOND), No),
        (present(AT - timedelta(days=7)), Yes),
        (present(AT - timedelta(days=7) - SECOND), No),
        (Missing(), No),
        (UNREAD, Unknown),
    ],
)
def test_sessions_that_ended_lately_count_up_to_the_last_day(
    valid_from: Read[datetime], verdict: type[Verdict]
) -> None:
    assert isinstance(ask("user.lost_sessions_within", facts(valid_from=valid_from), days=7), verdict)


def test_sessions_that_ended_say_nothing_without_the_instant_of_the_failure() -> None:
    assert isinstance(ask("user.lost_sessions_within", facts(valid_from=present(AT), at=None), days=7), Unknown)
