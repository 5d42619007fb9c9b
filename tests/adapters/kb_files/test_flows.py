"""The table of flows: read whole, refused with path and line, carried by the index."""

from datetime import date
from pathlib import Path

import pytest

from diag.adapters.kb_files import house_rules, loader
from diag.adapters.kb_files.store import open_knowledge_base
from diag.core.flows import EMPTY
from diag.resources import knowledge_base

FLOWS = (knowledge_base() / "flows.yaml").read_text(encoding="utf-8")


@pytest.fixture
def with_flows(folder: Path) -> Path:
    """Give the small knowledge base with the real table in it, whose codes are those that the small one has."""
    import re

    small = re.sub(r"\{code: \d+,", "{code: 50011,", FLOWS)
    (folder / "flows.yaml").write_text(small, encoding="utf-8")
    return folder


def problems(folder: Path, old: str, new: str) -> list[str]:
    path = folder / "flows.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text, "the test changes something that is not there"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [str(problem) for problem in loader.load(folder).problems]


def line(folder: Path, words: str) -> int:
    text = (folder / "flows.yaml").read_text(encoding="utf-8")
    return next(number for number, part in enumerate(text.splitlines(), 1) if words in part)


def test_a_folder_without_a_table_has_no_flows(folder: Path) -> None:
    loaded = loader.load(folder)
    assert (loaded.flows, loaded.problems) == (EMPTY, ())
    assert open_knowledge_base(folder, []).flows() == EMPTY


def test_the_index_gives_the_table_back_as_it_was_read(with_flows: Path, tmp_path: Path) -> None:
    loaded = loader.load(with_flows)
    assert loaded.problems == ()
    cache = tmp_path / "index"
    open_knowledge_base(with_flows, [cache])
    assert open_knowledge_base(with_flows, [cache]).flows() == loaded.flows


def test_a_changed_table_makes_the_index_stale(with_flows: Path, tmp_path: Path) -> None:
    cache = tmp_path / "index"
    open_knowledge_base(with_flows, [cache])
    (with_flows / "flows.yaml").unlink()
    assert open_knowledge_base(with_flows, [cache]).flows() == EMPTY


@pytest.mark.parametrize(
    ("old", "new", "said", "at"),
    [
        ("code: 50011", "code: 50012", "50012 has no entry", ""),
        ("runs: [server], user", "runs: [sever], user", "did you mean `server`?", ""),
        ("{runs: [browser], user: [true]", "{runns: [browser], user: [true]", "did you mean `runs`?", ""),
        ("client: public", "client: pubic", "client", ""),
        ("building: A single", "bilding: A single", "did you mean `building`?", ""),
        ("checked: 2026-11-22", "checked: lately", "is no date", ""),
        ('"https://learn', '"http://learn', "is no https address", ""),
        ("value: browser", "value: brower", "offers other answers", "    options:"),
        ("id: keeps_secret", "id: keeps_secrets", "did you mean `keeps_secret`?", ""),
        ("flows: [single-page-app, web-app]", "flows: [single-page-ap]", "did you mean `single-page-app`?", ""),
        (
            "https://<host>/signin-oidc",
            "https://<hosst>/signin-oidc",
            "nobody says where <hosst> is found",
            "  - id: web-app",
        ),
        ("https://<host>/signin-oidc", "https://*.contoso.example/x", "no wildcard", ""),
        ("{platform: web, redirect_uris", "{platform: wbe, redirect_uris", "platform", ""),
        ("id: mobile-app", "id: dead-x\n    ix: 1", "`ix` is no key", "    ix: 1"),
        ("{public_client_flows: true}", "{platform: public_client}", "go together", ""),
        ("id: mobile-app", "id: Mobile App", "is no slug", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(with_flows: Path, old: str, new: str, said: str, at: str) -> None:
    found = problems(with_flows, old, new)
    assert any(said in problem for problem in found), found
    assert all(problem.startswith("kb/flows.yaml:") for problem in found)
    assert any(problem.startswith(f"kb/flows.yaml:{line(with_flows, at or new)}:") for problem in found), found
    assert loader.load(with_flows).flows == EMPTY


def test_an_id_used_twice_is_told_where_it_comes_again(with_flows: Path) -> None:
    found = problems(with_flows, "id: daemon\n", "id: pipeline\n")
    assert f"kb/flows.yaml:{line(with_flows, 'building: A daemon') - 1}: `pipeline` is used twice" in found[0]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("building: A mobile app", "building: An Azure AD app", "KB004"),
        ('recognise: "grant_type is', 'recognise: "SPN; grant_type is', "KB004"),
        ("checked: 2026-11-22", "checked: 2020-01-01", "KB002"),
    ],
)
def test_house_rules_hold_for_the_table_too(with_flows: Path, old: str, new: str, rule: str) -> None:
    assert problems(with_flows, old, new) == []
    found = house_rules.findings(loader.load(with_flows), date(2026, 11, 22))
    assert [finding.rule for finding in found if finding.path.startswith("flows.yaml (")] == [rule]


def test_a_key_written_twice_is_told_with_its_line(with_flows: Path) -> None:
    (problem,) = problems(with_flows, "    client: public\n", "    client: public\n    client: public\n")
    assert "written twice" in problem
