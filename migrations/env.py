"""Alembic's entry: online migrations over the application's own engine."""

from alembic import context
from sqlmodel import SQLModel

from diag.adapters.db import (  # noqa: F401  register the tables
    alert_tables,
    collecting_tables,
    coverage_tables,
    tables,
)
from diag.adapters.db.database import open_engine


def run() -> None:
    """Upgrade in one transaction, so that a killed migration leaves the database as it was."""
    engine = open_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection, target_metadata=SQLModel.metadata, transactional_ddl=True, render_as_batch=True
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
