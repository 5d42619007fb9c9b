"""Who looks after an application: owners are read when an alert is about to be written, and again by age."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from diag.core.errors import NotFound, SourceError
from diag.core.inventory import DetailKind, StoredObject
from diag.core.profile import Person
from diag.workflows.ports import Clock, Database, Directory, Transaction

OWNERS_AGE = timedelta(hours=20)
"""Owners read longer ago than this are read again before somebody is told."""
AT_ONCE = 200
"""Applications whose owners are read in one round; the others are told with what is known of them."""
_LOOKED_AT = 200
_OF_CREDENTIALS = ("certificates and secrets", "credential", "password", "keycredential")
"""Words in the activities and properties by which the audit log tells that credentials were changed."""


class OwnerReader:
    """Keeps the owners of one tenant's applications fresh."""

    def __init__(self, tenant_id: str, directory: Directory, database: Database, clock: Clock) -> None:
        self._tenant_id = tenant_id
        self._directory = directory
        self._database = database
        self._clock = clock

    async def refresh(self, app_ids: Sequence[str]) -> int:
        """Read the owners that are not known or old; how many collections were read. A failure is kept as such."""
        read = 0
        for app_id in app_ids[:AT_ONCE]:
            for kind, owner in await asyncio.to_thread(self._stale, app_id):
                read += await self._read(kind, owner)
        return read

    def _stale(self, app_id: str) -> Sequence[tuple[DetailKind, StoredObject]]:
        before = self._clock.now() - OWNERS_AGE
        wanted: list[tuple[DetailKind, StoredObject]] = []
        with self._database.read() as transaction:
            stored = transaction.registrations.as_of(self._tenant_id, app_id, None)
        application, principal = stored.get("application"), stored.get("service_principal")
        for kind, owner in (("owners", application), ("service_principal_owners", principal)):
            held = stored.get(kind)  # type: ignore[call-overload]
            if owner is not None and owner.body is not None and (held is None or held.read_at < before):
                wanted.append((kind, owner))  # type: ignore[arg-type]
        return wanted

    async def _read(self, kind: DetailKind, owner: StoredObject) -> int:
        try:
            detail = await self._directory.detail(kind, owner.object_id, owner.app_id)
        except NotFound:
            return 0
        except SourceError as error:
            await asyncio.to_thread(self._mark, kind, owner, f"{error} {error.hint}")
            return 0

        def put() -> None:
            with self._database.write() as transaction:
                transaction.registrations.put(self._tenant_id, [detail], self._clock.now())

        await asyncio.to_thread(put)
        return 1

    def _mark(self, kind: DetailKind, owner: StoredObject, why: str) -> None:
        with self._database.write() as transaction:
            transaction.registrations.mark_unread(
                self._tenant_id, kind, owner.object_id, owner.app_id, why, self._clock.now()
            )


def last_to_change(transaction: Transaction, tenant_id: str, app_id: str) -> Person | None:
    """The last person whom the audit log names for a change of the application's credentials; None: nobody known.

    The log says no more than the user principal name; an application that made the change is nobody to write to.
    """
    for _, change in transaction.changes.find(tenant_id, app_id, None, None, _LOOKED_AT):
        said = " ".join((change.activity, *(item.name for item in change.properties))).casefold().replace(" ", "")
        if "@" in change.actor and any(word.replace(" ", "") in said for word in _OF_CREDENTIALS):
            return Person(name=change.actor, user_name=change.actor)
    return None
