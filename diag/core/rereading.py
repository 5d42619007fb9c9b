"""What of a log is worth reading once more: what may have come late, what was never closed, what looks too little."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from diag.core.windows import HOUR, Window, gaps, whole_hour

EVERY = timedelta(hours=24)
NIGHT = range(1, 5)
"""Hours, UTC, in which a second reading may begin a little before its time, so that it settles at night."""
EARLY = timedelta(hours=18)
DAY_AND_MORE = timedelta(hours=30)
"""Read again every day: a row that came up to six hours late is found within a day, at whatever hour it came."""
WEEK = timedelta(days=7)
"""Each instant is read a last time when it is this old; a row that came later than that is not found."""
SLICE = timedelta(days=1)
ENOUGH = 20
"""Failures that an hour usually has before too few of them mean anything."""
TOO_FEW = 0.3
"""Share of the usual number below which an hour is doubted."""


def is_due(last: datetime | None, now: datetime) -> bool:
    """Whether it is time for the next second reading; one that never was is due."""
    if last is None or last > now:
        return True
    return now - last >= (EARLY if now.hour in NIGHT else EVERY)


def doubtful_hours(counts: Mapping[datetime, int], span: Window) -> Sequence[datetime]:
    """The whole hours of ``span`` that hold far fewer failures than the same hour of the other days of the span.

    A log has been seen to answer one question with different totals; a quiet hour costs one more reading.
    """
    hours = []
    hour = whole_hour(span.start) + HOUR
    while hour + HOUR <= span.end:
        hours.append(hour)
        hour += HOUR
    usual = {
        time_of_day: median(counts.get(hour, 0) for hour in hours if hour.hour == time_of_day)
        for time_of_day in {hour.hour for hour in hours}
    }
    return [hour for hour in hours if usual[hour.hour] >= ENOUGH and counts.get(hour, 0) < TOO_FEW * usual[hour.hour]]


def worth_reading(
    *,
    now: datetime,
    last: datetime | None,
    read: Window,
    closed: Iterable[Window],
    doubted: Iterable[datetime],
    done: Iterable[Window],
) -> Sequence[Window]:
    """The spans to read again, oldest first, none touching another.

    ``last``: when this was last done; after an absence the spans are longer. ``read``: from where to where the log is
    read at all; nothing outside of it is worth a second reading. ``closed``: windows of any kind that were read to
    their end. ``doubted``: hours that look too little. ``done``: what was read again in this round already.
    """
    since = min(last or now, now)
    spans = [
        Window(min(now - DAY_AND_MORE, since - (DAY_AND_MORE - EVERY)), now),
        Window(min(now - WEEK, since - WEEK + SLICE), now - WEEK + SLICE),
        *gaps(closed, Window(now - WEEK, now)),
        *(Window(hour, hour + HOUR) for hour in doubted),
    ]
    wanted = _joined(
        Window(max(span.start, read.start), min(span.end, read.end))
        for span in spans
        if span.start < read.end and span.end > read.start
    )
    finished = list(done)
    return [part for span in wanted for part in gaps(finished, span)]


def _joined(spans: Iterable[Window]) -> list[Window]:
    joined: list[Window] = []
    for span in sorted(spans, key=lambda item: item.start):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Window(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
