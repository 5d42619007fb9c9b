import pytest

from diag.core.words import distance, letters, misspelt, stem, words_of


def test_words_are_one_whatever_their_ending_accent_or_capitals() -> None:
    assert words_of("InvalidReplyTo") == ["invalid", "repl"]
    assert {stem(word) for word in ("expired", "expires", "expiry", "expire")} == {"expir"}
    assert words_of("Gerät") == words_of("GERAT") == ["gerat"]
    assert words_of("ＡＡＤ redirect　URI") == ["redirect", "uri"]
    assert words_of("the error is not in it") == []


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("secret", "secret", 0), ("secert", "secret", 1), ("secrt", "secret", 1), ("sekret", "secret", 1),
     ("redirekt", "redirct", 2), ("abc", "xyz", 3), ("", "ab", 2)],
)  # fmt: skip
def test_distance_counts_swapped_neighbours_once_and_stops_where_it_is_told_to(
    one: str, other: str, apart: int
) -> None:
    assert distance(one, other, 3) == distance(other, one, 3) == apart
    if apart:
        assert distance(one, other, apart - 1) == apart


def test_a_misspelt_word_leads_to_the_likeliest_first() -> None:
    known = ["certain", "certificate", "certify", "secret", "section"]
    bits = [letters(word) for word in known]
    assert next(known[at] for at, _ in misspelt("secert", known, bits)) == "secret"
    assert next(known[at] for at, _ in misspelt("certif", known, bits)) in ("certify", "certificate")
    assert misspelt("qqqqqq", known, bits) == []
    assert misspelt("se", known, bits) == []
