"""Where the packaged data lies: inside an installed package, or beside it in a checkout."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def knowledge_base() -> Path:
    """The folder of the knowledge base: ``diag/_data/kb`` of a wheel, else the checkout's ``kb``."""
    return _folder("kb")


def migrations() -> Path:
    """The folder of the migrations: ``diag/_data/migrations`` of a wheel, else the checkout's ``migrations``."""
    return _folder("migrations")


def overlay() -> Path | None:
    """The organisation's overlay as environment or ``.env`` name it, for commands that read no other setting."""
    named = os.environ.get("DIAG_KB_OVERLAY", "")
    if not named and Path(".env").is_file():
        from dotenv import dotenv_values

        named = dotenv_values(".env", interpolate=False).get("DIAG_KB_OVERLAY") or ""
    return Path(named.strip()) if named.strip() else None
