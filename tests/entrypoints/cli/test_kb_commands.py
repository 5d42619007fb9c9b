import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from diag.bootstrap import build
from diag.core.records import FailureRow
from diag.settings import read_settings
from tests.adapters.kb_files.conftest import CATALOGUE, CAUSES, ENTRY, FAMILIES, FIXTURES
from tests.entrypoints.cli.conftest import Diag


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {
        "families.yaml": FAMILIES,
        "fixtures/registrations.yaml": FIXTURES,
        "schema/causes.txt": CAUSES,
        "codes/redirect-uri/AADSTS50011.yaml": ENTRY,
        "codes/consent/_catalogue.yaml": CATALOGUE,
    }.items():
        path = tmp_path / "kb" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path / "kb"


def test_check_of_a_right_folder_is_exit_0(diag: Diag, folder: Path) -> None:
    said = diag("kb", "--folder", str(folder), "check")
    assert (said.code, said.out) == (
        0,
        "2 entries, 0 checks, 0 refused parts, 0 cases that come out wrong, 0 findings of house rules.\n",
    )


def test_check_shows_every_problem_at_once_and_is_exit_1(diag: Diag, folder: Path) -> None:
    path = folder / "codes/redirect-uri/AADSTS50011.yaml"
    path.write_text(ENTRY.replace("{flow} of", "{fow} of").replace("[failure.flow]", "[failure.flo]"), encoding="utf-8")
    said = diag("kb", "--folder", str(folder), "check")
    assert said.code == 1
    assert "kb/codes/redirect-uri/AADSTS50011.yaml:" in said.out
    assert "`{fow}`" in said.out
    assert "`failure.flo`" in said.out
    answer = json.loads(diag("kb", "--folder", str(folder), "check", "--json").out)
    assert answer["entries"] == 1
    assert {"path", "line", "text"} == set(answer["problems"][0])


def test_check_finds_words_the_project_does_not_use(diag: Diag, folder: Path) -> None:
    path = folder / "codes/redirect-uri/AADSTS50011.yaml"
    path.write_text(ENTRY.replace("It is old.", "It is an Azure AD callback URL."), encoding="utf-8")
    said = diag("kb", "--folder", str(folder), "check")
    assert said.code == 1
    assert "KB004" in said.out
    assert "say Entra ID" in said.out


def test_try_runs_the_cases_of_one_file(diag: Diag, folder: Path) -> None:
    path = folder / "codes/redirect-uri/AADSTS50011.yaml"
    good = diag("kb", "--folder", str(folder), "try", "-v", str(path))
    assert good.code == 0
    assert "4 of 4 samples and cases come out as expected" in good.out
    path.write_text(ENTRY.replace("flow: device_code}", "flow: implicit}"), encoding="utf-8")
    bad = diag("kb", "--folder", str(folder), "try", str(path))
    assert bad.code == 1
    assert "expected tls-proxy-http-scheme, got undetermined" in bad.out


def test_try_runs_cases_although_a_remedy_does_not_exist(diag: Diag, folder: Path) -> None:
    path = folder / "codes/redirect-uri/AADSTS50011.yaml"
    path.write_text(ENTRY.replace("by_hand", "by_magic"), encoding="utf-8")
    said = diag("kb", "--folder", str(folder), "try", str(path))
    assert said.code == 1
    assert "`by_magic` is no remedy" in said.out
    assert "4 of 4" in said.out


def test_new_writes_a_skeleton_that_loading_refuses_until_it_is_filled_in(diag: Diag, folder: Path) -> None:
    said = diag("kb", "--folder", str(folder), "new", "65005", "--family", "consent")
    assert said.code == 0
    path = folder / "codes/consent/AADSTS65005.yaml"
    assert path.exists()
    assert diag("kb", "--folder", str(folder), "try", str(path)).code == 1
    again = diag("kb", "--folder", str(folder), "new", "65005", "--family", "consent")
    assert (again.code, "exists already" in again.err) == (2, True)
    assert "Families:" in diag("kb", "--folder", str(folder), "new", "1", "--family", "nothing").err


