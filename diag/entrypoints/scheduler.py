"""The ticker. It only asks, often enough, whether something is due; rows say what, a lease says which process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from diag.core.errors import DiagError
from diag.workflows.lease import Lease

_log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]


class Scheduler:
    """Runs jobs while this process holds their lease; each once at a time, missed ticks are not made up."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._leases = [lease]
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_listener(_failed, EVENT_JOB_ERROR)

    def every(
        self, seconds: float, name: str, job: Job, *, first_after: float = 0.0, lease: Lease | None = None
    ) -> None:
        """Run ``job`` every so many seconds, the first time after ``first_after``; ``lease``: another than the common.

        Each lease that is given here is handed over at the stop.
        """
        if lease is not None and lease not in self._leases:
            self._leases.append(lease)
        self._scheduler.add_job(
            self._guarded,
            "interval",
            args=(name, job, lease or self._lease),
            seconds=seconds,
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=self._lease.now() + timedelta(seconds=first_after),
        )

    def start(self) -> None:
        """Begin ticking on the running event loop."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop ticking and hand every lease over."""
        self._scheduler.shutdown(wait=False)
        for lease in self._leases:
            await lease.release()

    def names(self) -> Sequence[str]:
        """The jobs, in the order they were added."""
        return [job.id for job in self._scheduler.get_jobs()]

    async def _guarded(self, name: str, job: Job, lease: Lease) -> None:
        try:
            if await lease.held():
                await job()
        except DiagError as error:
            # A workflow's own named failure: it is kept in rows and shown there; the next tick tries again.
            _log.warning("job failed", extra={"job": name, "problem": str(error)})
        except asyncio.CancelledError:
            # Stopping ends the jobs that still run. Nobody awaits them but the ticker, which would call it a failure.
            _log.debug("job ended by the stop", extra={"job": name})


def _failed(event: JobExecutionEvent) -> None:
    """An exception that no workflow names is a mistake of ours: said with the job's name and the place."""
    error = event.exception
    _log.error("job failed", extra={"job": event.job_id}, exc_info=(type(error), error, error.__traceback__))
