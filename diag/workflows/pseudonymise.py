"""Giving stored rows the pseudonyms that new ones get, once after that was switched on."""

import asyncio
from typing import get_args

from diag.workflows.ports import Clock, Database
from diag.workflows.ports_privacy import PersonalKind

BATCH = 200
PAUSE = 0.02
"""Seconds between two batches."""


async def treat_stored(database: Database, clock: Clock) -> bool:
    """Treat what is not treated yet, in batches that others can write between; whether anything had to be done.

    Ends with a copy of the whole file, because unused parts of it may still hold what was written there before. What is
    interrupted begins anew the next time: treating a treated row changes nothing.
    """

    def treated() -> bool:
        with database.read() as transaction:
            return transaction.privacy.treated()

    if await asyncio.to_thread(treated):
        return False
    for kind in get_args(PersonalKind):
        after: str | None = ""
        while after is not None:
            after = await asyncio.to_thread(_batch, database, kind, after)
            await clock.sleep(PAUSE)

    def forget() -> None:
        with database.write() as transaction:
            transaction.privacy.forget()

    await asyncio.to_thread(forget)
    if not await asyncio.to_thread(database.rewrite):
        return True

    def finish() -> None:
        with database.write() as transaction:
            transaction.privacy.finish()

    await asyncio.to_thread(finish)
    return True


def _batch(database: Database, kind: PersonalKind, after: str) -> str | None:
    with database.write() as transaction:
        return transaction.privacy.treat(kind, after, BATCH)
