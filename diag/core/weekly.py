"""The instant of something that comes once a week at an hour of people's clocks, whatever those clocks do."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from diag.core.alert_policy import WEEKDAYS, Weekday


def latest(now: datetime, day: Weekday, hour: int, zone: tzinfo) -> datetime:
    """The last time at or before ``now`` that it was this hour of this day there, in UTC.

    An hour that clocks skip begins when they have skipped it; of one that comes twice the first counts.
    """
    local = now.astimezone(zone)
    back = (local.weekday() - WEEKDAYS.index(day)) % 7
    at = _instant(local.date() - timedelta(days=back), hour, zone)
    return at if at <= now else _instant(local.date() - timedelta(days=back + 7), hour, zone)


def _instant(day: date, hour: int, zone: tzinfo) -> datetime:
    # fold=0 gives an hour that is skipped the offset before the change, which is the instant of the change and later.
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)
