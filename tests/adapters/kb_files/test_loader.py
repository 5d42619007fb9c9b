from pathlib import Path

import pytest

from diag.adapters.graph.wire.request import enquiry
from diag.adapters.kb_files import loader
from diag.core.entry import AllOf, Asked, Otherwise
from diag.core.entry import Test as Question
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.remedies import every as _remedies  # noqa: F401  registers every remedy
from diag.workflows.try_entry import try_entry
from tests.adapters.kb_files.conftest import ENTRY

FILE = "codes/redirect-uri/AADSTS50011.yaml"


def _problems(folder: Path, old: str, new: str, file: str = FILE) -> list[str]:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, "the test changes something that is not there"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [str(problem) for problem in loader.load(folder).problems]


def _line(words: str) -> int:
    return next(number for number, line in enumerate(ENTRY.splitlines(), 1) if words in line)


def test_a_right_folder_loads_without_a_problem(folder: Path) -> None:
    loaded = loader.load(folder)
    assert loaded.problems == ()
    assert [entry.code for entry in loaded.entries] == [50011, 65004]


def test_an_entry_keeps_its_causes_in_order_with_their_conditions(folder: Path) -> None:
    entry = loader.load(folder).entries[0]
    first, second = entry.causes
    assert first.when == AllOf((Question("client.uses_flow", {"flows": ["device_code"]}), Asked("behind-proxy")))
    assert second.when == Question("text.has_wording", {"name": "older"})
    assert second.confirm[0].expect == "It is old."


def test_its_cases_and_samples_come_out_as_expected(folder: Path) -> None:
    outcomes = try_entry(loader.load(folder).entries[0], enquiry)
    assert [(outcome.name, outcome.complaints) for outcome in outcomes if outcome.complaints] == []
    assert len(outcomes) == 4


def test_a_case_that_expects_another_cause_is_told_with_what_came_out(folder: Path) -> None:
    path = folder / FILE
    path.write_text(ENTRY.replace("answers: {behind-proxy: true}", "answers: {behind-proxy: false}"), encoding="utf-8")
    (complaint,) = (c for o in try_entry(loader.load(folder).entries[0], enquiry) for c in o.complaints)
    assert complaint.startswith("expected tls-proxy-http-scheme, got undetermined")


def test_a_case_is_laid_over_its_fixture_and_unread_takes_a_value_away(folder: Path) -> None:
    entry = loader.load(folder).entries[0]
    assert entry.cases[0].given["request"] == {
        "flow": "device_code",
        "client_id": "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01",
    }
    merged = loader.merged({"a": {"b": 1, "c": [1, 2]}, "d": 2}, {"a": {"b": "unread", "c": [3]}, "e": {"f": "unread"}})
    assert merged == {"a": {"c": [3]}, "d": 2, "e": {}}


