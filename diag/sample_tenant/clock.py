"""The story's clock: where it starts, and how instants are written.

Instants are whole seconds since 1970 in UTC (`int`). Graph writes sign-in times to the second and directory
times with seven decimals; both forms are here.
"""

import email.utils
import re
import time
from datetime import UTC, datetime

MINUTE = 60
HOUR = 3600
DAY = 86400

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$")


class StoryClock:
    """Runs at the pace of the wall clock, or stands still.

    `starts` is the instant at which the story starts; `ahead` says how many seconds of it have passed already.
    """

    def __init__(self, starts: int, stands: bool = False, ahead: int = 0) -> None:
        self.starts = starts
        self._stands = stands
        self._ahead = ahead
        self._zero = time.monotonic()

    def now(self) -> int:
        """Gives the present instant of the story."""
        return self.starts + int(self.elapsed())

    def elapsed(self) -> float:
        """Gives the seconds since the story started."""
        return self._ahead + (0.0 if self._stands else time.monotonic() - self._zero)


def stamp(instant: int) -> str:
    """Writes an instant as sign-in records do: `2026-11-22T10:00:00Z`."""
    return datetime.fromtimestamp(instant, UTC).isoformat().removesuffix("+00:00") + "Z"


def fine_stamp(instant: int, fraction: int = 0) -> str:
    """Writes an instant as audits and directory objects do, with `fraction` ten-millionths of a second."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{fraction % 10_000_000:07d}Z"


def http_date(instant: int) -> str:
    """Writes an instant for an HTTP header."""
    return email.utils.formatdate(instant, usegmt=True)


def parse_instant(text: str) -> float | None:
    """Reads an ISO 8601 instant with a zone; None when the text is not one."""
    if not _INSTANT.match(text):
        return None
    try:
        # Python reads at most six decimals, Graph writes seven.
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).timestamp()
    except ValueError:
        return None
