"""The table of files that were imported."""

from datetime import datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from diag.adapters.db.types import UtcDateTime


class ImportedFileTable(SQLModel, table=True):
    """How far each file was read."""

    __tablename__ = "imported_file"
    tenant_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    version: str
    head: str
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    grows: bool
    finished: bool
    read: int
    stored: int
    changes: int
    unreadable: int
    problem: str
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
