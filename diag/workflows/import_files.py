"""Exported records into the store: the same rows under the same keys as from Graph, so that mixing never duplicates.

A record that is stored already stays as it is: what Graph itself answered says more than what a file holds. How far a
file was read moves in the transaction that stores its records, so that a death costs nothing but the current batch.
"""

import asyncio
import hashlib
import io
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import BinaryIO

from msgspec.structs import replace

from diag.core import successes
from diag.core.errors import BadInput, DiagError, NotFound, SourceError
from diag.core.windows import Window
from diag.workflows.collect import load_progress, record_failure
from diag.workflows.ports import Clock, Database, Progress, Transaction
from diag.workflows.ports_files import ExportBatch, ExportReader, ImportedFile, SourceFile, Unreadable, WatchedPlace

EXAMPLES = 5
"""Unreadable records that are shown of a file; the others are counted."""
_HEAD = 4096
"""Bytes at a file's beginning by which a file that has grown is told from another one of the same name."""

_log = logging.getLogger(__name__)


class Tally:
    """What came of one run over one file."""

    def __init__(self) -> None:
        self.read = 0
        self.sign_ins = 0
        self.stored = 0
        self.changes = 0
        self.unreadable = 0
        self.unknown = 0
        self.other_tenant = 0
        self.too_old = 0
        self.examples: list[Unreadable] = []

    def add(self, batch: ExportBatch, too_old: int) -> None:
        """Count what the batch holds."""
        self.read += batch.read
        self.sign_ins += batch.sign_ins
        self.unreadable += len(batch.unreadable)
        self.unknown += batch.unknown
        self.other_tenant += batch.other_tenant
        self.too_old += too_old
        self.examples.extend(batch.unreadable[: EXAMPLES - len(self.examples)])


class FileImporter:
    """Imports files into one tenant's store."""

    def __init__(
        self, tenant_id: str, reader: ExportReader, database: Database, clock: Clock, retention: timedelta
    ) -> None:
        self.tenant_id = tenant_id
        self._reader = reader
        self._database = database
        self._clock = clock
        self.retention = retention

    def known(self, name: str) -> ImportedFile | None:
        """How far this file was read before."""
        with self._database.read() as transaction:
            return transaction.files.get(self.tenant_id, name)

    def run(
        self,
        stream: BinaryIO,
        name: str,
        *,
        shown_name: str,
        version: str,
        again: bool = False,
        on_batch: Callable[[Tally], None] = lambda _: None,
    ) -> tuple[ImportedFile, Tally]:
        """Read the file to its end, from where it was left; ``BadInput`` when it holds nothing that can be read.

        ``name`` is the key under which the state is kept, ``shown_name`` what the file is called by its owner.
        """
        tally = Tally()
        state = self._resumed(stream, name, version, again=again)
        now = self._clock.now()
        batches = self._reader.batches(stream, shown_name, self.tenant_id, state.position, now)
        for batch in batches:
            state = self._store(batch, state, tally)
            on_batch(tally)
        state = replace(state, finished=True, updated_at=self._clock.now())
        with self._database.write() as transaction:
            transaction.files.save(state)
        return state, tally

    def _resumed(self, stream: BinaryIO, name: str, version: str, *, again: bool) -> ImportedFile:
        head = _head(stream)
        fresh = ImportedFile(tenant_id=self.tenant_id, name=name, version=version, head=head)
        known = None if again else self.known(name)
        if known is None or not known.head or known.head != head:
            return fresh
        if known.version == version or known.grows:
            return replace(known, version=version, finished=False, problem="")
        return fresh

    def _store(self, batch: ExportBatch, state: ImportedFile, tally: Tally) -> ImportedFile:
        oldest = self._clock.now() - self.retention
        failures = [row for row in batch.failures if row.created_at >= oldest]
        tally.add(batch, len(batch.failures) - len(failures))
        counted = successes.Tally(Window(oldest, self._clock.now() + timedelta(days=1)))
        counted.add(batch.successes)
        with self._database.write() as transaction:
            new = transaction.failures.add(failures, keep_known=True)
            if new:
                transaction.incidents.touch(self.tenant_id, new)
            transaction.successes.note(self.tenant_id, counted.counts())
            added = transaction.changes.add(self.tenant_id, batch.changes) if batch.changes else 0
            if added:
                self._ask_again(transaction, batch)
            tally.stored += len(new)
            tally.changes += added
            state = replace(
                state,
                position=batch.position,
                grows=batch.grows,
                read=state.read + batch.read,
                stored=state.stored + len(new),
                changes=state.changes + added,
                unreadable=state.unreadable + len(batch.unreadable),
                updated_at=self._clock.now(),
            )
            transaction.files.save(state)
        return state

    def _ask_again(self, transaction: Transaction, batch: ExportBatch) -> None:
        """What changed just before may be the cause of what failed: its incidents are diagnosed anew."""
        owners = {
            **transaction.registrations.object_ids(self.tenant_id, "application"),
            **transaction.registrations.object_ids(self.tenant_id, "service_principal"),
        }
        targets = {change.target_object_id for change in batch.changes}
        transaction.incidents.make_stale(self.tenant_id, sorted({owners[each] for each in targets if each in owners}))


