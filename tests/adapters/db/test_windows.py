from datetime import timedelta

from diag.core.windows import ReadWindow, WindowKind
from diag.workflows.ports import Database
from tests.workflows.fakes import NOW, TENANT

SOURCE = "sign_ins:user"
MINUTE = timedelta(minutes=1)


def _window(start: int, end: int, kind: WindowKind = "poll", *, source: str = SOURCE, new: int = 1) -> ReadWindow:
    """From ``start`` to ``end`` minutes after ``NOW``, read at its end."""
    return ReadWindow(
        tenant_id=TENANT,
        source=source,
        kind=kind,
        start=NOW + start * MINUTE,
        end=NOW + end * MINUTE,
        read_at=NOW + end * MINUTE,
        pages=1,
        records=new,
        new=new,
    )


def _close(database: Database, *windows: ReadWindow) -> None:
    for window in windows:
        with database.write() as stores:
            stores.windows.close(window)


def _spans(database: Database, **query: object) -> list[tuple[str, int, int, int]]:
    with database.read() as stores:
        found = stores.windows.find(TENANT, **query)  # type: ignore[arg-type]
    return [(item.kind, (item.start - NOW) // MINUTE, (item.end - NOW) // MINUTE, item.new) for item in found]


def test_polls_that_follow_each_other_share_a_row_for_an_hour_or_so(database: Database) -> None:
    _close(database, *[_window(minute - 60, minute) for minute in range(181)])
    spans = _spans(database)
    assert [(start, end) for _, start, end, _ in spans] == [(-60, 59), (0, 119), (60, 179), (120, 180)]
    assert sum(new for *_, new in spans) == 181


def test_a_poll_that_leaves_a_gap_begins_a_row_of_its_own(database: Database) -> None:
    _close(database, _window(0, 10), _window(20, 30))
    assert [(start, end) for _, start, end, _ in _spans(database)] == [(0, 10), (20, 30)]


def test_windows_of_other_kinds_and_sources_are_rows_of_their_own(database: Database) -> None:
    _close(database, _window(0, 10), _window(0, 10, "reconcile"), _window(0, 10, "backfill"))
    _close(database, _window(0, 10, source="changes"))
    assert len(_spans(database)) == 4
    assert [kind for kind, *_ in _spans(database, source=SOURCE)] == ["backfill", "poll", "reconcile"]


def test_a_window_read_again_is_one_row_with_the_later_reading(database: Database) -> None:
    _close(database, _window(0, 30, "reconcile"), _window(0, 20, "reconcile", new=7))
    assert _spans(database) == [("reconcile", 0, 30, 7)]
