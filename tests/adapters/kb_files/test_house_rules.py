from datetime import date
from pathlib import Path

import pytest

from diag.adapters.kb_files import loader
from diag.adapters.kb_files.house_rules import findings
from tests.adapters.kb_files.conftest import ENTRY


def _found(folder: Path, old: str, new: str, today: date | None = None) -> list[str]:
    path = folder / "codes/redirect-uri/AADSTS50011.yaml"
    path.write_text(ENTRY.replace(old, new), encoding="utf-8")
    loaded = loader.load(folder)
    assert loaded.problems == ()
    return [finding.rule for finding in findings(loaded, today)]


@pytest.mark.parametrize(
    "words",
    [
        "in Azure AD",
        "the AAD tenant",
        "an app object",
        "the enterprise app",
        "its SPN",
        "the callback URL",
        "where they log in",
    ],
)
def test_a_word_from_the_list_of_words_not_used_is_found(folder: Path, words: str) -> None:
    assert _found(folder, "It is old.", f"It is {words}.") == ["KB004"] * 2


@pytest.mark.parametrize(
    "words",
    [
        "prompt=login",
        "login_hint",
        "https://login.contoso.example",
        "AADSTS50011",
        "Azure AD Graph",
        "cache callbacks",
        "the login page",
    ],
)
def test_a_name_that_only_looks_like_one_of_them_is_not(folder: Path, words: str) -> None:
    assert _found(folder, "It is old.", f"It is {words}.") == []


def test_titles_that_repeat_are_found(folder: Path) -> None:
    assert _found(folder, "The message is of the older kind", "the client uses the device flow") == ["KB001"]


def test_a_source_older_than_18_months_is_found_on_the_day_after(folder: Path) -> None:
    assert _found(folder, "x", "x", date(2028, 5, 22)) == ["KB002"]
    assert _found(folder, "x", "x", date(2028, 5, 20)) == []


def test_a_stable_entry_without_real_records_is_found(folder: Path) -> None:
    assert _found(folder, "status: test", "status: stable") == ["KB003"]
