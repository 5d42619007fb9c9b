"""The tables. They never leave ``adapters.db``: stores give and take values of ``core``."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from diag.adapters.db.types import UtcDateTime


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(UtcDateTime, nullable=nullable)


class FailureTable(SQLModel, table=True):
    """One failed or interrupted sign-in; the natural key is (tenant_id, id)."""

    __tablename__ = "failure"
    __table_args__ = (
        Index("failure_by_time", "created_at"),
        Index("failure_by_application", "tenant_id", "app_id", "created_at"),
        Index("failure_by_correlation", "correlation_id"),
    )
    tenant_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_column=_instant())
    event_type: str
    error_code: int
    interrupt: bool
    failure_reason: str
    app_id: str
    app_display_name: str
    service_principal_id: str
    resource_id: str
    resource_display_name: str
    correlation_id: str
    user_id: str
    user_principal_name: str
    ip_address: str
    user_agent: str
    client_app_used: str
    is_interactive: bool | None
    conditional_access_status: str
    credential_key_id: str
    credential_thumbprint: str
    credential_type: str
    federated_credential_id: str
    home_tenant_id: str
    resource_tenant_id: str
    protocol: str
    country: str
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: int = Field(sa_column=Column(BigInteger, nullable=False))
    """Checksum of the record, so that one that changed is known without unpacking it."""


class FailureHourTable(SQLModel, table=True):
    """Failures counted by hour, so that overviews need not read rows; kept longer than the rows."""

    __tablename__ = "failure_hour"
    # Holds all that is summed up for one application, so that no row is looked at.
    __table_args__ = (Index("failure_hour_by_application", "tenant_id", "app_id", "hour", "interrupt", "count"),)
    tenant_id: str = Field(primary_key=True)
    hour: datetime = Field(sa_column=Column(UtcDateTime, primary_key=True))
    app_id: str = Field(primary_key=True)
    error_code: int = Field(primary_key=True)
    interrupt: bool = Field(primary_key=True)
    count: int


class SuccessHourTable(SQLModel, table=True):
    """Successful application sign-ins counted by hour and credential."""

    __tablename__ = "success_hour"
    __table_args__ = (Index("success_hour_by_application", "tenant_id", "app_id", "hour"),)
    tenant_id: str = Field(primary_key=True)
    hour: datetime = Field(sa_column=Column(UtcDateTime, primary_key=True))
    app_id: str = Field(primary_key=True)
    credential_key_id: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    count: int
    last_at: datetime = Field(sa_column=_instant())


class IncidentTable(SQLModel, table=True):
    __tablename__ = "incident"
    __table_args__ = (
        Index("incident_by_last_seen", "last_seen", "id"),
        Index("incident_by_application", "tenant_id", "app_id"),
    )
    id: str = Field(primary_key=True)
    tenant_id: str
    app_id: str
    code: int
    resource_id: str
    credential_key_id: str
    app_name: str
    resource_name: str
    state: str
    first_seen: datetime = Field(sa_column=_instant())
    last_seen: datetime = Field(sa_column=_instant())
    count: int
    people: int
    last_failure_id: str
    interrupt: bool
    regressed: bool
    cause_id: str
    kb_version: str
    diagnosis: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    diagnosed_at: datetime | None = Field(sa_column=_instant(nullable=True))
    stale: bool
    snoozed_until: datetime | None = Field(sa_column=_instant(nullable=True))
    note: str
    problem: str


class IncidentPersonTable(SQLModel, table=True):
    """Which people an incident touched, as a digest: only their number is ever shown."""

    __tablename__ = "incident_person"
    incident_id: str = Field(primary_key=True)
    person: str = Field(primary_key=True)


class ObjectVersionTable(SQLModel, table=True):
    """A directory object or detail collection as it was between two instants."""

    __tablename__ = "object_version"
    __table_args__ = (
        Index("object_version_current", "tenant_id", "kind", "object_id", "valid_until"),
        Index("object_version_by_application", "tenant_id", "app_id", "kind"),
        Index("object_version_ended", "valid_until"),
    )
    id: int | None = Field(default=None, primary_key=True)
    tenant_id: str
    kind: str
    object_id: str
    app_id: str
    display_name: str
    body: bytes | None = Field(sa_column=Column(LargeBinary, nullable=True))
    digest: str
    valid_from: datetime = Field(sa_column=_instant())
    valid_until: datetime | None = Field(sa_column=_instant(nullable=True))
    read_at: datetime = Field(sa_column=_instant())
    unread_because: str
    origin: str


class CredentialTable(SQLModel, table=True):
    """The credentials that registrations hold now."""

    __tablename__ = "credential"
    __table_args__ = (Index("credential_by_end", "ends", "key_id"),)
    tenant_id: str = Field(primary_key=True)
    owner_object_id: str = Field(primary_key=True)
    key_id: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    owner_kind: str
    app_id: str = Field(index=True)
    application_name: str
    display_name: str
    hint: str
    thumbprint: str
    starts: datetime | None = Field(sa_column=_instant(nullable=True))
    ends: datetime | None = Field(sa_column=_instant(nullable=True))
    active: bool


class RegisteredValueTable(SQLModel, table=True):
    """Values of registrations that another application may hold by mistake."""

    __tablename__ = "registered_value"
    __table_args__ = (Index("registered_value_by_value", "tenant_id", "value"),)
    tenant_id: str = Field(primary_key=True)
    object_id: str = Field(primary_key=True)
    holds: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text, primary_key=True))
    app_id: str


class ChangeTable(SQLModel, table=True):
    """One audited change; ``id`` is a digest of its content, so that reading it again stores it once."""

    __tablename__ = "change"
    __table_args__ = (Index("change_by_target", "tenant_id", "target_object_id", "at"), Index("change_by_time", "at"))
    tenant_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    at: datetime = Field(sa_column=_instant())
    target_object_id: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AlertTable(SQLModel, table=True):
    __tablename__ = "alert"
    __table_args__ = (Index("alert_by_topic", "tenant_id", "topic"),)
    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    tenant_id: str
    kind: str
    app_id: str
    app_name: str
    subject: str
    body: str
    link: str
    due_at: datetime = Field(sa_column=_instant())
    late: bool
    topic: str
    severity: str
    content: str = Field(sa_column=Column(Text, nullable=False))
    closed_at: datetime | None = Field(sa_column=_instant(nullable=True))
    acknowledged_at: datetime | None = Field(sa_column=_instant(nullable=True))
    acknowledged_by: str
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))


class DeliveryTable(SQLModel, table=True):
    """The outbox: one row per alert, channel and recipient."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("alert_id", "channel", "recipient"),
        Index("delivery_due", "channel", "state", "next_at"),
        Index("delivery_by_letter", "letter"),
        Index("delivery_told", "channel", "recipient", "finished_at"),
    )
    id: str = Field(primary_key=True)
    alert_id: str
    channel: str
    recipient: str
    letter: str
    state: str
    attempts: int
    claim: int
    owner: str
    claimed_until: datetime | None = Field(sa_column=_instant(nullable=True))
    next_at: datetime = Field(sa_column=_instant())
    queued_at: datetime = Field(sa_column=_instant())
    answer: str
    finished_at: datetime | None = Field(sa_column=_instant(nullable=True))


class LeaseTable(SQLModel, table=True):
    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    owner: str
    until: datetime = Field(sa_column=_instant())


class ProgressTable(SQLModel, table=True):
    """How far each source of each tenant has been read."""

    __tablename__ = "progress"
    tenant_id: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    newest: datetime | None = Field(sa_column=_instant(nullable=True))
    oldest: datetime | None = Field(sa_column=_instant(nullable=True))
    window_seconds: int
    link: str
    state: str
    problem: str
    hint: str
    succeeded_at: datetime | None = Field(sa_column=_instant(nullable=True))
    attempted_at: datetime | None = Field(sa_column=_instant(nullable=True))
    records: int
    failure_filter: bool | None
    reconciled_at: datetime | None = Field(sa_column=_instant(nullable=True))
