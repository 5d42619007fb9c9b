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
"""A poll begins so many times as long after the last one as that took: the log's budget belongs to failures first."""
BEHIND = timedelta(hours=3)
"""Further back than this, counting would never catch up at that pace."""
SHARE_BEHIND = 2


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
        self._asks = await self.asks()
        before = await self._load()
        if not self._asks:
            return before
        began, now = self._clock.monotonic(), self._clock.now()
        progress = await super().run()
        behind = before.newest is not None and now - before.newest > BEHIND
        took = timedelta(seconds=self._clock.monotonic() - began)
        self._poll_every = max(self._shortest, (SHARE_BEHIND if behind else SHARE) * took)
        return progress

    async def asks(self) -> bool:
        """Where the log refuses to filter, the pages of failures bring successes along."""
        return bool((await self._progress_of(f"sign_ins:{self._group}")).failure_filter)

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
