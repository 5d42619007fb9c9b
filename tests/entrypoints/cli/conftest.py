"""Runs the command line in this process, or as a stranger would, in a new one."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from diag.entrypoints.cli.app import run
from diag.entrypoints.cli.console import Console

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


class _Input(io.TextIOWrapper):
    def isatty(self) -> bool:
        return False


Diag = Callable[..., Said]


@pytest.fixture
def diag(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Diag:
    """Give a function that runs ``diag ARGUMENTS`` with ``stdin`` and gives back code and output."""

    def call(*arguments: str, stdin: str | bytes = "") -> Said:
        content = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", _Input(io.BytesIO(content), encoding="utf-8"))
        out, err = io.StringIO(), io.StringIO()
        code = run(arguments, Console(out, err))
        printed = capsys.readouterr()
        return Said(code, out.getvalue() + printed.out, err.getvalue() + printed.err)

    return call


@pytest.fixture
def diag_process() -> Diag:
    """Give a function that runs ``python -m diag ARGUMENTS`` in a process of its own."""

    def call(*arguments: str, stdin: str = "", folder: Path = ROOT) -> Said:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("DIAG_")}
        done = subprocess.run(
            [sys.executable, "-m", "diag", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={**plain, "PYTHONPATH": str(ROOT)},
            timeout=60,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return call
