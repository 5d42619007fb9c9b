"""Exported records, whatever the shape of the file, in batches for the store: the ``ExportReader`` port."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any, BinaryIO

import msgspec

from diag.adapters.graph.exports import columns, opening, shapes
from diag.adapters.graph.exports.json_elements import WRAPPERS, JsonElements
from diag.adapters.graph.wire import audit
from diag.adapters.graph.wire.common import Unusable
from diag.adapters.graph.wire.sign_in import decode_page
from diag.core.errors import BadInput
from diag.workflows.ports_files import ExportBatch, Unreadable

BATCH = 500
"""Records in one batch."""
_LONGEST_LINE = 1 << 26
_PEEK = 1 << 16
"""Bytes at the beginning by which the shape is told."""
_WIDEST_CELL = 1 << 22
_NO_SHAPE = BadInput(
    "This is neither JSON nor CSV that holds sign-ins or audit records.",
    hint="Give what Graph, the portal's download (in English), diagnostic settings or Log Analytics wrote.",
)


class Exports:
    """Reads files of sign-ins and audit records."""

    def batches(
        self, stream: BinaryIO, name: str, tenant_id: str, position: int, otherwise: datetime
    ) -> Iterator[ExportBatch]:
        """The file's records from ``position`` on; ``BadInput`` when the file holds no such records at all."""
        with opening.damaged_archive(), opening.unpacked(stream) as reader:
            lines = _is_lines(reader)
            elements = _lines(reader, position) if lines else _records(reader, name, position)
            while chunk := list(itertools.islice(elements, BATCH)):
                yield _batch(chunk, tenant_id, otherwise, grows=lines)


class _Element(msgspec.Struct, frozen=True):
    """One record of the file, or why it cannot be read."""

    place: str
    position: int
    """Where to go on after it."""
    taken: shapes.Taken | None = None
    raw: bytes = b""
    """The bytes of the record as the file holds them, when they are Graph's own form."""
    problem: str = ""


def _batch(elements: Iterable[_Element], tenant_id: str, otherwise: datetime, *, grows: bool) -> ExportBatch:
    of_people: list[bytes] = []
    of_applications: list[bytes] = []
    changes = []
    unreadable: list[Unreadable] = []
    elsewhere = unknown = read = position = 0
    for element in elements:
        position = element.position
        read += 1
        if element.problem:
            unreadable.append(Unreadable(element.place, element.problem))
        elif element.taken is None:
            unknown += 1
        elif element.taken.tenant_id and element.taken.tenant_id != tenant_id:
            elsewhere += 1
        elif element.taken.kind == "audit":
            try:
                changes.append(audit.change(element.taken.record))
            except Unusable as error:
                unreadable.append(Unreadable(element.place, f"the audit record {error}"))
        elif not isinstance(element.taken.record.get("createdDateTime"), str):
            unreadable.append(Unreadable(element.place, "the sign-in names no time"))
        else:
            fitting = of_applications if _is_of_application(element.taken.record) else of_people
            fitting.append(element.raw or msgspec.json.encode(element.taken.record))
    people, applications = (
        decode_page(b'{"value":[' + b",".join(records) + b"]}", tenant_id, otherwise)
        for records in (of_people, of_applications)
    )
    return ExportBatch(
        failures=[*people.failures, *applications.failures],
        successes=applications.successes,
        changes=audit.joined(changes),
        read=read,
        sign_ins=len(of_people) + len(of_applications),
        unreadable=unreadable,
        other_tenant=elsewhere,
        unknown=unknown,
        position=position,
        grows=grows,
    )


def _is_of_application(record: dict[str, Any]) -> bool:
    """Whether an application signed in as itself; only such successes are counted."""
    kinds = record.get("signInEventTypes")
    if isinstance(kinds, list) and kinds:
        return "servicePrincipal" in kinds or "managedIdentity" in kinds
    return bool(record.get("servicePrincipalId")) and not record.get("userId")


def _records(reader: io.BufferedReader, name: str, position: int) -> Iterator[_Element]:
    """Records of a document or of a CSV file; none when the file is empty."""
    head = reader.peek(_PEEK)[:_PEEK]
    first = head.decode(opening.encoding(reader), errors="replace").lstrip("\ufeff \t\r\n\x00")[:1]
    if not first:
        return
    with opening.text(reader) as text:
        found = _document(text) if first in ("{", "[") else _csv(text, name)
        yield from itertools.islice(found, position, None)


