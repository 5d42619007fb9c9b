"""The connection: one writer at a time, readers beside it, and a SQLite that does not corrupt its log."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, IntegrityError, OperationalError, ProgrammingError

from diag.adapters.db.alerts import SqlAlerts, SqlLeases
from diag.adapters.db.changes import SqlChanges
from diag.adapters.db.coverage import SqlCoverage
from diag.adapters.db.credentials import SqlCredentials
from diag.adapters.db.failures import SqlFailures
from diag.adapters.db.files import SqlFiles
from diag.adapters.db.incidents import SqlIncidents
from diag.adapters.db.privacy import SqlPrivacy
from diag.adapters.db.progress import SqlProgress
from diag.adapters.db.registrations import SqlRegistrations
from diag.adapters.db.retention import SqlRetention
from diag.adapters.db.seen_codes import SqlSeenCodes
from diag.adapters.db.successes import SqlSuccesses
from diag.adapters.db.topics import SqlChannels, SqlTopics
from diag.adapters.db.usage import SqlUsage
from diag.adapters.db.windows import SqlWindows
from diag.core.errors import StoreError
from diag.core.pseudonyms import Pseudonyms

FIXED_SQLITE = (3, 51, 3)
"""First release without the WAL-reset corruption of 3.7.0 to 3.51.2 (sqlite.org/wal.html, checked 2026-11-22)."""

INCREMENTAL = 2
"""What ``PRAGMA auto_vacuum`` says of a file that can give its unused pages back."""
_ROOM = 256
"""Unused pages that are left in the file."""


def sqlite_module() -> ModuleType:
    """The newest SQLite at hand: the pysqlite3 wheel where it is installed, else the standard library's."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2  # type: ignore[no-any-return]


def sqlite_is_fixed() -> bool:
    """Whether the SQLite in use is free of the WAL-reset corruption."""
    version: tuple[int, ...] = sqlite_module().sqlite_version_info
    return version >= FIXED_SQLITE


class SqlTransaction:
    """All stores over one connection."""

    def __init__(self, connection: Connection, pseudonyms: Pseudonyms | None = None) -> None:
        self.privacy = SqlPrivacy(connection, pseudonyms)
        self.failures = SqlFailures(connection, pseudonyms)
        self.registrations = SqlRegistrations(connection, pseudonyms)
        self.credentials = SqlCredentials(connection)
        self.changes = SqlChanges(connection, pseudonyms)
        self.incidents = SqlIncidents(connection)
        self.alerts = SqlAlerts(connection)
        self.topics = SqlTopics(connection)
        self.channels = SqlChannels(connection)
        self.usage = SqlUsage(connection)
        self.leases = SqlLeases(connection)
        self.progress = SqlProgress(connection)
        self.windows = SqlWindows(connection)
        self.successes = SqlSuccesses(connection)
        self.files = SqlFiles(connection)
        self.coverage = SqlCoverage(connection)
        self.retention = SqlRetention(connection)
        self.seen_codes = SqlSeenCodes(connection)


