from datetime import timedelta

from diag.workflows.ports import Database, Progress
from tests.workflows.fakes import NOW, TENANT


def _acquire(database: Database, owner: str, seconds: float = 0) -> bool:
    with database.write() as stores:
        return stores.leases.acquire("scheduler", owner, NOW + timedelta(seconds=seconds), 30)


def test_a_lease_has_one_holder_who_may_renew_it(database: Database) -> None:
    assert _acquire(database, "one")
    assert not _acquire(database, "two", 29)
    assert _acquire(database, "one", 29)
    assert not _acquire(database, "two", 58)
    assert _acquire(database, "two", 59)
    assert not _acquire(database, "one", 60)


def test_a_lease_taken_before_the_clock_was_set_back_holds_nobody_up(database: Database) -> None:
    assert _acquire(database, "one", 31)
    assert not _acquire(database, "two", 1)
    assert _acquire(database, "two", 0)


def test_only_its_holder_can_release_a_lease(database: Database) -> None:
    assert _acquire(database, "one")
    with database.write() as stores:
        stores.leases.release("scheduler", "two")
    assert not _acquire(database, "two")
    with database.write() as stores:
        stores.leases.release("scheduler", "one")
    assert _acquire(database, "two")


def test_leases_of_different_names_are_independent(database: Database) -> None:
    with database.write() as stores:
        assert stores.leases.acquire("a", "one", NOW, 30)
        assert stores.leases.acquire("b", "two", NOW, 30)
        assert stores.leases.holders() == {"a": "one", "b": "two"}


def test_a_source_that_was_never_read_has_new_progress(database: Database) -> None:
    with database.read() as stores:
        assert stores.progress.get(TENANT, "changes") == Progress(tenant_id=TENANT, source="changes")
        assert stores.progress.all() == []


def test_progress_comes_back_as_it_was_saved_last(database: Database) -> None:
    first = Progress(tenant_id=TENANT, source="changes", state="ok", newest=NOW, records=3, failure_filter=False)
    second = Progress(tenant_id=TENANT, source="changes", state="throttled", oldest=NOW, link="l" * 5000)
    other = Progress(tenant_id="a", source="changes")
    for progress in (first, second, other):
        with database.write() as stores:
            stores.progress.save(progress)
    with database.read() as stores:
        assert stores.progress.get(TENANT, "changes") == second
        assert stores.progress.all() == [second, other]
