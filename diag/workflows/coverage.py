"""How much of each tenant is seen, judged from what is stored, and the alerts when that turns bad or well again."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from diag.core import coverage_alert
from diag.core.alert_policy import About, Policy, rule_for
from diag.core.coverage import GAPS_WITHIN, Coverage, OwnCredential, judge
from diag.core.coverage_changes import changes
from diag.core.graph_permissions import Connection
from diag.core.tenants import Tenant
from diag.core.windows import Window
from diag.workflows.ports import Clock, CredentialQuery, Database, Progress, Transaction

_KINDS = {"secret": "client secret", "certificate": "certificate"}
_AT_MOST = 500


def coverage_of(transaction: Transaction, tenant: Tenant, clock: Clock) -> Coverage:
    """What is seen of one tenant now."""
    progress = [item for item in transaction.progress.all() if item.tenant_id == tenant.tenant_id]
    return _judged(transaction, tenant, progress, clock)


def all_coverage(transaction: Transaction, tenants: Sequence[Tenant], clock: Clock) -> list[Coverage]:
    """The same for several: those given, in their order, then those of which something is stored all the same."""
    rows: dict[str, list[Progress]] = defaultdict(list)
    for item in transaction.progress.all():
        rows[item.tenant_id].append(item)
    known = {tenant.tenant_id: tenant for tenant in tenants}
    every = [*tenants, *(Tenant(tenant_id=tenant_id) for tenant_id in rows if tenant_id not in known)]
    return [_judged(transaction, tenant, rows.get(tenant.tenant_id, ()), clock) for tenant in every]


class CoverageWatcher:
    """Judges one tenant's coverage and tells each change once, in the transaction that keeps that it was told."""

    def __init__(
        self,
        tenant: Tenant,
        database: Database,
        clock: Clock,
        connection: Callable[[], Connection],
        policy: Policy,
        channels: Sequence[str],
    ) -> None:
        self._tenant = tenant
        self._database = database
        self._clock = clock
        self._connection = connection
        rule = rule_for(policy, About(kind="coverage"))
        chosen = rule.channels if rule is not None else None
        self._channels = tuple(channels) if chosen is None else tuple(chosen)
        self._telling = policy.coverage and not (rule is not None and rule.quiet_because)

    async def run(self) -> Coverage:
        """Keep what the connection was seen to be, judge, and tell what changed."""
        return await asyncio.to_thread(self._run)

    def _run(self) -> Coverage:
        tenant_id, now = self._tenant.tenant_id, self._clock.now()
        seen = self._connection()
        with self._database.write() as transaction:
            transaction.coverage.save_connection(tenant_id, seen)
            coverage = coverage_of(transaction, self._tenant, self._clock)
            before = transaction.coverage.troubles(tenant_id)
            change = changes(before, coverage)
            if tuple(before) != change.standing:
                transaction.coverage.save_troubles(tenant_id, change.standing)
            if change.begun and self._telling:
                alert = coverage_alert.written(coverage, change, self._tenant.label)
                transaction.alerts.add([alert], self._channels, now)
            if change.recovered:
                told = transaction.topics.close(tenant_id, coverage_alert.topic(tenant_id), now, "all is read again")
                alert = coverage_alert.all_clear(coverage, change, self._tenant.label)
                transaction.alerts.add([alert] if self._telling else [], told, now)
        return coverage


def _judged(transaction: Transaction, tenant: Tenant, progress: Sequence[Progress], clock: Clock) -> Coverage:
    now = clock.now()
    connection = transaction.coverage.connection(tenant.tenant_id)
    app_id = (connection.app_id if connection else "") or tenant.client_id.lower()
    own = _own_credential(transaction, tenant, app_id, now)
    read: dict[str, list[Window]] = defaultdict(list)
    for window in transaction.windows.find(tenant.tenant_id, since=now - GAPS_WITHIN):
        read[window.source].append(Window(window.start, window.end))
    pace = timedelta(seconds=tenant.poll_seconds)
    return judge(tenant.tenant_id, progress, now, connection=connection, windows=read, credential=own, pace=pace)


def _own_credential(transaction: Transaction, tenant: Tenant, app_id: str, now: datetime) -> OwnCredential | None:
    """The credential that this service signs in with, as its own registration tells; None where it tells nothing.

    A secret is known by its first three characters. Where several fit, the one that ends first and has not ended.
    """
    kind = "secret" if tenant.client_secret else "certificate" if tenant.certificate_path else ""
    if not kind or not app_id or tenant.managed_identity or tenant.federated_token_file:
        return None
    query = CredentialQuery(tenant_id=tenant.tenant_id, app_id=app_id, kind=kind, limit=_AT_MOST)
    found = [stored.credential for stored in transaction.credentials.find(query)]
    fitting = [row for row in found if row.hint and row.hint == tenant.client_secret[:3]] or found
    ends = {row.ends: row for row in fitting if row.ends is not None}
    if not ends:
        return None
    running = [end for end in ends if end > now]
    end = min(running) if running else max(ends)
    return OwnCredential(kind=_KINDS[kind], display_name=ends[end].display_name, key_id=ends[end].key_id, ends=end)
