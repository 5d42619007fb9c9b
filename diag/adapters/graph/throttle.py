"""One budget of requests per tenant and family of paths, shared by everything that asks this tenant's Graph.

Sign-in and audit logs allow 5 requests in 10 seconds, refused ones counted; the directory allows far more (facts:
https://learn.microsoft.com/graph/throttling-limits, checked 2026-11-22).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from diag.core.errors import Throttled
from diag.workflows.ports import Clock

LONGEST_WAIT = 3600.0
"""Seconds; a longer Retry-After is cut to this, so that a broken answer does not stop collecting for a day."""

_log = logging.getLogger(__name__)


class Budget:
    """At most ``requests`` in any ``seconds``, and none before a pause that the service asked for is over."""

    def __init__(self, requests: int, seconds: float, clock: Clock) -> None:
        self._requests, self._seconds, self._clock = requests, seconds, clock
        self._sent: deque[float] = deque(maxlen=requests)
        self._not_before = float("-inf")
        self._turn = asyncio.Lock()

    async def wait(self, longest: float) -> None:
        """Return when the next request may go out; callers are served in the order they came.

        ``Throttled`` when the service asked for a pause that has more than ``longest`` seconds to go.
        """
        async with self._turn:
            while (delay := self._due() - self._clock.monotonic()) > 0:
                if self._not_before - self._clock.monotonic() > longest:
                    raise Throttled("Microsoft Graph asked for a pause that is not over yet.", retry_after=delay)
                await self._clock.sleep(delay)
            self._sent.append(self._clock.monotonic())

    def pause(self, seconds: float) -> None:
        """Let nothing out for so long from now; a shorter pause does not end a longer one."""
        self._not_before = max(self._not_before, self._clock.monotonic() + seconds)

    def paused(self) -> float:
        """Seconds until a pause that the service asked for is over; 0 when there is none."""
        return max(0.0, self._not_before - self._clock.monotonic())

    def _due(self) -> float:
        full = len(self._sent) == self._requests
        return max(self._not_before, self._sent[0] + self._seconds if full else float("-inf"))


class Budgets:
    """The budgets of a process; one object for all clients, because Graph counts per application and tenant."""

    # A quarter of a second more than the service's window: what leaves here evenly may arrive closer together.
    _LIMITS: Mapping[str, tuple[int, float]] = {"logs": (5, 10.25), "policies": (1, 1.05), "directory": (500, 10.0)}

    def __init__(self, clock: Clock, limits: Mapping[str, tuple[int, float]] | None = None) -> None:
        """``limits``: requests and seconds by family, in place of Microsoft's."""
        self._clock = clock
        self._limits = limits or self._LIMITS
        self._budgets: dict[tuple[str, str], Budget] = {}

    def of(self, tenant_id: str, family: str) -> Budget:
        """``family``: logs, policies or directory."""
        key = (tenant_id, family)
        if key not in self._budgets:
            self._budgets[key] = Budget(*self._limits[family], self._clock)
        return self._budgets[key]

    def paused(self, tenant_id: str) -> float:
        """Seconds until the last pause that the tenant's Graph asked for is over; 0 when there is none."""
        return max((budget.paused() for key, budget in self._budgets.items() if key[0] == tenant_id), default=0.0)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header; None when it says nothing usable (missing, negative, garbage).

    Seconds may be a fraction; a date in the past is 0; more than ``LONGEST_WAIT`` is cut to it and logged.
    """
    if value is None:
        return None
    given = value.strip()
    try:
        seconds = float(given) if given.replace(".", "", 1).isdigit() and given.isascii() else None
    except ValueError:
        seconds = None
    if seconds is None:
        try:
            date = parsedate_to_datetime(given)
        except (ValueError, IndexError, OverflowError):
            return None
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        seconds = max(0.0, (date - now).total_seconds())
    if seconds > LONGEST_WAIT:
        _log.warning("Graph asked to wait %.0f seconds; waiting %.0f", min(seconds, 1e12), LONGEST_WAIT)
        return LONGEST_WAIT
    return seconds
