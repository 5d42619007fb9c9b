"""All stores in memory, what the real ones promise and nothing more. Store suites run on both."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from msgspec.structs import replace

from diag.core.alerts import Alert, Delivery
from diag.workflows.ports import Progress
from tests.workflows.memory_records import (
    MemoryChanges,
    MemoryCredentials,
    MemoryFailures,
    MemoryIncidents,
    MemoryRegistrations,
    State,
    Store,
)

_TABLES = ("failures", "successes", "incidents", "people", "versions", "credentials", "values", "changes")
_MORE_TABLES = ("alerts", "outbox", "leases", "progress")


class MemoryDatabase:
    """All stores in memory; a transaction that fails leaves no trace."""

    def __init__(self) -> None:
        self._state: State = {name: {} for name in (*_TABLES, *_MORE_TABLES)}
        self._lock = threading.RLock()
        self.writes = 0
        self.before_commit: Callable[[], None] = lambda: None
        """Raises to let a commit fail."""

    @contextlib.contextmanager
    def write(self) -> Iterator["MemoryTransaction"]:
        with self._lock:
            copy = {name: dict(table) for name, table in self._state.items()}
            yield MemoryTransaction(copy)
            self.before_commit()
            self._state = copy
            self.writes += 1

    @contextlib.contextmanager
    def read(self) -> Iterator["MemoryTransaction"]:
        with self._lock:
            yield MemoryTransaction({name: dict(table) for name, table in self._state.items()})

    def close(self) -> None:
        """Nothing is open."""


class MemoryTransaction:
    def __init__(self, state: State) -> None:
        self.failures = MemoryFailures(state)
        self.incidents = MemoryIncidents(state)
        self.registrations = MemoryRegistrations(state)
        self.credentials = MemoryCredentials(state)
        self.changes = MemoryChanges(state)
        self.alerts = MemoryAlerts(state)
        self.leases = MemoryLeases(state)
        self.progress = MemoryProgress(state)


class MemoryAlerts(Store):
    def add(self, alerts: Sequence[Alert], channels: Sequence[str], at: datetime) -> int:
        new = 0
        for alert in alerts:
            if alert.key in self._state["alerts"]:
                continue
            new += 1
            kept = replace(alert, id=str(uuid5(NAMESPACE_URL, alert.key)), created_at=at)
            self._state["alerts"][alert.key] = kept
            for channel in channels:
                key = str(uuid5(NAMESPACE_URL, f"{alert.key}\n{channel}"))
                delivery = Delivery(
                    id=key, alert=kept, channel=channel, state="pending", attempts=0, claim=0, next_at=at
                )
                self._state["outbox"][key] = (delivery, None)
        return new

    def find(self, tenant_id: str | None, before: str | None, limit: int) -> Sequence[Alert]:
        found = [alert for alert in self._state["alerts"].values() if tenant_id in (None, alert.tenant_id)]
        return sorted(found, key=lambda alert: (alert.created_at, alert.id), reverse=True)[:limit]

    def deliveries(self, before: str | None, limit: int, tenant_id: str | None = None) -> Sequence[Delivery]:
        found = [delivery for delivery, _ in self._state["outbox"].values()]
        return sorted(found, key=lambda delivery: (delivery.alert.created_at, delivery.id), reverse=True)[:limit]

    def claim(self, channel: str, owner: str, now: datetime, lease_seconds: int, limit: int) -> Sequence[Delivery]:
        due = [
            delivery
            for delivery, until in self._state["outbox"].values()
            if delivery.channel == channel
            and delivery.next_at <= now
            and (delivery.state == "pending" or (delivery.state == "sending" and until <= now))
        ]
        taken = [
            replace(delivery, state="sending", attempts=delivery.attempts + 1, claim=delivery.claim + 1)
            for delivery in sorted(due, key=lambda delivery: (delivery.next_at, delivery.id))[:limit]
        ]
        until = now + timedelta(seconds=lease_seconds)
        self._state["outbox"].update({delivery.id: (delivery, until) for delivery in taken})
        return taken

    def finish(
        self, delivery: Delivery, now: datetime, *, state: Any, answer: str, retry_at: datetime | None = None
    ) -> bool:
        known, _ = self._state["outbox"][delivery.id]
        if known.claim != delivery.claim:
            return False
        done = replace(known, state=state, answer=answer[:500])
        done = replace(done, finished_at=now) if retry_at is None else replace(done, next_at=retry_at)
        self._state["outbox"][delivery.id] = (done, None)
        return True

    def delivered_keys(self, tenant_id: str, prefix: str) -> frozenset[str]:
        return frozenset(
            key
            for key, alert in self._state["alerts"].items()
            if alert.tenant_id == tenant_id and key.startswith(prefix)
        )


class MemoryLeases(Store):
    def acquire(self, name: str, owner: str, now: datetime, seconds: int) -> bool:
        holder, until = self._state["leases"].get(name, (owner, now))
        if holder != owner and until > now:
            return False
        self._state["leases"][name] = (owner, now + timedelta(seconds=seconds))
        return True

    def release(self, name: str, owner: str) -> None:
        if self._state["leases"].get(name, ("", None))[0] == owner:
            del self._state["leases"][name]


class MemoryProgress(Store):
    def get(self, tenant_id: str, source: str) -> Progress:
        return self._state["progress"].get((tenant_id, source)) or Progress(tenant_id=tenant_id, source=source)

    def save(self, progress: Progress) -> None:
        self._state["progress"][(progress.tenant_id, progress.source)] = progress

    def all(self) -> Sequence[Progress]:
        kept = [item for item in self._state["progress"].values() if isinstance(item, Progress)]
        return sorted(kept, key=lambda item: (item.tenant_id, item.source))
