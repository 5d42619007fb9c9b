"""What workflows need from the outside: Protocols of at most eight methods, which adapters and fakes implement."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from diag.core.alerts import Message
from diag.core.check import Check
from diag.core.diagnosis import Diagnosis
from diag.core.directory import Change, Neighbour
from diag.core.enquiry import Enquiry
from diag.core.entry import Entry
from diag.core.facts import Facts
from diag.core.incidents import Fingerprint, Incident
from diag.core.inventory import (
    CredentialRow,
    DetailKind,
    Kind,
    ObjectKind,
    Origin,
    RegistrationObject,
    RemovedObject,
    StoredObject,
    TenantKind,
)
from diag.core.profile import Profile
from diag.core.records import FailureRow
from diag.core.registration import ServicePrincipal
from diag.core.sign_in import Attempts
from diag.core.successes import Success
from diag.core.windows import Window
from diag.workflows.ports_alerts import AlertStore, ChannelStore, TopicStore, UsageStore
from diag.workflows.ports_codes import SeenCodeStore
from diag.workflows.ports_collecting import SuccessStore, WindowStore
from diag.workflows.ports_coverage import CoverageStore
from diag.workflows.ports_files import FileStore
from diag.workflows.ports_privacy import PrivacyStore
from diag.workflows.ports_retention import RetentionStore

SignInGroup = Literal["user", "service"]
"""Kinds one request can ask for: users, interactive and not; service principals and managed identities."""
Outcome = Literal["all", "failed", "succeeded"]
"""Which sign-ins a request asks for."""


# ── the outside ────────────────────────────────────────────────────────────────────────────────────────────────────


class Clock(Protocol):
    """The one clock; everything that asks for the time asks it."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class SignInPage(Struct, frozen=True):
    """One page of the sign-in log."""

    failures: Sequence[FailureRow]
    """Failures and interrupts, newest first; successes are only counted."""
    successes: Sequence[Success]
    """Of applications; empty for users."""
    read: int
    """Records on the page, successes included."""
    more: bool
    """Another page follows."""
    mark: str = ""
    """Tells this page from another by its first and last record."""


class SignInLog(Protocol):
    async def probe_failure_filter(self, group: SignInGroup) -> bool:
        """Whether the log accepts ``status/errorCode ne 0``."""

    def pages(self, group: SignInGroup, window: Window, *, outcome: Outcome) -> AsyncIterator[SignInPage]:
        """The window's pages to the end, newest first. Raises ``SourceError``; a page is whole or not given at all."""

    def now(self) -> datetime | None:
        """What time it is where the log is kept, as far as its answers told; None before the first."""


class DirectoryPage(Struct, frozen=True):
    """One page of a delta round."""

    objects: Sequence[RegistrationObject]
    """Whole, in a later round too, although Graph then sends only what changed."""
    removed: Sequence[RemovedObject]
    delta_link: str | None
    """Set on the last page: what to ask next time."""


class Directory(Protocol):
    def delta(self, kind: ObjectKind, link: str | None) -> AsyncIterator[DirectoryPage]:
        """All objects (``link`` None), or what changed since; ``WindowRefused`` when the link is too old."""

    async def read(self, kind: ObjectKind, object_id: str) -> RegistrationObject:
        """One object whole; ``NotFound`` when it is not there."""

    async def detail(self, kind: DetailKind, object_id: str, app_id: str) -> RegistrationObject:
        """One detail collection of an object, to its last page."""

    async def tenant_wide(self, kind: TenantKind) -> RegistrationObject: ...


class AuditLog(Protocol):
    def pages(self, window: Window) -> AsyncIterator[Sequence[Change]]:
        """Changes of applications, service principals, consent and policies, newest first."""

    def now(self) -> datetime | None:
        """As for the sign-in log."""


