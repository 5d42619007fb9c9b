"""A database of the first version, with progress in it, comes up right, and goes back to what it was."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from diag import resources
from diag.adapters.db.database import SqlDatabase, open_engine
from diag.adapters.db.migrate import migrate
from diag.core.tenants import Tenant
from diag.workflows.coverage import coverage_of
from tests.workflows.fakes import NOW, TENANT, FakeClock


def _configuration(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.migrations()))
    config.attributes["url"] = url
    return config


def test_what_the_first_version_knew_of_a_tenant_is_judged_right_away(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'diag.db'}"
    command.upgrade(_configuration(url), "0001")
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO progress (tenant_id, source, newest, succeeded_at, window_seconds, link, state, problem,"
                " hint, records) VALUES (:tenant, 'changes', :at, :at, 7200, '', 'ok', '', '', 7)"
            ),
            {"tenant": TENANT, "at": int(NOW.timestamp() * 1_000_000)},
        )
    engine.dispose()
    assert migrate(url)
    database = SqlDatabase(url)
    with database.read() as stores:
        coverage = coverage_of(stores, Tenant(tenant_id=TENANT), FakeClock())
        progress = stores.progress.get(TENANT, "changes")
    database.close()
    assert {item.source: item.verdict for item in coverage.sources}["changes"] == "good"
    assert coverage.held is None
    assert progress.records == 7
    command.downgrade(_configuration(url), "0003")
    engine = open_engine(url)
    with engine.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        kept = connection.execute(sa.text("SELECT records FROM progress")).scalar()
    engine.dispose()
    assert not tables & {"connection", "trouble"}
    assert kept == 7
