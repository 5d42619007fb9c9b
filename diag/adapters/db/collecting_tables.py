"""The tables that say what was read of a log, beside ``tables``."""

from datetime import datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from diag.adapters.db.types import UtcDateTime


class ReadWindowTable(SQLModel, table=True):
    """A span of a log that was read to its last page; polls that follow each other share a row for about an hour."""

    __tablename__ = "read_window"
    __table_args__ = (Index("read_window_by_end", "tenant_id", "source", "end"),)
    tenant_id: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    start: datetime = Field(sa_column=Column(UtcDateTime, primary_key=True))
    end: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    read_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    pages: int
    records: int
    new: int


class FailureTotalTable(SQLModel, table=True):
    """Failures of a whole tenant counted by hour: what ``FailureHourTable`` sums up to, for overviews."""

    __tablename__ = "failure_total"
    tenant_id: str = Field(primary_key=True)
    hour: datetime = Field(sa_column=Column(UtcDateTime, primary_key=True))
    failures: int
    interrupts: int
