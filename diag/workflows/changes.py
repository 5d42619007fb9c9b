"""Who changed what: the directory's audit log into the store, so that a failure can be set beside what came before."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from diag.core.directory import Change
from diag.core.errors import SourceError
from diag.core.windows import Window
from diag.workflows.collect import OVERLAP, RETENTION, load_progress, record_failure
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
        """Read what is new since the last time, with an overlap; the whole retention the first time."""
        progress = await asyncio.to_thread(load_progress, self._database, self._tenant_id, SOURCE)
        now = self._clock.now()
        start = now - RETENTION + timedelta(hours=1)
        if progress.newest is not None:
            # A watermark in the future comes from a clock that was wrong.
            start = max(start, min(progress.newest, now) - OVERLAP)
        records = progress.records
        try:
            async for page in self._log.pages(Window(start, now)):
                records += await asyncio.to_thread(self._store, page)
        except SourceError as error:
            return await record_failure(self._database, self._clock, progress, error)
        closed = msgspec.structs.replace(
            progress,
            newest=now,
            oldest=progress.oldest or start,
            state="ok",
            problem="",
            hint="",
            succeeded_at=now,
            attempted_at=now,
            records=records,
        )
        await asyncio.to_thread(self._close, closed)
        return closed

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
            return new

    def _close(self, progress: Progress) -> None:
        with self._database.write() as transaction:
            transaction.progress.save(progress)
