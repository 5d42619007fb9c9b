"""What a file's first bytes say: compressed or not, and in which encoding its text is."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, cast

from diag.core.errors import BadInput

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_SEEN = 1 << 17
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@contextmanager
def unpacked(stream: BinaryIO) -> Iterator["io.BufferedReader[Any]"]:
    """The bytes themselves; gzip is taken off. ``BadInput`` for an archive. The stream stays open, for its owner."""
    # Enough of the beginning can be seen before it is read, whatever the buffer of the given stream.
    outer = io.BufferedReader(cast("Any", stream), buffer_size=_SEEN)
    try:
        head = outer.peek(4)[:4]
        if head.startswith(_ZIP):
            raise BadInput("This is a ZIP archive.", hint="Unpack it and give the files in it.")
        if head.startswith(_GZIP):
            with gzip.GzipFile(fileobj=outer, mode="rb") as plain:
                yield io.BufferedReader(cast("Any", plain), buffer_size=_SEEN)
        else:
            yield outer
    finally:
        outer.detach()


def encoding(reader: io.BufferedReader) -> str:
    """UTF-8 unless a byte order mark, or the zero bytes of UTF-16, say otherwise."""
    head = reader.peek(4)[:4]
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if len(head) >= 2 and head[1] == 0:
        return "utf-16-le"
    return "utf-8"


@contextmanager
def text(reader: io.BufferedReader) -> Iterator[IO[str]]:
    """The same as text; bytes that are none become the replacement character."""
    wrapper = io.TextIOWrapper(reader, encoding=encoding(reader), errors="replace", newline="")
    try:
        yield wrapper
    finally:
        wrapper.detach()


@contextmanager
def damaged_archive() -> Iterator[None]:
    """Says in one sentence that a compressed file ends early or is broken."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInput(
            "The compressed file is damaged or cut short; what could be read of it is stored.",
            hint="Download it again, and import it again: nothing is stored twice.",
        ) from error
