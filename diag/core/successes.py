"""Successful sign-ins of applications, counted by hour; the records themselves are not kept."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from diag.core.records import SuccessCount
from diag.core.windows import Window, whole_hour


class Success(Struct, frozen=True, gc=False):
    """What is counted of one successful sign-in."""

    id: str
    at: datetime
    app_id: str
    credential_key_id: str
    resource_id: str


class Tally:
    """Counts the successes of one window, each once, however often a page brings it.

    The end of the window belongs to the window after it, although the log gives both sides of it.
    """

    def __init__(self, window: Window) -> None:
        self._window = window
        self._seen: set[int] = set()
        self._counts: dict[tuple[datetime, str, str, str], tuple[int, datetime]] = {}

    def add(self, successes: Iterable[Success]) -> None:
        """Count those that are new and lie in the window."""
        start, end, seen = self._window.start, self._window.end, self._seen
        for item in successes:
            digest = hash(item.id)
            if digest in seen or not start <= item.at < end:
                continue
            seen.add(digest)
            key = (whole_hour(item.at), item.app_id, item.credential_key_id, item.resource_id)
            count, last = self._counts.get(key, (0, item.at))
            self._counts[key] = (count + 1, max(last, item.at))

    def counts(self) -> list[SuccessCount]:
        """What was counted, in no order."""
        return [
            SuccessCount(
                hour=hour,
                app_id=app_id,
                credential_key_id=key_id,
                resource_id=resource_id,
                count=count,
                last_at=last,
            )
            for (hour, app_id, key_id, resource_id), (count, last) in self._counts.items()
        ]
