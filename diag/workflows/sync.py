"""Registrations from the directory into the store: a full read first, then what changed, each change as a version."""

import asyncio
from collections.abc import Sequence

import msgspec

from diag.core.errors import ForeignLink, SourceError, WindowRefused
from diag.core.inventory import ObjectKind, RegistrationObject, RemovedObject
from diag.workflows.collect import load_progress, record_failure
from diag.workflows.ports import Clock, Database, Directory, Progress


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
        """Read everything, or what changed since the last time. A source that fails becomes a named state."""
        progress = await asyncio.to_thread(load_progress, self._database, self._tenant_id, self.source)
        try:
            if not progress.link:
                return await self._full(progress)
            try:
                return await self._changes(progress)
            except (ForeignLink, WindowRefused):
                # A delta link lives seven days and belongs to one Graph; without a good one everything is read again.
                return await self._full(progress)
        except SourceError as error:
            return await record_failure(self._database, self._clock, progress, error)

    async def _full(self, progress: Progress) -> Progress:
        seen: set[str] = set()
        link = ""
        async for page in self._directory.delta(self._kind, None):
            seen.update(item.object_id for item in page.objects)
            await asyncio.to_thread(self._store, page.objects, page.removed, None)
            link = page.delta_link or link
        gone = await asyncio.to_thread(self._not_among, seen)
        return await self._close(progress, gone, link)

    async def _changes(self, progress: Progress) -> Progress:
        link = progress.link
        async for page in self._directory.delta(self._kind, link):
            await asyncio.to_thread(self._store, page.objects, page.removed, None)
            link = page.delta_link or link
        return await self._close(progress, [], link)

    def _store(
        self, objects: Sequence[RegistrationObject], removed: Sequence[RemovedObject], closed: Progress | None
    ) -> None:
        now = self._clock.now()
        with self._database.write() as transaction:
            touched = {item.app_id for item in objects}
            if removed:
                known = transaction.registrations.object_ids(self._tenant_id, self._kind)
                touched |= {known.get(item.object_id, "") for item in removed}
            transaction.registrations.put(self._tenant_id, objects, now)
            transaction.registrations.remove(self._tenant_id, removed, now)
            transaction.incidents.make_stale(self._tenant_id, sorted(touched - {""}))
            if closed is not None:
                held = len(transaction.registrations.object_ids(self._tenant_id, self._kind))
                transaction.progress.save(msgspec.structs.replace(closed, records=held))

    def _not_among(self, seen: set[str]) -> list[RemovedObject]:
        with self._database.read() as transaction:
            known = transaction.registrations.object_ids(self._tenant_id, self._kind)
        return [RemovedObject(self._kind, object_id, restorable=True) for object_id in known if object_id not in seen]

    async def _close(self, progress: Progress, gone: list[RemovedObject], link: str) -> Progress:
        now = self._clock.now()
        closed = msgspec.structs.replace(
            progress,
            link=link,
            newest=now,
            state="ok",
            problem="",
            hint="",
            succeeded_at=now,
            attempted_at=now,
        )
        await asyncio.to_thread(self._store, [], gone, closed)
        return await asyncio.to_thread(load_progress, self._database, self._tenant_id, self.source)