class Translator(Protocol):
    """Turns stored bodies into facts; the last place that knows Graph's JSON stays in ``adapters.graph``."""

    def facts(self, objects: Mapping[Kind, StoredObject], app_id: str = "") -> Facts:
        """Facts about one registration; a kind that is absent from ``objects`` is unread."""

    def profile(self, objects: Mapping[Kind, StoredObject]) -> Profile:
        """What alerts look at of one application."""

    def resource(self, objects: Mapping[Kind, StoredObject]) -> ServicePrincipal:
        """The API that was asked for, from its own stored service principal."""

    def enquiry(self, row: FailureRow, facts: Facts) -> Enquiry:
        """The question that a stored record asks, with what is known of the registration."""


class CodeLine(Struct, frozen=True):
    """A code or symptom as lists show it."""

    code: int | None
    symptom: str | None
    name: str
    family: str
    kind: str
    summary: str
    fixed_by: str


class KnowledgeBase(Protocol):
    @property
    def version(self) -> str: ...
    def entry(self, code: int) -> Entry | None: ...
    def symptom(self, symptom_id: str) -> Entry | None: ...
    def codes(self) -> Sequence[CodeLine]: ...
    def symptoms(self) -> Sequence[CodeLine]: ...
    def search(self, query: str) -> Sequence[CodeLine]: ...
    def match(self, text: str) -> Sequence[Entry]:
        """Entries whose message a text without a code holds: the best, behind it those that it fits as well."""

    def checks(self) -> Sequence[Check]:
        """What is asked of registrations before anything fails, most severe first."""


class Notifier(Protocol):
    """One channel."""

    @property
    def name(self) -> str: ...
    async def send(self, message: Message) -> str:
        """Hand the message over; what the receiver answered, in one line. Raises ``NotifyError``."""


# ── the stores; one transaction spans them ─────────────────────────────────────────────────────────────────────────


class Progress(Struct, frozen=True, kw_only=True):
    """How far one source of one tenant has been read; moves in the transaction that stores the rows."""

    tenant_id: str
    source: str
    """``sign_ins:user``, ``sign_ins:service``, ``successes``, ``applications``, ``service_principals``, ``changes``."""
    newest: datetime | None = None
    """Everything up to here was read to its end (an overlap is read again)."""
    oldest: datetime | None = None
    """The back-fill has come down to here."""
    window_seconds: int = 7200
    link: str = ""
    """Delta link, for directory sources."""
    state: str = "new"
    """new, ok, backfilling, permission_lost, licence_missing, authentication_failed, throttled, unreachable,
    not_offered (this cloud or API version has no such log)."""
    problem: str = ""
    hint: str = ""
    succeeded_at: datetime | None = None
    attempted_at: datetime | None = None
    records: int = 0
    """Records stored so far; for directory sources, objects that are there now; for successes, those counted."""
    failure_filter: bool | None = None
    reconciled_at: datetime | None = None
    """When all of a directory, or what a log delivers late, was last read once more."""


class FailureQuery(Struct, frozen=True, kw_only=True):
    tenant_id: str | None = None
    app_id: str | None = None
    code: int | None = None
    event_type: str | None = None
    correlation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    fingerprint: Fingerprint | None = None
    """Only the failures of one incident."""
    interrupts: bool = False
    before: str | None = None
    """Keyset: ``created_at\nid`` of the last item of the page before."""
    limit: int = 100


class HourlyFailures(Struct, frozen=True):
    hour: datetime
    failures: int
    interrupts: int


class FailureStore(Protocol):
    def add(self, rows: Sequence[FailureRow], *, keep_known: bool = False) -> Sequence[FailureRow]:
        """Store rows by (tenant, id); the ones that were new. A known row that changed is replaced, not counted.

        With ``keep_known`` it stays as it is: what is stored says more than what comes now.
        """

    def get(self, failure_id: str, tenant_id: str | None = None) -> FailureRow | None: ...
    def find(self, query: FailureQuery) -> Sequence[FailureRow]:
        """Newest first, at most ``limit``."""

    def hourly(self, tenant_id: str | None, since: datetime, app_id: str | None = None) -> Sequence[HourlyFailures]:
        """Counts by hour, oldest first; hours without failures are absent."""

    def attempts(self, tenant_id: str, app_id: str, since: datetime) -> Sequence[Attempts]:
        """How an application's failed and paused sign-ins were made: one item a way, most frequent first."""


