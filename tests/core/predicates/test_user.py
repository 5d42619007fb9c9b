"""Questions about the user."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from diag.core.directory import Domain, User
from diag.core.facts import Facts
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Missing, present
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def elsewhere(facts: Facts) -> Verdict:
    return REGISTRY["user.signs_in_elsewhere"].ask(facts, NoArgs())


def changed(facts: Facts, days: int = 7) -> Verdict:
    question = REGISTRY["user.changed_password_within"]
    return question.ask(facts, msgspec.convert({"days": days}, question.args))


def with_password_of(moment: datetime) -> Facts:
    return Facts(failure=Failure(observed_at=present(AT, "text")), user=User(password_changed_at=present(moment)))


def test_a_federated_domain_is_told_from_a_managed_and_an_unknown_one() -> None:
    federated = Domain(name=present("contoso.example"), authentication_type=present("Federated"))
    verdict = elsewhere(Facts(domain=federated))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"domain": "“contoso.example”"}
    assert isinstance(elsewhere(Facts(domain=Domain(authentication_type=present("Managed")))), No)
    assert isinstance(elsewhere(Facts(domain=Domain(authentication_type=Missing()))), No)
    assert isinstance(elsewhere(Facts()), Unknown)


@pytest.mark.parametrize(
    ("moment", "within"),
    [
        (AT, True),
        (AT + SECOND, False),
        (AT - timedelta(days=7), True),
        (AT - timedelta(days=7) - SECOND, False),
    ],
)
def test_a_password_change_counts_from_its_instant_to_the_last_day(moment: datetime, within: bool) -> None:
    assert isinstance(changed(with_password_of(moment)), Yes if within else No)


def test_without_the_instant_of_the_failure_the_change_proves_nothing() -> None:
    verdict = changed(Facts(user=User(password_changed_at=present(AT))))
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.observed_at"]


def test_a_password_nobody_looked_at_is_asked_for() -> None:
    assert isinstance(changed(Facts()), Unknown)
    assert isinstance(changed(Facts(user=User(password_changed_at=Missing()))), No)
