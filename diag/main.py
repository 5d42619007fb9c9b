"""What runs in one process: the command line, and for ``serve`` the whole service."""

import argparse
import os
from pathlib import Path

from diag.entrypoints.cli.app import run
from diag.entrypoints.cli.console import Console


def cli() -> int:
    """Run the command of ``sys.argv``; its exit code."""
    return run(handlers={"serve": _serve})


def _serve(_options: argparse.Namespace, console: Console) -> int:
    from diag.serve import serve
    from diag.settings import read_settings

    return serve(read_settings(os.environ, Path.cwd()), console.say)
