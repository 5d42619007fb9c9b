"""A message as lines that every channel draws in its own form; what the tenant chose in them is made visible."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import Struct

from diag.core.alerts import Message
from diag.core.inert import visible

_LONGEST = 600
"""Characters of one text; names are far shorter, so only what was made to flood is cut."""
MOST_LINES = 100
"""Lines of one message; who has more to read reads it on the page."""
_Block = TypeVar("_Block")


class Line(Struct, frozen=True, kw_only=True):
    """One line: a label with a value, a step with its number, an item with an address, or text alone."""

    text: str
    label: str = ""
    number: int = 0
    url: str = ""


class Part(Struct, frozen=True, kw_only=True):
    """What a letter says about one alert."""

    subject: str
    lines: tuple[Line, ...]
    url: str
    """The page that shows more; empty when there is none."""


class Letter(Struct, frozen=True, kw_only=True):
    """A whole message; at least one part."""

    subject: str
    """With the mark of the sample tenant, if it speaks of it."""
    parts: tuple[Part, ...]


def letter(message: Message) -> Letter:
    """The message in lines."""
    alert = message.alert
    subject = shown(alert.subject)
    part = Part(
        subject=subject,
        lines=tuple(_line(line) for line in alert.body.splitlines() if line.strip()),
        url=f"{message.public_url}{alert.link}" if alert.link else "",
    )
    return Letter(subject=f"[sample tenant] {subject}" if message.sample else subject, parts=(part,))


def shown(text: str) -> str:
    """Text that others chose as one line that hides nothing and is not endless."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def fitting(
    blocks: Sequence[_Block], size: Callable[[_Block], int], budget: int, more: Callable[[str], _Block]
) -> list[_Block]:
    """As many blocks as the budget holds; when some are left out, the last says so: ``more`` of a sentence."""
    sizes = [size(block) for block in blocks]
    if sum(sizes) <= budget and len(blocks) <= MOST_LINES:
        return list(blocks)
    room = budget - size(more(_left_out(len(blocks))))
    kept: list[_Block] = []
    for block, needed in zip(blocks[:MOST_LINES], sizes, strict=False):
        if needed > room:
            break
        room -= needed
        kept.append(block)
    return [*kept, more(_left_out(len(blocks) - len(kept)))]


def _left_out(lines: int) -> str:
    return "One more line is on the page." if lines == 1 else f"{lines} more lines are on the page."


def _line(text: str) -> Line:
    label, colon, value = text.partition(": ")
    number, dot, step = text.partition(". ")
    if dot and number.isascii() and number.isdigit() and len(number) < 3:
        return Line(text=shown(step), number=int(number))
    if colon and len(label) <= 60:
        return Line(text=shown(value), label=shown(label))
    return Line(text=shown(text))
