"""Statements that SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def upsert(connection: Connection, table: sa.Table) -> Any:
    """An insert that knows ``ON CONFLICT`` on the connected database."""
    return sqlite_insert(table) if connection.dialect.name == "sqlite" else postgresql_insert(table)
