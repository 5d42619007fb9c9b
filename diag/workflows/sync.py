"""Registrations from the directory into the store: a full read first, then what changed, each change as a version."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from diag.core.errors import ForeignLink, NotFound, SourceError, WindowRefused
from diag.core.inventory import ObjectKind, Origin, RegistrationObject, RemovedObject
from diag.core.rereading import is_due
from diag.workflows.collect import load_progress, record_failure
from diag.workflows.ports import Clock, Database, Directory, Progress, Transaction

_AT_MOST = 500
"""Changes looked at in one go; an older one that is passed over is found by delta or the daily reading."""


class Synchroniser:
    """Keeps one tenant's applications or service principals as the directory has them."""

    def __init__(
        self, tenant_id: str, kind: ObjectKind, directory: Directory, database: Database, clock: Clock
    ) -> None:
        self._tenant_id = tenant_id
        self._kind: ObjectKind = kind
        self._directory = directory
        self._database = database
        self._clock = clock

    @property
    def source(self) -> str:
        """The name under which progress is kept."""
        return "applications" if self._kind == "application" else "service_principals"

    async def run(self) -> Progress:
        """Read what changed since the last time, or everything: at first, once a day, and where the delta link is lost.

        A source that fails becomes a named state.
        """
        progress = await asyncio.to_thread(load_progress, self._database, self._tenant_id, self.source)
        try:
            if not progress.link:
                return await self._full("full" if progress.newest is None else "reconcile")
            if is_due(progress.reconciled_at, self._clock.now()):
                return await self._full("reconcile")
            try:
                return await self._changes(progress.link)
            except (ForeignLink, WindowRefused):
                # A delta link lives seven days and belongs to one Graph; without a good one everything is read again.
                return await self._full("reconcile")
        except SourceError as error:
            return await record_failure(self._database, self._clock, progress, error)

    async def follow(self, since: timedelta) -> int:
        """Read the objects again that the audit log says were changed after they were last read; how many.

        Delta tells of a change late, or not at all; the audit log also says when it was made. ``since``: how far back
        the changes are looked at.
        """
        waiting = await asyncio.to_thread(self._changed_since_read, self._clock.now() - since)
        for object_id, changed_at in waiting.items():
            try:
                found = await self._directory.read(self._kind, object_id)
            except NotFound:
                continue  # The delta round says what became of it.
            await asyncio.to_thread(self._put_followed, found, changed_at)
        return len(waiting)

    async def _full(self, origin: Origin) -> Progress:
        seen: set[str] = set()
        link = ""
        async for page in self._directory.delta(self._kind, None):
            seen.update(item.object_id for item in page.objects)
            await asyncio.to_thread(self._store, page.objects, page.removed, origin)
            link = page.delta_link or link
        gone = await self._gone(await asyncio.to_thread(self._not_among, seen), origin)
        return await asyncio.to_thread(self._close, gone, link, origin)

    async def _changes(self, link: str) -> Progress:
        async for page in self._directory.delta(self._kind, link):
            await asyncio.to_thread(self._store, page.objects, page.removed, "delta")
            link = page.delta_link or link
        return await asyncio.to_thread(self._close, [], link, "delta")

    async def _gone(self, missing: Sequence[RemovedObject], origin: Origin) -> list[RemovedObject]:
        """Those of the objects missing from a full reading that are really not there: a list has been cut short before.

        Each one is asked for by itself, which costs a request only where something is gone.
        """
        gone = []
        for item in missing:
            try:
                found = await self._directory.read(self._kind, item.object_id)
            except NotFound:
                gone.append(item)
            else:
                await asyncio.to_thread(self._store, [found], [], origin)
        return gone

    def _store(self, objects: Sequence[RegistrationObject], removed: Sequence[RemovedObject], origin: Origin) -> None:
        with self._database.write() as transaction:
            self._keep(transaction, objects, removed, origin)

    def _keep(
        self,
        transaction: Transaction,
        objects: Sequence[RegistrationObject],
        removed: Sequence[RemovedObject],
        origin: Origin,
    ) -> None:
        """Store what was read, and ask for a new diagnosis of the incidents it concerns."""
        now = self._clock.now()
        touched = {item.app_id for item in objects}
        if removed:
            known = transaction.registrations.object_ids(self._tenant_id, self._kind)
            touched |= {known.get(item.object_id, "") for item in removed}
        changed = transaction.registrations.put(self._tenant_id, objects, now, origin=origin)
        transaction.registrations.remove(self._tenant_id, removed, now, origin=origin)
        if changed or removed:
            transaction.incidents.make_stale(self._tenant_id, sorted(touched - {""}))

    def _not_among(self, seen: set[str]) -> list[RemovedObject]:
        with self._database.read() as transaction:
            known = transaction.registrations.object_ids(self._tenant_id, self._kind)
        return [RemovedObject(self._kind, object_id, restorable=True) for object_id in known if object_id not in seen]

    def _changed_since_read(self, since: datetime) -> dict[str, datetime | None]:
        """Objects of this kind with changes after they were last read, and when, if there was one change only."""
        changes: dict[str, list[datetime]] = {}
        with self._database.read() as transaction:
            owners = transaction.registrations.object_ids(self._tenant_id, self._kind)
            for _, change in transaction.changes.find(self._tenant_id, None, since, None, _AT_MOST):
                if change.target_object_id in owners:
                    changes.setdefault(change.target_object_id, []).append(change.at)
            waiting: dict[str, datetime | None] = {}
            for object_id, instants in changes.items():
                stored = transaction.registrations.as_of(self._tenant_id, owners[object_id], None).get(self._kind)
                if stored is None or stored.object_id != object_id:
                    continue
                after = [at for at in instants if at > stored.read_at]
                if after:
                    waiting[object_id] = after[0] if len(after) == 1 else None
        return waiting

    def _put_followed(self, found: RegistrationObject, changed_at: datetime | None) -> None:
        now = self._clock.now()
        with self._database.write() as transaction:
            put = transaction.registrations.put
            if put(self._tenant_id, [found], now, origin="audit", since=changed_at):
                transaction.incidents.make_stale(self._tenant_id, [found.app_id])

    def _close(self, gone: Sequence[RemovedObject], link: str, origin: Origin) -> Progress:
        now = self._clock.now()
        with self._database.write() as transaction:
            self._keep(transaction, [], gone, origin)
            progress = transaction.progress.get(self._tenant_id, self.source)
            closed = msgspec.structs.replace(
                progress,
                link=link,
                newest=now,
                state="ok",
                problem="",
                hint="",
                succeeded_at=now,
                attempted_at=now,
                records=len(transaction.registrations.object_ids(self._tenant_id, self._kind)),
                reconciled_at=progress.reconciled_at if origin == "delta" else now,
            )
            transaction.progress.save(closed)
        return closed
