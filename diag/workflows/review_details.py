"""What checks need and delta omits (owners, federated credentials, granted permissions), read little by little."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from diag.core.errors import NotFound, SourceError
from diag.core.inventory import DetailKind, StoredObject
from diag.core.predicates.registered_uri import takeable_hosts
from diag.core.read import Found
from diag.workflows.ports import Clock, Database, Directory, Translator

DETAIL_AGE = timedelta(hours=24)
"""A collection read (or tried) longer ago than this is read again."""
AT_ONCE = 40
"""Collections read in one round, so that a large tenant is gone through within hours and failures come first."""
_PAGE = 100
_OF_APPLICATION: tuple[DetailKind, ...] = ("owners", "federated_credentials")
_OF_PRINCIPAL: tuple[DetailKind, ...] = ("app_role_assignments",)


class DetailReader:
    """Goes round one tenant's applications and keeps what their checks need fresh."""

    def __init__(
        self, tenant_id: str, directory: Directory, database: Database, translator: Translator, clock: Clock
    ) -> None:
        self._tenant_id = tenant_id
        self._directory = directory
        self._database = database
        self._translator = translator
        self._clock = clock
        self._after: str | None = None

    async def run(self) -> int:
        """One round; how many collections were read. A failure is kept as such, with its reason."""
        wanted = await asyncio.to_thread(self._stale)
        read = 0
        for kind, owner in wanted:
            try:
                detail = await self._directory.detail(kind, owner.object_id, owner.app_id)
            except NotFound:
                continue
            except SourceError as error:
                await asyncio.to_thread(self._mark, kind, owner, f"{error} {error.hint}".strip())
                continue
            read += 1
            await asyncio.to_thread(self._put, detail)
        return read

    def hosts(self) -> frozenset[str]:
        """The hosts among all redirect URIs of the tenant whose name Azure would give to somebody else."""
        found: set[str] = set()
        after: str | None = None
        while True:
            with self._database.read() as transaction:
                lines = transaction.registrations.applications(self._tenant_id, "", after, _PAGE)
                for line in lines:
                    stored = transaction.registrations.as_of(self._tenant_id, line.app_id, None)
                    uris = self._translator.facts(stored).application.redirect_uris
                    if isinstance(uris, Found):
                        found |= takeable_hosts(uri.uri for uri in uris.value)
            if len(lines) < _PAGE:
                return frozenset(found)
            after = f"{lines[-1].display_name}\n{lines[-1].app_id}\n{lines[-1].tenant_id}"

    def _stale(self) -> Sequence[tuple[DetailKind, StoredObject]]:
        """The next collections that were never read, or long ago; goes on where the round before ended."""
        before = self._clock.now() - DETAIL_AGE
        wanted: list[tuple[DetailKind, StoredObject]] = []
        with self._database.read() as transaction:
            lines = transaction.registrations.applications(self._tenant_id, "", self._after, _PAGE)
            for line in lines:
                if len(wanted) >= AT_ONCE:
                    break
                self._after = f"{line.display_name}\n{line.app_id}\n{line.tenant_id}"
                stored = transaction.registrations.as_of(self._tenant_id, line.app_id, None)
                application, principal = stored.get("application"), stored.get("service_principal")
                for kinds, owner in ((_OF_APPLICATION, application), (_OF_PRINCIPAL, principal)):
                    if owner is not None and owner.body is not None:
                        held = ((kind, stored.get(kind)) for kind in kinds)
                        wanted += [(kind, owner) for kind, one in held if one is None or one.read_at < before]
            else:
                if len(lines) < _PAGE:
                    self._after = None
        return wanted

    def _put(self, detail: object) -> None:
        with self._database.write() as transaction:
            transaction.registrations.put(self._tenant_id, [detail], self._clock.now())  # type: ignore[list-item]

    def _mark(self, kind: DetailKind, owner: StoredObject, why: str) -> None:
        with self._database.write() as transaction:
            transaction.registrations.mark_unread(
                self._tenant_id, kind, owner.object_id, owner.app_id, why, self._clock.now()
            )
