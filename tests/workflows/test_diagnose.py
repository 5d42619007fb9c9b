from collections.abc import Sequence

import msgspec
import pytest

from diag.core.enquiry import Enquiry
from diag.core.entry import Asked, Cause, Confirm, Entry, FixStep, Otherwise
from diag.core.entry import Test as Question
from diag.core.errors import BadInput
from diag.core.facts import Facts
from diag.core.read import Found
from diag.core.sign_in import Failure
from diag.workflows.diagnose import answer
from diag.workflows.ports import CodeLine

APP = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"


def _cause(cause_id: str, when: object) -> Cause:
    return Cause(
        id=cause_id,
        title=cause_id,
        when=when,  # type: ignore[arg-type]
        confidence="likely",
        commonness="common",
        fixed_by="developer",
        root_cause="It is {application}.",
        confirm=(Confirm("Look."),),
        fix=(FixStep("by_hand", {"do": "Do it.", "who": "developer"}),),
    )


def _entry(code: int | None, *causes: Cause, **more: object) -> Entry:
    plain = {"name": "Name", "family": "redirect-uri", "kind": "failure", "status": "test", "summary": "A summary."}
    return msgspec.convert({**plain, "code": code, "causes": causes, **more}, Entry)


REPLY = _entry(
    50011,
    _cause("older", Question("text.has_wording", {"name": "older"})),
    _cause("asked", Asked("proxy")),
    read_from_text=("redirect URI '(?P<redirect_uri>[^']{1,2048})' specified",),
    wordings={"older": ("reply address",), "newer": ("redirect URI",)},
    questions={"proxy": "Is there a proxy?"},
)
SECRET = _entry(7000215, _cause("only", Otherwise()))
PAUSE = _entry(50140, _cause("asked", Asked("x")), kind="interrupt", questions={"x": "Is it?"})
SYMPTOM = _entry(None, _cause("only", Otherwise()), symptom="api-rejects-token")


class Shelf:
    """A knowledge base of four entries; recognises one sentence."""

    version = "0123456789ab"

    def __init__(self, reply: Entry = REPLY) -> None:
        self._entries = {entry.code: entry for entry in (reply, SECRET, PAUSE)}

    def entry(self, code: int) -> Entry | None:
        return self._entries.get(code)

    def symptom(self, symptom_id: str) -> Entry | None:
        return SYMPTOM if symptom_id == SYMPTOM.symptom else None

    def codes(self) -> Sequence[CodeLine]:
        return []

    def symptoms(self) -> Sequence[CodeLine]:
        return [CodeLine(None, "api-rejects-token", "", "", "failure", "", "developer")]

    def search(self, query: str) -> Sequence[CodeLine]:
        return []

    def match(self, text: str) -> Sequence[Entry]:
        return [self._entries[50011]] if "reply address" in text else []


def _answer(text: str | None = None, shelf: Shelf | None = None, **more: object):  # type: ignore[no-untyped-def]
    return answer(Enquiry(text=text, **more), shelf or Shelf())  # type: ignore[arg-type]


def test_the_code_given_wins_over_the_records_and_the_texts() -> None:
    diagnosis = _answer("AADSTS50011: x", code=7000215, sign_in_code=50140)
    assert diagnosis.code == 7000215
    assert diagnosis.other_codes == (50011,)


def test_the_records_code_wins_over_the_texts() -> None:
    assert _answer("AADSTS50011: x", sign_in_code=7000215).code == 7000215


def test_the_texts_code_is_used_when_nothing_else_names_one() -> None:
    diagnosis = _answer("AADSTS70002: x AADSTS50011: y")
    assert (diagnosis.code, diagnosis.other_codes) == (50011, (70002,))


def test_a_code_wins_over_a_symptom_and_a_symptom_stands_for_itself() -> None:
    assert _answer("AADSTS50011: x", symptom="api-rejects-token").code == 50011
    assert _answer(symptom="api-rejects-token").symptom == "api-rejects-token"


def test_an_unknown_symptom_is_refused_with_the_known_ones_even_beside_a_code() -> None:
    with pytest.raises(BadInput, match="not known") as refused:
        _answer("AADSTS50011: x", symptom="api-rejects")
    assert "api-rejects-token" in refused.value.hint


def test_a_text_without_a_code_is_recognised_by_its_wording() -> None:
    diagnosis = _answer("The reply address does not match.")
    assert diagnosis.code == 50011
    assert diagnosis.cause is not None
    assert diagnosis.cause.id == "older"
    assert diagnosis.notes.startswith("The text names no code")


