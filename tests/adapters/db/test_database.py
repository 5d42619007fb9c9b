import asyncio
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import SQLModel

from diag.adapters.db.backup import copy_sqlite
from diag.adapters.db.database import FIXED_SQLITE, SqlDatabase, open_engine, sqlite_module
from diag.adapters.db.migrate import check, current_revision, migrate, revisions
from diag.adapters.db.types import from_micros, to_micros
from diag.core.errors import NewerDatabase, StoreError
from diag.workflows.ports import Progress
from tests.workflows.fakes import NOW, TENANT

ROOT = Path(__file__).resolve().parents[3]


def _save(database: SqlDatabase, source: str, link: str = "") -> None:
    with database.write() as stores:
        stores.progress.save(Progress(tenant_id=TENANT, source=source, link=link))


def _sources(database: SqlDatabase) -> list[str]:
    with database.read() as stores:
        return [progress.source for progress in stores.progress.all()]


def test_the_migrations_make_what_the_tables_say(file: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = open_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_migrating_is_done_once_and_its_state_is_known(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'diag.db'}"
    assert not check(url)
    assert migrate(url)
    assert not migrate(url)
    assert (current_revision(url), check(url)) == (revisions()[-1], True)


def test_two_processes_that_start_at_once_on_an_empty_file_both_find_it_migrated(tmp_path: Path) -> None:
    code = "import sys; from diag.adapters.db.migrate import check, migrate; migrate(sys.argv[1]); check(sys.argv[1])"
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path / 'diag.db'}"]
    started = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    problems = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0], problems
    assert check(command[-1])


def test_a_database_of_a_newer_version_is_refused_and_left_alone(file: Path) -> None:
    url = f"sqlite:///{file}"
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(NewerDatabase, match="9999"):
        migrate(url)
    assert current_revision(url) == "9999"


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "diag.db"
    file.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(StoreError) as refused:
        migrate(f"sqlite:///{file}")
    assert "backup" in refused.value.hint
    assert file.read_bytes() == b"Dear diary, " * 1000


def test_a_folder_that_is_none_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written") as refused:
        SqlDatabase(f"sqlite:///{tmp_path / 'file' / 'diag.db'}")
    assert "DIAG_DATA_DIR" in refused.value.hint


def test_a_read_only_folder_is_refused_with_what_to_do() -> None:
    # Root may write everywhere, so the attempt is made as nobody.
    code = (
        "import os, sys\n"
        "from diag.core.errors import StoreError\n"
        "from diag.adapters.db.database import SqlDatabase\n"
        "if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: SqlDatabase(sys.argv[1])\n"
        "except StoreError as error: sys.exit(f'{error} {error.hint}')\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        command = [sys.executable, "-c", code, f"sqlite:///{folder}/diag.db"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        Path(folder).chmod(0o755)
    assert done.returncode == 1, done
    assert "cannot be written: Permission denied" in done.stderr
    assert "DIAG_DATA_DIR" in done.stderr


@pytest.mark.parametrize("replaced", [False, True])
def test_a_database_deleted_while_in_use_is_said_at_once(sqlite: SqlDatabase, file: Path, replaced: bool) -> None:
    _save(sqlite, "before")
    if replaced:
        file.with_name("other.db").write_bytes(b"")
        file.with_name("other.db").replace(file)
    else:
        file.unlink()
    with pytest.raises(StoreError, match="deleted or replaced"):
        _save(sqlite, "after")
    with pytest.raises(StoreError, match="deleted or replaced"):
        _sources(sqlite)


@pytest.mark.parametrize("url", ["garbage", "nosuch://host/name"])
def test_an_address_that_names_no_database_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="no database"):
        open_engine(url)


