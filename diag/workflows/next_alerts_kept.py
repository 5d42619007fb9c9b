"""The coming alerts, kept for a while: to work them out takes about a millisecond for each credential."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from diag.core.alert_policy import Policy
from diag.workflows.next_alerts import NextAlert, next_alerts
from diag.workflows.ports import Transaction, Translator

KEPT_FOR = 300.0
"""Seconds; a registration that changed shows after this at the latest. A new alert or snooze shows at once."""


class _Kept(Struct, frozen=True):
    seen: object
    at: float
    found: Sequence[NextAlert]


class NextAlerts:
    """One for the process; the last answer of each tenant and of all tenants together."""

    def __init__(self) -> None:
        self._kept: dict[str | None, _Kept] = {}
        self._lock = threading.Lock()

    def find(
        self,
        transaction: Transaction,
        translator: Translator,
        policy: Policy,
        common: Sequence[int],
        now: datetime,
        monotonic: float,
        ahead: timedelta,
        tenant_id: str | None,
    ) -> Sequence[NextAlert]:
        """As ``next_alerts``, without what has come since it was worked out."""
        latest = transaction.alerts.find(tenant_id, None, 1)
        seen = (tuple(alert.id for alert in latest), tuple(transaction.topics.quietings(tenant_id, now)))
        # Two who ask at once wait for one answer instead of working it out twice.
        with self._lock:
            kept = self._kept.get(tenant_id)
            if kept is None or kept.seen != seen or not 0 <= monotonic - kept.at < KEPT_FOR:
                found = next_alerts(transaction, translator, policy, common, now, ahead, tenant_id)
                kept = self._kept[tenant_id] = _Kept(seen, monotonic, found)
        return kept.found
