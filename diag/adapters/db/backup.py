"""A consistent copy of the SQLite database while others write to it."""

import contextlib
from pathlib import Path

from sqlalchemy.engine import make_url

from diag.adapters.db.database import sqlite_module
from diag.core.errors import StoreError


def copy_sqlite(url: str, target: Path) -> None:
    """Copy the database to a new file; ``StoreError`` when the file cannot be written."""
    module = sqlite_module()
    source = make_url(url).database
    try:
        with (
            contextlib.closing(module.connect(source)) as reading,
            contextlib.closing(module.connect(target)) as writing,
        ):
            reading.backup(writing)
        target.chmod(0o600)
    except (OSError, module.Error) as error:
        raise StoreError(
            f"The copy {target} cannot be written: {error}.", hint="Name a file in a folder you may write to."
        ) from error
