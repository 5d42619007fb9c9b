"""Small charts as numbers: the templates draw them as SVG with attributes only, without any style."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from diag.render.times import month, short_day

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_FULL = 4
"""Credentials on one day that fill the calendar's height; fewer stay low, so that one end does not look like a peak."""


class Bar(Struct, frozen=True):
    x: float
    y: float
    width: float
    height: float
    label: str
    tone: str
    """``value``, ``none`` (read, and nothing there) or ``unread`` (nobody has looked)."""


class Tick(Struct, frozen=True):
    x: float
    share: float
    """Percent of the width, for labels beside the drawing."""
    label: str


class Chart(Struct, frozen=True):
    width: float
    height: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    summary: str
    """What the drawing shows, in one sentence, for who cannot see it."""
    most: int


def hours(
    counts: Mapping[datetime, int],
    start: datetime,
    end: datetime,
    *,
    height: float = 72,
    read_from: datetime | None = None,
    read_until: datetime | None = None,
    what: str = "failures",
) -> Chart:
    """One bar an hour from ``start`` to ``end``; hours that were not read are told apart from hours without any."""
    first = start.replace(minute=0, second=0, microsecond=0)
    number = max(int((end - first) / _HOUR) + 1, 1)
    most = max(counts.values(), default=0)
    bars: list[Bar] = []
    ticks: list[Tick] = []
    step = 6.0
    for index in range(number):
        hour = first + index * _HOUR
        value = counts.get(hour, 0)
        blind = not value and (
            read_from is None or read_until is None or hour + _HOUR <= read_from or hour > read_until
        )
        size = max(height * value / most, 2.0) if value else (height if blind else 1.0)
        label = f"{short_day(hour)} {hour:%H:%M}: {f'{value:,} {what}' if not blind else 'not read'}"
        tone = "unread" if blind else "value" if value else "none"
        bars.append(Bar(index * step, height - size, step - 1.4, size, label, tone))
        if hour.hour == 0:
            ticks.append(Tick(index * step, round(100 * index / number, 2), short_day(hour)))
    total = sum(value for hour, value in counts.items() if hour >= first)
    summary = f"{total:,} {what} from {short_day(first)} to {short_day(end)}, at most {most:,} an hour."
    if not total and (read_from is None or read_until is None):
        summary = f"Not read yet: whether there were {what} is not known."
    return Chart(number * step, height, tuple(bars), tuple(ticks), summary, most)


def spark(counts: Mapping[datetime, int], end: datetime, *, hours_each: int = 6, number: int = 28) -> Chart:
    """A few bars beside a line of text: by default seven days in steps of six hours."""
    height, step = 20.0, 4.0
    edge = end.replace(minute=0, second=0, microsecond=0) + _HOUR
    span = timedelta(hours=hours_each)
    sums = [0] * number
    for hour, value in counts.items():
        position = number - 1 - int((edge - hour - _HOUR) / span)
        if 0 <= position < number and hour < edge:
            sums[position] += value
    most = max(sums, default=0)
    bars = tuple(
        Bar(
            index * step,
            height - (size := max(height * value / most, 2.0) if value else 1.0),
            step - 1,
            size,
            "",
            "value" if value else "none",
        )
        for index, value in enumerate(sums)
    )
    days = number * hours_each // 24
    return Chart(number * step, height, bars, (), f"{sum(sums):,} failures in {days} days", most)


ENDS = ("credential ends", "credentials end", "nothing ends")
DUE = ("alert is due", "alerts are due", "nothing is due")


def calendar(
    ends: Sequence[datetime],
    start: datetime,
    days: int = 90,
    *,
    read: bool = True,
    words: tuple[str, str, str] = ENDS,
) -> Chart:
    """One mark a day for the coming days, higher where there is more; ``read``: every registration was read.

    ``words``: what one mark says, what several say, and what none says.
    """
    single, several, none = words
    height, step = 44.0, 10.0
    first = start.replace(hour=0, minute=0, second=0, microsecond=0)
    sums = [0] * days
    for end in ends:
        position = (end - first) // _DAY
        if 0 <= position < days:
            sums[position] += 1
    most = max(sums, default=0)
    bars: list[Bar] = []
    ticks: list[Tick] = []
    for index, value in enumerate(sums):
        at = first + index * _DAY
        size = 14 + (height - 14) * value / max(most, _FULL) if value else 3.0 if read else height
        nothing = none if read else "not read"
        told = nothing if not value else f"1 {single}" if value == 1 else f"{value} {several}"
        tone = "value" if value else "none" if read else "unread"
        bars.append(Bar(index * step, height - size, step - 2, size, f"{short_day(at)}: {told}", tone))
        if index == 0 or (at.day == 1 and index > 6):
            ticks.append(Tick(index * step, round(100 * index / days, 2), "today" if index == 0 else f"1 {month(at)}"))
    total = sum(sums)
    summary = f"{f'1 {single}' if total == 1 else f'{total:,} {several}'} in the coming {days} days."
    if not read:
        known = f"{summary[:-1]}, as far as registrations were read: not all were yet."
        summary = known if most else "Registrations were not read yet, so it is not known what ends when."
    return Chart(days * step, height, tuple(bars), tuple(ticks), summary, most)