def test_the_file_is_for_its_owner_alone(sqlite: SqlDatabase, file: Path) -> None:
    _save(sqlite, "a")
    for path in file.parent.glob("diag.db*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_fails_in_a_transaction_leaves_no_trace_and_the_next_one_works(sqlite: SqlDatabase) -> None:
    def break_off() -> None:
        with sqlite.write() as stores:
            stores.progress.save(Progress(tenant_id=TENANT, source="lost"))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        break_off()
    _save(sqlite, "kept")
    assert _sources(sqlite) == ["kept"]


def test_nothing_done_while_reading_is_kept_and_a_reader_sees_one_state(sqlite: SqlDatabase) -> None:
    _save(sqlite, "a")
    with sqlite.read() as stores:
        assert len(stores.progress.all()) == 1
        _save(sqlite, "b")
        assert len(stores.progress.all()) == 1
    assert _sources(sqlite) == ["a", "b"]


def test_a_reader_that_connects_while_another_writes_does_not_wait(sqlite: SqlDatabase, file: Path) -> None:
    late = SqlDatabase(f"sqlite:///{file}")
    with sqlite.write() as stores:
        stores.progress.save(Progress(tenant_id="t", source="applications"))
        with late.read() as seen:
            assert seen.progress.all() == []
    late.close()


def test_a_full_disk_is_said_stores_nothing_of_the_step_and_heals(sqlite: SqlDatabase) -> None:
    _save(sqlite, "before")
    with sqlite.write() as stores:
        pages = stores.progress._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        stores.progress._connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(StoreError, match="full"):
        _save(sqlite, "too much", "x" * 100_000)
    assert _sources(sqlite) == ["before"]
    with sqlite.write() as stores:
        stores.progress._connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    _save(sqlite, "too much", "x" * 100_000)
    assert _sources(sqlite) == ["before", "too much"]


def test_a_short_lock_by_another_process_is_waited_for(sqlite: SqlDatabase, file: Path) -> None:
    other = sqlite_module().connect(str(file), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    async def both() -> None:
        saving = asyncio.create_task(asyncio.to_thread(_save, sqlite, "waited"))
        await asyncio.sleep(0.3)
        assert not saving.done()
        other.execute("COMMIT")
        await saving

    asyncio.run(both())
    other.close()
    assert _sources(sqlite) == ["waited"]


def test_a_copy_is_whole_while_others_write_and_private(sqlite: SqlDatabase, file: Path, tmp_path: Path) -> None:
    _save(sqlite, "a")
    copy = tmp_path / "copy.db"
    copy_sqlite(f"sqlite:///{file}", copy)
    _save(sqlite, "b")
    other = SqlDatabase(f"sqlite:///{copy}")
    assert _sources(other) == ["a"]
    other.close()
    assert copy.stat().st_mode & 0o077 == 0
    with pytest.raises(StoreError, match="copy"):
        copy_sqlite(f"sqlite:///{file}", tmp_path / "no" / "such" / "folder.db")


def test_the_sqlite_in_use_does_not_corrupt_its_log_here() -> None:
    assert sqlite_module().sqlite_version_info >= FIXED_SQLITE


def test_a_naive_instant_is_refused_and_nothing_is_stored(sqlite: SqlDatabase) -> None:
    naive = datetime(2026, 11, 22, 10, 0)  # noqa: DTZ001
    with pytest.raises(sa.exc.StatementError, match="naive"), sqlite.write() as stores:
        stores.progress.save(Progress(tenant_id=TENANT, source="changes", newest=naive))
    assert _sources(sqlite) == []


def test_an_instant_of_another_zone_comes_back_in_utc(sqlite: SqlDatabase) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    with sqlite.write() as stores:
        stores.progress.save(Progress(tenant_id=TENANT, source="changes", newest=there))
    with sqlite.read() as stores:
        kept = stores.progress.get(TENANT, "changes").newest
    assert kept == NOW
    assert kept is not None
    assert kept.tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_instants_are_kept_exactly_from_year_1_to_year_9999(instant: datetime) -> None:
    assert from_micros(to_micros(instant)) == instant


def test_a_damaged_file_is_said_to_be_damaged(file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    shutil.copy(file, broken)
    with broken.open("r+b") as handle:
        handle.seek(4096)
        handle.write(b"\xff" * (broken.stat().st_size - 4096))
    database = SqlDatabase(f"sqlite:///{broken}")
    with pytest.raises(StoreError, match="damaged"):
        _sources(database)
    database.close()
