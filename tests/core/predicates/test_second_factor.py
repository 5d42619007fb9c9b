"""Questions about a user's second factor."""

from datetime import UTC, datetime

from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Missing, present
from diag.core.verdict import Unknown, Verdict, Yes


def ask(facts: Facts) -> Verdict:
    return REGISTRY["second_factor.is_reported"].ask(facts, NoArgs())


def logged(*activities: str) -> Facts:
    at = datetime(2026, 11, 18, 9, tzinfo=UTC)
    return Facts(changes=present(tuple(Change(at, activity) for activity in activities)))


def test_a_report_of_fraud_in_the_audit_log_is_seen() -> None:
    verdict = ask(logged("Update user", "Fraud reported - user is blocked for MFA"))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"reported": "on 2026-11-18"}
    assert isinstance(ask(logged("Suspicious activity reported")), Yes)


def test_a_log_without_a_report_proves_nothing() -> None:
    assert isinstance(ask(logged("Update user")), Unknown)
    assert isinstance(ask(Facts(changes=Missing("history"))), Unknown)
    assert isinstance(ask(Facts()), Unknown)
