"""Failed sign-ins from the log into the store: nothing lost, nothing twice.

Newest first. Every poll reads the time since the last one, with an overlap for late rows; between polls the back-fill
goes down window by window until the log's retention is reached. A window counts as read only when its last page is
stored, in the transaction that moves the watermark; what was read before a death is read again and known by its id.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from diag.core.errors import (
    AuthenticationFailed,
    LicenceMissing,
    PermissionLost,
    SourceError,
    Throttled,
    Unreachable,
    WindowRefused,
)
from diag.workflows.ports import Clock, Database, Progress, SignInGroup, SignInLog, SignInPage, Window

OVERLAP = timedelta(minutes=60)
"""Re-read at every poll, because the log delivers rows late (facts: log latency)."""
RETENTION = timedelta(days=30)
"""What the log keeps with a P1 or P2 licence; further back it answers nothing or refuses."""
SMALLEST_WINDOW = timedelta(minutes=5)
LARGEST_WINDOW = timedelta(days=30)
MANY_PAGES = 4
"""Pages in one window from which the next window is halved: a window is read again whole after a fault."""

_INSTANT = timedelta(microseconds=1)

_log = logging.getLogger(__name__)


class Collector:
    """Collects one tenant's failed sign-ins of one group of kinds."""

    def __init__(
        self,
        tenant_id: str,
        group: SignInGroup,
        log: SignInLog,
        database: Database,
        clock: Clock,
        poll_every: timedelta = timedelta(0),
    ) -> None:
        self._tenant_id = tenant_id
        self._group: SignInGroup = group
        self._log = log
        self._database = database
        self._clock = clock
        self._poll_every = poll_every

    @property
    def source(self) -> str:
        """The name under which progress is kept."""
        return f"sign_ins:{self._group}"

    async def run(self) -> Progress:
        """Read what is new if a poll is due, then one back-fill window; a failing source becomes a named state."""
        progress = await self._load()
        try:
            if progress.failure_filter is None:
                accepted = await self._log.probe_failure_filter(self._group)
                progress = msgspec.structs.replace(progress, failure_filter=accepted)
            for window in self._windows_ahead(progress):
                progress = await self._read(progress, window, newest=window.end, oldest=progress.oldest)
            if not self._reached_the_end(progress):
                progress = await self._backward(progress)
        except SourceError as error:
            progress = await self._failed(progress, error)
        return progress

    def backfilling(self, progress: Progress) -> bool:
        """Whether older windows are still to be read and the source answers."""
        return progress.state == "backfilling"

    def _windows_ahead(self, progress: Progress) -> Sequence[Window]:
        """What to read since the last poll, oldest first; empty while none is due.

        In several windows after a long absence: each closes on its own, and a refusal makes them smaller.
        """
        now = self._clock.now()
        if progress.newest is None or timedelta(0) <= now - progress.newest < max(self._poll_every, _INSTANT):
            return []
        # A watermark in the future comes from a clock that was wrong; to wait for it would lose what happens till then.
        start = max(min(progress.newest, now) - OVERLAP, now - RETENTION)
        length = timedelta(seconds=progress.window_seconds) + OVERLAP
        windows = []
        while start < now:
            windows.append(Window(start, min(start + length, now)))
            start = windows[-1].end
        return windows

    async def _backward(self, progress: Progress) -> Progress:
        now = self._clock.now()
        end = progress.oldest or now
        start = max(end - timedelta(seconds=progress.window_seconds), now - RETENTION)
        return await self._read(progress, Window(start, end), newest=progress.newest or now, oldest=start)

    async def _read(self, progress: Progress, window: Window, *, newest: datetime, oldest: datetime | None) -> Progress:
        pages = 0
        full = False
        pending: SignInPage | None = None
        async for page in self._log.pages(self._group, window, failures_only=bool(progress.failure_filter)):
            if pending is not None:
                progress = await asyncio.to_thread(self._store, pending, progress)
            pending = page
            pages += 1
            full = full or page.more
        now = self._clock.now()
        backward = oldest is not None and oldest != progress.oldest
        closed = msgspec.structs.replace(
            progress,
            newest=newest,
            oldest=oldest,
            window_seconds=_next_window(progress.window_seconds, pages, full) if backward else progress.window_seconds,
            problem="",
            hint="",
            succeeded_at=now,
            attempted_at=now,
        )
        closed = msgspec.structs.replace(closed, state="ok" if self._reached_the_end(closed) else "backfilling")
        return await asyncio.to_thread(self._store, pending or SignInPage((), (), 0, False), closed)

    def _store(self, page: SignInPage, progress: Progress) -> Progress:
        """Store a page, what follows from it and how far the source is read, in one transaction.

        Only the progress that comes with a window's last page says that the window was read.
        """
        with self._database.write() as transaction:
            new = transaction.failures.add(page.failures)
            if new:
                transaction.incidents.touch(self._tenant_id, new)
            transaction.failures.count_successes(self._tenant_id, page.successes)
            progress = msgspec.structs.replace(progress, records=progress.records + len(new))
            transaction.progress.save(progress)
        return progress

    def _reached_the_end(self, progress: Progress) -> bool:
        return progress.oldest is not None and progress.oldest <= self._clock.now() - RETENTION + timedelta(hours=1)

    async def _load(self) -> Progress:
        return await asyncio.to_thread(load_progress, self._database, self._tenant_id, self.source)

    async def _failed(self, progress: Progress, error: SourceError) -> Progress:
        # What was stored before the fault has moved the stored progress on.
        changed = msgspec.structs.replace(await self._load(), failure_filter=progress.failure_filter)
        if isinstance(error, WindowRefused | Unreachable):
            # A fault or a refused filter or page token is answered by a smaller window, never by skipping it.
            smaller = max(changed.window_seconds // 2, int(SMALLEST_WINDOW.total_seconds()))
            changed = msgspec.structs.replace(changed, window_seconds=smaller)
        return await record_failure(self._database, self._clock, changed, error)


def load_progress(database: Database, tenant_id: str, source: str) -> Progress:
    """How far a source has been read; a new one when it never was."""
    with database.read() as transaction:
        return transaction.progress.get(tenant_id, source)


async def record_failure(database: Database, clock: Clock, progress: Progress, error: SourceError) -> Progress:
    """Keep a source's failure as its named state, so that pages and health say it within one poll."""
    failed = msgspec.structs.replace(
        progress, state=state_of(error), problem=str(error), hint=error.hint, attempted_at=clock.now()
    )

    def save() -> None:
        with database.write() as transaction:
            transaction.progress.save(failed)

    await asyncio.to_thread(save)
    _log.warning("source failed", extra={"source": progress.source, "state": failed.state})
    return failed


def state_of(error: SourceError) -> str:
    """The state a failed source is in, as ``Progress.state`` names it."""
    match error:
        case PermissionLost():
            return "permission_lost"
        case LicenceMissing():
            return "licence_missing"
        case AuthenticationFailed():
            return "authentication_failed"
        case Throttled():
            return "throttled"
        case _:
            return "unreachable"


def _next_window(seconds: int, pages: int, full: bool) -> int:
    """Twice as long while one page holds the window, half as long when it took many."""
    if pages <= 1 and not full:
        return min(seconds * 2, int(LARGEST_WINDOW.total_seconds()))
    if pages > MANY_PAGES:
        return max(seconds // 2, int(SMALLEST_WINDOW.total_seconds()))
    return seconds
