"""A secret key of this instance in a file of its own: made at the first use, readable by its owner only."""

import os
import secrets
from pathlib import Path

from diag.core.errors import StoreError

_BYTES = 32


def read_or_make(file: Path) -> bytes:
    """The key; of several processes that make it at once one wins. ``StoreError`` when it cannot be read or made."""
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            made = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
            descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(descriptor, secrets.token_bytes(_BYTES))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            try:
                os.link(made, file)
            except FileExistsError:
                pass
            finally:
                made.unlink()
        key = file.read_bytes()
    except OSError as error:
        raise StoreError(
            f"The key file {file} cannot be used: {error.strerror or error}.",
            hint="Give this service a folder it may write to with DIAG_DATA_DIR.",
        ) from error
    if len(key) < _BYTES:
        raise StoreError(
            f"The key file {file} is shorter than {_BYTES} bytes.",
            hint="Delete it; a new one is made, and links in older messages stop working.",
        )
    return key
