from datetime import UTC, datetime, timedelta

import pytest

from diag.core.windows import Window, gaps, whole_hour

START = datetime(2026, 11, 22, tzinfo=UTC)


def _span(first: int, last: int) -> Window:
    return Window(START + timedelta(hours=first), START + timedelta(hours=last))


@pytest.mark.parametrize(
    ("covered", "missing"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(-5, 20)], []),
        ([(0, 4), (4, 10)], []),
        ([(6, 10), (0, 5)], [(5, 6)]),
        ([(2, 3), (2, 8), (4, 5)], [(0, 2), (8, 10)]),
        ([(-4, -1), (12, 14)], [(0, 10)]),
        ([(-4, 1), (9, 14)], [(1, 9)]),
    ],
)
def test_what_no_window_holds_is_a_gap(covered: list[tuple[int, int]], missing: list[tuple[int, int]]) -> None:
    assert gaps([_span(*item) for item in covered], _span(0, 10)) == [_span(*item) for item in missing]


def test_an_instant_belongs_to_the_hour_it_lies_in() -> None:
    assert whole_hour(START + timedelta(minutes=59, seconds=59.9)) == START
    assert whole_hour(START) == START
