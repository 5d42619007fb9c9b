import base64
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.entrypoints.cli.conftest import ROOT, Diag

APP = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"
TEXT = (
    f"AADSTS65001: The user or administrator has not consented to use the application with ID '{APP}' named 'Orders'. "
    "Trace ID: 11111111-2222-4333-8444-555555555501 Timestamp: 2026-11-20 10:00:00Z"
)
ESCAPE = re.compile(r"\x1b\[")


@pytest.mark.parametrize("arguments", [(TEXT,), tuple(TEXT.split()), ("-",), ()])
def test_explain_takes_text_as_one_argument_as_words_and_from_standard_input(
    diag: Diag, arguments: tuple[str, ...]
) -> None:
    said = diag("explain", *arguments, stdin=TEXT)
    assert said.code == 0
    assert said.out.startswith("AADSTS65001")
    assert APP in said.out
    assert said.err == ""


def test_explain_answers_a_bare_code(diag: Diag) -> None:
    assert diag("explain", "65001").out.startswith("AADSTS65001")


def test_prose_is_at_most_80_columns_wide(diag: Diag) -> None:
    said = diag("explain", TEXT)
    prose = [line for line in said.out.splitlines() if " " in line.strip() and "https://" not in line]
    assert [line for line in prose if len(line) > 80] == []


def test_output_that_is_no_terminal_has_no_colour(diag: Diag) -> None:
    assert not ESCAPE.search(diag("explain", TEXT).out)


def test_characters_that_could_steer_a_terminal_are_made_visible(diag: Diag) -> None:
    said = diag("explain", f"AADSTS65001: x client_id={APP} redirect_uri=https://a.example/\u202e\x1b[31m\u200b")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", said.out)
    assert "\\u202e" in said.out


def test_the_registration_of_a_file_is_used_in_each_of_its_forms(diag: Diag, tmp_path: Path) -> None:
    application = {"appId": APP, "displayName": "Order Desk", "signInAudience": "AzureADMyOrg"}
    forms = {
        "az": application,
        "registration": {"application": application},
        "request": {"registration": {"application": application}, "request": {"flow": "silent"}},
    }
    for name, form in forms.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(form), encoding="utf-8")
        said = diag("explain", TEXT, "--registration", str(path))
        assert (said.code, "Order Desk" in said.out) == (0, True), name


