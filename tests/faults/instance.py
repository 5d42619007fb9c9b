"""One process of the product in virtual time: its real client, workflows and database file, ticked as its jobs are."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx

from diag.adapters.db.database import SqlDatabase
from diag.adapters.graph.audit_log import GraphAuditLog
from diag.adapters.graph.client import GraphClient, Limits
from diag.adapters.graph.credentials import ClientCredentials, CredentialChoice, Tokens
from diag.adapters.graph.directory import GraphDirectory
from diag.adapters.graph.sign_in_log import GraphSignInLog
from diag.adapters.graph.throttle import Budgets
from diag.adapters.graph.wire.stored import StoredFacts
from diag.core.errors import DiagError
from diag.workflows.lease import Lease
from diag.workflows.ports import KnowledgeBase
from diag.workflows.watch_tenant import TenantSources, TenantWatch
from tests.faults.oracle.records import TENANT
from tests.faults.virtual import Gate, VirtualClock, VirtualTransport

OWN = "http://127.0.0.1:7001"
BODY = 400_000
"""Bytes of an answer that this process takes."""


class Pace:
    """Seconds between two rounds of each job."""

    def __init__(self, rng: random.Random) -> None:
        self.sign_ins = rng.choice((480.0, 600.0, 900.0))
        self.successes = 600.0
        self.second_reading = 900.0
        self.changes = rng.choice((600.0, 1800.0))
        self.registrations = rng.choice((900.0, 1800.0))
        self.diagnoses = rng.choice((1200.0, 3600.0))

    def slow_down(self) -> None:
        """For days in which nothing happens but what comes late."""
        self.sign_ins = self.successes = self.changes = self.registrations = self.diagnoses = 6 * 3600.0
        self.second_reading = 3 * 3600.0


class Instance:
    """Lives from ``run`` until it is cancelled; what is stored outlives it."""

    def __init__(
        self,
        who: str,
        url: str,
        clock: VirtualClock,
        transport: VirtualTransport,
        gate: Gate,
        knowledge_base: KnowledgeBase,
        pace: Pace,
        rng: random.Random,
    ) -> None:
        self.who, self.gate, self.mistakes = who, gate, list[BaseException]()
        self._pace, self._clock = pace, clock
        self._database = SqlDatabase(url)
        self._http = httpx.AsyncClient(transport=transport, timeout=httpx.Timeout(300.0, connect=30.0))
        choice = CredentialChoice(tenant_id=TENANT, client_id="reader", client_secret="s")
        client = GraphClient(
            tenant_id=TENANT,
            graph_url=OWN,
            tokens=Tokens(ClientCredentials(choice, OWN, f"{OWN}/.default", self._http), clock),
            http=self._http,
            budgets=Budgets(clock),
            clock=clock,
            jitter=rng.random,
            limits=Limits(body=BODY),
        )
        sources = TenantSources(
            tenant_id=TENANT,
            sign_ins=GraphSignInLog(client, clock),
            directory=GraphDirectory(client),
            audit=GraphAuditLog(client),
            close=self._http.aclose,
        )
        every = timedelta(seconds=pace.sign_ins)
        self.watch = TenantWatch(sources, self._database, knowledge_base, StoredFacts(), clock, every)
        self._lease = Lease("scheduler", who, self._database, clock)

    async def run(self) -> None:
        """Tick until cancelled, as ``diag.jobs`` and the scheduler do."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._every("sign_ins", self.watch.collect))
                group.create_task(self._every("successes", self.watch.count_successes))
                group.create_task(self._every("second_reading", self.watch.reconcile))
                group.create_task(self._every("changes", self.watch.collect_changes))
                group.create_task(self._every("registrations", self.watch.synchronise))
                group.create_task(self._every("diagnoses", self.watch.diagnose))
        finally:
            await self._http.aclose()
            self._database.close()

    async def _every(self, pace: str, job: Callable[[], Awaitable[object]]) -> None:
        while True:
            began = self._clock.monotonic()
            try:
                if await self._lease.held():
                    await job()
            except DiagError:
                pass  # A workflow's own named failure; the next tick tries again.
            except Exception as mistake:  # noqa: BLE001  the scheduler logs it and ticks on; here it is a finding
                self.mistakes.append(mistake)
            due: float = began + getattr(self._pace, pace)
            await self._clock.sleep(max(0.0, due - self._clock.monotonic()))
