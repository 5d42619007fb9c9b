"""What is old goes: single records first, what sums them up much later, and the space they took goes back to the disk.

In small batches with a pause after each, so that collecting never waits long for its turn to write.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct

from diag.workflows.ports import Clock, Database
from diag.workflows.ports_retention import RetainedKind

BATCH = 500
PAUSE = 0.05
"""Seconds between two batches."""
PAGES = 1000
"""Pages given back to the disk in one step, 4 MB."""
WINDOWS = timedelta(days=40)
"""Windows that were read are needed as long as the log can be read once more, and a little longer."""


class Keep(Struct, frozen=True, kw_only=True):
    """How long what is kept."""

    records: timedelta
    """Single failed sign-ins."""
    history: timedelta
    """Hourly counts, incidents, changes, alerts and what became of them, earlier versions of registrations.

    Versions are kept by the end of their validity, incidents by when they were last seen: as long as an incident is
    there, so is the registration of its time."""


def ages(keep: Keep) -> Mapping[RetainedKind, timedelta]:
    """The age at which each kind goes."""
    history = max(keep.history, keep.records)
    return {
        "failures": keep.records,
        "changes": history,
        "failure_hours": history,
        "failure_totals": history,
        "success_hours": history,
        "incidents": history,
        "alerts": history,
        "versions": history,
        "windows": WINDOWS,
        "files": history,
        "quietings": history,
        "links": history,
    }


async def delete_old(database: Database, clock: Clock, keep: Keep) -> Mapping[RetainedKind, int]:
    """Delete what is older than ``keep`` and shrink the database; how many rows of each kind went."""
    now = clock.now()
    deleted: dict[RetainedKind, int] = {}
    for kind, age in ages(keep).items():

        def due(kind: RetainedKind = kind, age: timedelta = age) -> bool:
            with database.read() as transaction:
                return transaction.retention.due(kind, now - age)

        def batch(kind: RetainedKind = kind, age: timedelta = age) -> int:
            with database.write() as transaction:
                return transaction.retention.delete(kind, now - age, BATCH)

        if not await asyncio.to_thread(due):
            continue
        while gone := await asyncio.to_thread(batch):
            deleted[kind] = deleted.get(kind, 0) + gone
            await clock.sleep(PAUSE)
    while await asyncio.to_thread(database.shrink, PAGES):
        await clock.sleep(PAUSE)
    return deleted
