"""The request budget and the odd forms of Retry-After."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from diag.adapters.graph.throttle import LONGEST_WAIT, Budget, Budgets, retry_after
from diag.core.errors import Throttled
from tests.adapters.graph.support import NOW, StillClock


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", 7.0),
        ("2.128", 2.128),
        (" 3 ", 3.0),
        ("0", 0.0),
        ("00", 0.0),
        (None, None),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("1e9", None),
        ("nan", None),
        ("inf", None),
        ("٣", None),
        ("1.2.3", None),
        (format_datetime(NOW + timedelta(seconds=9), usegmt=True), 9.0),
        (format_datetime(NOW - timedelta(seconds=9), usegmt=True), 0.0),
        (format_datetime((NOW + timedelta(seconds=9)).replace(tzinfo=None)), 9.0),
        ("Sun, 99 Nov 2026 10:00:00 GMT", None),
    ],
)
def test_retry_after_in_every_form(value: str | None, expected: float | None) -> None:
    assert retry_after(value, NOW) == expected


@pytest.mark.parametrize("value", ["3601", "9" * 400, format_datetime(datetime(2030, 1, 1, tzinfo=UTC), usegmt=True)])
def test_a_huge_retry_after_is_cut_to_an_hour_and_noticed(value: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert retry_after(value, NOW) == LONGEST_WAIT
    assert "asked to wait" in caplog.text


async def test_five_requests_in_ten_seconds_and_the_sixth_when_the_first_is_ten_seconds_old() -> None:
    clock = StillClock()
    budget = Budget(5, 10.0, clock)
    for _ in range(5):
        await budget.wait(60)
    assert clock.slept == []
    clock.passed = 4.0
    await budget.wait(60)
    assert clock.slept == [6.0]
    await budget.wait(60)
    assert clock.slept == [6.0]


async def test_nothing_leaves_before_a_pause_is_over_and_a_shorter_pause_does_not_end_it() -> None:
    clock = StillClock()
    budget = Budget(5, 10.0, clock)
    budget.pause(30)
    budget.pause(5)
    await budget.wait(60)
    assert clock.passed == 30.0


async def test_a_pause_longer_than_the_callers_patience_is_told_instead_of_sat_through() -> None:
    clock = StillClock()
    budget = Budget(5, 10.0, clock)
    budget.pause(3000)
    with pytest.raises(Throttled) as caught:
        await budget.wait(120)
    assert (caught.value.retry_after, clock.slept) == (3000.0, [])


async def test_waiting_callers_go_one_after_the_other() -> None:
    clock = StillClock()
    budget = Budget(2, 10.0, clock)
    await asyncio.gather(*(budget.wait(60) for _ in range(6)))
    assert clock.passed == 20.0


def test_a_budget_belongs_to_a_tenant_and_a_family() -> None:
    budgets = Budgets(StillClock())
    assert budgets.of("a", "logs") is budgets.of("a", "logs")
    assert budgets.of("a", "logs") is not budgets.of("b", "logs")
    assert budgets.of("a", "logs") is not budgets.of("a", "directory")
