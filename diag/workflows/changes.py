"""Who changed what: the directory's audit log into the store, so that a failure can be set beside what came before."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from diag.core.directory import Change
from diag.core.errors import SourceError
from diag.core.rereading import DAY_AND_MORE, EVERY, SLICE, WEEK, is_due
from diag.core.windows import HOUR, ReadWindow, Window, WindowKind
from diag.workflows.collect import OVERLAP, RETENTION, earliest, latest, load_progress, record_failure
from diag.workflows.ports import AuditLog, Clock, Database, Progress

SOURCE = "changes"


class ChangeCollector:
    """Collects one tenant's changes of applications, service principals, consent and policies."""

    def __init__(self, tenant_id: str, log: AuditLog, database: Database, clock: Clock) -> None:
        self._tenant_id = tenant_id
        self._log = log
        self._database = database
        self._clock = clock

    async def run(self) -> Progress:
        """Read what is new since the last time, with an overlap; the whole retention the first time.

        Once a day the last thirty hours are read instead, and the day that is about to be a week old.
        """
        progress = await asyncio.to_thread(load_progress, self._database, self._tenant_id, SOURCE)
        now = latest(self._clock, self._log)
        oldest = now - RETENTION + HOUR
        start = oldest
        again = progress.newest is None
        if progress.newest is not None:
            # A watermark in the future comes from a clock that was wrong.
            start = max(start, min(progress.newest, now) - OVERLAP)
            again = is_due(progress.reconciled_at, now)
        try:
            if again and progress.newest is not None:
                surely = earliest(self._clock, self._log, self._clock.now())
                last = min(progress.reconciled_at or surely, surely)
                start = max(oldest, min(start, surely - DAY_AND_MORE, last - (DAY_AND_MORE - EVERY)))
                since = max(oldest, min(surely - WEEK, last - WEEK + SLICE))
                await self._read(Window(since, surely - WEEK + SLICE), "reconcile")
            return await self._read(Window(start, now), "poll", until=now, reconciled=again)
        except SourceError as error:
            return await record_failure(self._database, self._clock, progress, error)

    async def _read(
        self,
        window: Window,
        kind: WindowKind,
        *,
        until: datetime | None = None,
        reconciled: bool = False,
    ) -> Progress:
        """Store a window to its end and close it; ``until``: how far the log is then read."""
        pages = records = new = 0
        began = self._clock.now()
        async for page in self._log.pages(window):
            pages, records = pages + 1, records + len(page)
            new += await asyncio.to_thread(self._store, page)
        now = self._clock.now()
        closed = ReadWindow(
            tenant_id=self._tenant_id,
            source=SOURCE,
            kind=kind,
            start=window.start,
            end=window.end,
            read_at=now,
            pages=pages,
            records=records,
            new=new,
        )

        def close() -> Progress:
            with self._database.write() as transaction:
                progress = transaction.progress.get(self._tenant_id, SOURCE)
                if until is not None:
                    progress = msgspec.structs.replace(
                        progress,
                        newest=min(until, earliest(self._clock, self._log, began)),
                        oldest=progress.oldest or window.start,
                        state="ok",
                        problem="",
                        hint="",
                        succeeded_at=now,
                        attempted_at=now,
                        reconciled_at=now if reconciled else progress.reconciled_at,
                    )
                transaction.windows.close(closed)
                transaction.progress.save(progress)
            return progress

        return await asyncio.to_thread(close)

    def _store(self, changes: Sequence[Change]) -> int:
        with self._database.write() as transaction:
            new = transaction.changes.add(self._tenant_id, changes)
            if new:
                targets = {change.target_object_id for change in changes}
                owners = {
                    **transaction.registrations.object_ids(self._tenant_id, "application"),
                    **transaction.registrations.object_ids(self._tenant_id, "service_principal"),
                }
                touched = sorted({owners[target] for target in targets if target in owners})
                transaction.incidents.make_stale(self._tenant_id, touched)
                progress = transaction.progress.get(self._tenant_id, SOURCE)
                transaction.progress.save(msgspec.structs.replace(progress, records=progress.records + new))
            return new
