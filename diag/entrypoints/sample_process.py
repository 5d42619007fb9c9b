"""The sample tenant as a child process that ends with its parent."""

import json
import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from diag.core.errors import StoreError

_STORY_LASTS = timedelta(days=20)
"""After this the story's failures have left the log's 30 days; a new one begins with an empty database."""

_log = logging.getLogger(__name__)


class SampleConnection(Struct, frozen=True):
    """How to reach the sample tenant; its first line of output."""

    url: str
    tenant_id: str
    client_id: str
    client_secret: str


class SampleTenant:
    """Starts the child at ``__enter__`` and ends it at ``__exit__``; its story goes on where it was."""

    def __init__(self, data_dir: Path, now: datetime) -> None:
        self._data_dir = data_dir
        self._now = now
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        began = self._story_began()
        # Its standard input is a pipe that closes when this process dies in whatever way, which ends the child.
        self._process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "diag.sample_tenant", "--until-stdin-closes", "--began", began.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is None:
            return
        assert process.stdin is not None  # noqa: S101  opened as a pipe
        process.stdin.close()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def connection(self) -> SampleConnection:
        """Wait for the child's first line and read it."""
        assert self._process is not None  # noqa: S101  entered
        assert self._process.stdout is not None  # noqa: S101  opened as a pipe
        line = self._process.stdout.readline()
        if not line:
            raise StoreError(
                f"The sample tenant ended at once (exit code {self._process.wait()}).",
                hint="Run `diag sample-tenant` to see why, or set DIAG_TENANT_ID to watch a tenant of yours.",
            )
        return SampleConnection(**json.loads(line))

    def _story_began(self) -> datetime:
        """When the story in the database began; a new story starts with an empty database."""
        note = self._data_dir / "sample-tenant.json"
        try:
            began = datetime.fromisoformat(json.loads(note.read_text())["began"])
        except (OSError, ValueError, KeyError, TypeError):
            began = None
        if began is not None and timedelta(0) <= self._now - began < _STORY_LASTS:
            return began
        began = self._now.astimezone(UTC).replace(microsecond=0)
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            for old in self._data_dir.glob("sample-tenant.db*"):
                old.unlink()
            note.write_text(json.dumps({"began": began.isoformat()}) + "\n")
        except OSError as error:
            raise StoreError(
                f"The folder {self._data_dir} cannot be written: {error.strerror}.",
                hint="Give this service a folder it may write to with DIAG_DATA_DIR.",
            ) from error
        return began
