"""The compiled index: one file from which a single entry is decoded without reading any other.

Layout: magic, two lengths, the contents table, then the sections it points into. Everything is MessagePack.
"""

import os
import struct
import tempfile
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from diag.core import predicate, remedy
from diag.core.check import Check
from diag.core.engine import leaves
from diag.core.entry import Entry, Test

if TYPE_CHECKING:
    from diag.core.flows import FlowTable
    from diag.core.search import SearchIndex
    from diag.core.wordings import Message

_MAGIC = b"DKB\x08"
_LENGTH = struct.Struct(">I")


class Stamp(Struct, frozen=True, array_like=True):
    """One source file as it was when the index was made."""

    path: str
    size: int
    mtime_ns: int


class Span(Struct, frozen=True, array_like=True):
    """Where a section lies, counted from the end of the contents table."""

    start: int
    length: int


class Line(Struct, frozen=True, array_like=True):
    """An entry as lists show it."""

    code: int | None
    symptom: str | None
    name: str
    family: str
    kind: str
    summary: str
    fixed_by: str


class TextPattern(Struct, frozen=True, array_like=True):
    """A pattern that speaks for one entry, with the plain text it cannot match without."""

    key: str
    pattern: str
    literal: str
    """In lower case; may be empty."""
    share: float
    """1 over the number of entries that use the same pattern."""


class Contents(Struct, frozen=True):
    version: str
    """Content hash of the knowledge base."""
    stamps: tuple[Stamp, ...]
    often: tuple[int, ...]
    """Codes that most people come for."""
    entries: dict[str, Span]
    """By code or symptom id."""
    modules: dict[str, str]
    """Where each predicate and each remedy is defined, so that an entry brings only those it names."""
    lines: Span
    search: Span
    flows: Span
    messages: Span
    checks: Span
    patterns: Span


class Index:
    """An index in memory; decodes one section at a time."""

    def __init__(self, content: bytes, contents: Contents, start: int) -> None:
        self._content, self.contents, self._start = content, contents, start

    def entry(self, key: str) -> Entry | None:
        span = self.contents.entries.get(key)
        if span is None:
            return None
        entry = msgspec.msgpack.decode(self._section(span), type=Entry)
        for name in _named_by(entry):
            # A command that asks one entry imports a few modules in place of all; the engine imports what is missing.
            if module := self.contents.modules.get(name):
                import_module(module)
        return entry

    def lines(self) -> tuple[Line, ...]:
        return msgspec.msgpack.decode(self._section(self.contents.lines), type=tuple[Line, ...])

    def search(self) -> "SearchIndex":
        from diag.core.search import SearchIndex

        return msgspec.msgpack.decode(self._section(self.contents.search), type=SearchIndex)

    def messages(self) -> "tuple[Message, ...]":
        from diag.core.wordings import Message

        return msgspec.msgpack.decode(self._section(self.contents.messages), type=tuple[Message, ...])

    def checks(self) -> tuple[Check, ...]:
        return msgspec.msgpack.decode(self._section(self.contents.checks), type=tuple[Check, ...])

    def patterns(self) -> tuple[TextPattern, ...]:
        return msgspec.msgpack.decode(self._section(self.contents.patterns), type=tuple[TextPattern, ...])

    def flows(self) -> "FlowTable":
        from diag.core.flows import FlowTable

        return msgspec.msgpack.decode(self._section(self.contents.flows), type=FlowTable)

    def _section(self, span: Span) -> bytes:
        start = self._start + span.start
        return self._content[start : start + span.length]


def encode(
    version: str,
    stamps: tuple[Stamp, ...],
    often: tuple[int, ...],
    entries: dict[str, Entry],
    lines: tuple[Line, ...],
    search: "SearchIndex",
    flows: "FlowTable",
    messages: "tuple[Message, ...]",
    checks: tuple[Check, ...],
    patterns: tuple[TextPattern, ...],
) -> bytes:
    """The whole index as bytes."""
    sections: list[bytes] = []
    length = 0

    def add(value: object) -> Span:
        nonlocal length
        section = msgspec.msgpack.encode(value)
        span = Span(length, len(section))
        sections.append(section)
        length += len(section)
        return span

    contents = msgspec.msgpack.encode(
        Contents(
            version,
            stamps,
            often,
            {key: add(entry) for key, entry in entries.items()},
            _modules(entries.values()),
            add(lines),
            add(search),
            add(flows),
            add(messages),
            add(checks),
            add(patterns),
        )
    )
    return b"".join([_MAGIC, _LENGTH.pack(len(contents)), contents, *sections])


def _named_by(entry: Entry) -> Iterator[str]:
    """The predicates and remedies that an entry names."""
    for cause in entry.causes:
        yield from (leaf.predicate for leaf in leaves(cause.when) if isinstance(leaf, Test))
        yield from (step.remedy for step in cause.fix)


def _modules(entries: Iterable[Entry]) -> dict[str, str]:
    """The module of every predicate and remedy that an entry names."""
    names = {name for entry in entries for name in _named_by(entry)}
    return {
        name: (predicate.named(name).ask if "." in name else remedy.named(name).render).__module__
        for name in sorted(names)
    }


def open_file(path: Path) -> Index | None:
    """The index in a file; None when there is none, it is cut off, or another version of this module made it."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return opened(content)


def opened(content: bytes) -> Index | None:
    """The index in these bytes; None when they are none."""
    start = len(_MAGIC) + _LENGTH.size
    if len(content) < start or not content.startswith(_MAGIC):
        return None
    (length,) = _LENGTH.unpack(content[len(_MAGIC) : start])
    try:
        contents = msgspec.msgpack.decode(content[start : start + length], type=Contents)
    except msgspec.DecodeError:
        return None
    # The last section is written last: an index that ends before it was cut off.
    end = start + length + contents.patterns.start + contents.patterns.length
    return Index(content, contents, start + length) if len(content) == end else None


def write(path: Path, content: bytes) -> bool:
    """Replace the file in one step; False where the folder cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            # Nothing in it is secret, and other users of one installation read it too.
            os.fchmod(file.fileno(), 0o644)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        return False
    return True