@pytest.mark.parametrize(
    ("content", "words"), [("{", "is no JSON"), ("[]", "no JSON object"), ('{"a": 1}', "is no registration")]
)
def test_a_file_that_is_no_registration_is_refused(diag: Diag, tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "app.json"
    path.write_text(content, encoding="utf-8")
    said = diag("explain", TEXT, "--registration", str(path))
    assert said.code == 2
    assert words in said.err
    assert said.out == ""


def test_a_missing_file_is_one_sentence(diag: Diag) -> None:
    said = diag("explain", TEXT, "--registration", "/nowhere/app.json")
    assert (said.code, said.err) == (
        2,
        "diag: /nowhere/app.json cannot be read: No such file or directory.\n      Correct the input and try again.\n",
    )


@pytest.mark.parametrize("text", ["it does not work", " ", "x" * 300_000, "MZ\x00\x01\x02"])
def test_input_without_a_code_is_exit_2_with_one_sentence_and_a_hint(diag: Diag, text: str) -> None:
    said = diag("explain", "-", stdin=text)
    assert said.code == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 2
    assert "Traceback" not in said.err


def test_an_unknown_code_is_answered(diag: Diag) -> None:
    said = diag("explain", "AADSTS99999: strange things")
    assert said.code == 0
    assert "no entry" in said.out


def test_text_in_other_encodings_is_read(diag: Diag) -> None:
    assert diag("explain", "-", stdin=TEXT.encode("utf-16")).code == 0
    assert diag("explain", "-", stdin=b"\xef\xbb\xbf" + TEXT.encode()).code == 0
    assert diag("explain", "-", stdin=TEXT.encode() + b"\xff\xfe").code == 0


def test_the_secret_is_read_for_its_shape_and_appears_nowhere(diag: Diag) -> None:
    secret = "abc8Q~" + "Zy9Xw8Vu7T" * 3 + "abcd"
    said = diag("explain", "--secret-from-stdin", "65001", "--json", stdin=f"{secret}\n")
    assert said.code == 0
    assert secret[4:] not in said.out + said.err
    both = diag("explain", "--secret-from-stdin", stdin=secret)
    assert both.code == 2
    assert secret not in both.err


def test_a_secret_in_the_text_appears_nowhere_and_is_mentioned(diag: Diag) -> None:
    secret = "abc8Q~" + "Zy9Xw8Vu7T" * 3 + "abcd"
    for arguments in (("explain",), ("explain", "--json")):
        said = diag(*arguments, stdin=f"{TEXT}\nclient_secret={secret}")
        assert secret not in said.out + said.err
        assert "client secret" in said.out


def test_lookup_finds_by_code_name_and_word(diag: Diag) -> None:
    for query in ("65001", "AADSTS65001", "aadsts65001:", "DelegationDoesNotExist"):
        assert diag("lookup", query).out.startswith("AADSTS65001"), query
    many = diag("lookup", "pasword")
    assert many.code == 0
    assert len(many.out.splitlines()) > 1
    lines = json.loads(diag("lookup", "pasword", "--json").out)["value"]
    assert len(lines) > 20
    assert len(many.out.splitlines()) == 21
    assert "fit less well" in many.out
    assert {"code", "symptom", "name", "family", "kind", "summary", "fixed_by"} == set(lines[0])
    near = diag("lookup", "5011").out
    assert "Codes like it that are known:\n50011" in near
    assert json.loads(diag("lookup", "5011", "--json").out)["verdict"] == "unknown_code"
    nothing = diag("lookup", "zebra quux")
    assert (nothing.code, nothing.out) == (2, "")


def test_diagnose_answers_a_request_file(diag: Diag, tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text(json.dumps({"text": TEXT, "request": {"flow": "silent"}}), encoding="utf-8")
    answer = json.loads(diag("diagnose", "--file", str(path), "--json").out)
    assert answer["code"] == 65001
    assert json.loads(diag("diagnose", "--file", "-", "--json", stdin=path.read_text()).out) == answer
    path.write_text('{"txt": "x"}', encoding="utf-8")
    assert diag("diagnose", "--file", str(path)).code == 2


def test_json_of_explain_has_exactly_the_published_keys(diag: Diag) -> None:
    answer = json.loads(diag("explain", TEXT, "--json").out)
    assert list(answer) == [
        "id", "code", "symptom", "name", "family", "kind", "summary", "verdict", "cause", "causes", "needs",
        "extracted", "related_changes", "other_codes", "sources", "notes", "kb_version", "redacted",
    ]  # fmt: skip
    assert answer["symptom"] is None
    assert answer["extracted"] == {
        "app_id": APP,
        "trace_id": "11111111-2222-4333-8444-555555555501",
        "timestamp": "2026-11-20T10:00:00Z",
    }
    assert answer["verdict"] in ("determined", "undetermined")


def test_token_shows_the_claims_and_never_the_signature(diag: Diag) -> None:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    token = (
        f"{part({'typ': 'JWT', 'alg': 'RS256'})}.{part({'aud': 'api://x', 'exp': 1763632800, 'n': chr(0x202E)})}.c2ln"
    )
    said = diag("token", stdin=token)
    assert said.code == 0
    assert "1763632800  (2025-11-20 10:00:00 UTC)" in said.out
    assert "c2ln" not in said.out
    assert "\\u202e" in said.out
    answer = json.loads(diag("token", "--json", stdin=token).out)
    assert answer["token"]["header"] == {"typ": "JWT", "alg": "RS256"}
    assert answer["expired"] is True
    assert "It ended" in said.out
    assert diag("token", stdin="opaque").code == 2


@pytest.mark.parametrize(
    "arguments", [(), ("nonsense",), ("explain", "--nonsense"), ("diagnose",), ("kb",), ("kb", "new")]
)
def test_bad_usage_is_exit_2_and_says_where_help_is(diag: Diag, arguments: tuple[str, ...]) -> None:
    said = diag(*arguments)
    assert said.code == 2
    assert "help" in said.err


def test_version_and_help_are_exit_0(diag: Diag) -> None:
    assert diag("--version").code == 0
    for command in ("explain", "lookup", "diagnose", "token", "kb", "serve", "doctor", "expiring"):
        assert diag(command, "--help").code == 0, command


HEAVY = (
    "msgraph", "kiota_abstractions", "azure", "sqlalchemy", "sqlmodel", "pydantic", "jinja2", "yaml", "fastapi",
    "starlette",
    "httpx", "uvicorn", "alembic", "apscheduler", "sqlite3", "pysqlite3", "asyncio", "ssl",
)  # fmt: skip


def test_explain_imports_nothing_heavy_when_the_index_is_fresh(diag_process: Diag) -> None:
    program = (
        "import sys; sys.argv = ['diag', 'explain', '65001']; from diag.main import cli; code = cli(); "
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules], code)"
    )
    said = []
    for _ in range(3):
        # An entry edited in between makes the index stale, and reading it anew is right.
        diag_process("explain", "65001")
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
        said.append(done.stdout.splitlines()[-1])
    assert "LOADED [] 0" in said


def test_explain_answers_in_less_than_400_ms_from_a_cold_start(diag_process: Diag) -> None:
    diag_process("explain", "65001")
    taken = []
    for _ in range(6):
        started = time.perf_counter()
        assert diag_process("explain", TEXT).code == 0
        taken.append(time.perf_counter() - started)
        if taken[-1] < 0.4:
            break
    assert min(taken) < 0.4


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m diag explain 65001 --all | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.startswith("AADSTS65001")
    assert done.stderr == ""