def test_message_prints_digests_and_no_words(diag: Diag) -> None:
    said = diag("kb", "message", "50011", stdin="AADSTS50011: The redirect URI 'x' was not one of those listed for it.")
    assert re.fullmatch(r"50011 (?:[0-9a-f]{6})+\n", said.out)
    again = diag("kb", "message", "50011", "--json", stdin="The redirect URI 'y' was not one of those listed for it.")
    assert json.loads(again.out) == {"code": 50011, "line": said.out.strip()}
    assert diag("kb", "message", "50011", stdin="too short").code == 2


def _collected(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database in which a code nobody knows was met, with text that wants to steer a terminal and a file."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DIAG_DATA_DIR", str(folder))
    service = build(read_settings({"DIAG_DATA_DIR": str(folder)}, folder))
    service.prepare_database()
    reason = "Refused\x1b[31m by \u202epolicy\ncode: 1"
    status = {"errorCode": 999001, "failureReason": reason}
    row = FailureRow(
        tenant_id="t", id="f1", created_at=datetime(2026, 11, 22, tzinfo=UTC), event_type="interactiveUser",
        error_code=999001, interrupt=False, failure_reason=reason, app_id="a", app_display_name="Ord\x1b[0mers",
        raw=json.dumps({"id": "f1", "status": status}).encode(),
    )  # fmt: skip
    with service.database.write() as stores:
        stores.failures.add([row])
        stores.incidents.touch("t", [row])
    service.close()


def test_unknown_codes_are_listed_and_start_an_entry(
    diag: Diag, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setenv("DIAG_DATA_DIR", str(home))
    assert diag("kb", "unknown").code == 2
    _collected(home, monkeypatch)
    said = diag("kb", "unknown")
    assert said.out.startswith("AADSTS999001  1 sign-ins, 2026-11-22 00:00 to 2026-11-22 00:00 UTC, tenant t\n")
    assert "\x1b" not in said.out
    [item] = json.loads(diag("kb", "unknown", "--json").out)["value"]
    assert (item["code"], item["count"], len(item["said"])) == (999001, 1, 2)
    told = json.loads(diag("kb", "--folder", str(folder), "new", "999001", "--family", "consent", "--json").out)
    written = Path(told["path"]).read_text(encoding="utf-8")
    assert written.startswith("# The sign-in log said")
    assert "\x1b" not in written
    assert "\u202e" not in written
    assert written.count("\ncode:") == 1
    assert yaml.safe_load(written)["code"] == 999001


def test_new_refuses_what_is_no_code(diag: Diag, folder: Path) -> None:
    assert diag("kb", "--folder", str(folder), "new", "12", "--family", "consent").code == 2


def test_every_kb_command_answers_in_json(diag: Diag, folder: Path) -> None:
    path = folder / "codes/redirect-uri/AADSTS50011.yaml"
    tried = json.loads(diag("kb", "--folder", str(folder), "try", str(path), "--json").out)
    assert tried["wrong"] == 0
    assert [case["complaints"] for case in tried["files"][0]["cases"]] == [[]] * 4
    path.write_text(ENTRY.replace("expect: redirect-uri-not-registered}", "expect: undetermined}"), encoding="utf-8")
    again = diag("kb", "--folder", str(folder), "try", str(path), "--json")
    assert (again.code, json.loads(again.out)["wrong"] > 0) == (1, True)
    stale = json.loads(diag("kb", "--folder", str(folder), "schema", "--json").out)
    assert len(stale["stale"]) == 3
    assert stale["written"] is False
    assert json.loads(diag("kb", "--folder", str(folder), "schema", "--write", "--json").out)["written"] is True
    assert json.loads(diag("kb", "--folder", str(folder), "schema", "--json").out) == {"stale": [], "written": False}
