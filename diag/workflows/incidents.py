"""Incidents get their diagnosis from that application's registration as it was when they last failed."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from diag.core import engine, predicate
from diag.core.diagnosis import Diagnosis
from diag.core.entry import Entry, Test
from diag.core.errors import DiagError, NotFound, SourceError
from diag.core.facts import Facts, read
from diag.core.incidents import Incident
from diag.core.inventory import DetailKind, Kind, RegistrationObject, StoredObject, TenantKind
from diag.core.read import Found
from diag.core.records import FailureRow
from diag.workflows.diagnose import answer
from diag.workflows.ports import Clock, Database, Directory, KnowledgeBase, Transaction, Translator

DETAIL_AGE = timedelta(minutes=15)
"""A detail collection read longer ago than this is read again before a diagnosis rests on it."""
BEFORE_FAILURE = timedelta(days=14)
"""Changes of the registration this long before the first failure are told with the diagnosis."""
AUDIT_LAG = timedelta(minutes=15)
"""The audit log counts as read up to a failure when it was read this close to it; a poll comes every two minutes."""
AT_MOST = 200
"""Changes told with one diagnosis."""
AT_ONCE = 50

_log = logging.getLogger(__name__)

_DETAILS: Mapping[str, DetailKind] = {
    "application.federated_credentials": "federated_credentials",
    "application.owners": "owners",
    "grants": "grants",
    "app_role_assignments": "app_role_assignments",
    "assigned_principals": "assigned_principals",
}
_TENANT_WIDE: Mapping[str, TenantKind] = {
    "access_policies": "access_policies",
    "deleted_application": "deleted_applications",
}
_OF_APPLICATION = ("federated_credentials", "owners")


class IncidentDiagnoser:
    """Diagnoses one tenant's incidents, reading from the directory only what their entries ask for."""

    def __init__(
        self,
        tenant_id: str,
        directory: Directory | None,
        database: Database,
        knowledge_base: KnowledgeBase,
        translator: Translator,
        clock: Clock,
    ) -> None:
        self._tenant_id = tenant_id
        self._directory = directory
        self._database = database
        self._knowledge_base = knowledge_base
        self._translator = translator
        self._clock = clock

    async def run(self) -> int:
        """Diagnose what waits for it, latest seen first; how many incidents were done."""
        waiting = await asyncio.to_thread(self._waiting)
        for incident in waiting:
            try:
                await self._diagnose(incident)
            except DiagError:
                raise
            except Exception as error:  # noqa: BLE001  said below with its place; the incidents behind it must not wait
                _log.exception("diagnosis failed", extra={"incident": incident.id, "code": incident.fingerprint.code})
                await asyncio.to_thread(self._give_up, incident, type(error).__name__)
        return len(waiting)

    def _waiting(self) -> list[Incident]:
        with self._database.write() as transaction:
            transaction.incidents.wake(self._clock.now())
            waiting = transaction.incidents.undiagnosed(self._tenant_id, self._knowledge_base.version, AT_ONCE)
        return list(waiting)

    async def _read_details(self, incident: Incident, entry: Entry, directory: Directory) -> None:
        """Bring the collections that delta omits up to date, as far as this entry's conditions ask for them."""
        asked = facts_asked(entry)
        stored, changed = await asyncio.to_thread(self._stored, incident.fingerprint.app_id)
        for fact, kind in _DETAILS.items():
            if fact in asked:
                owner = stored.get("application" if kind in _OF_APPLICATION else "service_principal")
                if owner is not None and owner.body is not None and self._is_old(stored.get(kind), changed):
                    await self._read_detail(directory, kind, owner)
        for fact, tenant_kind in _TENANT_WIDE.items():
            wanted = any(path == fact or path.startswith(f"{fact}.") for path in asked)
            if wanted and self._is_old(stored.get(tenant_kind)):
                await self._read_tenant_wide(directory, tenant_kind)

    async def _read_detail(self, directory: Directory, kind: DetailKind, owner: StoredObject) -> None:
        try:
            detail = await directory.detail(kind, owner.object_id, owner.app_id)
        except NotFound:
            return
        except SourceError as error:
            await asyncio.to_thread(self._mark_unread, kind, owner.object_id, owner.app_id, error)
            return
        await asyncio.to_thread(self._put, detail)

    async def _read_tenant_wide(self, directory: Directory, kind: TenantKind) -> None:
        try:
            collection = await directory.tenant_wide(kind)
        except SourceError as error:
            await asyncio.to_thread(self._mark_unread, kind, kind, "", error)
            return
        await asyncio.to_thread(self._put, collection)

    async def _diagnose(self, incident: Incident) -> None:
        entry = self._knowledge_base.entry(incident.fingerprint.code)
        if entry is not None and self._directory is not None:
            await self._read_details(incident, entry, self._directory)
        await asyncio.to_thread(self._conclude, incident)

    def _give_up(self, incident: Incident, name: str) -> None:
        """Say with the incident that a mistake of ours stands between it and its diagnosis."""
        problem = f"A mistake in this program ({name}) stopped the diagnosis; the service's log holds the place."
        with self._database.write() as transaction:
            transaction.incidents.save_diagnosis(
                incident.id, None, self._clock.now(), kb_version=self._knowledge_base.version, problem=problem
            )

    def _conclude(self, incident: Incident) -> None:
        # One transaction reads and saves: a change that arrives meanwhile asks for another diagnosis afterwards.
        with self._database.write() as transaction:
            failure = transaction.failures.get(incident.last_failure_id, incident.tenant_id) or _remembered(incident)
            diagnosis = diagnose_failure(failure, incident, transaction, self._translator, self._knowledge_base)
            transaction.incidents.save_diagnosis(incident.id, diagnosis, self._clock.now())

    def _stored(self, app_id: str) -> tuple[Mapping[Kind, StoredObject], datetime | None]:
        """What is stored of an application now, and when it was last changed as far as anybody knows."""
        with self._database.read() as transaction:
            stored = transaction.registrations.as_of(self._tenant_id, app_id, None)
            latest = transaction.changes.find(self._tenant_id, app_id, None, None, 1)
        instants = [change.at for _, change in latest]
        instants += [item.valid_from for kind, item in stored.items() if kind in ("application", "service_principal")]
        return stored, max(instants, default=None)

    def _put(self, item: RegistrationObject) -> None:
        with self._database.write() as transaction:
            transaction.registrations.put(self._tenant_id, [item], self._clock.now(), origin="detail")

    def _mark_unread(self, kind: Kind, object_id: str, app_id: str, error: SourceError) -> None:
        with self._database.write() as transaction:
            transaction.registrations.mark_unread(
                self._tenant_id, kind, object_id, app_id, f"{error} {error.hint}", self._clock.now()
            )

    def _is_old(self, stored: StoredObject | None, changed: datetime | None = None) -> bool:
        if stored is None or (changed is not None and stored.read_at < changed):
            return True
        return stored.read_at < self._clock.now() - DETAIL_AGE


