"""Reading Microsoft Graph's JSON objects property by property.

Absent is ``Unread``, null is ``Missing``, and a value of a type nobody expected is ``Unread`` with the reason: one odd
property never takes its record with it. Decoding whole objects into typed Structs would refuse the record for it, so
only the sign-in log, whose volume asks for it, is decoded that way first (``sign_in.py``).
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

from diag.core.read import Found, Missing, Read, Source, Unread

T = TypeVar("T")

LONGEST_TEXT = 8192
"""Characters; a longer value is refused, not cut, because a cut value would compare as another one."""
LONGEST_COLLECTION = 20_000
"""Elements that are looked at; Graph's own limits on one object are far below."""

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


class Unusable(ValueError):
    """A value that cannot be what its property says; the message completes a sentence: ``is no text``."""


class Node:
    """One JSON object, or the fact that it is not there or was not read, with where it came from."""

    __slots__ = ("as_of", "given", "path", "source")

    def __init__(
        self,
        given: Mapping[str, object] | Missing | Unread,
        path: str,
        source: Source = "registration",
        as_of: datetime | None = None,
    ) -> None:
        self.given = given
        self.path = path
        self.source: Source = source
        self.as_of = as_of

    def read(self, name: str, convert: Callable[[object], T]) -> Read[T]:
        """The property ``name`` as ``convert`` makes it; ``convert`` raises ``Unusable`` for what it cannot take."""
        if isinstance(self.given, (Missing, Unread)):
            return self.given
        if name not in self.given:
            return Unread()
        value = self.given[name]
        if value is None:
            return self.missing()
        try:
            return self.found(convert(value))
        except Unusable as problem:
            return Unread(f"{self.path}.{name} {problem}")

    def text(self, name: str) -> Read[str]:
        return self.read(name, text)

    def words(self, name: str) -> Read[str]:
        """Text where the sender writes "" for nothing, as the sign-in log does: empty is ``Missing``."""
        value = self.text(name)
        return self.missing() if isinstance(value, Found) and not value.value.strip() else value

    def guid(self, name: str) -> Read[str]:
        """Lower-cased; a value that is no GUID is kept as given, because somebody did put it there."""
        return self.read(name, guid)

    def flag(self, name: str) -> Read[bool]:
        return self.read(name, flag)

    def number(self, name: str) -> Read[int]:
        return self.read(name, number)

    def moment(self, name: str) -> Read[datetime]:
        return self.read(name, instant)

    def inside(self, name: str) -> "Node":
        """The object held by ``name``; its properties are missing when it is null, unread when it was not given."""
        inner = self.read(name, mapping)
        given = inner.value if isinstance(inner, Found) else inner
        return Node(given, f"{self.path}.{name}", self.source, self.as_of)

    def items(self, name: str, convert: Callable[[object], T]) -> Read[tuple[T, ...]]:
        """The collection held by ``name``, each element as ``convert`` makes it; see ``collection``."""
        if isinstance(self.given, (Missing, Unread)):
            return self.given
        if name not in self.given:
            return Unread()
        cut = f"{name}@odata.nextLink" in self.given
        return collection(self.given[name], convert, f"{self.path}.{name}", self.source, self.as_of, cut=cut)

    def texts(self, name: str) -> Read[tuple[str, ...]]:
        return self.items(name, text)

    def found(self, value: T, *, complete: bool = True) -> Found[T]:
        return Found(value, self.source, self.as_of, complete)

    def missing(self) -> Missing:
        return Missing(self.source, self.as_of)


def collection(
    given: object,
    convert: Callable[[object], T],
    path: str,
    source: Source = "registration",
    as_of: datetime | None = None,
    *,
    cut: bool = False,
) -> Read[tuple[T, ...]]:
    """The elements of an array or of Graph's ``{"value": [...]}``, in order.

    Incomplete when a further page is named, when an element could not be used, or when there are too many; unread when
    elements are there and none can be used.
    """
    if given is None:
        return Missing(source, as_of)
    if isinstance(given, Mapping):
        refusal = refused(given, source, as_of)
        if refusal is not None:
            return refusal
        if "value" not in given:
            return Unread(f"{path} is neither an array nor an object with “value”")
        cut = cut or "@odata.nextLink" in given
        given = given["value"]
    if not isinstance(given, (list, tuple)):
        return Unread(f"{path} is no array")
    values: list[T] = []
    why = ""
    for position, element in enumerate(given[:LONGEST_COLLECTION]):
        try:
            values.append(convert(element))
        except Unusable as problem:
            why = why or f"{path}[{position}] {problem}"
    if why and not values:
        return Unread(why)
    return Found(tuple(values), source, as_of, not (cut or why or len(given) > LONGEST_COLLECTION))


