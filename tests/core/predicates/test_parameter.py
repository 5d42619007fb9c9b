"""Questions about the parameter that the message misses."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Missing, present
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes


def ask(name: str, facts: Facts) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert({}, question.args))


def missed(parameter: str, **properties: Any) -> Facts:
    return Facts(failure=Failure(wordings=present((f"lacks-{parameter}",), "text"), **properties))


def test_a_missed_parameter_that_the_request_does_not_carry_is_left_out() -> None:
    facts = missed("scope", scope=Missing("request"))
    verdict = ask("parameter.is_left_out", facts)
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"parameter": "“scope”"}
    assert isinstance(ask("parameter.is_sent", facts), No)


@pytest.mark.parametrize("blank", ["", "  "])
def test_an_empty_parameter_counts_as_left_out(blank: str) -> None:
    verdict = ask("parameter.is_left_out", missed("client-id", app_id=present(blank, "request")))
    assert isinstance(verdict, Yes)
    assert "empty" in verdict.evidence[1].statement


def test_a_missed_parameter_that_the_client_sets_is_sent() -> None:
    facts = missed("client-id", app_id=present("4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01", "request"))
    assert isinstance(ask("parameter.is_sent", facts), Yes)
    assert isinstance(ask("parameter.is_left_out", facts), No)


def test_a_yes_or_no_answers_for_a_secret() -> None:
    assert isinstance(
        ask("parameter.is_left_out", missed("client-secret", has_client_secret=present(False, "request"))), Yes
    )
    assert isinstance(
        ask("parameter.is_sent", missed("client-secret", has_client_secret=present(True, "request"))), Yes
    )


def test_a_request_that_was_not_described_leaves_it_open_and_asks_for_that_parameter() -> None:
    verdict = ask("parameter.is_left_out", missed("redirect-uri"))
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.redirect_uri"]
    assert verdict.gives == {"parameter": "“redirect_uri”"}


def test_a_parameter_that_no_fact_tells_of_stays_open() -> None:
    verdict = ask("parameter.is_sent", missed("grant-type"))
    assert isinstance(verdict, Unknown)
    assert verdict.gives == {"parameter": "“grant_type”"}


def test_without_the_message_nothing_is_said() -> None:
    verdict = ask("parameter.is_left_out", Facts(failure=Failure(scope=Missing("request"))))
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.wordings"]
