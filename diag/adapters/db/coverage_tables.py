"""Tables about the tenants themselves: how they are reached, and what is wrong with that."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from diag.adapters.db.types import UtcDateTime


class ConnectionTable(SQLModel, table=True):
    """What the connection to a tenant was last seen to be."""

    __tablename__ = "connection"
    tenant_id: str = Field(primary_key=True)
    token: str
    app_id: str
    permissions: str | None = Field(sa_column=Column(Text, nullable=True))
    """Joined by blanks; NULL while no token could be read."""
    skew_seconds: float | None
    throttled_until: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))
    observed_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True))


class TroubleTable(SQLModel, table=True):
    """What is wrong with a tenant's coverage and was told."""

    __tablename__ = "trouble"
    tenant_id: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    code: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    hint: str = Field(sa_column=Column(Text, nullable=False))
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class PrivacyTable(SQLModel, table=True):
    """One row once people were stored under pseudonyms: made with which key, and whether that holds for every row."""

    __tablename__ = "privacy"
    id: int = Field(primary_key=True)
    fingerprint: str
    treated: bool
