import json

import pytest

from tests.entrypoints.cli.conftest import Diag


def test_the_table_names_every_flow_and_how_to_go_on(diag: Diag) -> None:
    said = diag("flow")
    assert said.code == 0
    for name in ("web-app", "single-page-app", "pipeline", "daemon", "Implicit grant", "runs=server"):
        assert name in said.out
    guide = json.loads(diag("flow", "--json").out)
    assert guide.keys() == {"value", "never", "questions"}


def test_one_flow_shows_az_and_with_all_every_tool(diag: Diag) -> None:
    short, whole = diag("flow", "web-app"), diag("flow", "web-app", "--all")
    assert (short.code, whole.code) == (0, 0)
    assert "az rest --method POST" in short.out
    assert "azuread_application" not in short.out
    assert "azuread_application" in whole.out
    assert "AADSTS50011" in short.out
    assert json.loads(diag("flow", "web-app", "--json").out)["id"] == "web-app"


def test_answers_give_the_flow_or_the_question_that_decides(diag: Diag) -> None:
    one = diag("flow", "--answers", "runs=pipeline", "system=github")
    assert one.out.startswith("pipeline ")
    assert "repo:<repository-owner>/<repository>" in one.out
    several = diag("flow", "--answers", "runs=server,user=yes")
    assert "on_behalf=yes" in several.out
    assert json.loads(diag("flow", "--json", "--answers", "runs=server", "user=no").out)["question"]["id"] == "hosted"
    none = diag("flow", "--answers", "runs=browser", "user=no")
    assert (none.code, "No flow fits" in none.out) == (0, True)
    unknown = diag("flow", "--answers", "runs=unknown")
    assert "What would decide" in unknown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("web-ap",), "did you mean web-app?"),
        (("ropc",), "not to be used"),
        (("--answers", "runs=brower"), "did you mean browser?"),
        (("--answers", "run=server"), "did you mean runs?"),
        (("--answers", "server"), "is no answer"),
        (("--answers", "user=yes", "user=no"), "answered twice"),
        (("web-app", "--answers", "runs=server"), "not both"),
    ],
)
def test_what_cannot_be_used_is_exit_2_in_one_sentence(diag: Diag, arguments: tuple[str, ...], words: str) -> None:
    said = diag("flow", *arguments)
    assert (said.code, said.out) == (2, "")
    assert words in said.err


def test_prose_is_at_most_80_columns_wide(diag: Diag) -> None:
    for arguments in ((), ("daemon",), ("--answers", "runs=server")):
        prose = [line for line in diag("flow", *arguments).out.splitlines() if " " in line.strip()]
        commands = ("az ", "https://", "app_id=", "--", "diag flow web-app", "body", "certificate=", "end=")
        assert [line for line in prose if len(line) > 80 and not any(word in line for word in commands)] == []
