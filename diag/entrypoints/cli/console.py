"""Writing to a terminal: colour only where it is wanted, and nothing from outside that could steer the terminal."""

import os
import re
import sys
from typing import TextIO

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_STYLES = {"strong": "1", "faint": "2", "good": "32", "bad": "31", "warn": "33", "link": "36"}


def visible(text: str) -> str:
    """The text with control, bidirectional and invisible characters as ``\\u202e`` and the like; line feeds stay."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


class Console:
    """Standard output and error of one command."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out, self._err = out or sys.stdout, err or sys.stderr
        self.coloured = self._out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    def say(self, text: str = "") -> None:
        """Write a line; the caller has made outside text visible and styled what it wants styled."""
        try:
            print(text, file=self._out, flush=True)
        except UnicodeEncodeError:
            print(text.encode("ascii", "backslashreplace").decode("ascii"), file=self._out)

    def style(self, text: str, name: str) -> str:
        """The text in a style: strong, faint, good, bad, warn, link; unchanged without colour."""
        return f"\x1b[{_STYLES[name]}m{text}\x1b[0m" if self.coloured else text

    def complain(self, message: str, hint: str = "") -> None:
        """One sentence on standard error, and what to do."""
        print(f"diag: {visible(message)}", file=self._err)
        if hint:
            print(f"      {visible(hint)}", file=self._err)
