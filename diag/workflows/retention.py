"""Old failed sign-ins go; hourly counts and incidents stay. In small batches, so that collecting never waits long."""

import asyncio
from datetime import timedelta

from diag.workflows.ports import Clock, Database

BATCH = 1000


async def delete_old(database: Database, clock: Clock, keep: timedelta) -> int:
    """Delete failed sign-ins older than ``keep``; how many."""
    before = clock.now() - keep
    deleted = 0

    def batch() -> int:
        with database.write() as transaction:
            return transaction.failures.delete_before(before, BATCH)

    while gone := await asyncio.to_thread(batch):
        deleted += gone
        await clock.sleep(0.05)
    return deleted
