"""This process among others of its machine: how it signs leases, and whether one that signed before is gone."""

import os
import socket
from pathlib import Path


def signature() -> str:
    """Names this process in leases and claims: its machine, its number there, and something no other process has."""
    return f"{_place()}:{os.getpid()}:{os.urandom(4).hex()}"


def is_gone(signed: str, own: str) -> bool:
    """Whether the process that signed has certainly ended; False where nobody here can tell, as of another machine."""
    place, _, rest = signed.rpartition(":")[0].rpartition(":")
    if signed == own or place != _place() or not rest.isdigit() or os.name != "posix":
        return False
    number = int(rest)
    if number == os.getpid():
        # Numbers are unique: who had ours before has ended, as after the restart of a container.
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _place() -> str:
    """The machine and the space within which process numbers are unique: containers can share a name, not a space."""
    try:
        space = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        space = ""
    return f"{socket.gethostname()}/{space}"
