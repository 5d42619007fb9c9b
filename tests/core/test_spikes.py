from datetime import datetime, timedelta

import pytest

from diag.core.alert_policy import SpikeAlerts
from diag.core.spikes import HOUR, WEEK, over, spike
from tests.conftest import Campaign
from tests.workflows.fakes import NOW

POLICY = SpikeAlerts()
HERE = NOW.replace(minute=0)
LONG_AGO = NOW - timedelta(days=60)


def _steady(count: int, weeks: int = 5) -> dict[datetime, int]:
    return {HERE - number * HOUR: count for number in range(weeks * 7 * 24)}


@pytest.mark.parametrize(("count", "stands_out"), [(29, False), (30, True), (300, True)])
def test_in_a_silent_past_the_least_count_decides(count: int, stands_out: bool) -> None:
    assert (spike({HERE: count}, HERE, LONG_AGO, POLICY) is not None) is stands_out


@pytest.mark.parametrize(("count", "stands_out"), [(399, False), (400, True)])
def test_what_is_usual_must_be_exceeded_several_times(count: int, stands_out: bool) -> None:
    found = spike(_steady(100) | {HERE: count}, HERE, LONG_AGO, POLICY)
    assert (found is not None) is stands_out
    if found:
        assert (found.count, found.normal, found.hour) == (count, 100, HERE)


def test_what_happens_each_week_at_this_hour_is_normal() -> None:
    counts = {HERE - number * WEEK: 5000 for number in range(1, 5)} | {HERE: 5000}
    counts |= {hour + HOUR: 5000 for hour in counts} | {hour - HOUR: 5000 for hour in counts}
    assert spike(counts, HERE, LONG_AGO, POLICY) is None
    assert spike(counts, HERE - timedelta(days=2), LONG_AGO, POLICY) is None


def test_one_bad_week_does_not_make_the_next_one_normal() -> None:
    counts = _steady(20) | {HERE - WEEK + beside: 9000 for beside in (-HOUR, timedelta(0), HOUR)} | {HERE: 400}
    assert spike(counts, HERE, LONG_AGO, POLICY) is not None


@pytest.mark.parametrize(("weeks", "known"), [(1, False), (1.9, False), (2.1, True), (9, True)])
def test_nothing_is_said_before_half_of_the_past_was_collected(weeks: float, known: bool) -> None:
    assert (spike({HERE: 10**6}, HERE, HERE - weeks * WEEK, POLICY) is not None) is known


def test_a_spike_is_over_after_three_normal_hours_in_a_row() -> None:
    counts = _steady(10) | {HERE - 3 * HOUR: 500}
    assert over(counts, HERE, LONG_AGO, POLICY)
    assert not over(counts, HERE - HOUR, LONG_AGO, POLICY)


def test_ordinary_chance_is_no_spike(campaign: Campaign) -> None:
    """Poisson-like hours with a rhythm of days and weeks raise an alert less than once in a thousand hours."""
    chance = campaign.generator("spikes")
    alarms = hours = 0
    for _ in range(campaign.rounds(200)):
        base = chance.choice((1, 8, 20, 60, 400))
        counts = {}
        for number in range(6 * 7 * 24):
            at = HERE - number * HOUR
            mean = base * (3 if 8 <= at.hour < 18 and at.weekday() < 5 else 1)
            counts[at] = max(0, round(chance.gauss(mean, mean**0.5)))
        for number in range(7 * 24):
            alarms += spike(counts, HERE - number * HOUR, LONG_AGO, POLICY) is not None
            hours += 1
    assert alarms <= hours / 1000
