from datetime import timedelta

from diag.core.records import SuccessCount
from diag.core.windows import HOUR, Window
from diag.workflows.ports import Database
from tests.workflows.fakes import APP, NOW, TENANT


def _count(hours_ago: int, count: int, *, key: str = "k", resource: str = "r", app: str = APP) -> SuccessCount:
    hour = NOW - hours_ago * HOUR
    last = hour + timedelta(minutes=count)
    return SuccessCount(hour=hour, app_id=app, credential_key_id=key, resource_id=resource, count=count, last_at=last)


def _hours(database: Database, app: str | None = None) -> dict[int, int]:
    with database.read() as stores:
        found = stores.successes.hourly(TENANT, NOW - timedelta(days=9), app)
    return {(NOW - item.hour) // HOUR: item.successes for item in found}


def test_hours_read_again_take_the_place_of_what_was_counted_and_others_stay(database: Database) -> None:
    with database.write() as stores:
        assert stores.successes.replace(TENANT, Window(NOW - 3 * HOUR, NOW), [_count(3, 5), _count(1, 7)]) == 12
        assert stores.successes.replace("elsewhere", Window(NOW - 3 * HOUR, NOW), [_count(3, 1)]) == 1
    with database.write() as stores:
        assert stores.successes.replace(TENANT, Window(NOW - HOUR, NOW), [_count(1, 4), _count(1, 2, key="l")]) == -1
    assert _hours(database) == {3: 5, 1: 6}
    assert _hours(database, "another") == {}


def test_the_last_success_is_known_by_application_resource_and_credential(database: Database) -> None:
    with database.write() as stores:
        counts = [_count(3, 5), _count(2, 9, key="l"), _count(1, 7, resource="s"), _count(0, 1, app="another")]
        stores.successes.replace(TENANT, Window(NOW - 3 * HOUR, NOW + HOUR), counts)
    with database.read() as stores:
        last = stores.successes.last
        assert last(TENANT, APP) == NOW - HOUR + timedelta(minutes=7)
        assert last(TENANT, APP, resource_id="r") == NOW - 2 * HOUR + timedelta(minutes=9)
        assert last(TENANT, APP, credential_key_id="k", resource_id="r") == NOW - 3 * HOUR + timedelta(minutes=5)
        assert last(TENANT, APP, credential_key_id="m") is None


def test_successes_told_by_a_file_never_change_what_was_counted(database: Database) -> None:
    with database.write() as stores:
        stores.successes.replace(TENANT, Window(NOW - 3 * HOUR, NOW), [_count(2, 5)])
        stores.successes.note(TENANT, [_count(2, 9), _count(1, 3)])
        stores.successes.note(TENANT, [_count(2, 1), _count(1, 2)])
        stores.successes.note(TENANT, [])
        assert stores.successes.last(TENANT, APP) == NOW - HOUR + timedelta(minutes=3)
        assert stores.successes.last(TENANT, APP, credential_key_id="k") == NOW - HOUR + timedelta(minutes=3)
    assert _hours(database) == {2: 5, 1: 3}
