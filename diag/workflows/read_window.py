"""One window of the sign-in log into the store, page by page; what closes it goes into its last transaction."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from diag.core.errors import SourceError, WindowRefused
from diag.core.successes import Tally
from diag.core.windows import ReadWindow, Window, WindowKind
from diag.workflows.ports import Clock, Database, Outcome, Progress, SignInGroup, SignInLog, SignInPage, Transaction

SUCCESSES = "successes"
"""The source under which the reach of counted successes is kept."""
BATCH = 5000
"""Failures stored in one transaction: fewer and larger ones are up to twice as fast."""
_SAME_PAGE = 3
"""Times that a window may give one page: a fault repeats it once, a loop for ever."""
_EMPTY_PAGES = 100
"""Empty pages in a row that are followed; more lead nowhere."""

Advance = Callable[[Progress, "Reading"], Progress]
"""From the progress as it is stored to what it is once the window is read."""


class Reading(msgspec.Struct):
    """What came of reading a window."""

    pages: int = 0
    records: int = 0
    new: int = 0
    full: bool = False
    """It took more than one page."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A window to read, and what for."""

    window: Window
    kind: WindowKind
    outcome: Outcome
    counting: bool = False
    """The successes replace what is stored of the window's hours; the window then begins with an hour."""


class WindowReader:
    """Reads windows of one tenant's sign-in log of one group of kinds; ``source`` is whose progress they move."""

    def __init__(
        self, tenant_id: str, group: SignInGroup, source: str, log: SignInLog, database: Database, clock: Clock
    ) -> None:
        self._tenant_id = tenant_id
        self._group: SignInGroup = group
        self._source = source
        self._log = log
        self._database = database
        self._clock = clock

    async def read(self, task: Task, advance: Advance) -> Progress:
        """Store the window to its last page and close it; ``SourceError`` leaves it open, with what was read stored.

        A page token that goes bad on the way costs one reading more, from the window's start.
        """
        reading = Reading()
        try:
            return await self._attempt(task, advance, reading)
        except WindowRefused:
            if not reading.pages:
                raise
            return await self._attempt(task, advance, Reading())

    async def _attempt(self, task: Task, advance: Advance, reading: Reading) -> Progress:
        guard, tally = _Guard(), Tally(task.window)
        waiting: list[SignInPage] = []
        storing: asyncio.Task[None] | None = None
        try:
            async for page in self._log.pages(self._group, task.window, outcome=task.outcome):
                guard.see(page)
                reading.pages += 1
                reading.records += page.read
                reading.full = reading.full or page.more
                if task.counting:
                    tally.add(page.successes)
                waiting.append(page)
                if page.more and sum(len(item.failures) for item in waiting) >= BATCH:
                    if storing is not None:
                        await storing
                    # The next pages are fetched and decoded while these are written.
                    storing = asyncio.create_task(asyncio.to_thread(self._store, waiting, reading))
                    waiting = []
        except SourceError:
            if storing is not None:
                await storing
            await asyncio.to_thread(self._store, waiting, reading)
            raise
        finally:
            if storing is not None and not storing.done():
                await asyncio.wait([storing])
        if storing is not None:
            await storing
        return await asyncio.to_thread(self._close, waiting, reading, task, tally, advance)

    def _store(self, pages: Sequence[SignInPage], reading: Reading) -> None:
        """Store pages of a window that is not at its end, and what follows from them."""
        if any(page.failures for page in pages):
            with self._database.write() as transaction:
                transaction.progress.save(self._add(transaction, pages, reading))

    def _close(
        self, pages: Sequence[SignInPage], reading: Reading, task: Task, tally: Tally, advance: Advance
    ) -> Progress:
        """Store a window's last pages and that it was read, in one transaction."""
        with self._database.write() as transaction:
            progress = advance(self._add(transaction, pages, reading), reading)
            if task.counting:
                more = transaction.successes.replace(self._tenant_id, task.window, tally.counts())
                progress = self._counted(transaction, progress, more)
                reading.new += max(more, 0) if self._source == SUCCESSES else 0
            transaction.windows.close(
                ReadWindow(
                    tenant_id=self._tenant_id,
                    source=self._source,
                    kind=task.kind,
                    start=task.window.start,
                    end=task.window.end,
                    read_at=self._clock.now(),
                    pages=reading.pages,
                    records=reading.records,
                    new=reading.new,
                )
            )
            transaction.progress.save(progress)
        return progress

    def _add(self, transaction: Transaction, pages: Sequence[SignInPage], reading: Reading) -> Progress:
        """Store the rows and count them into their incidents; the progress with them in it, not saved yet.

        It is loaded here, because another reader of the same source may have moved it meanwhile.
        """
        rows = [row for page in pages for row in page.failures]
        new = transaction.failures.add(rows) if rows else ()
        if new:
            transaction.incidents.touch(self._tenant_id, new)
        reading.new += len(new)
        progress = transaction.progress.get(self._tenant_id, self._source)
        return msgspec.structs.replace(progress, records=progress.records + len(new))

    def _counted(self, transaction: Transaction, progress: Progress, more: int) -> Progress:
        """The progress with ``more`` successes counted; pages of another source move that of successes along."""
        if self._source == SUCCESSES:
            return msgspec.structs.replace(progress, records=progress.records + more)
        counted = transaction.progress.get(self._tenant_id, SUCCESSES)
        same = msgspec.structs.replace(progress, source=SUCCESSES, records=counted.records + more, failure_filter=None)
        transaction.progress.save(same)
        return progress


class _Guard:
    """Tells a log that goes in a circle from one that repeats a page."""

    def __init__(self) -> None:
        self._times: Counter[tuple[str, int]] = Counter()
        self._empty = 0

    def see(self, page: SignInPage) -> None:
        """``WindowRefused`` when the pages lead nowhere."""
        self._empty = self._empty + 1 if page.read == 0 else 0
        if page.read:
            self._times[page.mark, page.read] += 1
        if self._empty > _EMPTY_PAGES or self._times[page.mark, page.read] >= _SAME_PAGE:
            raise WindowRefused("The log gave the same page again and again, or empty ones without an end.")
