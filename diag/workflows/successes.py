"""Successful sign-ins of applications, counted by hour: when a credential was last used, whether a fix worked.

Where the log filters failures, nothing else brings successes, so they are asked for by themselves, with the documented
filter ``status/errorCode eq 0``, hour by hour and at a pace that leaves the log's budget to failures.
"""

from datetime import timedelta

from diag.workflows.collect import Collector
from diag.workflows.ports import Clock, Database, Outcome, Progress, SignInGroup, SignInLog
from diag.workflows.read_window import SUCCESSES

PACE = timedelta(minutes=5)
"""The shortest time between two polls: how soon a success after a fix is seen."""
LATE = timedelta(minutes=20)
"""An hour is counted again until this long after its end, and once more by the reconcile of the next day."""
SHARE = 4
"""Rest so many times as long as the last poll took: the log's budget of requests belongs to failures first."""


class SuccessCollector(Collector):
    """Counts one tenant's successful sign-ins of service principals and managed identities."""

    def __init__(
        self, tenant_id: str, log: SignInLog, database: Database, clock: Clock, poll_every: timedelta = PACE
    ) -> None:
        group: SignInGroup = "service"
        super().__init__(tenant_id, group, log, database, clock, poll_every)
        self._shortest = poll_every
        self._asks = False

    @property
    def source(self) -> str:
        return SUCCESSES

    async def run(self) -> Progress:
        """As for failures; nothing is asked where the pages of failures bring successes along."""
        failures = await self._progress_of(f"sign_ins:{self._group}")
        self._asks = bool(failures.failure_filter)
        if not self._asks:
            return await self._load()
        began = self._clock.monotonic()
        progress = await super().run()
        self._poll_every = max(self._shortest, SHARE * timedelta(seconds=self._clock.monotonic() - began))
        return progress

    def backfilling(self, progress: Progress) -> bool:
        return self._asks and super().backfilling(progress)

    async def _prepared(self, progress: Progress) -> Progress:
        return progress

    def _outcome(self, progress: Progress) -> Outcome:
        return "succeeded"

    def _counting(self, progress: Progress) -> bool:
        return True

    def _late(self) -> timedelta:
        return LATE
