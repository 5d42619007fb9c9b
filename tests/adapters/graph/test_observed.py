"""What the client sees in passing: clocks, permissions in the token, pauses."""

import base64
import json
from datetime import timedelta
from email.utils import format_datetime

import pytest

from diag.adapters.graph.credentials import IssuedToken, Tokens
from diag.adapters.graph.observed import Observed
from diag.adapters.graph.throttle import Budgets
from tests.adapters.graph.support import NOW, StillClock

TENANT = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class Issuing:
    """Gives out these tokens, one after the other."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    async def issue(self) -> IssuedToken:
        return IssuedToken(self.tokens.pop(0), 3600)


def _token(**claims: object) -> str:
    return f"{_part({'alg': 'RS256'})}.{_part(claims)}.c2lnbmVk"


def _observed(*tokens: str) -> tuple[Observed, Tokens, Budgets]:
    clock = StillClock()
    held, budgets = Tokens(Issuing(*tokens), clock), Budgets(clock)
    return Observed(TENANT, held, budgets, clock), held, budgets


async def test_permissions_are_those_of_the_token_in_use() -> None:
    observed, tokens, _ = _observed(_token(roles=["B", "A"], appid="X"), _token(scp="C D", appid="X"))
    assert observed.connection().permissions is None
    held = await tokens.token()
    first = observed.connection()
    assert (first.token, first.app_id, first.permissions) == ("application", "x", ("A", "B"))
    tokens.forget(held)
    assert observed.connection().permissions == ("A", "B")
    await tokens.token()
    assert (observed.connection().token, observed.connection().permissions) == ("delegated", ("C", "D"))


async def test_an_opaque_token_tells_nothing() -> None:
    observed, tokens, _ = _observed("opaque")
    await tokens.token()
    assert observed.connection().permissions is None


@pytest.mark.parametrize(
    ("date", "skew"),
    [
        (format_datetime(NOW, usegmt=True), 0.0),
        (format_datetime(NOW - timedelta(hours=2), usegmt=True), 7200.0),
        (format_datetime(NOW + timedelta(minutes=5)), -300.0),
        ("Sun, 22 Nov 2026 10:00:00 -0000", 0.0),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("Sun, 99 Nov 2026 99:99:99 GMT", None),
    ],
)
def test_the_clock_is_compared_with_every_answer_that_has_a_date(date: str | None, skew: float | None) -> None:
    observed, _, _ = _observed()
    observed.answered(date)
    assert observed.connection().skew_seconds == skew


def test_an_answer_without_a_date_leaves_what_was_seen_before() -> None:
    observed, _, _ = _observed()
    observed.answered(format_datetime(NOW - timedelta(seconds=40), usegmt=True))
    observed.answered("no date")
    assert observed.connection().skew_seconds == 40


def test_the_longest_pause_of_the_tenant_is_said_and_no_short_one() -> None:
    observed, _, budgets = _observed()
    budgets.of("another", "logs").pause(900)
    budgets.of(TENANT, "directory").pause(0.5)
    assert observed.connection().throttled_until is None
    budgets.of(TENANT, "logs").pause(60)
    budgets.of(TENANT, "policies").pause(90)
    assert observed.connection().throttled_until == NOW + timedelta(seconds=90)
