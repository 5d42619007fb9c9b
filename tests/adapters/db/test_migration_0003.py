"""A database of the first release, with rows in it, comes up with what collecting needs, and goes back."""

import zlib
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from diag import resources
from diag.adapters.db.database import SqlDatabase, open_engine
from diag.adapters.db.migrate import migrate
from diag.adapters.db.types import to_micros
from diag.core.windows import HOUR
from diag.workflows.ports import FailureQuery
from tests.workflows.fakes import APP, NOW, TENANT

HOUR_AT = to_micros(NOW)
RECORD = zlib.compress(b"{}")


def _alembic(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.migrations()))
    config.attributes["url"] = url
    return config


def _fill(url: str) -> None:
    """A row in each table that the migration touches, as the first release wrote them."""
    success = {"hour": HOUR_AT, "app_id": APP, "credential_key_id": "k", "resource_id": "r", "count": 4}
    progress = {"source": "sign_ins:service", "window_seconds": 7200, "newest": HOUR_AT, "records": 9}
    incident = {"id": "i1", "app_id": APP, "code": 7000215, "first_seen": HOUR_AT, "last_seen": HOUR_AT}
    version = {"id": 1, "kind": "application", "object_id": "o", "app_id": APP, "valid_from": HOUR_AT}
    failure = {"id": "f1", "created_at": HOUR_AT, "error_code": 7000215, "raw": RECORD}
    given = {
        "success_hour": success,
        "progress": progress,
        "incident": incident,
        "object_version": version,
        "failure": failure,
    }
    engine = open_engine(url)
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.begin() as connection:
        for name, values in given.items():
            row = {"tenant_id": TENANT} | values
            for column in tables.tables[name].columns:
                if not column.nullable and column.name not in row:
                    row[column.name] = "" if isinstance(column.type, sa.String) else 0
            connection.execute(tables.tables[name].insert(), row)
    engine.dispose()


def test_rows_of_the_first_release_are_kept_and_can_go_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'diag.db'}"
    command.upgrade(_alembic(url), "0001")
    _fill(url)
    assert migrate(url)
    database = SqlDatabase(url)
    with database.read() as stores:
        assert stores.successes.last(TENANT, APP, credential_key_id="k") == NOW
        assert [item.successes for item in stores.successes.hourly(TENANT, NOW - HOUR)] == [4]
        progress = stores.progress.get(TENANT, "sign_ins:service")
        assert (progress.records, progress.newest, progress.reconciled_at) == (9, NOW, None)
        assert [item.id for item in stores.failures.find(FailureQuery())] == ["f1"]
        assert stores.windows.find(TENANT) == []
    database.close()
    command.downgrade(_alembic(url), "0001")
    engine = open_engine(url)
    with engine.connect() as connection:
        tables = sa.MetaData()
        tables.reflect(engine)
        kept = {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
            for name, table in tables.tables.items()
        }
    engine.dispose()
    assert "read_window" not in kept
    assert {name for name, count in kept.items() if count} == {
        "alembic_version",
        "failure",
        "incident",
        "object_version",
        "progress",
        "success_hour",
    }