def wholly(read: Read[tuple[tuple[T, bool], ...]]) -> Read[tuple[T, ...]]:
    """The elements without their marks; the collection is complete only if every element was whole."""
    if not isinstance(read, Found):
        return read
    whole = all(mark for _, mark in read.value)
    return Found(tuple(value for value, _ in read.value), read.source, read.as_of, read.complete and whole)


def refused(given: Mapping[str, object], source: Source, as_of: datetime | None) -> Missing | Unread | None:
    """What Graph's own error answer says about the object that was asked for; None when it is no error answer."""
    error = given.get("error")
    if not isinstance(error, Mapping):
        return None
    code = error.get("code")
    if code in ("Request_ResourceNotFound", "ResourceNotFound"):
        return Missing(source, as_of)
    named = f" {code[:80]}" if isinstance(code, str) else ""
    return Unread(f"Microsoft Graph answered with an error{named}")


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Unusable("is no text")
    if len(value) > LONGEST_TEXT:
        raise Unusable(f"is longer than {LONGEST_TEXT} characters")
    # NUL and lone surrogates reach neither database nor page, and no directory holds them.
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def guid(value: object) -> str:
    given = text(value).strip()
    return given.lower() if is_guid(given) else given


def is_guid(value: str) -> bool:
    return _GUID.fullmatch(value.lower()) is not None


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unusable("is neither true nor false")
    return value


def number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unusable("is no whole number")
    if abs(value) >= 1 << 53:
        raise Unusable("is out of range")
    return value


def mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise Unusable("is no object")
    return value


def instant(value: object) -> datetime:
    """An RFC 3339 instant in UTC; digits below the microsecond are dropped, a leap second is the last microsecond.

    An aware ``datetime`` is taken as it is: that is what YAML makes of one.
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    given = text(value)
    match = _INSTANT.fullmatch(given.strip())
    if match is None:
        raise Unusable("is no RFC 3339 instant with zone, such as 2026-11-22T10:00:00Z")
    year, month, day, hour, minute, second = (int(part) for part in match.group(1, 2, 3, 4, 5, 6))
    micro = int((match[7] or "0")[:6].ljust(6, "0"))
    if second == 60:
        second, micro = 59, 999_999
    try:
        zone: timezone = UTC
        if match[8] is None:
            ahead = timedelta(hours=int(match[10]), minutes=int(match[11]))
            zone = timezone(ahead if match[9] == "+" else -ahead)
        local = datetime(year, month, day, hour, minute, second, micro, tzinfo=zone)
    except ValueError:
        raise Unusable("is no instant of the calendar") from None
    try:
        return local.astimezone(UTC)
    except OverflowError:
        if year == 9999:  # "Never ends", written west of Greenwich.
            return datetime.max.replace(tzinfo=UTC)
        raise Unusable("is no instant of the calendar") from None


def first_text(given: Mapping[str, object], *names: str) -> str:
    """The first of these properties that holds text; empty when none does."""
    for name in names:
        value = given.get(name)
        if isinstance(value, str) and value:
            return text(value)
    return ""


def essential(given: Mapping[str, object], name: str) -> str:
    """A property without which an element says nothing; ``Unusable`` when it is not there."""
    value = given.get(name)
    if not isinstance(value, str):
        raise Unusable(f"has no {name}")
    return guid(value)


def optional_instant(given: Mapping[str, object], name: str) -> datetime | None:
    """None when absent, null or unreadable."""
    try:
        return instant(given[name]) if given.get(name) is not None else None
    except Unusable:
        return None


def optional_texts(given: Mapping[str, object], name: str) -> tuple[str, ...]:
    """The texts among the elements of an array; empty when there is no array."""
    value = given.get(name)
    return tuple(text(item) for item in value if isinstance(item, str)) if isinstance(value, (list, tuple)) else ()


def optional_mapping(given: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = given.get(name)
    return value if isinstance(value, Mapping) else {}
