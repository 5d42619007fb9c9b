from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.core.alert_policy import LADDER
from diag.core.expiry import ENDED_LONG_AGO, due, next_due, remaining
from tests.conftest import Campaign

ENDS = datetime(2027, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
TICK = timedelta(microseconds=1)
ZONES = (
    "Europe/Zurich", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca",
    "Asia/Kathmandu", "Pacific/Apia", "Asia/Tehran", "America/St_Johns", "Pacific/Chatham", "Africa/Cairo",
    "Antarctica/Troll",
)  # fmt: skip

instants = st.datetimes(timezones=st.just(UTC))
thresholds = st.frozensets(st.integers(0, 3650), min_size=1, max_size=8)


@pytest.mark.parametrize("days", LADDER)
def test_a_threshold_is_due_at_its_instant_and_just_after_but_not_just_before(days: int) -> None:
    at = ENDS - timedelta(days=days)
    told = {other for other in LADDER if other > days}
    assert due(ENDS, at - TICK, LADDER, told) is None
    for now in (at, at + TICK):
        reached = due(ENDS, now, LADDER, told)
        assert reached is not None
        assert (reached.threshold_days, reached.reached_at, reached.late) == (days, at, False)
        assert due(ENDS, now, LADDER, told | {days}) is None


def test_of_several_thresholds_missed_only_the_most_urgent_is_due_and_it_is_late() -> None:
    reached = due(ENDS, ENDS - timedelta(days=5))
    assert reached is not None
    assert (reached.threshold_days, reached.late) == (7, True)
    assert due(ENDS, ENDS - timedelta(days=5), told={7}) is None


@pytest.mark.parametrize(("waited", "late"), [(timedelta(hours=24) - TICK, False), (timedelta(hours=24), True)])
def test_a_day_after_its_instant_an_alert_is_late(waited: timedelta, late: bool) -> None:
    reached = due(ENDS, ENDS - timedelta(days=60) + waited)
    assert reached is not None
    assert reached.late is late


def test_a_threshold_made_moot_by_a_more_urgent_one_is_not_told_afterwards() -> None:
    assert due(ENDS, ENDS - timedelta(days=6), (60, 30, 14, 7), told={7}) is None
    assert due(ENDS, ENDS - timedelta(days=6), (60, 30, 14), told={7}) is None


def test_a_credential_made_with_a_short_life_is_told_at_once_and_not_called_late() -> None:
    starts = ENDS - timedelta(days=10)
    reached = due(ENDS, starts + timedelta(minutes=1), starts=starts)
    assert reached is not None
    assert (reached.threshold_days, reached.reached_at, reached.late) == (14, starts, False)


@pytest.mark.parametrize(
    ("ended_for", "still_tried", "told"),
    [
        (ENDED_LONG_AGO, False, True),
        (ENDED_LONG_AGO + TICK, False, False),
        (ENDED_LONG_AGO + TICK, True, True),
        (timedelta(days=4000), True, True),
    ],
)
def test_an_end_long_ago_is_news_only_while_somebody_still_tries(
    ended_for: timedelta, still_tried: bool, told: bool
) -> None:
    assert (due(ENDS, ENDS + ended_for, still_tried=still_tried) is not None) is told


def test_a_credential_without_an_end_is_never_due() -> None:
    assert due(None, ENDS) is None


@pytest.mark.parametrize("ends", [datetime.max.replace(tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_an_end_in_the_year_9999_is_not_due_now_and_overflows_nothing(ends: datetime) -> None:
    assert due(ends, ENDS, (3650, *LADDER)) is None


def test_an_end_in_the_year_1_overflows_nothing() -> None:
    first = datetime.min.replace(tzinfo=UTC)
    assert due(first, ENDS) is None
    reached = due(first, first, (3650,))
    assert reached is not None
    assert reached.reached_at == first


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_is_24_hours_whatever_the_clocks_of_a_zone_do(zone: str) -> None:
    for month in range(1, 13):
        ends = datetime(2028, month, 29, 2, 30, tzinfo=UTC)
        for days in LADDER:
            now = (ends - timedelta(days=days)).astimezone(ZoneInfo(zone))
            told = {other for other in LADDER if other > days}
            assert due(ends, now, LADDER, told) is not None
            assert due(ends, (ends - timedelta(days=days) - TICK).astimezone(ZoneInfo(zone)), LADDER, told) is None


def test_each_threshold_is_told_at_most_once_never_early_and_the_last_one_always(campaign: Campaign) -> None:
    @settings(max_examples=campaign.rounds(20_000), deadline=None, database=None)
    @given(instants, thresholds, st.lists(st.integers(-5_000_000, 400_000_000), max_size=12))
    def hold(ends: datetime, ladder: frozenset[int], offsets: list[int]) -> None:
        told: list[int] = []
        for offset in sorted(offsets, reverse=True):
            try:
                now = ends - timedelta(seconds=offset)
            except OverflowError:
                continue
            reached = due(ends, now, ladder, told)
            if reached is not None:
                assert reached.threshold_days in ladder
                assert reached.reached_at <= now
                assert now - ends >= -timedelta(days=reached.threshold_days)
                assert not told or reached.threshold_days < told[-1]
                told.append(reached.threshold_days)
            passed = [days for days in ladder if now >= _floor(ends, days)]
            if passed and now - ends <= ENDED_LONG_AGO:
                assert told
                assert told[-1] == min(passed)
            assert due(ends, now, ladder, told) is None

    hold()


_EDGES = (
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2299, 12, 31, tzinfo=UTC),
    datetime(2100, 2, 28, 12, tzinfo=UTC),
)


def test_over_a_million_lives_of_credentials_nothing_is_early_doubled_or_lost(campaign: Campaign) -> None:
    """Instants near changes of the clocks in twelve zones, leap days, both ends of the calendar, and anything else."""
    chance = campaign.generator("expiry")
    changes = [change for zone in ZONES for change in _clock_changes(zone)]
    for _ in range(campaign.rounds(1_000_000)):
        kind = chance.random()
        if kind < 0.5:
            ends = chance.choice(changes) + timedelta(microseconds=chance.randint(-(10**10), 10**10))
        elif kind < 0.6:
            ends = chance.choice(_EDGES)
        else:
            ends = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.randint(0, 10**15))
        ladder = LADDER if chance.random() < 0.5 else tuple(chance.sample(range(-30, 400), chance.randint(1, 6)))
        zone = ZoneInfo(chance.choice(ZONES))
        told: set[int] = set()
        days = chance.choice(ladder)
        at = _shifted(ends, -timedelta(days=days))
        moments = sorted(
            _shifted(at, timedelta(microseconds=offset))
            for offset in (-1, 0, 1, chance.randint(-(10**12), 10**12), chance.randint(0, 10**12))
        )
        for moment in moments:
            try:
                now = moment.astimezone(zone)
            except OverflowError:
                now = moment
            reached = due(ends, now, ladder, told)
            passed = [other for other in ladder if moment >= _shifted(ends, -timedelta(days=other))]
            news = passed and moment - ends <= ENDED_LONG_AGO
            if reached is None:
                assert not news or told, (ends, moment, ladder)
                assert not news or min(told) <= min(passed), (ends, moment, ladder, told)
            else:
                assert reached.threshold_days == min(passed), (ends, moment, ladder)
                assert reached.threshold_days not in told
                assert reached.reached_at <= moment
                told.add(reached.threshold_days)
            coming = next_due(ends, now, ladder, told)
            if coming is not None:
                assert coming.reached_at > moment or coming.reached_at == _EDGES[0]
                assert coming.threshold_days not in told


def _clock_changes(zone: str) -> list[datetime]:
    """Within six hours after each change of a zone's offset in the years 2026 to 2028."""
    place = ZoneInfo(zone)
    hour = datetime(2026, 1, 1, tzinfo=UTC)
    found = [hour]
    offset = hour.astimezone(place).utcoffset()
    while hour.year < 2029:
        hour += timedelta(hours=6)
        now = hour.astimezone(place).utcoffset()
        if now != offset:
            found.append(hour)
            offset = now
    return found


def _shifted(at: datetime, span: timedelta) -> datetime:
    try:
        return at + span
    except OverflowError:
        return _EDGES[0] if span > timedelta() else _EDGES[1]


def test_what_is_due_next_is_the_next_threshold_that_nobody_was_told() -> None:
    now = ENDS - timedelta(days=20)
    following = next_due(ENDS, now, LADDER, {30})
    assert following is not None
    assert (following.threshold_days, following.reached_at) == (14, ENDS - timedelta(days=14))
    present = next_due(ENDS, now, LADDER, ())
    assert present is not None
    assert (present.threshold_days, present.reached_at) == (30, ENDS - timedelta(days=30))
    assert next_due(ENDS, now, LADDER, {-7}) is None
    assert next_due(None, now) is None


def test_what_was_passed_while_it_was_quiet_is_due_when_that_ends_and_is_not_late() -> None:
    now, until = ENDS - timedelta(days=20), ENDS - timedelta(days=5)
    assert due(ENDS, now, LADDER, {30}, quiet_until=until) is None
    following = next_due(ENDS, now, LADDER, {30}, quiet_until=until)
    reached = due(ENDS, until, LADDER, {30}, quiet_until=until)
    assert following is not None
    assert reached is not None
    assert (reached.threshold_days, reached.reached_at, reached.late) == (7, until, False)
    assert (following.threshold_days, following.reached_at) == (7, until)


def test_after_the_end_a_week_later_is_told_once() -> None:
    at = ENDS + timedelta(days=7)
    told = set(LADDER) - {-7}
    assert due(ENDS, at - TICK, told=told) is None
    reached = due(ENDS, at, told=told)
    assert reached is not None
    assert reached.threshold_days == -7


def _floor(ends: datetime, days: int) -> datetime:
    try:
        return ends - timedelta(days=days)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=60), "in 60 days"),
        (timedelta(days=2), "in 2 days"),
        (timedelta(days=2) - TICK, "in 47 hours"),
        (timedelta(hours=2) - TICK, "in 119 minutes"),
        (TICK, "in 1 minute"),
        (timedelta(), "ended 1 minute ago"),
        (timedelta(days=-3), "ended 3 days ago"),
    ],
)
def test_the_time_left_is_said_in_plain_words(left: timedelta, words: str) -> None:
    assert remaining(ENDS, ENDS - left) == words


def test_an_end_given_in_another_zone_is_the_same_end() -> None:
    elsewhere = ENDS.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert due(elsewhere, ENDS - timedelta(days=60)) == due(ENDS, ENDS - timedelta(days=60))
