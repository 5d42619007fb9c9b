"""Limits requests the way Graph does: so many in a sliding window per application."""

import math
from collections import deque
from collections.abc import Callable

from diag.sample_tenant.graph_errors import GraphError


class Throttle:
    """Counts requests per application; those that were refused count as well."""

    def __init__(self, limit: int, window: float, clock: Callable[[], float], says_when: bool = True) -> None:
        self._limit, self._window, self._clock, self._says_when = limit, window, clock, says_when
        self._seen: dict[str, deque[float]] = {}

    def admit(self, app_id: str) -> None:
        """Lets a request through or raises the 429 that says when to come back, in whole seconds."""
        now = self._clock()
        seen = self._seen.setdefault(app_id, deque(maxlen=self._limit))
        full = len(seen) == self._limit and now - seen[0] < self._window
        # The limit-th youngest request decides. Once this one is counted too, that is the second oldest kept.
        seen.append(now)
        if not full:
            return
        wait = max(1, math.ceil(seen[0] + self._window - now))
        headers = {"Retry-After": str(wait)} if self._says_when else {}
        raise GraphError(429, "TooManyRequests", "Please retry again later.", headers)
