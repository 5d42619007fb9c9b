from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.core.expiry import ENDED_LONG_AGO, LADDER, due, quiet_because, remaining
from diag.core.inventory import CredentialKind, CredentialRow
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


def _credential(
    name: str = "", kind: CredentialKind = "secret", *, active: bool = True, key_id: str = "k1"
) -> CredentialRow:
    return CredentialRow(
        owner_kind="application",
        owner_object_id="o",
        app_id="a",
        key_id=key_id,
        kind=kind,
        display_name=name,
        ends=ENDS,
        active=active,
    )


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
    @settings(max_examples=campaign.rounds(100_000), deadline=None, database=None)
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


def _floor(ends: datetime, days: int) -> datetime:
    try:
        return ends - timedelta(days=days)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize("name", ["CWAP_AuthSecret", "ConnectSyncProvisioning_host_0a1b"])
def test_what_the_platform_renews_itself_is_quiet_with_its_reason(name: str) -> None:
    assert "platform" in quiet_because(_credential(name), [])


@pytest.mark.parametrize("name", ["CWAP_AuthSecret copy", "my ConnectSyncProvisioning_", "cwap_authsecret", ""])
def test_a_name_that_only_resembles_the_platforms_is_not_quiet(name: str) -> None:
    assert quiet_because(_credential(name), []) == ""


def test_a_saml_certificate_is_quiet_only_when_another_one_is_the_active_one() -> None:
    old = _credential(kind="saml_signing", active=False)
    active = _credential(kind="saml_signing", key_id="k2")
    assert "active" in quiet_because(old, [old, active])
    assert quiet_because(old, [old]) == ""
    assert quiet_because(old, [old, _credential(key_id="k3")]) == ""
    assert quiet_because(active, [old, active]) == ""


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
