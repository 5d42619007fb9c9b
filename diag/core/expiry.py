"""What is due for a credential at an instant, and what will be: a pure function of time."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from diag.core.alert_policy import LADDER

ENDED_LONG_AGO = timedelta(days=30)
"""A credential that ended before this is history, not news, unless somebody still tries it."""
LATE_AFTER = timedelta(hours=24)
"""A threshold that passed this long ago was missed while nobody looked; the alert says so."""
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


class Due(Struct, frozen=True):
    """A threshold that was reached and not told yet."""

    threshold_days: int
    """Days before the end; 0 is the end, less than 0 after it."""
    reached_at: datetime
    late: bool


def due(
    ends: datetime | None,
    now: datetime,
    thresholds: Collection[int] = LADDER,
    told: Collection[int] = (),
    *,
    starts: datetime | None = None,
    still_tried: bool = False,
    quiet_until: datetime | None = None,
) -> Due | None:
    """The most urgent threshold that was reached and neither told nor made moot by a more urgent one that was.

    Never early: a threshold is reached when ``now >= ends - threshold``, or when the credential starts, or when what
    kept it quiet ended, whichever is latest. None where there is nothing to tell: no end, nothing reached, all told,
    quiet, or an end so long ago that it is no news.
    """
    if ends is None:
        return None
    if now - ends > ENDED_LONG_AGO and not still_tried:
        return None
    reached = [days for days in thresholds if now >= _before(ends, days)]
    if not reached:
        return None
    urgent = min(reached)
    if quiet_until is not None and now < quiet_until:
        return None
    if any(days <= urgent for days in told):
        return None
    at = _before(ends, urgent)
    for later in (starts, quiet_until):
        if later is not None and at < later <= now:
            at = later
    return Due(urgent, at, now - at >= LATE_AFTER)


def next_due(
    ends: datetime | None,
    now: datetime,
    thresholds: Collection[int] = LADDER,
    told: Collection[int] = (),
    *,
    starts: datetime | None = None,
    quiet_until: datetime | None = None,
) -> Due | None:
    """The next alert that will be due, for a calendar: now, where one is due already; None when no more will come.

    ``reached_at`` is when it will be written. It supposes that somebody looks all the time until then.
    """
    present = due(ends, now, thresholds, told, starts=starts, quiet_until=quiet_until)
    if present is not None or ends is None:
        return present
    lowest = min(told, default=None)
    coming = [days for days in thresholds if (lowest is None or days < lowest)]
    if quiet_until is not None and now < quiet_until:
        missed = [days for days in coming if _before(ends, days) <= quiet_until]
        if missed and quiet_until - ends <= ENDED_LONG_AGO:
            return Due(min(missed), quiet_until, late=False)
    ahead = [days for days in coming if _before(ends, days) > now]
    if not ahead:
        return None
    return Due(max(ahead), _before(ends, max(ahead)), late=False)


def remaining(ends: datetime, now: datetime) -> str:
    """The time left in plain words: ``in 3 days``, ``in 5 hours``, ``ended 2 days ago``."""
    seconds = (ends - now).total_seconds()
    amount = abs(seconds)
    if amount >= 2 * 86400:
        words = f"{int(amount // 86400)} days"
    elif amount >= 2 * 3600:
        words = f"{int(amount // 3600)} hours"
    else:
        minutes = max(1, int(amount // 60))
        words = f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"in {words}" if seconds > 0 else f"ended {words} ago"


def _before(ends: datetime, days: int) -> datetime:
    """``days`` before the end, stopping at the first and the last instant a datetime can hold."""
    span = timedelta(days=days)
    if days < 0:
        return ends - span if _LATEST - ends > -span else _LATEST
    return ends - span if ends - _EARLIEST > span else _EARLIEST
