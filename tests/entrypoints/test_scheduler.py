"""The ticker: a stop is no failure, and a failure is said with its job's name."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from diag.adapters.clock import SystemClock
from diag.core.errors import StoreError
from diag.entrypoints.api.logs import configure_logging
from diag.entrypoints.scheduler import Scheduler
from diag.workflows.lease import Lease
from tests.workflows.memory_database import MemoryDatabase


@contextlib.asynccontextmanager
async def _ticking(job: Callable[[], Awaitable[object]], seconds: float = 0.05) -> AsyncIterator[Scheduler]:
    scheduler = Scheduler(Lease("scheduler", "tests", MemoryDatabase(), SystemClock()))
    scheduler.every(seconds, "sign-ins", job)
    scheduler.start()
    yield scheduler
    await scheduler.stop()
    await asyncio.sleep(0.05)


@pytest.fixture(autouse=True)
def levels(caplog: pytest.LogCaptureFixture) -> None:
    """The levels of the running service, with what is logged kept instead of written."""
    kept = list(logging.getLogger().handlers)
    configure_logging("info")
    logging.getLogger().handlers[:] = kept


async def test_a_job_that_still_runs_at_the_stop_or_at_its_next_tick_leaves_no_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    async with _ticking(slow):
        await asyncio.wait_for(started.wait(), 5)
        await asyncio.sleep(0.2)
    assert ended.is_set()
    assert caplog.messages == []


async def test_a_job_that_fails_unforeseen_is_named_with_the_place(caplog: pytest.LogCaptureFixture) -> None:
    failed = asyncio.Event()

    async def broken() -> None:
        failed.set()
        raise ZeroDivisionError("a mistake of ours")

    async with _ticking(broken, 60):
        await asyncio.wait_for(failed.wait(), 5)
        await asyncio.sleep(0.05)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage(), record.__dict__["job"]) == ("ERROR", "job failed", "sign-ins")
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError
    assert record.exc_info[2] is not None


async def test_a_failure_with_a_name_is_a_warning_and_the_next_tick_tries_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried, again = 0, asyncio.Event()

    async def locked() -> None:
        nonlocal tried
        tried += 1
        if tried == 2:
            again.set()
        raise StoreError("The database is locked.")

    async with _ticking(locked):
        await asyncio.wait_for(again.wait(), 5)
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert caplog.records[0].__dict__["problem"] == "The database is locked."
