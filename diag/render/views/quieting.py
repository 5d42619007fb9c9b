"""What is quiet about a credential or an alert, and what a signed link would do."""

from datetime import datetime

from msgspec import Struct

from diag.core.alerts import Quieting
from diag.render import times
from diag.render.times import Moment

_DAYS = (7, 30, 90, 365)


class QuietLine(Struct, frozen=True, kw_only=True):
    action: str
    whole: bool
    """Of the whole application."""
    until: Moment | None
    by: str
    why: str
    at: Moment


class QuietView(Struct, frozen=True, kw_only=True):
    what: str
    tenant_id: str
    topic: str
    app_id: str
    back: str
    held: tuple[QuietLine, ...]
    choices: tuple[tuple[int, str], ...]


class LinkView(Struct, frozen=True, kw_only=True):
    subject: str
    action: str
    days: int
    reader: str
    token: str


def quieting_line(item: Quieting, now: datetime, *, whole: bool) -> QuietLine:
    return QuietLine(
        action="Snoozed" if item.action == "snooze" else "Acknowledged",
        whole=whole,
        until=times.maybe(item.until, now),
        by=item.by,
        why=item.why,
        at=times.moment(item.at, now),
    )


def choices() -> tuple[tuple[int, str], ...]:
    """How long one may snooze, in days with words; 0 is for good."""
    return (*((days, f"{days} days") for days in _DAYS), (0, "for good"))
