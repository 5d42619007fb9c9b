"""Text that attackers choose."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.render.inert import csv_cell, shortened, visible, visible_block


def test_plain_text_stays_as_it_is() -> None:
    for text in ("Payroll Sync", "Größe & “Quotes” – 日本語", "https://contoso.example/a?b=c#d", ""):
        assert visible(text) == text


def test_reordering_and_invisible_characters_are_shown_by_their_number() -> None:
    assert visible("a\u202eb") == "a⟨U+202E⟩b"
    assert visible("\u2066x\u2069\u200b\ufeff") == "⟨U+2066⟩x⟨U+2069⟩⟨U+200B⟩⟨U+FEFF⟩"
    assert visible("a\nb\tc\x00") == "a⟨U+000A⟩b⟨U+0009⟩c⟨U+0000⟩"
    assert visible("\u3164\u115f") == "⟨U+3164⟩⟨U+115F⟩"


def test_accents_stay_and_towers_of_marks_are_cut_down() -> None:
    assert visible("e\u0301") == "e\u0301"
    assert "⟨U+" in visible("Z" + "\u0301" * 20)


def test_commands_keep_their_lines() -> None:
    assert visible_block("az ad app show\r\n\t--id x") == "az ad app show\n\t--id x"
    assert visible_block("a\rb") == "a⟨U+000D⟩b"


def test_long_text_is_cut_in_the_middle() -> None:
    cut = shortened("https://contoso.example/" + "a" * 500 + "/the-end", 60)
    assert len(cut) == 60
    assert cut.startswith("https://contoso.example/")
    assert cut.endswith("/the-end")


@given(st.text())
def test_nothing_hidden_is_left_in_any_text(text: str) -> None:
    shown = visible(text)
    assert not [one for one in shown if unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    shown.encode("utf-8")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "  =1", "\xa0=1"])
def test_cells_that_would_be_calculated_get_an_apostrophe(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


def test_other_cells_stay_as_they_are() -> None:
    assert csv_cell("a=b") == "a=b"
    assert csv_cell(-5) == "-5"
    assert csv_cell(None) == ""
    assert csv_cell(True) == "true"
    assert csv_cell("a\x00b") == "ab"


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    assert not csv_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