def diagnose_failure(
    failure: FailureRow,
    incident: Incident | None,
    transaction: Transaction,
    translator: Translator,
    knowledge_base: KnowledgeBase,
) -> Diagnosis:
    """The diagnosis of one stored failure from its application's registration as it was at that time."""
    at = failure.created_at
    facts = registration_facts(failure.tenant_id, failure.app_id, at, transaction, translator)
    if failure.resource_id:
        objects = transaction.registrations.as_of(failure.tenant_id, failure.resource_id, at)
        facts = msgspec.structs.replace(facts, resource=translator.resource(objects))
    enquiry = translator.enquiry(failure, facts)
    began = incident.first_seen if incident else at
    known = enquiry.facts
    known = with_history(known, failure.tenant_id, failure.app_id, began - BEFORE_FAILURE, at, transaction)
    known = with_neighbours(known, failure.tenant_id, failure.app_id, transaction)
    attempt = msgspec.structs.replace(known.failure, failures_since=Found(began, "sign_in"))
    known = msgspec.structs.replace(known, failure=attempt)
    return answer(msgspec.structs.replace(enquiry, facts=known), knowledge_base)


def registration_facts(
    tenant_id: str, app_id: str, at: datetime | None, transaction: Transaction, translator: Translator
) -> Facts:
    """What is stored of one application's registration as it was at ``at`` (None: now)."""
    return translator.facts(transaction.registrations.as_of(tenant_id, app_id, at), app_id)


def with_history(
    facts: Facts, tenant_id: str, app_id: str, since: datetime, until: datetime, transaction: Transaction
) -> Facts:
    """The same facts with the audited changes of the application; unread while the audit log never was.

    Absence in them proves nothing unless the log was read from ``since`` until ``until``.
    """
    audited = transaction.progress.get(tenant_id, "changes")
    if audited.newest is None:
        return facts
    changes = tuple(change for _, change in transaction.changes.find(tenant_id, app_id, since, until, AT_MOST))
    whole = (
        audited.oldest is not None
        and audited.oldest <= since
        and audited.newest >= until - AUDIT_LAG
        and len(changes) < AT_MOST
    )
    return msgspec.structs.replace(facts, changes=Found(changes, "history", audited.newest, whole))


def with_neighbours(facts: Facts, tenant_id: str, app_id: str, transaction: Transaction) -> Facts:
    """The same facts with other registrations that hold what the request carried; unread before the first sync."""
    synced = transaction.progress.get(tenant_id, "applications").newest
    if synced is None:
        return facts
    neighbours = tuple(transaction.registrations.neighbours(tenant_id, list(_values_to_look_up(facts)), app_id))
    return msgspec.structs.replace(facts, neighbours=Found(neighbours, "registration", synced))


def facts_asked(entry: Entry) -> frozenset[str]:
    """Every fact that an entry's conditions read."""
    return frozenset(
        path
        for cause in entry.causes
        for leaf in engine.leaves(cause.when)
        if isinstance(leaf, Test)
        for path in predicate.named(leaf.predicate).needs
    )


def _values_to_look_up(facts: Facts) -> Iterator[str]:
    """What the failed request carried that another registration might hold."""
    for path in ("failure.redirect_uri", "failure.app_id", "failure.credential_key_id", "failure.assertion_thumbprint"):
        value = read(facts, path)
        if isinstance(value, Found) and value.value:
            yield str(value.value)
    issuer, subject = facts.failure.assertion_issuer, facts.failure.assertion_subject
    if isinstance(issuer, Found) and isinstance(subject, Found):
        yield f"{issuer.value}\n{subject.value}"


def _remembered(incident: Incident) -> FailureRow:
    """What an incident still tells of its last failure after the row was deleted by age."""
    return FailureRow(
        tenant_id=incident.tenant_id,
        id=incident.last_failure_id,
        created_at=incident.last_seen,
        event_type="",
        error_code=incident.fingerprint.code,
        interrupt=incident.interrupt,
        app_id=incident.fingerprint.app_id,
        app_display_name=incident.app_name,
        resource_id=incident.fingerprint.resource_id,
        resource_display_name=incident.resource_name,
        credential_key_id=incident.fingerprint.credential_key_id,
        raw=b"{}",
    )
