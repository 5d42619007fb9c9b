"""What was collected, in memory: failures, incidents, registrations, credentials, changes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from diag.core.diagnosis import Diagnosis
from diag.core.directory import Change, Neighbour
from diag.core.incidents import Incident, fingerprint_of, incident_id
from diag.core.inventory import CredentialRow, Kind, ObjectKind, Origin, RegistrationObject, RemovedObject, StoredObject
from diag.core.operations import one_operation, operation_of
from diag.core.records import FailureRow
from diag.core.sign_in import Attempts
from diag.workflows.ports import (
    ApplicationLine,
    CredentialQuery,
    FailureQuery,
    HourlyFailures,
    IncidentQuery,
    StoredCredential,
)

State = dict[str, dict[Any, Any]]


class Store:
    def __init__(self, state: State) -> None:
        self._state = state


class MemoryFailures(Store):
    def add(self, rows: Sequence[FailureRow], *, keep_known: bool = False) -> Sequence[FailureRow]:
        table = self._state["failures"]
        new = {(row.tenant_id, row.id): row for row in rows if (row.tenant_id, row.id) not in table}
        table.update(new if keep_known else {(row.tenant_id, row.id): row for row in rows})
        return list(new.values())

    def get(self, failure_id: str, tenant_id: str | None = None) -> FailureRow | None:
        for (tenant, key), row in self._state["failures"].items():
            if key == failure_id and tenant_id in (None, tenant):
                return row  # type: ignore[no-any-return]
        return None

    def find(self, query: FailureQuery) -> Sequence[FailureRow]:
        rows = [
            row
            for row in self._state["failures"].values()
            if query.tenant_id in (None, row.tenant_id)
            and query.app_id in (None, row.app_id)
            and query.code in (None, row.error_code)
            and (query.interrupts or query.fingerprint is not None or not row.interrupt)
            and query.fingerprint in (None, fingerprint_of(row))
        ]
        return sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)[: query.limit]

    def hourly(self, tenant_id: str | None, since: datetime, app_id: str | None = None) -> Sequence[HourlyFailures]:
        failures: Counter[datetime] = Counter()
        paused: Counter[datetime] = Counter()
        for row in self._state["failures"].values():
            if tenant_id in (None, row.tenant_id) and app_id in (None, row.app_id):
                (paused if row.interrupt else failures)[row.created_at.replace(minute=0, second=0, microsecond=0)] += 1
        hours = sorted(hour for hour in {*failures, *paused} if hour >= since)
        return [HourlyFailures(hour, failures[hour], paused[hour]) for hour in hours]

    def attempts(self, tenant_id: str, app_id: str, since: datetime) -> Sequence[Attempts]:
        ways: dict[tuple[str, str], list[datetime]] = {}
        for row in self._state["failures"].values():
            if (row.tenant_id, row.app_id) == (tenant_id, app_id) and row.created_at >= since:
                ways.setdefault((row.event_type, row.protocol), []).append(row.created_at)
        found = [Attempts(event_type=a, protocol=b, count=len(at), last=max(at)) for (a, b), at in ways.items()]
        return sorted(found, key=lambda item: (-item.count, item.event_type, item.protocol))

    def delete_before(self, instant: datetime, limit: int) -> int:
        table = self._state["failures"]
        doomed = [key for key, row in table.items() if row.created_at < instant][:limit]
        for key in doomed:
            del table[key]
        return len(doomed)


class MemoryIncidents(Store):
    def touch(self, tenant_id: str, rows: Sequence[FailureRow]) -> Sequence[Incident]:
        touched: dict[str, Incident] = {}
        for row in sorted(rows, key=lambda row: (row.created_at, row.id)):
            key = incident_id(tenant_id, fingerprint_of(row))
            people = self._state["people"].get(key, frozenset())
            if row.user_id or row.user_principal_name:
                people = people | {row.user_id or row.user_principal_name}
            self._state["people"][key] = people
            known = self._state["incidents"].get(key)
            touched[key] = replace(_opened(key, row) if known is None else _again(known, row), people=len(people))
            if known is None or row.created_at > known.last_seen or row.created_at < known.first_seen:
                self._state["progress"][("stale", key)] = True
            self._state["incidents"][key] = touched[key]
        return list(touched.values())

    def get(self, incident_id: str) -> Incident | None:
        return self._state["incidents"].get(incident_id)

    def wake(self, now: datetime) -> int:
        table = self._state["incidents"]
        due = [i for i in table.values() if i.state == "snoozed" and i.snoozed_until and i.snoozed_until <= now]
        for incident in due:
            table[incident.id] = replace(incident, state="open", snoozed_until=None)
        return len(due)

    def find(self, query: IncidentQuery) -> Sequence[Incident]:
        found = [
            item
            for item in self._state["incidents"].values()
            if query.tenant_id in (None, item.tenant_id)
            and query.state in (None, item.state)
            and query.app_id in (None, item.fingerprint.app_id)
            and query.code in (None, item.fingerprint.code)
            and query.interrupts in (None, item.interrupt)
            and (item.problem or not query.troubled)
        ]
        return sorted(found, key=lambda item: (item.last_seen, item.id), reverse=True)[: query.limit]

    def undiagnosed(self, tenant_id: str, kb_version: str, limit: int) -> Sequence[Incident]:
        waiting = [
            item
            for item in self._state["incidents"].values()
            if item.tenant_id == tenant_id
            and (
                ("stale", item.id) in self._state["progress"]
                or self._state["progress"].get(("tried", item.id)) != kb_version
            )
        ]
        return sorted(waiting, key=lambda item: item.last_seen, reverse=True)[:limit]

    def save_diagnosis(
        self, incident_id: str, diagnosis: Diagnosis | None, at: datetime, *, kb_version: str = "", problem: str = ""
    ) -> None:
        known = self._state["incidents"][incident_id]
        known = replace(known, problem=problem)
        if diagnosis is not None:
            known = replace(known, diagnosis=diagnosis, diagnosed_at=at)
        self._state["incidents"][incident_id] = known
        self._state["progress"][("tried", incident_id)] = kb_version or getattr(diagnosis, "kb_version", "")
        self._state["progress"].pop(("stale", incident_id), None)

    def set_state(
        self, incident_id: str, state: Any, at: datetime, *, until: datetime | None = None, note: str = ""
    ) -> bool:
        known = self._state["incidents"].get(incident_id)
        if known is None:
            return False
        self._state["incidents"][incident_id] = replace(
            known, state=state, snoozed_until=until, note=note or known.note
        )
        return True

    def settle(self, incident_id: str) -> None:
        """For tests: as if it had just been diagnosed."""
        self._state["progress"].pop(("stale", incident_id), None)

    def stale_applications(self) -> set[str]:
        """For tests: applications with an incident that asks for a diagnosis."""
        marked = [item for item in self._state["incidents"].values() if ("stale", item.id) in self._state["progress"]]
        return {item.fingerprint.app_id for item in marked}

    def make_stale(self, tenant_id: str, app_ids: Sequence[str]) -> None:
        for item in self._state["incidents"].values():
            if item.tenant_id == tenant_id and item.fingerprint.app_id in app_ids and item.state != "resolved":
                self._state["progress"][("stale", item.id)] = True


def _opened(key: str, row: FailureRow) -> Incident:
    return Incident(
        id=key,
        tenant_id=row.tenant_id,
        fingerprint=fingerprint_of(row),
        app_name=row.app_display_name,
        resource_name=row.resource_display_name,
        state="open",
        first_seen=row.created_at,
        last_seen=row.created_at,
        count=1,
        people=0,
        last_failure_id=row.id,
        interrupt=row.interrupt,
    )


def _again(known: Incident, row: FailureRow) -> Incident:
    newer = row.created_at > known.last_seen
    back = known.state == "resolved" and newer
    return replace(
        known,
        first_seen=min(known.first_seen, row.created_at),
        last_seen=max(known.last_seen, row.created_at),
        count=known.count + 1,
        last_failure_id=row.id if newer else known.last_failure_id,
        state="open" if back else known.state,
        regressed=known.regressed or back,
    )


class MemoryRegistrations(Store):
    def put(
        self,
        tenant_id: str,
        objects: Sequence[RegistrationObject],
        at: datetime,
        *,
        origin: Origin = "full",
        since: datetime | None = None,
    ) -> int:
        changed = 0
        for item in objects:
            versions = self._versions(tenant_id, item.kind, item.object_id)
            if versions and versions[-1].body == item.body:
                self._keep(tenant_id, [*versions[:-1], replace(versions[-1], read_at=at, unread_because="")])
                continue
            changed += 1
            began = since or at
            self._add(tenant_id, versions, item.kind, item.object_id, item.app_id, item.display_name, item.body, began)
            last = self._versions(tenant_id, item.kind, item.object_id)
            self._keep(tenant_id, [*last[:-1], replace(last[-1], origin=origin, read_at=at)])
            if item.kind in ("application", "service_principal"):
                self._forget(tenant_id, item.object_id)
            for credential in item.credentials:
                key = (tenant_id, item.object_id, credential.key_id, credential.kind)
                self._state["credentials"][key] = (item.display_name, credential)
            self._state["values"][(tenant_id, item.kind, item.object_id)] = (item.app_id, item.values)
        return changed

    def remove(
        self, tenant_id: str, removed: Sequence[RemovedObject], at: datetime, *, origin: Origin = "full"
    ) -> None:
        for item in removed:
            versions = self._versions(tenant_id, item.kind, item.object_id)
            if versions and versions[-1].body is not None:
                last = versions[-1]
                self._add(tenant_id, versions, item.kind, item.object_id, last.app_id, last.display_name, None, at)
                added = self._versions(tenant_id, item.kind, item.object_id)
                self._keep(tenant_id, [*added[:-1], replace(added[-1], origin=origin)])
                self._forget(tenant_id, item.object_id)

    def mark_unread(self, tenant_id: str, kind: Kind, object_id: str, app_id: str, why: str, at: datetime) -> None:
        versions = self._versions(tenant_id, kind, object_id)
        if not versions:
            self._add(tenant_id, versions, kind, object_id, app_id, "", None, at)
            versions = self._versions(tenant_id, kind, object_id)
        self._keep(tenant_id, [*versions[:-1], replace(versions[-1], unread_because=why, read_at=at)])

    def as_of(self, tenant_id: str, app_id: str, at: datetime | None) -> Mapping[Kind, StoredObject]:
        found: dict[Kind, StoredObject] = {}
        for (tenant, _, _), versions in self._state["versions"].items():
            for version in versions:
                wanted = version.valid_until is None or (at is not None and version.valid_until > at)
                own = version.app_id == app_id or version.kind == version.object_id
                if tenant == tenant_id and own and wanted:
                    found.setdefault(version.kind, version)
        return found

    def history(self, tenant_id: str, app_id: str) -> Sequence[StoredObject]:
        kinds = ("application", "service_principal")
        found = [item for items in self._state["versions"].values() for item in items]
        ours = [item for item in found if item.app_id == app_id and item.kind in kinds]
        return sorted(ours, key=lambda item: item.valid_from, reverse=True)

    def applications(
        self,
        tenant_id: str | None,
        query: str = "",
        after: str | None = None,
        limit: int = 100,
        *,
        app_id: str | None = None,
        identifier_uris: Sequence[str] | None = None,
    ) -> Sequence[ApplicationLine]:
        held: dict[tuple[str, str, str], set[str]] = {}
        names: dict[tuple[str, str], str] = {}
        for (tenant, kind, _), versions in self._state["versions"].items():
            last = versions[-1]
            if kind in ("application", "service_principal") and last.body is not None:
                names.setdefault((tenant, last.app_id), last.display_name)
                held.setdefault((names[(tenant, last.app_id)], last.app_id, tenant), set()).add(kind)
        start = tuple(after.split("\n")) if after else ()
        lines = [
            ApplicationLine(
                tenant_id=key[2],
                app_id=key[1],
                display_name=key[0],
                has_registration="application" in kinds,
                has_service_principal="service_principal" in kinds,
            )
            for key, kinds in sorted(held.items())
            if key > start
            and tenant_id in (None, key[2])
            and app_id in (None, key[1])
            and query.casefold() in f"{key[0]} {key[1]}".casefold()
        ]
        return lines[:limit]

    def neighbours(self, tenant_id: str, values: Sequence[str], not_app_id: str) -> Sequence[Neighbour]:
        return []

    def object_ids(self, tenant_id: str, kind: ObjectKind) -> Mapping[str, str]:
        return {
            object_id: versions[-1].app_id
            for (tenant, held, object_id), versions in self._state["versions"].items()
            if (tenant, held) == (tenant_id, kind) and versions[-1].body is not None
        }

    def _versions(self, tenant_id: str, kind: str, object_id: str) -> list[StoredObject]:
        return self._state["versions"].get((tenant_id, kind, object_id), [])

    def _keep(self, tenant_id: str, versions: list[StoredObject]) -> None:
        self._state["versions"][(tenant_id, versions[-1].kind, versions[-1].object_id)] = versions

    def _add(
        self,
        tenant_id: str,
        before: list[StoredObject],
        kind: Kind,
        object_id: str,
        app_id: str,
        name: str,
        body: bytes | None,
        at: datetime,
    ) -> None:
        closed = [version if version.valid_until else replace(version, valid_until=at) for version in before]
        version = StoredObject(
            kind=kind,
            object_id=object_id,
            app_id=app_id,
            display_name=name,
            body=body,
            valid_from=at,
            valid_until=None,
            read_at=at,
        )
        self._keep(tenant_id, [*closed, version])

    def _forget(self, tenant_id: str, object_id: str) -> None:
        for key in [key for key in self._state["credentials"] if key[:2] == (tenant_id, object_id)]:
            del self._state["credentials"][key]


class MemoryCredentials(Store):
    def find(self, query: CredentialQuery) -> Sequence[StoredCredential]:
        last = datetime.max.replace(tzinfo=UTC)
        found: list[tuple[Any, StoredCredential]] = []
        for (tenant, owner, key_id, kind), (name, credential) in self._state["credentials"].items():
            fits = (
                query.tenant_id in (None, tenant)
                and query.app_id in (None, credential.app_id)
                and query.kind in (None, kind)
                and (query.ends_before is None or (credential.ends is not None and credential.ends < query.ends_before))
                and (query.ends_after is None or credential.ends is None or credential.ends >= query.ends_after)
            )
            order = (credential.ends is None, credential.ends or last, key_id, owner, tenant, kind)
            if fits and (query.after is None or order > _after(query.after, last)):
                found.append((order, self._stored(tenant, name, credential)))
        return [stored for _, stored in sorted(found, key=lambda item: item[0])][: query.limit]

    def _stored(self, tenant: str, name: str, credential: CredentialRow) -> StoredCredential:
        used = [key[1] for key in self._state["successes"] if (key[0], key[3]) == (tenant, credential.key_id)]
        tried = [
            item.last_seen
            for item in self._state["incidents"].values()
            if (item.tenant_id, item.fingerprint.credential_key_id) == (tenant, credential.key_id)
        ]
        return StoredCredential(
            tenant_id=tenant,
            application_name=name,
            credential=credential,
            last_used=max(used, default=None),
            last_tried=max(tried, default=None),
        )


def _after(keyset: str, last: datetime) -> tuple[Any, ...]:
    ends, *keys = keyset.split("\n")
    return (not ends, datetime.fromisoformat(ends) if ends else last, *keys)


class MemoryChanges(Store):
    def add(self, tenant_id: str, changes: Sequence[Change]) -> int:
        table = self._state["changes"]
        grown = 0
        for change in changes:
            key = (tenant_id, repr(operation_of(change) or change))
            told = one_operation([table[key], change]) if key in table else change
            grown += told != table.get(key)
            table[key] = told
        return grown

    def find(
        self,
        tenant_id: str | None,
        app_id: str | None,
        since: datetime | None,
        until: datetime | None,
        limit: int = 100,
    ) -> Sequence[tuple[str, Change]]:
        own = {
            object_id
            for (_, _, object_id), versions in self._state["versions"].items()
            if versions[-1].app_id == app_id
        }
        found = [
            (tenant, change)
            for (tenant, _), change in self._state["changes"].items()
            if tenant_id in (None, tenant)
            and (app_id is None or change.target_object_id in own)
            and (since is None or change.at >= since)
            and (until is None or change.at <= until)
        ]
        return sorted(found, key=lambda item: item[1].at, reverse=True)[:limit]
