"""The sign-in log once more, day by day: what came later than a poll looks back, and what a reading left out.

Every night the last thirty hours are read again, and the day that is about to be a week old; with them whatever of the
last week was never read to its end, and hours that hold far less than is usual. Which windows are done is told by their
rows, so that a round goes on where a death ended it.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from diag.core.errors import SourceError
from diag.core.rereading import EVERY, WEEK, doubtful_hours, is_due, worth_reading
from diag.core.windows import HOUR, Window, gaps, whole_hour
from diag.workflows.collect import Collector
from diag.workflows.ports import Clock, Database, Progress

SETTLED = timedelta(hours=48)
"""An hour that was read again when it was this old is not doubted any more."""
LONGEST = timedelta(hours=24)

_log = logging.getLogger(__name__)


class Reconciler:
    """Reads again what one collector has read."""

    def __init__(self, collector: Collector, tenant_id: str, database: Database, clock: Clock) -> None:
        self._collector = collector
        self._tenant_id = tenant_id
        self._database = database
        self._clock = clock
        self._parts = 1
        """Into how many parts a window is cut, since longer ones failed."""

    async def run(self) -> bool:
        """Read again what is worth it, newest first; whether a round was brought to its end."""
        progress = await asyncio.to_thread(self._progress)
        due = progress.state == "ok" and is_due(progress.reconciled_at, self._clock.now())
        if not due or not await self._collector.asks():
            return False
        whole_hours = await self._collector.reads_whole_hours()
        windows = await asyncio.to_thread(self._windows, progress, whole_hours)
        before = progress.records
        try:
            for window in windows:
                await self._collector.read_again(window)
        except SourceError as error:
            self._parts = min(self._parts * 2, 24)
            _log.warning("second reading failed", extra={"source": progress.source, "problem": str(error)})
            return False
        self._parts = 1
        found = await asyncio.to_thread(self._done) - before
        _log.info("second reading done", extra={"source": progress.source, "windows": len(windows), "found": found})
        return True

    def _progress(self) -> Progress:
        with self._database.read() as transaction:
            return transaction.progress.get(self._tenant_id, self._collector.source)

    def _windows(self, progress: Progress, whole_hours: bool) -> Sequence[Window]:
        # By the log's own clock: a host that is a day ahead would read again a day that is still to come.
        now = self._collector.log_time()
        week = Window(now - WEEK, now)
        with self._database.read() as transaction:
            closed = transaction.windows.find(self._tenant_id, progress.source, since=now - 2 * WEEK)
            counts = {item.hour: item.failures for item in transaction.failures.hourly(self._tenant_id, week.start)}
        again = [item for item in closed if item.kind == "reconcile"]
        settled = [Window(item.start, item.end) for item in again if item.read_at >= item.end + SETTLED]
        spans = worth_reading(
            now=now,
            last=progress.reconciled_at,
            read=Window(progress.oldest or now, min(progress.newest or now, now)),
            closed=[Window(item.start, item.end) for item in closed],
            doubted=[hour for hour in doubtful_hours(counts, week) if gaps(settled, Window(hour, hour + HOUR))],
            done=[Window(item.start, item.end) for item in again if item.read_at > self._clock.now() - EVERY / 2],
        )
        length = min(max(timedelta(seconds=progress.window_seconds), HOUR), LONGEST) / self._parts
        return [part for span in reversed(spans) for part in reversed(_cut(span, length, now, whole_hours))]

    def _done(self) -> int:
        with self._database.write() as transaction:
            progress = transaction.progress.get(self._tenant_id, self._collector.source)
            transaction.progress.save(replace(progress, reconciled_at=self._clock.now()))
        return progress.records


def _cut(span: Window, length: timedelta, now: datetime, whole_hours: bool) -> Sequence[Window]:
    """The span in windows of at most this length."""
    start, end = span.start, span.end
    if whole_hours:
        start, end = whole_hour(start), min(whole_hour(end) + HOUR, now)
        length = max(length - length % HOUR, HOUR)
    parts = []
    while start < end:
        parts.append(Window(start, min(start + length, end)))
        start = parts[-1].end
    return parts
