"""``python -m tests.faults.oracle SPEC``: plays Graph on loopback until its standard input is closed."""

import asyncio
import os
import sys
import threading

from tests.faults.oracle.server import Server, heard


def _say(line: str) -> None:
    print(line, flush=True)


def _end_with_the_parent() -> None:
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=_end_with_the_parent, daemon=True).start()
asyncio.run(Server(heard(sys.argv[1])).run(_say))
