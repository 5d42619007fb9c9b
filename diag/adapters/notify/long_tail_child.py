"""The process in which Apprise runs: ``python -m diag.adapters.notify.long_tail_child`` reads a task, prints what came.

An audit hook, which nothing in the process can take off again, sees every connection at the moment it is made: only
addresses that the gate lets pass are connected to, whatever a name resolved to before, and whatever redirects or
plugins want. Starting programs, listening and writing files are refused.
"""

import logging
import os
import re
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from diag.adapters.notify.egress import check, is_loopback
from diag.core.errors import NotifyError

_NEVER = frozenset(
    {
        "ctypes.dlopen",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.system",
        "pty.spawn",
        "socket.bind",
        "socket.sendmsg",
        "socket.sendto",
        "subprocess.Popen",
    }
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_STATUS = re.compile(r"error=(\d{3})\b")


class Task(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message for one Apprise address."""

    url: str
    title: str
    body: str
    sample: bool
    private_network: bool
    only_here: bool
    """Without TLS: only to this machine, however Apprise reads the address."""


class Told(Struct, frozen=True, kw_only=True):
    """What came of it."""

    taken: bool
    status: int = 0
    """HTTP status of a refusal, where Apprise logs one."""
    refused: str = ""
    """Why the gate let nothing pass."""


class _Gate:
    """The audit hook; keeps the first refusal."""

    def __init__(self, task: Task) -> None:
        self._host = urlsplit(task.url).hostname or ""
        self._sample = task.sample
        self._private_network = task.private_network
        self._only_here = task.only_here
        self.refused = ""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            self._connect(arguments[1])
        elif event in _NEVER:
            self._refuse(f"A channel of Apprise may only connect, and this one wanted {event}.")
        elif event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
            self._refuse("A channel of Apprise may write no file.")

    def _connect(self, address: object) -> None:
        target = address[0] if isinstance(address, tuple) and address else ""
        try:
            check(self._host, str(target), sample=self._sample, private_network=self._private_network)
            if self._only_here and not is_loopback(str(target)):
                self._refuse("Alerts leave this machine encrypted only.")
        except NotifyError as error:
            self._refuse(str(error))
        except ValueError:
            self._refuse("A channel of Apprise may connect to an address that was resolved, and to nothing else.")

    def _refuse(self, why: str) -> None:
        self.refused = self.refused or why
        raise PermissionError(why)


class _Statuses(logging.Handler):
    """Keeps the last HTTP status that Apprise logged; the rest of its words may hold tokens and is not kept."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = 0

    def emit(self, record: logging.LogRecord) -> None:
        found = _STATUS.search(record.getMessage())
        if found:
            self.last = int(found[1])


def main() -> None:
    """Send one message."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    told = _send(task)
    sys.stdout.buffer.write(msgspec.json.encode(told))
    sys.stdout.buffer.flush()


def _send(task: Task) -> Told:
    import apprise

    asset = apprise.AppriseAsset(storage_mode=apprise.PersistentStoreMode.MEMORY)
    asset.http_redirects = False
    service = apprise.Apprise.instantiate(task.url, asset=asset, suppress_exceptions=True)
    if service is None or not service.verify_certificate or service.redirects:
        return Told(taken=False, refused="Apprise cannot use the channel's address.")
    service.overflow_mode = apprise.OverflowMode.TRUNCATE
    statuses = _Statuses()
    logging.getLogger("apprise").addHandler(statuses)
    gate = _Gate(task)
    # Whatever a plugin imports while it sends is read from its files; a module that has to be found anew is no harm.
    sys.dont_write_bytecode = True
    socket.setdefaulttimeout(20)
    sys.addaudithook(gate)
    taken = bool(service.notify(title=task.title, body=task.body, body_format=apprise.NotifyFormat.TEXT))
    return Told(taken=taken and not gate.refused, status=statuses.last, refused=gate.refused)


if __name__ == "__main__":
    main()
