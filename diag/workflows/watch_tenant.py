"""One tenant's rounds: what is collected, compared and told. What is due is decided by rows, not by jobs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from msgspec import Struct

from diag.core.graph_permissions import Connection
from diag.workflows.changes import ChangeCollector
from diag.workflows.collect import Collector
from diag.workflows.incidents import IncidentDiagnoser
from diag.workflows.ports import AuditLog, Clock, Database, Directory, KnowledgeBase, SignInLog, Translator
from diag.workflows.reconcile import Reconciler
from diag.workflows.successes import SuccessCollector
from diag.workflows.sync import Synchroniser

FOLLOWED = timedelta(hours=2)
"""Changes this recent are followed by reading the object; what is older was found by delta meanwhile."""


class TenantSources(Struct, frozen=True, kw_only=True):
    """Where one tenant's facts come from."""

    tenant_id: str
    sign_ins: SignInLog
    directory: Directory
    audit: AuditLog
    close: Callable[[], Awaitable[None]]
    """Ends the connections."""
    connection: Callable[[], Connection] = Connection
    """What the connection was last seen to be; asks nothing."""


class TenantWatch:
    """Runs one tenant's workflows; each method may be called at any time and does what is due."""

    def __init__(
        self,
        sources: TenantSources,
        database: Database,
        knowledge_base: KnowledgeBase,
        translator: Translator,
        clock: Clock,
        poll_every: timedelta,
    ) -> None:
        self.tenant_id = sources.tenant_id
        self.directory = sources.directory
        self.connection = sources.connection
        groups: Sequence[Collector] = [
            Collector(sources.tenant_id, "service", sources.sign_ins, database, clock, poll_every),
            Collector(sources.tenant_id, "user", sources.sign_ins, database, clock, poll_every),
        ]
        self._collectors = groups
        self._successes = SuccessCollector(sources.tenant_id, sources.sign_ins, database, clock)
        self._reconcilers = [
            Reconciler(collector, sources.tenant_id, database, clock) for collector in (*groups, self._successes)
        ]
        self._synchronisers = [
            Synchroniser(sources.tenant_id, "application", sources.directory, database, clock),
            Synchroniser(sources.tenant_id, "service_principal", sources.directory, database, clock),
        ]
        self._changes = ChangeCollector(sources.tenant_id, sources.audit, database, clock)
        self._diagnoser = IncidentDiagnoser(
            sources.tenant_id, sources.directory, database, knowledge_base, translator, clock
        )

    async def collect(self) -> None:
        """Poll the sign-in log once and go on with the back-fill until it is done or a source fails."""
        await asyncio.gather(*(self._collect_all(collector) for collector in self._collectors))

    async def count_successes(self) -> None:
        """Count the successful sign-ins of applications since the last time, back to what the log keeps."""
        await self._collect_all(self._successes)

    async def reconcile(self) -> None:
        """Read once more, where it is due, what the sign-in log may have delivered late."""
        for reconciler in self._reconcilers:
            await reconciler.run()

    async def collect_changes(self) -> None:
        """Read the audit log since the last time, and the registrations that it says were changed."""
        await self._changes.run()
        for synchroniser in self._synchronisers:
            await synchroniser.follow(FOLLOWED)

    async def synchronise(self) -> None:
        """Bring applications and service principals up to date."""
        for synchroniser in self._synchronisers:
            await synchroniser.run()

    async def diagnose(self) -> None:
        """Diagnose the incidents that wait for it."""
        while await self._diagnoser.run():
            pass

    async def _collect_all(self, collector: Collector) -> None:
        progress = await collector.run()
        while collector.backfilling(progress):
            progress = await collector.run()
