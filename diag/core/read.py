"""What is known of one property: ``Found`` (somebody looked), ``Missing`` (looked, not there) or ``Unread``.

The three never turn into one another: blindness is not absence. Instants are aware UTC.
"""

from datetime import datetime
from typing import Generic, Literal, TypeVar

from msgspec import Struct

T = TypeVar("T")

Source = Literal["registration", "text", "request", "sign_in", "history", "token", "answer"]


class Found(Struct, Generic[T], frozen=True, tag="found"):
    """Somebody looked and this is what is there."""

    value: T
    source: Source = "registration"
    as_of: datetime | None = None
    """When it was read; ``None`` when the source does not say."""
    complete: bool = True
    """False when a collection was cut short (a page missing, a platform not read): absence in it proves nothing."""


class Missing(Struct, frozen=True, tag="missing"):
    """Somebody looked and it is not there."""

    source: Source = "registration"
    as_of: datetime | None = None


class Unread(Struct, frozen=True, tag="unread"):
    """Nobody could look."""

    why: str = "nobody has looked"
    """One clause a person understands, for example ``the permission Policy.Read.All is not granted``."""
    how: str = ""
    """What would let us look; empty where the fact's general advice applies."""


Read = Found[T] | Missing | Unread

UNREAD = Unread()


def present(value: T, source: Source = "registration", as_of: datetime | None = None) -> "Found[T]":
    """A complete ``Found``; shorthand for code that builds facts."""
    return Found(value, source, as_of)


def absent(kind: type[T], as_of: datetime | None = None, source: Source = "registration") -> T:
    """A ``kind`` (Application, ServicePrincipal, User…) whose every property is ``Missing``: looked for, not there."""
    missing = Missing(source, as_of)
    return kind(**dict.fromkeys(kind.__struct_fields__, missing))  # type: ignore[attr-defined]


def unreadable(kind: type[T], why: str, how: str = "") -> T:
    """A ``kind`` whose every property is ``Unread`` for the same reason."""
    unread = Unread(why, how)
    return kind(**dict.fromkeys(kind.__struct_fields__, unread))  # type: ignore[attr-defined]
