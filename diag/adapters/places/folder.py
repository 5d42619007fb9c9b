"""A folder into which another system writes records: the ``WatchedPlace`` port."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from diag.core.errors import NotFound, Unreachable
from diag.workflows.ports_files import SourceFile

_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".swp")
"""Endings under which programs keep what they still write."""


class Folder:
    """Every ordinary file below a folder; links are not followed, for they may lead anywhere."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path

    @property
    def name(self) -> str:
        return self._name

    def files(self) -> Iterator[SourceFile]:
        if not self._path.is_dir():
            raise Unreachable(
                f"The watched folder {self._path} is not there.",
                hint="Make it, mount it, or take it out of the file that DIAG_CONFIG names.",
            )
        try:
            found = sorted(self._path.rglob("*"))
        except OSError as error:
            raise self._unreadable(error) from error
        for path in found:
            if path.is_symlink() or not path.is_file() or path.name.startswith(".") or path.suffix in _UNFINISHED:
                continue
            try:
                state = path.stat()
            except FileNotFoundError:
                continue  # Taken away while the folder was listed.
            yield SourceFile(
                name=path.relative_to(self._path).as_posix(),
                version=f"{state.st_size}:{state.st_mtime_ns}",
                modified=datetime.fromtimestamp(state.st_mtime, UTC),
            )

    def open(self, file: SourceFile) -> BinaryIO:
        try:
            return (self._path / file.name).open("rb")
        except FileNotFoundError as error:
            raise NotFound(f"The file {file.name} is gone.") from error
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> Unreachable:
        return Unreachable(
            f"The watched folder {self._path} cannot be read: {error.strerror or error}.",
            hint="Let the service's user read it.",
        )
