"""Bringing the database to this version's form. Alembic is imported only when there is something to do."""

import logging
from pathlib import Path

import sqlalchemy as sa

from diag import resources
from diag.adapters.db.database import INCREMENTAL, open_engine
from diag.core.errors import NewerDatabase, StoreError

_COPIED_AT_MOST = 2 * 1024**3
"""Bytes."""

_log = logging.getLogger(__name__)


def revisions() -> list[str]:
    """This version's revisions, oldest first; a revision's id is its file's number."""
    return sorted(file.name.partition("_")[0] for file in (resources.migrations() / "versions").glob("[0-9]*_*.py"))


def current_revision(url: str) -> str | None:
    """The revision the database is at; None for an empty one."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    except sa.exc.DatabaseError as error:
        raise StoreError(
            f"The database cannot be read: {error.orig}.",
            hint="Restore it from a backup, or move it away to start with an empty one; nothing was changed.",
        ) from error
    finally:
        engine.dispose()


def check(url: str) -> bool:
    """Whether the database is at the newest revision. ``NewerDatabase`` for a later one, ``StoreError`` for no use."""
    known = revisions()
    at = current_revision(url)
    if at is not None and at not in known:
        raise NewerDatabase(
            f"The database was written by a newer version of this program (its revision {at} is unknown here; "
            f"this version knows up to {known[-1]})."
        )
    return at == known[-1]


def migrate(url: str) -> bool:
    """Bring the database to the newest revision; False when it was there already."""
    if check(url):
        return False
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(resources.migrations())).replace("%", "%%"))
    config.attributes["url"] = url
    command.upgrade(config, "head")
    compact(url)
    return True


def compact(url: str) -> bool:
    """Copy a SQLite file of an earlier version once, so that it can shrink from now on; False where that is not needed.

    A large one is left as it is: copying takes minutes, and as much disk again.
    """
    engine = open_engine(url)
    try:
        if engine.dialect.name != "sqlite":
            return False
        with engine.connect() as connection:
            size = Path(engine.url.database or "").stat().st_size
            if connection.exec_driver_sql("PRAGMA auto_vacuum").scalar() == INCREMENTAL or size > _COPIED_AT_MOST:
                return False
            connection.exec_driver_sql(f"PRAGMA auto_vacuum={INCREMENTAL}")
            connection.exec_driver_sql("VACUUM")
        return True
    except sa.exc.DatabaseError as error:
        # Nothing is lost by not shrinking: another process uses the file, or the disk has no room for the copy.
        _log.warning("the database file was not copied to be able to shrink", extra={"problem": str(error.orig)})
        return False
    finally:
        engine.dispose()