class ApplicationLine(Struct, frozen=True, kw_only=True):
    """An application as lists show it; known by its registration, its service principal, or both."""

    tenant_id: str
    app_id: str
    display_name: str
    has_registration: bool
    has_service_principal: bool
    open_incidents: int = 0
    next_end: datetime | None = None


class RegistrationStore(Protocol):
    def put(
        self,
        tenant_id: str,
        objects: Sequence[RegistrationObject],
        at: datetime,
        *,
        origin: Origin = "full",
        since: datetime | None = None,
    ) -> int:
        """Confirm each unchanged object, give each changed one a new version; how many changed.

        The version begins ``since``, where it is known when the change was made, else at ``at``, when it was read.
        What is null or empty in one and left out of the other is no change.
        """

    def remove(
        self, tenant_id: str, removed: Sequence[RemovedObject], at: datetime, *, origin: Origin = "full"
    ) -> None: ...
    def mark_unread(self, tenant_id: str, kind: Kind, object_id: str, app_id: str, why: str, at: datetime) -> None:
        """Keep that reading failed and why; what was read before stays, marked as older than the attempt."""

    def as_of(self, tenant_id: str, app_id: str, at: datetime | None) -> Mapping[Kind, StoredObject]:
        """What was true at ``at`` (None: now) of an application's objects and details, and tenant-wide."""

    def history(self, tenant_id: str, app_id: str) -> Sequence[StoredObject]:
        """Every version of the application and its service principal, newest first."""

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
        """By display name; ``after`` is the keyset key ``name\\napp_id\\ntenant_id`` of the last item before.

        ``query`` is part of a name, or an application ID; ``app_id`` and ``identifier_uris`` (one of them) fit exactly.
        """

    def neighbours(self, tenant_id: str, values: Sequence[str], not_app_id: str) -> Sequence[Neighbour]:
        """Other applications of the tenant that hold one of the values."""

    def object_ids(self, tenant_id: str, kind: ObjectKind) -> Mapping[str, str]:
        """app_id by object_id of every live object; used by a full reconcile to find what has gone."""


class CredentialQuery(Struct, frozen=True, kw_only=True):
    tenant_id: str | None = None
    app_id: str | None = None
    kind: str | None = None
    ends_before: datetime | None = None
    ends_after: datetime | None = None
    after: str | None = None
    """``StoredCredential.keyset`` of the last item of the page before."""
    limit: int = 100


class StoredCredential(Struct, frozen=True, kw_only=True):
    tenant_id: str
    application_name: str
    credential: CredentialRow
    last_used: datetime | None = None
    last_tried: datetime | None = None
    """Last failed sign-in that named its key ID."""

    @property
    def keyset(self) -> str:
        """Its place in the order of ``CredentialStore.find``; whole, because certificates may carry any key ID."""
        row = self.credential
        ends = row.ends.isoformat() if row.ends else ""
        return "\n".join((ends, row.key_id, row.owner_object_id, self.tenant_id, row.kind))


class CredentialStore(Protocol):
    def find(self, query: CredentialQuery) -> Sequence[StoredCredential]:
        """Soonest end first; credentials without an end last."""


class ChangeQuery(Struct, frozen=True, kw_only=True):
    tenant_id: str | None = None
    app_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: str | None = None
    """Keyset: ``at\\nid\\ntenant_id`` of the last item of the page before."""
    limit: int = 100


class StoredChange(Struct, frozen=True, kw_only=True):
    tenant_id: str
    id: str
    """Digest of its content; unique within the tenant."""
    change: Change


class ChangeStore(Protocol):
    def add(self, tenant_id: str, changes: Sequence[Change]) -> int:
        """Store changes, the records of one operation as one; how many were new or said more than what was stored."""

    def find(
        self,
        tenant_id: str | None,
        app_id: str | None,
        since: datetime | None,
        until: datetime | None,
        limit: int = 100,
    ) -> Sequence[tuple[str, Change]]:
        """(tenant_id, change), newest first; an application's own and its service principal's changes."""

    def page(self, query: ChangeQuery) -> Sequence[StoredChange]:
        """The same changes, page by page."""