def test_what_was_only_recognised_is_never_certain() -> None:
    sure = msgspec.structs.replace(REPLY.causes[0], confidence="certain")
    entry = msgspec.structs.replace(REPLY, causes=(sure,))
    with_code = _answer("AADSTS50011: The reply address does not match.", shelf=Shelf(entry))
    without = _answer("The reply address does not match.", shelf=Shelf(entry))
    assert [with_code.cause.confidence, without.cause.confidence] == ["certain", "likely"]
    assert without.cause == without.causes[0]


def test_a_bare_number_counts_only_when_it_is_known() -> None:
    assert _answer("It shows error 50011").code == 50011
    with pytest.raises(BadInput, match="No error code"):
        _answer("It shows error 99999")


def test_a_text_that_says_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="No error code was found"):
        _answer("It does not work.")
    with pytest.raises(BadInput, match="No error code was found"):
        _answer(None)


def test_values_are_read_from_the_text_and_said_to_be_from_it() -> None:
    diagnosis = _answer(f"AADSTS50011: The redirect URI 'https://a.example/cb' specified … application '{APP.upper()}'")
    assert diagnosis.extracted.redirect_uri == "https://a.example/cb"
    assert diagnosis.extracted.app_id == APP


def test_the_entrys_own_reading_wins_over_what_was_told_and_general_values_do_not() -> None:
    told = Facts(
        failure=Failure(redirect_uri=Found("https://told.example", "request"), app_id=Found("told", "request"))
    )
    diagnosis = _answer(
        f"AADSTS50011: The redirect URI 'https://a.example/cb' specified, application '{APP}'", facts=told
    )
    assert diagnosis.extracted.redirect_uri == "https://a.example/cb"
    assert diagnosis.extracted.app_id == "told"


def test_a_value_that_was_blotted_out_leaves_what_was_told() -> None:
    told = Facts(failure=Failure(redirect_uri=Found("https://told.example", "request")))
    diagnosis = _answer("AADSTS50011: The redirect URI 'https://xxxx.xxxx' specified", facts=told)
    assert diagnosis.extracted.redirect_uri == "https://told.example"


def test_a_wording_nobody_knows_leaves_the_kind_of_message_open() -> None:
    diagnosis = _answer("AADSTS50011: Der Antwort-URL passt nicht.")
    assert [cause.verdict for cause in diagnosis.causes] == ["possible", "possible"]
    assert "failure.wordings" in {need.fact for need in diagnosis.needs}


def test_the_reason_of_a_record_is_read_where_no_text_was_pasted() -> None:
    diagnosis = _answer(None, sign_in_code=50011, sign_in_text="The reply address does not match.")
    assert diagnosis.cause is not None
    assert diagnosis.cause.evidence[0].source == "sign_in"


def test_a_success_is_no_failure() -> None:
    diagnosis = _answer(None, sign_in_code=0)
    assert (diagnosis.verdict, diagnosis.code, diagnosis.causes) == ("not_a_failure", 0, ())


def test_an_interrupt_that_nothing_settles_is_no_failure() -> None:
    assert _answer("AADSTS50140: x").verdict == "not_a_failure"


def test_an_unknown_code_is_answered_with_what_the_text_says_and_no_cause() -> None:
    trace = "11111111-2222-4333-8444-555555555501"
    diagnosis = _answer(f"AADSTS99999: strange. Trace ID: {trace} AADSTS50011")
    assert (diagnosis.verdict, diagnosis.code, diagnosis.cause, diagnosis.causes) == ("unknown_code", 99999, None, ())
    assert diagnosis.extracted.trace_id == trace
    assert diagnosis.other_codes == (50011,)
    assert any("trace ID" in need.how for need in diagnosis.needs)
    assert diagnosis.kb_version == "0123456789ab"


def test_secrets_are_gone_before_anything_looks_at_the_text() -> None:
    secret = "abc8Q~" + "Zy9Xw8Vu7T" * 3 + "abcd"
    diagnosis = _answer(f"AADSTS50011: The redirect URI '{secret}' specified. client_secret={secret}")
    assert secret not in repr(diagnosis)
    assert diagnosis.redacted == ("client secret",)


@pytest.mark.parametrize("text", ["", "  \n", "x\x00y", "x" * 300_000])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        _answer(text)


def test_the_same_enquiry_gets_the_same_answer() -> None:
    text = f"AADSTS50011: The redirect URI 'https://a.example/cb' specified for application '{APP}'"
    assert _answer(text) == _answer(text)
