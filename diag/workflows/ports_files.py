"""What importing files needs from the outside: a reader of exported records, watched places, and a memory of both."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO, Protocol

from msgspec import Struct

from diag.core.directory import Change
from diag.core.records import FailureRow
from diag.core.successes import Success


class Unreadable(Struct, frozen=True):
    """A record that could not be read."""

    place: str
    """Where in the file: ``record 12``, ``row 3`` or ``byte 4096``."""
    why: str


class ExportBatch(Struct, frozen=True, kw_only=True):
    """Some records of a file, in the file's order."""

    failures: Sequence[FailureRow]
    successes: Sequence[Success]
    """Of applications that signed in as themselves."""
    changes: Sequence[Change]
    read: int
    """Records in the batch, whatever they were."""
    sign_ins: int
    unreadable: Sequence[Unreadable]
    other_tenant: int
    """Records that name another tenant; they are left out."""
    unknown: int
    """Records that are neither sign-ins nor audit records."""
    position: int
    """Where to go on after this batch; what it counts is the reader's business."""
    grows: bool
    """The position holds after something was written at the file's end, as for lines; else such a file is read anew."""


class ExportReader(Protocol):
    def batches(
        self, stream: BinaryIO, name: str, tenant_id: str, position: int, otherwise: datetime
    ) -> Iterator[ExportBatch]:
        """Records of a file from ``position`` on. Raises ``BadInput`` when the file holds none of any known shape."""


class SourceFile(Struct, frozen=True):
    """A file in a watched place."""

    name: str
    """Its path below the place."""
    version: str
    """Changes whenever the content does."""
    modified: datetime
    """When it was last written."""


class WatchedPlace(Protocol):
    """A folder or a blob container into which another system writes records."""

    @property
    def name(self) -> str: ...
    def files(self) -> Iterator[SourceFile]:
        """What is there now; raises ``SourceError`` when nobody can look."""

    def open(self, file: SourceFile) -> BinaryIO:
        """The file's bytes, seekable; raises ``SourceError``."""


class ImportedFile(Struct, frozen=True, kw_only=True):
    """How far a file has been read; moves in the transaction that stores its records."""

    tenant_id: str
    name: str
    version: str
    """Digest of a given file, or the version that a watched place tells."""
    head: str = ""
    """Digest of the file's first bytes; empty where they cannot be read twice."""
    position: int = 0
    grows: bool = False
    finished: bool = False
    read: int = 0
    stored: int = 0
    """Failures that were new."""
    changes: int = 0
    """Changes that were new."""
    unreadable: int = 0
    problem: str = ""
    updated_at: datetime | None = None


class FileStore(Protocol):
    def get(self, tenant_id: str, name: str) -> ImportedFile | None: ...
    def save(self, file: ImportedFile) -> None: ...