class FileWatcher:
    """Imports what appears or grows in a watched place."""

    def __init__(self, place: WatchedPlace, importer: FileImporter, database: Database, clock: Clock) -> None:
        self._place = place
        self._importer = importer
        self._database = database
        self._clock = clock

    @property
    def source(self) -> str:
        """The name under which progress is kept."""
        return f"files:{self._place.name}"

    async def run(self) -> int:
        """Read every file that is new or has changed; how many were read. A place nobody can look at is a named state.

        A file that holds nothing readable is kept as such, with the reason, until it changes; the others go on.
        """
        progress = await asyncio.to_thread(load_progress, self._database, self._importer.tenant_id, self.source)
        try:
            tallies = await asyncio.to_thread(self._read_all)
        except SourceError as error:
            await record_failure(self._database, self._clock, progress, error)
            return 0
        now = self._clock.now()
        done = replace(
            progress,
            state="ok",
            problem="",
            hint="",
            newest=now,
            succeeded_at=now,
            attempted_at=now,
            records=progress.records + sum(tally.stored + tally.changes for tally in tallies),
        )
        await asyncio.to_thread(self._save, done)
        return len(tallies)

    def _save(self, progress: Progress) -> None:
        with self._database.write() as transaction:
            transaction.progress.save(progress)

    def _read_all(self) -> Sequence[Tally]:
        return [tally for file in self._place.files() if (tally := self._read(file)) is not None]

    def _read(self, file: SourceFile) -> Tally | None:
        name = f"{self._place.name}/{file.name}"
        if file.modified < self._clock.now() - self._importer.retention:
            return None
        known = self._importer.known(name)
        if known is not None and known.version == file.version and (known.finished or known.problem):
            return None
        try:
            with self._place.open(file) as stream:
                _, tally = self._importer.run(stream, name, shown_name=file.name, version=file.version)
        except NotFound:
            # Taken away since it was listed; what it held was read, or is not there to be read.
            return None
        except BadInput as error:
            self._keep_problem(name, file, error)
            return None
        return tally

    def _keep_problem(self, name: str, file: SourceFile, error: DiagError) -> None:
        _log.warning("file not readable", extra={"file": name, "problem": str(error)})
        known = self._importer.known(name) or ImportedFile(
            tenant_id=self._importer.tenant_id, name=name, version=file.version
        )
        with self._database.write() as transaction:
            transaction.files.save(
                replace(known, version=file.version, problem=str(error), updated_at=self._clock.now())
            )


def _head(stream: BinaryIO) -> str:
    """A digest of the first bytes; empty for a stream that cannot be read twice."""
    if not stream.seekable():
        return ""
    stream.seek(0)
    digest = hashlib.sha256(stream.read(_HEAD)).hexdigest()
    stream.seek(0, io.SEEK_SET)
    return digest
