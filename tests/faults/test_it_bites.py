"""The courses of faults find what they are there for: each way of breaking the collector fails within a few of them."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from diag.adapters.db.failures import SqlFailures
from diag.adapters.graph import client, sign_in_log
from diag.adapters.graph.sign_in_log import GraphSignInLog
from diag.adapters.graph.throttle import Budget
from diag.adapters.graph.wire.sign_in import Page, decode_page
from diag.workflows import collect
from diag.workflows.read_window import Reading, WindowReader
from tests.faults.oracle.weather import Spell
from tests.faults.schedule import HOUR, START, Theatre

WITHIN = 12
"""Courses within which a broken collector must have been found out."""

Break = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    return Theatre(tmp_path_factory.mktemp("bites"))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def no_overlap(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(collect, "OVERLAP", timedelta(0))


def any_host(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(client, "same_origin", lambda link, _base: link)


def watermark_before_rows(patch: pytest.MonkeyPatch) -> None:
    read = WindowReader.read

    async def early(self: WindowReader, task: Any, advance: Any) -> Any:
        with self._database.write() as transaction:
            progress = transaction.progress.get(self._tenant_id, self._source)
            transaction.progress.save(advance(progress, Reading()))
        return await read(self, task, advance)

    patch.setattr(WindowReader, "read", early)


def end_at_an_empty_page(patch: pytest.MonkeyPatch) -> None:
    pages = GraphSignInLog.pages

    async def short(self: GraphSignInLog, *args: Any, **options: Any) -> AsyncIterator[Any]:
        async for page in pages(self, *args, **options):
            yield page
            if page.read == 0:
                return

    patch.setattr(GraphSignInLog, "pages", short)


def impatience(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Budget, "pause", lambda _self, _seconds: None)


def known_rows_counted(patch: pytest.MonkeyPatch) -> None:
    add = SqlFailures.add

    def all_of_them(self: SqlFailures, rows: Any, **options: Any) -> Any:
        add(self, rows, **options)
        return rows

    patch.setattr(SqlFailures, "add", all_of_them)


def changes_of_rows_ignored(patch: pytest.MonkeyPatch) -> None:
    add = SqlFailures.add
    patch.setattr(SqlFailures, "add", lambda self, rows, **_: add(self, rows, keep_known=True))


def unreadable_is_empty(patch: pytest.MonkeyPatch) -> None:
    def lenient(*args: Any, **options: Any) -> Page:
        try:
            return decode_page(*args, **options)
        except msgspec.DecodeError:
            return decode_page(b'{"value": []}', *args[1:], **options)

    patch.setattr(sign_in_log, "decode_page", lenient)


def own_clock_trusted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(collect, "earliest", lambda _clock, _log, at: at)


def _spell(*kinds: str) -> dict[str, Any]:
    """A plan whose faults are these alone, from the beginning on."""
    return {"spells": [Spell(START - 1.0, START + 2700.0, 0.3, kinds)], "losses": [], "steps": []}


@pytest.mark.parametrize(
    ("broken", "symptom", "changed"),
    [
        (no_overlap, "missing", {}),
        (any_host, "a request went to", {**_spell("foreign_link"), "page": 3}),
        (watermark_before_rows, "claims", {**_spell("stall", "500"), "deaths": [200.0 * n for n in range(8)]}),
        (end_at_an_empty_page, "missing", _spell("empty_page")),
        (impatience, "before its time", _spell("429", "503")),
        (known_rows_counted, "incident counts", {}),
        (changes_of_rows_ignored, "differ", {}),
        (unreadable_is_empty, "missing", _spell("error_in_200", "truncated", "html")),
        (own_clock_trusted, "missing", {"steps": [(200.0, 2 * HOUR)], "date_off": 0.0}),
    ],
)
def test_a_broken_collector_is_found_out(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, broken: Break, symptom: str, changed: dict[str, Any]
) -> None:
    broken(monkeypatch)
    for number in range(WITHIN):
        if any(symptom in problem for problem in theatre.play(f"bites:{number}", **changed).problems):
            print(f"{broken.__name__}: found out by course {number + 1}")
            return
    pytest.fail(f"{WITHIN} courses did not notice: {broken.__name__}")