def _is_lines(reader: io.BufferedReader) -> bool:
    """Whether the first line is one whole record, so that the file is read line by line."""
    if opening.encoding(reader) != "utf-8":
        return False
    head = reader.peek(_PEEK)[:_PEEK].lstrip()
    line, ended, more = head.partition(b"\n")
    if not line.startswith(b"{"):
        return False
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # A record that is longer than what can be seen has no line end in it.
        return not ended and len(head) >= _PEEK // 2 and not _wraps(head)
    return isinstance(found, dict) and (not _wraps(line) or more.lstrip().startswith(b"{"))


def _wraps(head: bytes) -> bool:
    return any(f'"{name}"'.encode() in head[:4096] for name in WRAPPERS)


def _lines(reader: io.BufferedReader, position: int) -> Iterator[_Element]:
    """Records a line each; ``position`` counts bytes. An unfinished last line is left for the next time."""
    _forward(reader, position)
    at = position
    while line := reader.readline(_LONGEST_LINE):
        start, at = at, at + len(line)
        if not line.strip():
            continue
        place = f"byte {start}"
        try:
            found = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if not line.endswith(b"\n"):
                yield _Element(place, start, problem="the last line is not finished; it is read when it is")
                return
            yield _Element(place, at, problem=f"the line is not JSON ({error})")
            continue
        records = _unwrapped(found)
        for number, record in enumerate(records, start=1):
            # A line is done with its last record: who stops before reads all of it again.
            done = at if number == len(records) else start
            yield _element(record, place, done, line.strip() if record is found else b"")


def _document(text: IO[str]) -> Iterator[_Element]:
    """Elements of a JSON document; ``position`` counts records."""
    elements = JsonElements(text)
    number = 0
    for raw in elements:
        found = msgspec.json.decode(raw.encode("utf-8", "replace"))
        for record in _unwrapped(found):
            number += 1
            yield _element(
                record, f"record {number}", number, raw.encode("utf-8", "replace") if record is found else b""
            )
    if not elements.complete:
        yield _Element(f"record {number + 1}", number, problem="the file ends in the middle of a record")


def _unwrapped(found: Any) -> list[Any]:
    """The records in an element: itself, a table's rows, or those of the list it is or wraps."""
    if isinstance(found, list):
        return [record for part in found for record in _unwrapped(part)]
    if not isinstance(found, dict):
        return [found]
    rows = shapes.rows_of_table(found)
    if rows is not None:
        return rows
    for name in WRAPPERS:
        wrapped = found.get(name)
        if isinstance(wrapped, list) and "createdDateTime" not in found:
            return _unwrapped(wrapped)
    return [found]


def _element(record: Any, place: str, position: int, raw: bytes) -> _Element:
    if not isinstance(record, dict):
        return _Element(place, position, problem="it is no object")
    found = shapes.taken(record)
    return _Element(place, position, found, b"" if found is None or found.changed else raw)


def _csv(text: IO[str], name: str) -> Iterator[_Element]:
    """Rows of the portal's or Log Analytics' CSV; ``position`` counts rows."""
    csv.field_size_limit(_WIDEST_CELL)
    rows = csv.reader(text)
    try:
        names = columns.header(next(rows, ()))
        kind = _csv_kind(names)
        for number, cells in enumerate(filter(any, rows), start=1):
            row = dict(zip(names, cells, strict=False))
            if len(cells) < len(names) // 2:
                yield _Element(f"row {number}", number, problem=f"it has {len(cells)} cells of {len(names)}")
                continue
            yield _Element(f"row {number}", number, _csv_record(kind, row, name))
    except csv.Error as error:
        raise BadInput(
            f"The CSV is broken: {error}.", hint="Download the file again; do not save it from Excel."
        ) from error


def _csv_kind(names: tuple[str, ...]) -> str:
    for kind, wanted in (
        ("log_analytics", columns.LOG_ANALYTICS_COLUMNS),
        ("sign_in", columns.SIGN_IN_COLUMNS),
        ("audit", columns.AUDIT_COLUMNS),
    ):
        if all(column in names for column in wanted):
            return kind
    raise _NO_SHAPE


def _csv_record(kind: str, row: dict[str, str], name: str) -> shapes.Taken | None:
    if kind == "log_analytics":
        return shapes.taken(row)
    if kind == "audit":
        return shapes.Taken("audit", columns.audit(row))
    return shapes.Taken("sign_in", columns.sign_in(row, name))


def _forward(reader: io.BufferedReader, position: int) -> None:
    left = position
    while left > 0 and (block := reader.read(min(left, 1 << 20))):
        left -= len(block)
