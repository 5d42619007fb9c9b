"""Our own objects in a request: read strictly, so that a misspelt key or a wrong type is told and not ignored."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import TypeVar

from diag.adapters.graph.wire.common import Unusable, flag, instant, number, text
from diag.core.errors import BadInput
from diag.core.read import Found, Missing, Read, Source, Unread

T = TypeVar("T")


class Own:
    """One of our own objects: absent is ``Unread``, null is ``Missing``, anything unexpected raises ``BadInput``."""

    def __init__(self, given: object, path: str, known: Collection[str], source: Source = "request") -> None:
        self.path = path
        self.source: Source = source
        self.given: Mapping[str, object] | Missing | Unread
        if given is None:
            self.given = Missing(source)
        elif isinstance(given, (Missing, Unread)):
            self.given = given
        elif isinstance(given, Mapping):
            self.given = given
            self._refuse_unknown(given, known)
        else:
            raise BadInput(f"{path or 'the body'}: must be an object")

    def read(self, name: str, convert: Callable[[object], T]) -> Read[T]:
        if isinstance(self.given, (Missing, Unread)):
            return self.given
        if name not in self.given:
            return Unread()
        value = self.given[name]
        if value is None:
            return Missing(self.source)
        try:
            return Found(convert(value), self.source)
        except Unusable as problem:
            raise BadInput(f"{self.at(name)}: {problem}") from None

    def text(self, name: str) -> Read[str]:
        """Empty text is ``Unread``: a form that was left empty says nothing."""
        read = self.read(name, text)
        return Unread() if isinstance(read, Found) and not read.value.strip() else read

    def choice(self, name: str, known: Collection[str]) -> Read[str]:
        read = self.text(name)
        if isinstance(read, Found) and read.value not in known:
            raise BadInput(f"{self.at(name)}: “{read.value[:80]}” is not one of {', '.join(known)}")
        return read

    def flag(self, name: str) -> Read[bool]:
        return self.read(name, flag)

    def number(self, name: str) -> Read[int]:
        return self.read(name, number)

    def moment(self, name: str) -> Read[datetime]:
        """Empty text is ``Unread``, as in ``text``."""
        if isinstance(self.given, Mapping) and self.given.get(name) == "":
            return Unread()
        return self.read(name, instant)

    def part(self, name: str, known: Collection[str]) -> "Own":
        """The object held by ``name``, itself one of ours."""
        if isinstance(self.given, (Missing, Unread)):
            return Own(self.given, self.at(name), known, self.source)
        return Own(self.given.get(name, Unread()), self.at(name), known, self.source)

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _refuse_unknown(self, given: Mapping[str, object], known: Collection[str]) -> None:
        for key in given:
            if key not in known:
                near = get_close_matches(str(key)[:80], list(known), n=1)
                instead = f"; did you mean “{near[0]}”?" if near else f"; known are {', '.join(known)}"
                raise BadInput(f"{self.at(str(key)[:80])}: unknown key{instead}")


def value_of(read: Read[T]) -> T | None:
    """What was found, else None."""
    return read.value if isinstance(read, Found) else None