class SqlDatabase:
    """The ``Database`` port over SQLAlchemy."""

    def __init__(self, url: str, pseudonyms: Pseudonyms | None = None) -> None:
        """``pseudonyms``: what people are stored as; None stores them as they are."""
        self._engine = open_engine(url)
        self._pseudonyms = pseudonyms
        self._writing = threading.Lock()
        self._sqlite = self._engine.dialect.name == "sqlite"
        self._file = Path(self._engine.url.database or "") if self._sqlite else None
        self._identity = _identity(self._file)

    @contextlib.contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        self._still_there()
        with self._writing, _clear_errors(), self._engine.connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with connection.begin() if not connection.in_transaction() else contextlib.nullcontext():
                try:
                    yield SqlTransaction(connection, self._pseudonyms)
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()

    @contextlib.contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        self._still_there()
        with _clear_errors(), self._engine.connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN")
            try:
                yield SqlTransaction(connection, self._pseudonyms)
            finally:
                connection.rollback()

    def shrink(self, pages: int) -> bool:
        if not self._sqlite:
            return False  # PostgreSQL's autovacuum does it.
        self._still_there()
        with self._writing, _clear_errors(), self._engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA auto_vacuum").scalar() != INCREMENTAL:
                return False
            # Some room for what comes next: a file that shrinks and grows every hour is only torn to pieces.
            unused = _unused(connection) - _ROOM
            if unused > 0:
                # Each step frees one page; SQLAlchemy would end it after the first, since it gives no rows.
                cursor = connection.connection.cursor()
                cursor.execute(f"PRAGMA incremental_vacuum({int(min(pages, unused))})")
                cursor.fetchall()
                cursor.close()
            left = _unused(connection) - _ROOM
            if left <= 0:
                # The pages go once the log is carried over; a reader that is in the way delays that, nothing more.
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            connection.rollback()
            return 0 < left < unused

    def rewrite(self) -> bool:
        if not self._sqlite:
            return True
        self._still_there()
        with self._writing, _clear_errors(), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA auto_vacuum=INCREMENTAL")
            connection.exec_driver_sql("VACUUM")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()
            connection.rollback()
        return busy is not None and busy[0] == 0

    def note_privacy(self) -> None:
        """Note whether people are stored under pseudonyms from now on; ``StoreError`` when their key is another one."""
        with self.write() as transaction:
            transaction.privacy.begin()

    def close(self) -> None:
        self._engine.dispose()

    def _still_there(self) -> None:
        """Writing to a file that was deleted would lose everything at the next start, so say it at once."""
        if _identity(self._file) != self._identity:
            raise StoreError(
                f"The database file {self._file} was deleted or replaced while it was in use.",
                hint="Stop the service, put the file back from a backup or begin with an empty one, and start again.",
            )


def _unused(connection: Connection) -> int:
    """Pages of the file that hold nothing."""
    return int(connection.exec_driver_sql("PRAGMA freelist_count").scalar() or 0)


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Which file this is, whatever its name; None when it is not there."""
    try:
        found = file.stat() if file is not None else None
    except FileNotFoundError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


def open_engine(url: str) -> Engine:
    """An engine for the URL; ``StoreError`` when there is no such database or its folder cannot be used."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return sqlalchemy.create_engine(parsed, pool_pre_ping=True)
    except (ArgumentError, ImportError) as error:
        raise StoreError(
            "DIAG_DATABASE_URL names no database this program can open.",
            hint="Write sqlite:///<path of a file>, or leave it out for a file in DIAG_DATA_DIR.",
        ) from error
    if parsed.database and parsed.database != ":memory:":
        _writable(Path(parsed.database))
    engine = sqlalchemy.create_engine(parsed, module=sqlite_module(), connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _configure)
    return engine


def _writable(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab"):
            pass
        file.chmod(0o600)
    except OSError as error:
        raise StoreError(
            f"The database file {file} cannot be written: {error.strerror or error}.",
            hint="Give this service a folder it may write to with DIAG_DATA_DIR, or correct the folder's permissions.",
        ) from error


def _configure(connection: Any, _record: object) -> None:
    # The driver's own transaction handling is off: BEGIN IMMEDIATE must be the first statement of a writer.
    connection.isolation_level = None
    cursor = connection.cursor()
    if cursor.execute("PRAGMA page_count").fetchone()[0] == 0:
        # Before anything is written into a new file: it cannot be switched on later without copying all of it. Only
        # there: in a file that holds something it waits for the writer, and every new reader would with it.
        cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
    for pragma in (
        "journal_mode=WAL",
        "journal_size_limit=67108864",
        # What was deleted is overwritten, not only forgotten; measured, that costs no time.
        "secure_delete=ON",
        "synchronous=FULL",
        "busy_timeout=10000",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "mmap_size=0",
        "cache_size=-32768",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextlib.contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise StoreError(_sentence(str(error.orig))) from error
    except (DataError, IntegrityError, ProgrammingError):
        raise  # A mistake of ours, not of the database.
    except DatabaseError as error:
        raise StoreError(
            _sentence(str(error.orig)), hint="Restore the database file from a backup; it was not touched further."
        ) from error


def _sentence(reason: str) -> str:
    known = {
        "database is locked": "The database is locked by another process for longer than 10 seconds.",
        "database or disk is full": "The disk that holds the database is full; nothing of this step was stored.",
        "attempt to write a readonly database": "The database file is read-only; nothing was stored.",
        "file is not a database": "The database file is not a SQLite database.",
        "database disk image is malformed": "The database file is damaged.",
    }
    return known.get(reason, f"The database refused: {reason}.")
