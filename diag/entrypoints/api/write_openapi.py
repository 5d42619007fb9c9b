"""``python -m diag.entrypoints.api.write_openapi [FILE]``: write the description that is committed as openapi.json."""

import sys
from collections.abc import Sequence
from pathlib import Path

from diag.entrypoints.api.app import operations
from diag.entrypoints.api.openapi import document, encoded


def main(arguments: Sequence[str]) -> None:
    """Write to the file named, by default ``openapi.json`` in the present folder."""
    Path(arguments[0] if arguments else "openapi.json").write_bytes(encoded(document(operations())))


if __name__ == "__main__":
    main(sys.argv[1:])