def test_a_catalogue_line_becomes_an_entry_with_one_cause(folder: Path) -> None:
    entry = loader.load(folder).entries[1]
    (cause,) = entry.causes
    assert (entry.name, entry.family, entry.kind, cause.id) == (
        "UserDeclinedConsent",
        "consent",
        "user-error",
        "user-declined-consent",
    )
    assert cause.when == Otherwise()
    assert cause.fix[0].remedy == "by_hand"
    assert entry.sources[0].checked == "2026-11-20"


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("client.uses_flow", "client.use_flow", "client.uses_flow", "did you mean `client.uses_flow`"),
        ("{flows: [device_code]}", "{flow: [device_code]}", "client.uses_flow", "did you mean `flows`"),
        ("{flows: [device_code]}", "{flows: [device]}", "client.uses_flow", "did you mean `device_code`?"),
        ("remedy: by_hand", "remedy: by_hnd", "remedy: by_hand", "did you mean `by_hand`"),
        ("do: Do it.", "doo: Do it.", "remedy: by_hand", "did you mean `do`"),
        ("summary:", "sumary:", "summary:", "did you mean `summary`"),
        ("confidence: likely", "confidence: probably", "confidence:", "is none of certain, likely, possible"),
        ("status: test", "status: tests", "status:", "`tests` is none of draft, test, stable; did you mean `test`?"),
        ("entry: 1", "entry: 2", "entry:", "`2` is not 1; write 1"),
        ("code: 50011", "code: AADSTS50011", "code:", "wants a whole number, not text"),
        ("needs: [failure.flow]", "needs: [failure.flw]", "name: bare", "did you mean `failure.flow`?"),
        ("    fix: [{remedy", "\tfix: [{remedy", "confirm: [Look at it.]", "indent with blanks"),
        ("    title: The client", "    titel: The client", "title: The client", "did you mean `title`"),
        ("{flow} of", "{fow} of", 'root_cause: "The flow', "did you mean `flow`"),
        ("root_cause: It is old.", "root_cause: It is {flow}.", "It is old.", "which its condition does not give"),
        ("title: The message", "title: The {flow}", "title: The message", "a title says only what"),
        (
            "id: tls-proxy-http-scheme",
            "id: tls-proxy-http-shceme",
            "id: tls-proxy",
            "did you mean `tls-proxy-http-scheme`",
        ),
        (", checked: 2026-11-22", "", "url:", "`checked` is missing"),
        ("checked: 2026-11-22", "checked: last week", "url:", "is no date"),
        (
            "expect: redirect-uri-not-registered",
            "expect: tls-proxy-http-scheme",
            "id: redirect-uri-not",
            "no case expects",
        ),
        ("expect: undetermined, needs: [failure.flow]", "expect: undetermined", "cases:", "no case is `undetermined`"),
        ("needs: [failure.flow]", "needs: [failure.flows]", "name: bare", "is no fact"),
        ("{asked: behind-proxy}", "{asked: behind-prox}", "asked:", "did you mean `behind-proxy`"),
        ("{name: older}", "{name: oldest}", "text.has_wording", "did you mean `older`"),
        ("from: web-app\n", "from: web-ap\n", "name: device", "did you mean `web-app`"),
        ("[^']{1,2048}", ".*", "redirect_uri>", "repeats `.`"),
        ("[^']{1,2048}", "[^']+", "redirect_uri>", "without a bound"),
        ("[^']{1,2048}", "(?:a{1,9}){1,9}", "redirect_uri>", "repeats inside a repeat"),
        ("?P<redirect_uri>", "?P<redirect_url>", "redirect_uri>", "did you mean `redirect_uri`"),
        ("code: 50011", "code: 50012", "code:", "call it AADSTS50012.yaml"),
        ("family: redirect-uri", "family: consent", "family:", "move it to codes/consent/"),
        ("family: redirect-uri", "family: redirect-urls", "family:", "did you mean `redirect-uri`"),
        ("kind: failure", "kind: failure\nkind: failure", "kind: failure", "written twice"),
        ("when: {text.has_wording: {name: older}}", "when: otherwise\n    x: 1", "text.has_wording", "`x` is no key"),
        ("status: test", "status: yes", "status:", "write true or false, or quote it"),
        ("code: 50011", "code: 050011", "code:", "another notation"),
        ("summary: The", "summary: &a The", "nothing", ""),
    ],
)
def test_what_is_wrong_is_refused_with_line_and_advice(folder: Path, old: str, new: str, at: str, words: str) -> None:
    problems = _problems(folder, old, new)
    if not words:
        assert problems == []
        return
    line = _line(at) + (1 if "\n" in new else 0) - (1 if new.endswith("\n") else 0)
    assert any(words in problem for problem in problems), problems
    assert any(f"kb/{FILE}:{near}:" in problem for problem in problems for near in (line, line + 1)), problems


def test_otherwise_may_only_end_an_entry_and_is_not_certain_beside_others(folder: Path) -> None:
    problems = _problems(
        folder,
        "when: {all: [{client.uses_flow: {flows: [device_code]}}, {asked: behind-proxy}]}\n    confidence: likely",
        "when: otherwise\n    confidence: certain",
    )
    assert any("may only end an entry" in problem for problem in problems)
    assert any("never certain beside other causes" in problem for problem in problems)
    assert any("no cause asks `behind-proxy`" in problem for problem in problems)


def test_a_code_described_twice_is_refused_and_names_both_places(folder: Path) -> None:
    problems = _problems(folder, "code: 65004", "code: 50011", "codes/consent/_catalogue.yaml")
    (problem,) = problems
    assert "50011 is already described in kb/codes/consent/_catalogue.yaml" in problem or "AADSTS50011.yaml" in problem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: *b", "undefined alias"),
        ("a: &x 1\nb: *x", "alias"),
        ("a: {<<: {b: 1}}", "merge key"),
        ("a: !!python/object:os.system x", "tag"),
        ("a: 1\n---\nb: 2", "another document"),
        ("", "is empty"),
        ("a: [1", "is not YAML"),
        ("[1]: 2", "as a key"),
        ("a: 1:30", "another notation"),
        ("a: off", "true or false"),
    ],
)
def test_yaml_beyond_the_small_part_is_refused(folder: Path, text: str, words: str) -> None:
    (folder / FILE).write_text(text, encoding="utf-8")
    problems = [str(problem) for problem in loader.load(folder).problems]
    assert any(words in problem and FILE in problem for problem in problems), problems


def test_a_file_that_is_no_utf_8_is_refused_with_its_line(folder: Path) -> None:
    (folder / FILE).write_bytes(b"entry: 1\nname: \xff\n")
    (problem,) = loader.load(folder).problems
    assert str(problem) == f"kb/{FILE}:2: is not UTF-8 text; save it as UTF-8"
