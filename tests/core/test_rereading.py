from datetime import UTC, datetime, timedelta

import pytest

from diag.core.rereading import DAY_AND_MORE, EVERY, SLICE, WEEK, doubtful_hours, is_due, worth_reading
from diag.core.windows import HOUR, Window

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = Window(NOW - timedelta(days=30), NOW)


def _worth(**more: object) -> list[Window]:
    given = {"now": NOW, "last": NOW - EVERY, "read": MONTH, "closed": [MONTH], "doubted": [], "done": []} | more
    return list(worth_reading(**given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hour", "ago", "due"),
    [(12, 24, True), (12, 23.99, False), (3, 18, True), (3, 17.99, False), (5, 20, False), (12, -1, True)],
)
def test_a_second_reading_is_due_once_a_day_and_drifts_into_the_night(hour: int, ago: float, due: bool) -> None:
    now = NOW.replace(hour=hour)
    assert is_due(now - timedelta(hours=ago), now) is due
    assert is_due(None, now)


def test_the_last_thirty_hours_and_the_day_about_to_be_a_week_old_are_read_again() -> None:
    assert _worth() == [Window(NOW - WEEK, NOW - WEEK + SLICE), Window(NOW - DAY_AND_MORE, NOW)]


def test_every_instant_is_read_again_within_a_day_and_at_about_a_week_however_long_nobody_was_there() -> None:
    for days in (1, 2, 3, 9):
        [first, *_] = _worth(last=NOW - timedelta(days=days))
        assert first.start == max(MONTH.start, NOW - timedelta(days=days) - WEEK + SLICE)


def test_what_was_never_read_to_its_end_and_hours_that_look_too_little_are_read_too() -> None:
    closed = [Window(MONTH.start, NOW - timedelta(days=4)), Window(NOW - timedelta(days=3), NOW)]
    doubted = NOW - timedelta(days=5)
    assert _worth(closed=closed, doubted=[doubted])[1:-1] == [
        Window(doubted, doubted + HOUR),
        Window(NOW - timedelta(days=4), NOW - timedelta(days=3)),
    ]


def test_nothing_outside_of_what_is_read_at_all_and_nothing_that_is_done_already() -> None:
    assert _worth(read=Window(NOW - 2 * HOUR, NOW - HOUR)) == [Window(NOW - 2 * HOUR, NOW - HOUR)]
    done = [Window(NOW - WEEK, NOW - WEEK + SLICE), Window(NOW - 10 * HOUR, NOW)]
    assert _worth(done=done) == [Window(NOW - DAY_AND_MORE, NOW - 10 * HOUR)]


def test_an_hour_far_below_its_usual_number_is_doubted() -> None:
    span = Window(NOW - WEEK, NOW)
    counts = {NOW - number * HOUR: 100 for number in range(1, 7 * 24)}
    low, empty, lowish = NOW - 30 * HOUR, NOW - 50 * HOUR, NOW - 70 * HOUR
    counts |= {low: 29, lowish: 31}
    del counts[empty]
    assert doubtful_hours(counts, span) == [empty, low]
    assert doubtful_hours({hour: count // 10 for hour, count in counts.items()}, span) == []
