"""Databases for the store suites: a migrated SQLite file each, and the fake that workflows are tested with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.workflows.ports import Database
from tests.workflows.memory_database import MemoryDatabase


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at the newest revision, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "diag.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    """A database file of the test's own."""
    target = tmp_path / "diag.db"
    shutil.copy(migrated, target)
    return target


@pytest.fixture
def sqlite(file: Path) -> Iterator[SqlDatabase]:
    database = SqlDatabase(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "memory"])
def database(request: pytest.FixtureRequest) -> Database:
    """The real store and the fake: what workflows rely on holds for both."""
    if request.param == "memory":
        return MemoryDatabase()
    real: Database = request.getfixturevalue("sqlite")
    return real
