"""Instants in words: always UTC, with how long ago or ahead beside them."""

from datetime import datetime, timedelta

from msgspec import Struct

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Moment(Struct, frozen=True):
    """An instant as pages show it."""

    iso: str
    """RFC 3339, for ``<time datetime>``."""
    shown: str
    """For example ``22 Nov 2026, 14:02 UTC``."""
    relative: str
    """For example ``3 h ago`` or ``in 12 days``."""
    day: str
    """For example ``22 Nov 2026``."""


def moment(instant: datetime, now: datetime) -> Moment:
    """The instant as seen from ``now``; both aware UTC."""
    return Moment(rfc3339(instant), shown(instant), relative(instant, now), day(instant))


def maybe(instant: datetime | None, now: datetime) -> Moment | None:
    return None if instant is None else moment(instant, now)


def rfc3339(instant: datetime) -> str:
    """For example ``2026-11-22T14:02:00Z``; fractions only where there are any."""
    return instant.isoformat().replace("+00:00", "Z")


def shown(instant: datetime) -> str:
    return f"{day(instant)}, {instant:%H:%M} UTC"


def day(instant: datetime) -> str:
    return f"{instant.day} {_MONTHS[instant.month - 1]} {instant.year}"


def short_day(instant: datetime) -> str:
    """Without the year, for places that speak of the days around now."""
    return f"{instant.day} {_MONTHS[instant.month - 1]}"


def month(instant: datetime) -> str:
    return _MONTHS[instant.month - 1]


def relative(instant: datetime, now: datetime) -> str:
    """How long ago or ahead, rounded down: a credential that ends "in 1 day" has at least that day left."""
    span = now - instant
    if abs(span) < MINUTE:
        return "just now"
    words = span_words(abs(span))
    return f"{words} ago" if span > timedelta() else f"in {words}"


def span_words(span: timedelta) -> str:
    """A length of time in its largest whole unit: minutes, hours, days up to 120, months, years."""
    if span < HOUR:
        return f"{max(span // MINUTE, 1)} min"
    if span < DAY:
        return f"{span // HOUR} h"
    days = span // DAY
    if days <= 120:
        return f"{days} day{'s' if days != 1 else ''}"
    if days < 730:
        return f"{days // 30} months"
    return f"{days // 365} years"
