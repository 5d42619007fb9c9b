"""A message as lines that every channel draws in its own form; what the tenant chose in them is made visible."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from diag.core import alert_text
from diag.core.alerts import Action, Alert, Message
from diag.core.inert import visible

_LONGEST = 600
"""Characters of one text; names are far shorter, so only what was made to flood is cut."""
MOST_LINES = 100
"""Lines of one chat message; who has more to read reads it on the page."""
IN_FULL = 5
"""Alerts that one message tells in full; of more, each is one line with a link."""
TO_DO = "What to do, in this order:"
_Block = TypeVar("_Block")


class Line(Struct, frozen=True, kw_only=True):
    """One line: a label with a value, a step with its number, an item with an address, or text alone."""

    text: str
    label: str = ""
    number: int = 0
    url: str = ""
    detail: str = ""
    """What stands behind the text, less loud and no part of the link."""
    heading: bool = False


class Part(Struct, frozen=True, kw_only=True):
    """What a letter says about one alert."""

    subject: str
    lines: tuple[Line, ...]
    url: str
    """The page that shows more; empty when there is none."""
    urgent: bool = False
    """To be acted on now."""


class Letter(Struct, frozen=True, kw_only=True):
    """A whole message; at least one part."""

    subject: str
    """With the mark of the sample tenant, if it speaks of it."""
    parts: tuple[Part, ...]
    actions: tuple[Action, ...] = ()
    """What the reader may do straight from the message, as signed links."""


def letter(message: Message) -> Letter:
    """The message in lines, one part for each alert or one for many; instants in the reader's zone."""
    zone = ZoneInfo(message.zone)
    subject = shown(alert_text.subject(message))
    parts = tuple(_part(alert, message, zone) for alert in message.alerts[: IN_FULL + 1])
    if len(message.alerts) > IN_FULL:
        lines = tuple(_in_short(alert, message) for alert in message.alerts)
        urgent = any(alert.severity == "critical" for alert in message.alerts)
        parts = (Part(subject=subject, lines=lines, url=_url(message, "/alerts"), urgent=urgent),)
    marked = f"[sample tenant] {subject}" if message.sample else subject
    return Letter(subject=marked, parts=parts, actions=message.actions)


def _in_short(alert: Alert, message: Message) -> Line:
    """The subject, and which credential it is: an application may hold several."""
    which = next((fact.text for fact in alert.content.facts if fact.label == "Credential"), "")
    return Line(text=shown(alert.subject), detail=shown(which), url=_url(message, alert.link))


def _part(alert: Alert, message: Message, zone: tzinfo) -> Part:
    content = alert.content
    lines = [Line(label=shown(fact.label), text=shown(_told(fact.at, fact.text, zone))) for fact in content.facts]
    for item in content.items:
        lines.append(Line(text=shown(_told(item.at, item.text, zone)), url=_url(message, item.link)))
    if content.note:
        lines.append(Line(text=shown(content.note)))
    if content.steps:
        lines.append(Line(text=TO_DO, heading=True))
        lines += [Line(text=shown(step), number=number) for number, step in enumerate(content.steps, 1)]
    if not lines:
        # An alert of a version that kept plain text only.
        lines = [_line(line) for line in alert.body.splitlines() if line.strip()]
    return Part(
        subject=shown(alert.subject),
        lines=tuple(lines),
        url=_url(message, alert.link),
        urgent=alert.severity == "critical",
    )


def _url(message: Message, link: str) -> str:
    return f"{message.public_url}{link}" if link.startswith("/") else ""


def _told(at: datetime | None, text: str, zone: tzinfo) -> str:
    return " ".join(filter(None, (alert_text.instant(at, zone) if at else "", text)))


def shown(text: str) -> str:
    """Text that others chose as one line that hides nothing and is not endless."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def fitting(
    blocks: Sequence[_Block],
    size: Callable[[_Block], int],
    budget: int,
    more: Callable[[str], _Block],
    *,
    most: int = MOST_LINES,
) -> list[_Block]:
    """As many blocks as the budget holds; when some are left out, the last says so: ``more`` of a sentence."""
    sizes = [size(block) for block in blocks]
    if sum(sizes) <= budget and len(blocks) <= most:
        return list(blocks)
    room = budget - size(more(_left_out(len(blocks))))
    kept: list[_Block] = []
    for block, needed in zip(blocks[:most], sizes, strict=False):
        if needed > room:
            break
        room -= needed
        kept.append(block)
    return [*kept, more(_left_out(len(blocks) - len(kept)))]


def _left_out(lines: int) -> str:
    return "One more line is on the page." if lines == 1 else f"{lines} more lines are on the page."


def _line(text: str) -> Line:
    if text == TO_DO:
        return Line(text=text, heading=True)
    label, colon, value = text.partition(": ")
    number, dot, step = text.partition(". ")
    if dot and number.isascii() and number.isdigit() and len(number) < 3:
        return Line(text=shown(step), number=int(number))
    if colon and len(label) <= 60:
        return Line(text=shown(value), label=shown(label))
    return Line(text=shown(text))
