from datetime import UTC, datetime, timedelta

from diag.core.successes import Success, Tally
from diag.core.windows import Window

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
END = START + timedelta(hours=2)


def _success(record: str, minutes: float, key: str = "k") -> Success:
    return Success(record, START + timedelta(minutes=minutes), "app", key, "resource")


def _tallied(*pages: list[Success]) -> dict[tuple[int, str], tuple[int, datetime]]:
    tally = Tally(Window(START, END))
    for page in pages:
        tally.add(page)
    return {(count.hour.hour, count.credential_key_id): (count.count, count.last_at) for count in tally.counts()}


def test_successes_are_counted_by_hour_and_credential_with_the_last_of_each() -> None:
    page = [_success("d", 61), _success("c", 59), _success("b", 10, "l"), _success("a", 5)]
    assert _tallied(page) == {
        (9, "k"): (1, START + timedelta(minutes=61)),
        (8, "k"): (2, START + timedelta(minutes=59)),
        (8, "l"): (1, START + timedelta(minutes=10)),
    }


def test_an_hour_that_is_split_over_pages_is_counted_whole_and_a_page_given_twice_once() -> None:
    first, second = [_success(str(n), 50) for n in range(5)], [_success(str(n), 40) for n in range(5, 12)]
    assert _tallied(first, second, second)[8, "k"][0] == 12


def test_what_lies_on_the_edge_of_two_windows_is_counted_in_the_later_one() -> None:
    assert _tallied([_success("a", 120), _success("b", -0.001)]) == {}
    assert _tallied([_success("a", 0), _success("b", 119.999)])[8, "k"][0] == 1
