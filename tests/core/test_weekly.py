import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from diag.core.weekly import latest
from tests.core.test_expiry import ZONES

TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("zone", ZONES)
def test_three_years_of_weeks_have_one_digest_each_at_its_hour_whatever_the_clocks_do(zone: str) -> None:
    place = ZoneInfo(zone)
    for hour in (0, 2, 3, 9, 23):
        now = datetime(2026, 1, 1, tzinfo=UTC)
        seen = [latest(now, "sunday", hour, place)]
        while now < datetime(2029, 1, 1, tzinfo=UTC):
            now += timedelta(hours=17)
            at = latest(now, "sunday", hour, place)
            assert at <= now
            if at != seen[-1]:
                seen.append(at)
        gaps = [later - earlier for earlier, later in itertools.pairwise(seen)]
        assert all(abs(gap - timedelta(days=7)) <= timedelta(hours=2) for gap in gaps)
        assert len({at.astimezone(place).date() for at in seen}) == len(seen)


def test_the_hour_itself_counts_and_just_before_does_not() -> None:
    place = ZoneInfo("Europe/Zurich")
    monday = datetime(2026, 11, 23, 8, tzinfo=place)
    assert latest(monday, "monday", 8, place) == monday
    assert latest(monday.astimezone(UTC) - TICK, "monday", 8, place) == datetime(2026, 11, 16, 8, tzinfo=place)
