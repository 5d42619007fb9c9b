"""Which of several processes runs the jobs: the one that holds the lease row."""

import asyncio
from datetime import datetime

from diag.workflows.ports import Clock, Database

SECONDS = 30
"""A process that has not renewed for this long has lost the lease."""


class Lease:
    """The named lease as this process sees it; taken and renewed on demand."""

    def __init__(self, name: str, owner: str, database: Database, clock: Clock) -> None:
        self._name = name
        self._owner = owner
        self._database = database
        self._clock = clock
        self._checked_at = float("-inf")
        self._mine = False

    def now(self) -> datetime:
        """The clock's instant, for whoever schedules by this lease."""
        return self._clock.now()

    async def held(self) -> bool:
        """Whether this process may act now; asks the database at most every third of the lease's life."""
        moment = self._clock.monotonic()
        if moment - self._checked_at >= SECONDS / 3 or not self._mine:
            self._mine = await asyncio.to_thread(self._acquire)
            self._checked_at = moment
        return self._mine

    async def release(self) -> None:
        """Let another process take over at once."""
        if self._mine:
            self._mine = False
            await asyncio.to_thread(self._release)

    def _acquire(self) -> bool:
        with self._database.write() as transaction:
            return transaction.leases.acquire(self._name, self._owner, self._clock.now(), SECONDS)

    def _release(self) -> None:
        with self._database.write() as transaction:
            transaction.leases.release(self._name, self._owner)