class IncidentQuery(Struct, frozen=True, kw_only=True):
    tenant_id: str | None = None
    state: str | None = None
    app_id: str | None = None
    code: int | None = None
    cause: str | None = None
    interrupts: bool | None = None
    """None: both; False: failures only; True: interrupts only."""
    troubled: bool = False
    """Only those whose last attempt at a diagnosis failed."""
    before: str | None = None
    """Keyset: ``last_seen\\nid`` of the last item of the page before."""
    after: str | None = None
    """The same key, but for those seen later than it, oldest first: what moved to the front while pages were read."""
    limit: int = 100


class IncidentStore(Protocol):
    def touch(self, tenant_id: str, rows: Sequence[FailureRow]) -> Sequence[Incident]:
        """Count new failures into their incidents, opening and reopening as needed; the incidents touched."""

    def get(self, incident_id: str) -> Incident | None: ...
    def find(self, query: IncidentQuery) -> Sequence[Incident]:
        """Latest seen first; oldest first with ``after``."""

    def undiagnosed(self, tenant_id: str, kb_version: str, limit: int) -> Sequence[Incident]:
        """Incidents without a diagnosis, with one by another knowledge base, or made stale; latest seen first."""

    def save_diagnosis(
        self, incident_id: str, diagnosis: Diagnosis | None, at: datetime, *, kb_version: str = "", problem: str = ""
    ) -> None:
        """Keep a diagnosis; None: none could be made, for the reason ``problem``.

        What was known before then stays, and it is not tried again before something changes: the incident, its
        application's registration, or the knowledge base (``kb_version`` is the one that was tried).
        """

    def set_state(
        self, incident_id: str, state: str, at: datetime, *, until: datetime | None = None, note: str = ""
    ) -> bool: ...
    def wake(self, now: datetime) -> int:
        """Open the snoozed incidents whose time has come; how many."""

    def make_stale(self, tenant_id: str, app_ids: Sequence[str]) -> None:
        """Ask for a new diagnosis of the open incidents of these applications."""


class LeaseStore(Protocol):
    def acquire(self, name: str, owner: str, now: datetime, seconds: int) -> bool:
        """Take or renew the named lease; False while another owner holds it."""

    def release(self, name: str, owner: str) -> None: ...
    def holders(self) -> Mapping[str, str]:
        """Who took each lease last, by its name."""


class ProgressStore(Protocol):
    def get(self, tenant_id: str, source: str) -> Progress: ...
    def save(self, progress: Progress) -> None: ...
    def all(self) -> Sequence[Progress]: ...


class Transaction(Protocol):
    """All stores over one database transaction."""

    @property
    def failures(self) -> FailureStore: ...
    @property
    def registrations(self) -> RegistrationStore: ...
    @property
    def credentials(self) -> CredentialStore: ...
    @property
    def changes(self) -> ChangeStore: ...
    @property
    def incidents(self) -> IncidentStore: ...
    @property
    def alerts(self) -> AlertStore: ...
    @property
    def topics(self) -> TopicStore: ...
    @property
    def channels(self) -> ChannelStore: ...
    @property
    def usage(self) -> UsageStore: ...
    @property
    def leases(self) -> LeaseStore: ...
    @property
    def progress(self) -> ProgressStore: ...
    @property
    def windows(self) -> WindowStore: ...
    @property
    def successes(self) -> SuccessStore: ...
    @property
    def files(self) -> FileStore: ...
    @property
    def coverage(self) -> CoverageStore: ...
    @property
    def retention(self) -> RetentionStore: ...
    @property
    def seen_codes(self) -> SeenCodeStore: ...
    @property
    def privacy(self) -> PrivacyStore: ...


class Database(Protocol):
    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that commits at the end of the block and rolls back on an error; one writer at a time."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A consistent view; nothing it does is kept."""

    def shrink(self, pages: int) -> bool:
        """Give at most so many unused pages back to the disk, as a writer; whether there are more worth it."""

    def rewrite(self) -> bool:
        """Write the whole file anew, so that nothing is left of what was deleted or replaced; False while a reader
        keeps the old log in use."""

    def close(self) -> None: ...
