"""Spans of time in a log: what was read to its end, and what was not."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

HOUR = timedelta(hours=1)

WindowKind = Literal["poll", "backfill", "reconcile"]
"""Why a window was read: since the last poll, going back in time, or once more to find what came late."""


class Window(Struct, frozen=True):
    """``start <= t <= end``, aware UTC."""

    start: datetime
    end: datetime


class ReadWindow(Struct, frozen=True, kw_only=True):
    """A window that was read to its last page; written in the transaction that stores that page."""

    tenant_id: str
    source: str
    kind: WindowKind
    start: datetime
    end: datetime
    read_at: datetime
    """Rows that the log delivered later than this are not in it."""
    pages: int
    records: int
    """Records the log gave, those of an overlap included."""
    new: int
    """Records that were stored for the first time; for counted successes the number counted."""


def whole_hour(instant: datetime) -> datetime:
    """The beginning of the instant's hour."""
    return instant.replace(minute=0, second=0, microsecond=0)


def gaps(covered: Iterable[Window], span: Window) -> Sequence[Window]:
    """The parts of ``span`` that none of ``covered`` holds, oldest first; windows that touch leave no gap."""
    missing: list[Window] = []
    reached = span.start
    for window in sorted(covered, key=lambda item: item.start):
        if window.end <= reached:
            continue
        if window.start >= span.end:
            break
        if window.start > reached:
            missing.append(Window(reached, window.start))
        reached = max(reached, window.end)
    if reached < span.end:
        missing.append(Window(reached, span.end))
    return missing
