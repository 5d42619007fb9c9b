"""What an entry's own patterns read from the window of a text: named values and the kind of wording.

A pattern that does not match leaves the value unread, never missing: the wording may be older or another language's.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from diag.core.entry import Entry
from diag.core.read import UNREAD, Found, Read, Source

MOMENTS = frozenset(
    {"observed_at", "assertion_not_before", "assertion_expires_at", "token_issued_at", "failures_since"}
)
"""Properties of ``Failure`` that are instants."""

NOT_FROM_TEXT = frozenset({"code", "symptom", "text", "wordings", "event_type"})
"""Properties of ``Failure`` that no group of a pattern may set."""

_BLANKS = re.compile(r"\s+")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "\u00a0": " "})
_ENDS = " \t\r\n"
_BLOTTED = re.compile(
    r"[xX]{4}|\*{3}|•{2}|…|\.{3}|[#?_]{4}|redacted|removed|anonymi[sz]ed|masked|hidden", re.IGNORECASE
)
_TEMPLATE = re.compile(r"\{(?:\d{1,2}|[a-z]+(?:[A-Z][a-z]+)*)\}")
"""The log prints some messages without their values: ``Application with identifier '{appIdentifier}' …``."""

_FORMS = (
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
)


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """An entry's pattern, compiled when it is first used; case does not matter."""
    return re.compile(pattern, re.IGNORECASE)


def flattened(text: str) -> str:
    """The text as patterns see it: straight quotes, and every run of blanks and line ends as one space."""
    return _BLANKS.sub(" ", text.translate(_QUOTES))


def values_in(entry: Entry, window: str) -> dict[str, str]:
    """The values that the entry's patterns read from a flattened window; the first pattern that names one wins."""
    values: dict[str, str] = {}
    for pattern in entry.read_from_text:
        match = compiled(pattern).search(window)
        if match is None:
            continue
        for name, value in match.groupdict().items():
            if value is not None and is_told(value):
                values.setdefault(name, value.strip(_ENDS))
    return values


def is_told(value: str) -> bool:
    """Whether a value says anything: not empty, not blotted out by whoever posted it, no field name of a template."""
    return bool(value.strip(_ENDS)) and not _BLOTTED.search(value) and not _TEMPLATE.fullmatch(value.strip(_ENDS))


def wordings_in(entry: Entry, window: str) -> tuple[str, ...]:
    """Names of the entry's wordings that a flattened window matches, in the entry's order."""
    return tuple(
        name
        for name, patterns in entry.wordings.items()
        if any(compiled(pattern).search(window) for pattern in patterns)
    )


def as_reads(values: Mapping[str, str], source: Source = "text") -> dict[str, Read[object]]:
    """Values by name as properties of ``Failure``; an instant that cannot be read stays unread."""
    reads: dict[str, Read[object]] = {}
    for name, value in values.items():
        if name in MOMENTS:
            moment = instant(value)
            reads[name] = UNREAD if moment is None else Found(moment, source)
        else:
            reads[name] = Found(value, source)
    return reads


def instant(text: str) -> datetime | None:
    """An instant as messages print it; UTC where it names no zone; None when it is no instant.

    Month and day of a date with slashes are taken in the American order, and the other way round only where that
    order is impossible.
    """
    cleaned = text.strip().rstrip(".")
    if re.fullmatch(r"\d{9,10}", cleaned):
        return datetime.fromtimestamp(int(cleaned), UTC)
    iso = re.sub(r"(\.\d{6})\d+", r"\1", cleaned.removesuffix(" UTC"))
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        for form in _FORMS:
            try:
                moment = datetime.strptime(iso.removesuffix("Z"), form).replace(tzinfo=UTC)
                break
            except ValueError:
                continue
        else:
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None
