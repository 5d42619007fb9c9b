"""Charts as numbers."""

from datetime import UTC, datetime, timedelta

from diag.render import charts

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
HOUR = datetime(2026, 11, 22, 14, tzinfo=UTC)


def test_hours_that_were_not_read_are_told_apart_from_hours_without_failures() -> None:
    chart = charts.hours(
        {HOUR: 4},
        NOW - timedelta(hours=5),
        NOW,
        read_from=NOW - timedelta(hours=2),
        read_until=NOW - timedelta(hours=1),
    )
    assert [bar.tone for bar in chart.bars] == ["unread", "unread", "unread", "none", "none", "value"]
    assert "not read" in chart.bars[0].label
    assert "0 failures" in chart.bars[4].label
    assert "4 failures" in chart.bars[5].label


def test_without_any_read_every_empty_hour_is_unread() -> None:
    chart = charts.hours({}, NOW - timedelta(hours=3), NOW)
    assert {bar.tone for bar in chart.bars} == {"unread"}


def test_a_calendar_of_registrations_that_nobody_read_is_no_empty_calendar() -> None:
    unread = charts.calendar([], NOW, read=False)
    assert {bar.tone for bar in unread.bars} == {"unread"}
    assert unread.summary == "Registrations were not read yet, so it is not known what ends when."
    part = charts.calendar([NOW + timedelta(days=3)], NOW, read=False)
    assert [bar.tone for bar in part.bars].count("value") == 1
    assert part.summary.startswith("1 credentials end") is False
    assert part.summary.endswith("not all were yet.")
    assert {bar.tone for bar in charts.calendar([], NOW).bars} == {"none"}


def test_the_highest_bar_fills_the_height_and_none_leaves_the_drawing() -> None:
    counts = {HOUR - timedelta(hours=back): back * 3 for back in range(20)}
    chart = charts.hours(counts, NOW - timedelta(hours=24), NOW, read_from=NOW - timedelta(days=2), read_until=NOW)
    assert max(bar.height for bar in chart.bars) == chart.height
    assert all(bar.y >= 0 and bar.y + bar.height <= chart.height + 1e-9 for bar in chart.bars)
    assert all(0 <= tick.share <= 100 for tick in chart.ticks)
    assert chart.summary.startswith(f"{sum(counts.values())} failures")


def test_sparks_sum_every_hour_of_their_span_once() -> None:
    counts = {HOUR - timedelta(hours=back): 1 for back in range(28 * 6)}
    chart = charts.spark(counts, NOW)
    assert chart.summary == "168 failures in 7 days"
    assert len({bar.height for bar in chart.bars}) == 1


def test_sparks_leave_out_what_is_older_or_yet_to_come() -> None:
    counts = {HOUR - timedelta(hours=28 * 6): 5, HOUR + timedelta(hours=1): 5}
    assert charts.spark(counts, NOW).summary == "0 failures in 7 days"


def test_the_calendar_begins_today_and_counts_every_day() -> None:
    ends = [NOW, NOW + timedelta(days=89), NOW + timedelta(days=90), NOW - timedelta(days=1), NOW + timedelta(hours=1)]
    chart = charts.calendar(ends, NOW)
    assert chart.summary == "3 credentials end in the coming 90 days."
    assert chart.bars[0].label == "22 Nov: 2 credentials end"
    assert chart.bars[89].tone == "value"
    assert chart.bars[1].label == "23 Nov: nothing ends"
    assert chart.ticks[0].label == "today"
