"""Which flow fits the answers: never a guess, never without a reason."""

import itertools
from typing import Any

import pytest

from diag.core.flow_choice import Recommendation, recommend, remaining
from diag.core.flows import Answers
from tests.core.flow_table import table


def chosen(**answers: Any) -> Recommendation:
    return recommend(table(), Answers(**answers))


@pytest.mark.parametrize(
    ("answers", "flow"),
    [
        ({"runs": "server", "user": True, "on_behalf": False}, "web-app"),
        ({"runs": "server", "user": True, "on_behalf": True}, "api-for-user"),
        ({"runs": "browser"}, "single-page-app"),
        ({"runs": "mobile"}, "mobile-app"),
        ({"runs": "desktop", "user": True}, "desktop-app"),
        ({"runs": "terminal", "user": True, "browser": True}, "command-line"),
        ({"runs": "terminal", "user": True, "browser": False}, "input-limited"),
        ({"runs": "device", "browser": False}, "input-limited"),
        ({"runs": "pipeline"}, "pipeline"),
        ({"runs": "server", "user": False, "hosted": "azure"}, "azure-workload"),
        ({"runs": "server", "user": False, "hosted": "kubernetes"}, "outside-workload"),
        ({"runs": "server", "user": False, "hosted": "other_cloud"}, "outside-workload"),
        ({"runs": "terminal", "user": False, "hosted": "own_servers"}, "daemon"),
    ],
)
def test_each_kind_of_program_has_its_flow(answers: dict[str, Any], flow: str) -> None:
    found = chosen(**answers)
    assert (found.outcome, [candidate.flow.id for candidate in found.candidates]) == ("one", [flow])
    assert found.question is None
    assert found.dead_ends == ()


def test_nothing_known_leaves_every_flow_and_asks_where_the_code_runs() -> None:
    found = chosen()
    assert found.outcome == "several"
    assert [candidate.flow for candidate in found.candidates] == list(table().flows)
    assert found.question is not None
    assert found.question.id == "runs"


def test_what_was_not_answered_is_named_as_assumed() -> None:
    (candidate,) = chosen(runs="browser").candidates
    assert {(item.question, item.answers) for item in candidate.assumes} == {
        ("user", (True,)),
        ("on_behalf", (False,)),
        ("keeps_secret", (False,)),
    }
    (whole,) = chosen(runs="browser", user=True, on_behalf=False, keeps_secret=False).candidates
    assert whole.assumes == ()


def test_answers_that_no_flow_fits_are_told_why_and_what_instead() -> None:
    found = chosen(runs="browser", user=False)
    assert found.outcome == "none"
    assert [end.id for end in found.dead_ends] == ["browser-without-user"]
    assert all(end.instead for end in found.dead_ends)
    assert {out.flow.id: out.because for out in found.ruled_out}["single-page-app"] == ("user",)


def test_what_sharpens_the_credential_is_asked_after_the_flow_is_found() -> None:
    assert [question.id for question in chosen(runs="pipeline").refine] == ["system", "calls"]
    assert [question.id for question in chosen(runs="pipeline", system="github", calls="azure").refine] == []


def test_an_answer_that_makes_no_difference_is_said_to() -> None:
    assert chosen(runs="browser", hosted="azure").unused == ("hosted",)
    assert chosen(runs="browser", user=True).unused == ()


def test_every_combination_of_answers_ends_in_a_flow_a_question_or_a_reason() -> None:
    questions = [question for question in table().questions if question.id not in ("system", "calls")]
    seen = 0
    for values in itertools.product(*([None, *(option.value for option in item.options)] for item in questions)):
        given = {item.id: value for item, value in zip(questions, values, strict=True) if value is not None}
        found = chosen(**given)
        seen += 1
        if found.outcome == "none":
            assert found.dead_ends, given
        if found.outcome == "several":
            assert found.question is not None, given
            left = [len(remaining(table().flows, found.question.id, one.value)) for one in found.question.options]
            assert min(left) < len(table().flows), given
        if None not in values:
            assert found.outcome != "several", given
    assert seen > 3000


def test_asking_on_always_ends() -> None:
    for first in table().questions[0].options:
        given: dict[str, Any] = {"runs": first.value}
        for _ in table().questions:
            found = chosen(**given)
            if found.question is None:
                break
            options = [option.value for option in found.question.options]
            given[found.question.id] = options[-1]
        assert chosen(**given).outcome != "several", given
