"""Files become rows under the keys that Graph's own records have; what was read once is not read again."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO

import pytest
from msgspec.structs import replace

from diag.core.errors import BadInput, NotFound, Unreachable
from diag.core.records import FailureRow
from diag.workflows.import_files import FileImporter, FileWatcher, Tally
from diag.workflows.ports import FailureQuery, IncidentQuery
from diag.workflows.ports_files import ExportBatch, ImportedFile, SourceFile
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock
from tests.workflows.memory_database import MemoryDatabase

RETENTION = timedelta(days=90)


class LineReader:
    """Reads a failure's name from each line, two lines a batch; ``?`` is no record at all."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.dies_at = ""

    def batches(
        self, stream: BinaryIO, name: str, tenant_id: str, position: int, otherwise: datetime
    ) -> Iterator[ExportBatch]:
        stream.read(position)
        while lines := [line for line in (stream.readline(), stream.readline()) if line]:
            position += sum(map(len, lines))
            words = [line.decode().strip() for line in lines]
            if self.dies_at in words:
                raise RuntimeError("the process dies here")
            if "?" in words:
                raise BadInput("This is no export.", hint="Give one.")
            self.seen += words
            yield ExportBatch(
                failures=[row(word) for word in words],
                successes=(),
                changes=(),
                read=len(words),
                sign_ins=len(words),
                unreadable=(),
                other_tenant=0,
                unknown=0,
                position=position,
                grows=True,
            )


def row(name: str) -> FailureRow:
    age = timedelta(days=100) if name.startswith("old") else timedelta(hours=1)
    return FailureRow(
        tenant_id=TENANT,
        id=name,
        created_at=NOW - age,
        event_type="servicePrincipal",
        error_code=7000215,
        interrupt=False,
        app_id=APP,
        raw=f"from a file: {name}".encode(),
    )


class Desk:
    """An importer over the memory database."""

    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self.reader = LineReader()
        self.clock = FakeClock()
        self.importer = FileImporter(TENANT, self.reader, self.database, self.clock, RETENTION)

    def give(self, content: bytes, version: str = "1", **options: bool) -> tuple[ImportedFile, Tally]:
        return self.importer.run(
            io.BytesIO(content), "given", shown_name="signins.json", version=version, again=options.get("again", False)
        )

    def stored(self) -> dict[str, bytes]:
        with self.database.read() as stores:
            return {found.id: found.raw for found in stores.failures.find(FailureQuery(interrupts=True, limit=500))}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_file_becomes_failures_and_incidents(desk: Desk) -> None:
    state, tally = desk.give(b"a\nb\nc\n")
    assert sorted(desk.stored()) == ["a", "b", "c"]
    assert (state.finished, state.read, state.stored, tally.stored) == (True, 3, 3, 3)
    with desk.database.read() as stores:
        assert sum(incident.count for incident in stores.incidents.find(IncidentQuery())) == 3


def test_what_graph_answered_is_not_replaced_by_a_file(desk: Desk) -> None:
    with desk.database.write() as stores:
        stores.failures.add([replace(row("b"), raw=b"from Graph")])
    _, tally = desk.give(b"a\nb\n")
    assert desk.stored() == {"a": b"from a file: a", "b": b"from Graph"}
    assert tally.stored == 1


def test_a_death_costs_only_the_batch_it_came_in(desk: Desk) -> None:
    desk.reader.dies_at = "c"
    with pytest.raises(RuntimeError):
        desk.give(b"a\nb\nc\nd\n")
    assert sorted(desk.stored()) == ["a", "b"]
    desk.reader.seen.clear()
    desk.reader.dies_at = ""
    state, tally = desk.give(b"a\nb\nc\nd\n")
    assert desk.reader.seen == ["c", "d"]
    assert (tally.read, state.read, state.stored) == (2, 4, 4)


