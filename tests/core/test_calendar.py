import pytest

from diag.core.calendar import CalendarReader, digest, problems, reader_of

ADA = CalendarReader(name="ada", token_sha256=digest("token of ada"))
BO = CalendarReader(name="bo", token_sha256=digest("token of bo"))


def test_a_token_is_known_by_its_digest_alone() -> None:
    assert reader_of((ADA, BO), "token of bo") is BO
    for other in ("", "token of", "token of bo ", ADA.token_sha256, "é" * 1000, "\ud7ff"):
        assert reader_of((ADA, BO), other) is None
    assert reader_of((), "token of bo") is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "64 hexadecimal digits"),
        (digest("x").upper(), "64 hexadecimal digits"),
        (f"{digest('x')}\n", "64 hexadecimal digits"),
        (ADA.token_sha256, "the same token"),
    ],
)
def test_a_digest_that_cannot_be_meant_is_named_without_being_shown(given: str, said: str) -> None:
    (*_, found) = problems((ADA, CalendarReader(name="cy", token_sha256=given)))
    assert said in found
    assert "cy" in found
    assert not given or given not in found


def test_two_readers_of_one_name_are_refused() -> None:
    assert problems((ADA, CalendarReader(name="ada", token_sha256=BO.token_sha256))) == [
        "names the calendar reader ada twice"
    ]
    assert problems((ADA, BO)) == []
