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
    NotOffered,
    PermissionLost,
    SourceError,
    Throttled,
    Unreachable,
    WindowRefused,
)
from diag.core.windows import HOUR, Window, whole_hour
from diag.workflows.ports import AuditLog, Clock, Database, Outcome, Progress, SignInGroup, SignInLog
from diag.workflows.read_window import Reading, Task, WindowReader

OVERLAP = timedelta(minutes=60)
"""Re-read at every poll, because the log delivers rows late (facts: log latency)."""
RETENTION = timedelta(days=30)
"""What the log keeps with a P1 or P2 licence; further back it answers nothing or refuses."""
SMALLEST_WINDOW = timedelta(minutes=5)
LARGEST_WINDOW = timedelta(days=30)
BELIEVED = timedelta(days=2)
"""A log's clock further off than this tells nothing about either: its Date may come from a proxy."""
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
        self._reader = WindowReader(tenant_id, group, self.source, log, database, clock)

    @property
    def source(self) -> str:
        """The name under which progress is kept."""
        return f"sign_ins:{self._group}"

    async def run(self) -> Progress:
        """Read what is new if a poll is due, then one back-fill window; a failing source becomes a named state."""
        progress = await self._load()
        try:
            progress = await self._prepared(progress)
            for window in self._windows_ahead(progress):
                progress = await self._read(progress, Task(window=window, kind="poll", outcome="all"))
            if not self._reached_the_end(progress):
                progress = await self._read(progress, self._task_backward(progress))
        except SourceError as error:
            progress = await self._failed(progress, error)
        return progress

    def backfilling(self, progress: Progress) -> bool:
        """Whether older windows are still to be read and the source answers."""
        return progress.state == "backfilling"

    def log_time(self) -> datetime:
        """Now, as late as it surely is where the log is kept."""
        return earliest(self._clock, self._log, self._clock.now())

    async def read_again(self, window: Window) -> None:
        """Read a window once more, for what came late; the watermark stays where it is. Raises ``SourceError``."""
        progress = await self._load()
        counting = self._counting(progress)
        task = Task(window=window, kind="reconcile", outcome=self._outcome(progress), counting=counting)
        await self._reader.read(task, lambda stored, _: stored)

    async def asks(self) -> bool:
        """Whether this collector asks the log by itself, or another one's pages bring what it keeps."""
        return True

    async def reads_whole_hours(self) -> bool:
        """Whether windows must begin with an hour, because the successes of their hours are counted."""
        return self._counting(await self._load())

    async def _prepared(self, progress: Progress) -> Progress:
        """The progress once it is known what the log accepts."""
        if progress.failure_filter is not None:
            return progress
        accepted = await self._log.probe_failure_filter(self._group)
        return msgspec.structs.replace(progress, failure_filter=accepted)

    def _outcome(self, progress: Progress) -> Outcome:
        return "failed" if progress.failure_filter else "all"

    def _counting(self, progress: Progress) -> bool:
        """Whether the pages that are read hold the successes of applications; their hours are then read whole."""
        return self._group == "service" and self._outcome(progress) == "all"

    def _late(self) -> timedelta:
        """How much is read again at every poll."""
        return OVERLAP

    def _windows_ahead(self, progress: Progress) -> Sequence[Window]:
        """What to read since the last poll, oldest first; empty while none is due.

        In several windows after a long absence: each closes on its own, and a refusal makes them smaller.
        """
        now = latest(self._clock, self._log)
        if progress.newest is None or timedelta(0) <= now - progress.newest < max(self._poll_every, _INSTANT):
            return []
        # A watermark in the future comes from a clock that was wrong; to wait for it would lose what happens till then.
        start = max(min(progress.newest, now) - self._late(), now - RETENTION)
        length = timedelta(seconds=progress.window_seconds) + OVERLAP
        counting = self._counting(progress)
        start = whole_hour(start) if counting else start
        windows = []
        while start < now:
            end = whole_hour(start + length) if counting else start + length
            windows.append(Window(start, min(end, now)))
            start = windows[-1].end
        return windows

    def _task_backward(self, progress: Progress) -> Task:
        now = latest(self._clock, self._log)
        end = progress.oldest or now
        start = max(end - timedelta(seconds=progress.window_seconds), now - RETENTION)
        if self._counting(progress):
            # Not just before a whole hour that was read already.
            start = min(whole_hour(start), whole_hour(end - _INSTANT))
        return Task(window=Window(start, end), kind="backfill", outcome="all")

    async def _read(self, before: Progress, task: Task) -> Progress:
        """Read a window with what ``before`` says of the log; the progress afterwards."""
        task = msgspec.structs.replace(task, outcome=self._outcome(before), counting=self._counting(before))
        backward = task.kind == "backfill"
        began = self._clock.now()

        def advance(progress: Progress, reading: Reading) -> Progress:
            now = self._clock.now()
            seconds = progress.window_seconds
            # What happened while the window was being read may have been too late for its first page.
            reached = min(task.window.end, earliest(self._clock, self._log, began))
            moved = msgspec.structs.replace(
                progress,
                newest=progress.newest or reached if backward else reached,
                oldest=task.window.start if backward else progress.oldest,
                window_seconds=_next_window(seconds, reading.pages, reading.full) if backward else seconds,
                problem="",
                hint="",
                succeeded_at=now,
                attempted_at=now,
                failure_filter=before.failure_filter,
                # The first reading needs no second one before tomorrow: a day after it began, for it may take hours.
                reconciled_at=progress.reconciled_at or now,
            )
            return msgspec.structs.replace(moved, state="ok" if self._reached_the_end(moved) else "backfilling")

        return await self._reader.read(task, advance)

    def _reached_the_end(self, progress: Progress) -> bool:
        return progress.oldest is not None and progress.oldest <= latest(self._clock, self._log) - RETENTION + HOUR

    async def _load(self) -> Progress:
        return await self._progress_of(self.source)

    async def _progress_of(self, source: str) -> Progress:
        return await asyncio.to_thread(load_progress, self._database, self._tenant_id, source)

    async def _failed(self, progress: Progress, error: SourceError) -> Progress:
        # What was stored before the fault has moved the stored progress on.
        changed = msgspec.structs.replace(await self._load(), failure_filter=progress.failure_filter)
        if isinstance(error, WindowRefused):
            # Perhaps it is the filter that is refused, though it once was not: ask again before the next window.
            changed = msgspec.structs.replace(changed, failure_filter=None)
        if isinstance(error, WindowRefused | Unreachable):
            # A fault or a refused filter or page token is answered by a smaller window, never by skipping it.
            smaller = max(changed.window_seconds // 2, int(SMALLEST_WINDOW.total_seconds()))
            changed = msgspec.structs.replace(changed, window_seconds=smaller)
        return await record_failure(self._database, self._clock, changed, error)


def latest(clock: Clock, log: SignInLog | AuditLog) -> datetime:
    """Now, by whichever clock is ahead: up to here there may be rows."""
    return max(clock.now(), _told(clock, log))


def earliest(clock: Clock, log: SignInLog | AuditLog, at: datetime) -> datetime:
    """Our ``at`` by whichever clock is behind: beyond it nothing could be read then, for it had not happened yet.

    A watermark from a host whose clock is ahead would claim hours in which everything was still to come.
    """
    return at - max(clock.now() - _told(clock, log), timedelta(0))


def _told(clock: Clock, log: SignInLog | AuditLog) -> datetime:
    """The log's own clock, or ours where it said nothing or is too far off to be anybody's."""
    ours, theirs = clock.now(), log.now()
    return theirs if theirs is not None and abs(ours - theirs) <= BELIEVED else ours


def load_progress(database: Database, tenant_id: str, source: str) -> Progress:
    """How far a source has been read; a new one when it never was."""
    with database.read() as transaction:
        return transaction.progress.get(tenant_id, source)


async def record_failure(database: Database, clock: Clock, progress: Progress, error: SourceError) -> Progress:
    """Keep a source's failure as its named state, so that pages and health say it within one poll."""

    def save() -> Progress:
        with database.write() as transaction:
            # What is stored may have moved on; of what was known before the failure only how to ask is kept.
            failed = msgspec.structs.replace(
                transaction.progress.get(progress.tenant_id, progress.source),
                window_seconds=progress.window_seconds,
                failure_filter=progress.failure_filter,
                state=state_of(error),
                problem=str(error),
                hint=error.hint,
                attempted_at=clock.now(),
            )
            transaction.progress.save(failed)
        return failed

    failed = await asyncio.to_thread(save)
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
        case NotOffered():
            return "not_offered"
        case _:
            return "unreachable"


def _next_window(seconds: int, pages: int, full: bool) -> int:
    """Twice as long while one page holds the window, half as long when it took many."""
    if pages <= 1 and not full:
        return min(seconds * 2, int(LARGEST_WINDOW.total_seconds()))
    if pages > MANY_PAGES:
        return max(seconds // 2, int(SMALLEST_WINDOW.total_seconds()))
    return seconds
