"""All stores in memory, what the real ones promise and nothing more. Store suites run on both."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from diag.core.coverage_changes import Trouble
from diag.core.graph_permissions import Connection
from diag.workflows.ports import Progress
from diag.workflows.ports_files import ImportedFile
from diag.workflows.ports_privacy import PersonalKind
from diag.workflows.ports_retention import RetainedKind
from tests.workflows.memory_alerts import MemoryAlerts, MemoryChannels, MemoryTopics, MemoryUsage
from tests.workflows.memory_codes import MemorySeenCodes
from tests.workflows.memory_collecting import MemorySuccesses, MemoryWindows
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
_MORE_TABLES = ("alerts", "outbox", "quietings", "links", "channels", "leases", "progress", "windows", "files")
_TENANT_TABLES = ("connections", "troubles")


class MemoryDatabase:
    """All stores in memory; a transaction that fails leaves no trace."""

    def __init__(self) -> None:
        self._state: State = {name: {} for name in (*_TABLES, *_MORE_TABLES, *_TENANT_TABLES)}
        self._lock = threading.RLock()
        self.writes = 0
        self.shrunk = 0
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

    def rewrite(self) -> bool:
        return True

    def shrink(self, pages: int) -> bool:
        self.shrunk += 1
        return False

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
        self.topics = MemoryTopics(state)
        self.channels = MemoryChannels(state)
        self.usage = MemoryUsage(state)
        self.leases = MemoryLeases(state)
        self.progress = MemoryProgress(state)
        self.windows = MemoryWindows(state)
        self.successes = MemorySuccesses(state)
        self.files = MemoryFiles(state)
        self.coverage = MemoryCoverage(state)
        self.retention = MemoryRetention(self)
        self.seen_codes = MemorySeenCodes(state)
        self.privacy = MemoryPrivacy()


class MemoryLeases(Store):
    def acquire(self, name: str, owner: str, now: datetime, seconds: int) -> bool:
        holder, until = self._state["leases"].get(name, (owner, now))
        if holder != owner and now < until <= now + timedelta(seconds=2 * seconds):
            return False
        self._state["leases"][name] = (owner, now + timedelta(seconds=seconds))
        return True

    def holders(self) -> Mapping[str, str]:
        return {name: owner for name, (owner, _) in self._state["leases"].items()}

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


class MemoryFiles(Store):
    def get(self, tenant_id: str, name: str) -> ImportedFile | None:
        found = self._state["files"].get((tenant_id, name))
        return found if isinstance(found, ImportedFile) else None

    def save(self, file: ImportedFile) -> None:
        self._state["files"][(file.tenant_id, file.name)] = file


class MemoryCoverage(Store):
    def connection(self, tenant_id: str) -> Connection | None:
        found: Connection | None = self._state["connections"].get(tenant_id)
        return found

    def save_connection(self, tenant_id: str, connection: Connection) -> None:
        before = self.connection(tenant_id) or connection
        if connection.permissions is None:
            connection = replace(connection, token=before.token, app_id=before.app_id, permissions=before.permissions)
        if connection.skew_seconds is None:
            connection = replace(connection, skew_seconds=before.skew_seconds)
        self._state["connections"][tenant_id] = connection

    def troubles(self, tenant_id: str) -> Sequence[Trouble]:
        found = self._state["troubles"].get(tenant_id, ())
        return sorted(found, key=lambda item: (item.since, item.subject))

    def save_troubles(self, tenant_id: str, troubles: Sequence[Trouble]) -> None:
        self._state["troubles"][tenant_id] = tuple(troubles)


class MemoryRetention:
    """The kinds that workflows fill here; the others have nothing old."""

    def __init__(self, transaction: MemoryTransaction) -> None:
        self._transaction = transaction

    def due(self, kind: RetainedKind, before: datetime) -> bool:
        return True

    def delete(self, kind: RetainedKind, before: datetime, limit: int) -> int:
        if kind == "failures":
            return self._transaction.failures.delete_before(before, limit)
        if kind == "windows":
            return self._transaction.windows.delete_before(before, limit)
        if kind == "success_hours":
            return self._transaction.successes.delete_before(before, limit)
        return 0


class MemoryPrivacy:
    """People are kept as they are here, so nothing waits to be treated."""

    def treated(self) -> bool:
        return True

    def treat(self, kind: PersonalKind, after: str, limit: int) -> str | None:
        return None

    def forget(self) -> None:
        """Nothing quotes anybody."""

    def finish(self) -> None:
        """Nothing was begun."""
