"""When an application fails far more than is normal for it at this hour of the week; one bad week changes little."""

import statistics
from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from diag.core.alert_policy import SpikeAlerts

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
QUIET_HOURS = 3
"""Full hours in a row that are normal again before a spike is over."""
_MAD_TO_DEVIATION = 1.4826
"""A normal distribution's standard deviation in units of its median absolute deviation."""


class Spike(Struct, frozen=True):
    """An hour that stands out."""

    hour: datetime
    count: int
    normal: float
    """The median of the same hour, and of the hours beside it, in the weeks before."""


def spike(
    counts: Mapping[datetime, int], hour: datetime, collected_since: datetime, policy: SpikeAlerts
) -> Spike | None:
    """The spike of one hour; None when it is none, or when too little was collected to know what is normal.

    ``counts``: failures by whole hour in UTC; an hour without any is absent. The hour may still be running: a count
    that is too much for a whole hour is too much for a part of it.
    """
    count = counts.get(hour, 0)
    if count < policy.at_least:
        return None
    before = _before(counts, hour, collected_since, policy.weeks)
    if before is None:
        return None
    median = statistics.median(before)
    spread = _MAD_TO_DEVIATION * statistics.median(abs(value - median) for value in before)
    # Counts of rare things vary by about their root; without this floor a flat past makes everything a spike.
    spread = max(spread, median**0.5, 1.0)
    if count < policy.times_normal * max(median, 1.0) or count < median + policy.times_normal * spread:
        return None
    return Spike(hour, count, median)


def over(
    counts: Mapping[datetime, int], last_full_hour: datetime, collected_since: datetime, policy: SpikeAlerts
) -> bool:
    """Whether the last full hours were all normal again."""
    hours = (last_full_hour - number * HOUR for number in range(QUIET_HOURS))
    return all(spike(counts, hour, collected_since, policy) is None for hour in hours)


def _before(counts: Mapping[datetime, int], hour: datetime, since: datetime, weeks: int) -> list[int] | None:
    """The same hour of the week and the two beside it, as far back as was collected; None when half is missing."""
    found = []
    for week in range(1, weeks + 1):
        for beside in (-HOUR, timedelta(0), HOUR):
            at = hour - week * WEEK + beside
            if at >= since:
                found.append(counts.get(at, 0))
    return found if 2 * len(found) >= 3 * weeks else None
