"""The tables around alerts that say whom to leave alone and how channels are doing."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from diag.adapters.db.types import UtcDateTime


def _instant(*, nullable: bool = False) -> Column[datetime]:
    return Column(UtcDateTime, nullable=nullable)


class ChannelStateTable(SQLModel, table=True):
    """How each channel is doing; the configuration itself stays in its file."""

    __tablename__ = "channel_state"
    name: str = Field(primary_key=True)
    configured: str
    disabled_at: datetime | None = Field(sa_column=_instant(nullable=True))
    disabled_because: str
    failures: int
    retry_at: datetime | None = Field(sa_column=_instant(nullable=True))
    answer: str
    delivered_at: datetime | None = Field(sa_column=_instant(nullable=True))
    failed_at: datetime | None = Field(sa_column=_instant(nullable=True))


class QuietingTable(SQLModel, table=True):
    """What somebody snoozed or acknowledged, by topic."""

    __tablename__ = "quieting"
    tenant_id: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    action: str = Field(primary_key=True)
    until: datetime | None = Field(sa_column=_instant(nullable=True))
    by: str
    why: str
    at: datetime = Field(sa_column=_instant())


class UsedLinkTable(SQLModel, table=True):
    """Signed links that were used, by their id: each works once."""

    __tablename__ = "used_link"
    id: str = Field(primary_key=True)
    used_at: datetime = Field(sa_column=_instant())
