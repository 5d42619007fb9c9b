"""The elements of a JSON text that may be larger than memory, each as the text it was.

Taken are one array, one object that wraps an array (``value``, ``records`` or ``tables``), objects one after another
with or without line ends, or any mixture of them.
"""

import json
from collections.abc import Iterator
from typing import IO

from diag.core.errors import BadInput

WRAPPERS = ("value", "records", "Records", "tables")
"""Names under which a document keeps its list."""
_BLOCK = 1 << 20
LONGEST = 1 << 26
"""Characters of one element; more is no record of a sign-in."""
_SPACE = " \t\r\n\ufeff"


class _Incomplete(Exception):
    """The text that has been read so far ends inside a value."""


class JsonElements:
    """Iterates over the elements; ``complete`` says afterwards whether the text ended where a value ended."""

    def __init__(self, source: IO[str]) -> None:
        self._source = source
        self._text = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder()
        self.complete = True

    def __iter__(self) -> Iterator[str]:
        while self._next_character():
            try:
                yield from self._value()
            except _Incomplete:
                self.complete = False
                return
            self._skip(",")

    def _value(self) -> Iterator[str]:
        """One value at the top: an array's elements, a wrapper's elements, or the object itself."""
        opening = self._next_character()
        if opening == "[":
            self._at += 1
            yield from self._elements()
        elif opening == "{" and (name := self._wrapper()) is not None:
            yield from self._members(name)
        elif opening == "{":
            yield self._element()
        else:
            raise BadInput(
                "This is neither JSON nor CSV that holds sign-ins or audit records.",
                hint="Give what Graph, the portal's download, diagnostic settings or Log Analytics wrote.",
            )

    def _wrapper(self) -> str | None:
        """The name of the list this object wraps, when a list under such a name is among its first members."""
        while len(self._text) - self._at < 4096 and self._more():
            pass
        head = self._text[self._at : self._at + 4096]
        for name in WRAPPERS:
            place = head.find(f'"{name}"')
            if place < 0:
                continue
            follows = head[place + len(name) + 2 :].lstrip(_SPACE)
            # Only at the top: in front of it stand no more closed than opened brackets but the object's own.
            if follows.startswith(":") and follows[1:].lstrip(_SPACE).startswith("[") and _depth(head[:place]) == 1:
                return name
        return None

    def _members(self, wanted: str) -> Iterator[str]:
        self._at += 1
        while True:
            character = self._needed()
            if character == "}":
                self._at += 1
                return
            if character == ",":
                self._at += 1
                continue
            name = json.loads(self._element())
            if self._needed() != ":":
                raise BadInput("The JSON is broken: a name is not followed by a colon.")
            self._at += 1
            if name == wanted and self._needed() == "[":
                self._at += 1
                yield from self._elements()
            else:
                self._element()

    def _elements(self) -> Iterator[str]:
        while True:
            character = self._needed()
            if character == "]":
                self._at += 1
                return
            if character == ",":
                self._at += 1
                continue
            yield self._element()

    def _element(self) -> str:
        """The next value's text, read on until it is whole."""
        self._needed()
        while True:
            try:
                _, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._at > LONGEST:
                    raise BadInput("One element is longer than 64 MiB; this is no list of records.") from error
                if self._more():
                    continue
                if _broken(self._text, self._at):
                    raise BadInput(f"The JSON is broken: {error}.") from error
                raise _Incomplete from error
            if end == len(self._text) and self._text[self._at] not in "[{" and self._more():
                continue  # A number at the very end may go on.
            found = self._text[self._at : end]
            self._at = end
            return found

    def _needed(self) -> str:
        character = self._next_character()
        if not character:
            raise _Incomplete
        return character

    def _next_character(self) -> str:
        """The character at which the next value or mark begins; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _skip(self, mark: str) -> None:
        if self._next_character() == mark:
            self._at += 1

    def _more(self) -> bool:
        if self._ended:
            return False
        # Twice as much each time, so that a long element is not scanned again for every block.
        block = self._source.read(max(_BLOCK, len(self._text) - self._at))
        self._ended = not block
        self._text = self._text[self._at :] + block
        self._at = 0
        return bool(block)


def _depth(head: str) -> int:
    """Brackets open at the end of a head, strings left out."""
    depth, inside, escaped = 0, False, False
    for character in head:
        if escaped:
            escaped = False
        elif inside:
            escaped = character == "\\"
            inside = character != '"'
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
    return depth


def _broken(text: str, at: int) -> bool:
    """Whether the brackets of the last element all close, so that more text would not mend it."""
    return _depth(text[at:]) <= 0
