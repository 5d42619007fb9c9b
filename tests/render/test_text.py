import pytest

from diag.core.diagnosis import Diagnosis, Extracted, JudgedCause
from diag.core.entry import Confirm
from diag.core.remedy import Commands, Fix, Unavailable
from diag.core.verdict import Evidence, Need
from diag.render.text import WIDTH, diagnosis_lines

COMMAND = "az ad app update --id 4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01 --web-redirect-uris https://a.contoso.example/one"
COMMANDS = Commands(
    az=COMMAND, graph=Unavailable("not here"), powershell="Update-It", bicep="b", terraform="t", portal="Entra ID > x"
)


def _cause(verdict: str, title: str = "A title", **more: object) -> JudgedCause:
    return JudgedCause(
        id=title.lower().replace(" ", "-"),
        title=title,
        verdict=verdict,  # type: ignore[arg-type]
        confidence="likely",
        commonness="common",
        fixed_by="admin",
        root_cause="Because " * 30,
        evidence=(Evidence("Seen here.", "failure.flow", "request"),),
        confirm=(Confirm("Look", "See it"),),
        fix=(Fix(do="Change it.", effect="changes", before=("Ask the owner",), commands=COMMANDS, verify="It works"),),
        **more,  # type: ignore[arg-type]
    )


def _text(verdict: str = "undetermined", causes: tuple[JudgedCause, ...] = (), **more: object) -> str:
    cause = causes[0] if verdict == "determined" else None
    diagnosis = Diagnosis(
        code=50011, symptom=None, name="InvalidReplyTo", family="redirect-uri", kind="failure", summary="A summary.",
        verdict=verdict, cause=cause, causes=causes, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return "\n".join(diagnosis_lines(diagnosis))


def test_a_determined_answer_shows_cause_evidence_confirmation_and_commands() -> None:
    text = _text("determined", (_cause("holds"),))
    for words in (
        "Cause (likely)",
        "Seen here. (request)",
        "Look → See it",
        "Fix (by an administrator)",
        COMMAND,
        "Ask the",
    ):
        assert words in text, words


def test_of_a_cause_that_is_only_possible_no_command_is_shown() -> None:
    text = _text(causes=(_cause("possible"),))
    assert "Change it." in text
    assert COMMAND not in text
    assert "What is known does not settle the cause" in text


def test_prose_is_wrapped_and_commands_are_not() -> None:
    lines = _text("determined", (_cause("holds"),)).splitlines()
    assert max(len(line) for line in lines if COMMAND not in line) <= WIDTH
    assert any(line.endswith(COMMAND) for line in lines)


def test_the_order_is_diagnosis_then_others_then_possible_then_ruled_out() -> None:
    causes = (_cause("holds", "One"), _cause("holds", "Two"), _cause("possible", "Three"), _cause("ruled_out", "Four"))
    text = _text("determined", causes)
    places = [text.index(title) for title in ("One", "Also true", "Two", "Not ruled out", "Three", "Ruled out", "Four")]
    assert places == sorted(places)


def test_at_most_five_possible_causes_are_shown_and_the_rest_is_counted() -> None:
    text = _text(causes=tuple(_cause("possible", f"Number {number}") for number in range(8)))
    assert "Number 4" in text
    assert "Number 5" not in text
    assert "and 3 more" in text


def test_what_would_settle_it_is_said_once() -> None:
    needs = (Need("failure.flow", "Say which flow"), Need("failure.wordings", "Say which flow"))
    assert _text(needs=needs).count("Say which flow") == 1


@pytest.mark.parametrize(("verdict", "words"), [("unknown_code", "no entry"), ("not_a_failure", "A summary.")])
def test_other_verdicts_say_what_they_are(verdict: str, words: str) -> None:
    assert words in _text(verdict)


def test_values_from_outside_pass_through_the_function_that_makes_them_visible() -> None:
    diagnosis = Diagnosis(
        code=1, symptom=None, name="", family="", kind="failure", summary="s", verdict="unknown_code", cause=None,
        causes=(), extracted=Extracted(redirect_uri="https://a\u202e"),
    )  # fmt: skip
    lines = list(diagnosis_lines(diagnosis, visible=lambda text: text.replace("\u202e", "<bidi>")))
    assert any("https://a<bidi>" in line for line in lines)


def test_all_tools_are_shown_on_demand() -> None:
    cause = _cause("holds")
    diagnosis = Diagnosis(
        code=1,
        symptom=None,
        name="",
        family="",
        kind="failure",
        summary="s",
        verdict="determined",
        cause=cause,
        causes=(cause,),
    )
    text = "\n".join(diagnosis_lines(diagnosis, all_tools=True))
    for words in ("Azure CLI", "Microsoft Graph: not here", "Update-It", "Bicep", "Terraform"):
        assert words in text
