"""Instants in words."""

from datetime import UTC, datetime, timedelta

import pytest

from diag.render.times import moment, relative, rfc3339, shown

NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "ago", "ahead"),
    [
        (timedelta(seconds=59), "just now", "just now"),
        (timedelta(seconds=60), "1 min ago", "in 1 min"),
        (timedelta(minutes=59, seconds=59), "59 min ago", "in 59 min"),
        (timedelta(hours=1), "1 h ago", "in 1 h"),
        (timedelta(hours=24) - timedelta(seconds=1), "23 h ago", "in 23 h"),
        (timedelta(days=1), "1 day ago", "in 1 day"),
        (timedelta(days=2) - timedelta(seconds=1), "1 day ago", "in 1 day"),
        (timedelta(days=120), "120 days ago", "in 120 days"),
        (timedelta(days=121), "4 months ago", "in 4 months"),
        (timedelta(days=730), "2 years ago", "in 2 years"),
    ],
)
def test_time_is_rounded_down_to_its_largest_whole_unit(span: timedelta, ago: str, ahead: str) -> None:
    assert relative(NOW - span, NOW) == ago
    assert relative(NOW + span, NOW) == ahead


def test_instants_are_shown_in_utc() -> None:
    assert shown(NOW) == "22 Nov 2026, 14:02 UTC"
    assert rfc3339(NOW) == "2026-11-22T14:02:00Z"
    assert moment(NOW, NOW).day == "22 Nov 2026"


def test_the_last_year_a_date_can_hold_is_shown() -> None:
    assert relative(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), NOW) == "in 7978 years"