def test_a_file_that_has_grown_is_read_on_and_another_of_its_name_anew(desk: Desk) -> None:
    begin = b"x" * 5000 + b"\n"
    desk.give(begin + b"b\n")
    desk.reader.seen.clear()
    desk.give(begin + b"b\nc\n", version="2")
    assert desk.reader.seen == ["c"]
    desk.reader.seen.clear()
    desk.give(b"e\nf\n" + begin, version="3")
    assert desk.reader.seen[:2] == ["e", "f"]


def test_once_more_reads_everything_and_stores_nothing_twice(desk: Desk) -> None:
    desk.give(b"a\nb\n")
    _, tally = desk.give(b"a\nb\n", again=True)
    assert (tally.read, tally.stored) == (2, 0)


def test_failures_older_than_the_retention_are_left_out_and_counted(desk: Desk) -> None:
    _, tally = desk.give(b"old1\nb\n")
    assert sorted(desk.stored()) == ["b"]
    assert tally.too_old == 1


class Place:
    """A watched place whose content a test sets."""

    name = "logs"

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.modified = NOW
        self.down = False
        self.opened: list[str] = []
        self.gone: set[str] = set()

    def files(self) -> Iterator[SourceFile]:
        if self.down:
            raise Unreachable("The folder is not there.")
        for name, content in self.content.items():
            yield SourceFile(name=name, version=str(len(content)), modified=self.modified)

    def open(self, file: SourceFile) -> BinaryIO:
        self.opened.append(file.name)
        if file.name in self.gone:
            raise NotFound("gone")
        return io.BytesIO(self.content[file.name])


@pytest.fixture
def place() -> Place:
    return Place()


def watcher(desk: Desk, place: Place) -> FileWatcher:
    return FileWatcher(place, desk.importer, desk.database, desk.clock)


def progress_of(desk: Desk) -> tuple[str, str, int]:
    with desk.database.read() as stores:
        found = stores.progress.get(TENANT, "files:logs")
    return found.state, found.problem, found.records


async def test_new_and_grown_files_are_read_and_others_left_alone(desk: Desk, place: Place) -> None:
    place.content = {"1.json": b"a\nb\n", "2.json": b"c\n"}
    watch = watcher(desk, place)
    assert await watch.run() == 2
    assert await watch.run() == 0
    place.content["2.json"] += b"d\n"
    place.content["3.json"] = b"e\n"
    assert await watch.run() == 2
    assert sorted(desk.stored()) == ["a", "b", "c", "d", "e"]
    assert place.opened == ["1.json", "2.json", "2.json", "3.json"]
    assert progress_of(desk) == ("ok", "", 5)


async def test_a_place_nobody_can_look_at_is_a_named_state_until_it_is_back(desk: Desk, place: Place) -> None:
    watch = watcher(desk, place)
    place.down = True
    await watch.run()
    assert progress_of(desk) == ("unreachable", "The folder is not there.", 0)
    place.down = False
    await watch.run()
    assert progress_of(desk)[:2] == ("ok", "")


async def test_a_file_that_cannot_be_read_keeps_no_other_out_and_is_tried_when_it_changes(
    desk: Desk, place: Place
) -> None:
    place.content = {"1.txt": b"?\n", "2.json": b"a\n"}
    watch = watcher(desk, place)
    await watch.run()
    await watch.run()
    assert sorted(desk.stored()) == ["a"]
    assert place.opened == ["1.txt", "2.json"]
    known = desk.importer.known("logs/1.txt")
    assert known is not None
    assert known.problem == "This is no export."
    place.content["1.txt"] = b"b\nc\n"
    await watch.run()
    assert sorted(desk.stored()) == ["a", "b", "c"]


async def test_a_file_that_is_taken_away_meanwhile_is_no_fault(desk: Desk, place: Place) -> None:
    place.content = {"1.json": b"a\n", "2.json": b"b\n"}
    place.gone = {"1.json"}
    await watcher(desk, place).run()
    assert sorted(desk.stored()) == ["b"]
    assert progress_of(desk)[0] == "ok"


async def test_files_last_written_before_the_retention_are_not_opened(desk: Desk, place: Place) -> None:
    place.content = {"1.json": b"a\n"}
    place.modified = NOW - timedelta(days=91)
    await watcher(desk, place).run()
    assert place.opened == []
