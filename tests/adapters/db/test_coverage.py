"""What is kept of connections and troubles, on the real store and the fake."""

from datetime import timedelta

from diag.core.coverage_changes import Trouble
from diag.core.graph_permissions import Connection
from diag.workflows.ports import Database
from tests.workflows.fakes import NOW, TENANT


def _trouble(subject: str, minutes: int) -> Trouble:
    since = NOW - timedelta(minutes=minutes)
    return Trouble(subject=subject, code="late", text="It is late.", hint="Look.", since=since)


def test_a_connection_comes_back_as_it_was_seen(database: Database) -> None:
    seen = Connection(
        token="application", app_id="a", permissions=("A.Read", "B.Read"), skew_seconds=-1.5, throttled_until=NOW,
        observed_at=NOW,
    )  # fmt: skip
    with database.write() as stores:
        assert stores.coverage.connection(TENANT) is None
        stores.coverage.save_connection(TENANT, seen)
        stores.coverage.save_connection("another", Connection(permissions=()))
    with database.read() as stores:
        assert stores.coverage.connection(TENANT) == seen
        other = stores.coverage.connection("another")
    assert other is not None
    assert other.permissions == ()


def test_what_was_not_seen_this_time_leaves_what_was_known(database: Database) -> None:
    with database.write() as stores:
        stores.coverage.save_connection(TENANT, Connection(observed_at=NOW))
        nothing = stores.coverage.connection(TENANT)
        assert nothing is not None
        assert (nothing.permissions, nothing.skew_seconds) == (None, None)
        held = Connection(token="delegated", permissions=("A",), skew_seconds=2.0, throttled_until=NOW, observed_at=NOW)
        stores.coverage.save_connection(TENANT, held)
        stores.coverage.save_connection(TENANT, Connection(observed_at=NOW + timedelta(minutes=1)))
        kept = stores.coverage.connection(TENANT)
    assert kept is not None
    assert (kept.token, kept.permissions, kept.skew_seconds) == ("delegated", ("A",), 2.0)
    assert (kept.throttled_until, kept.observed_at) == (None, NOW + timedelta(minutes=1))


def test_troubles_are_kept_exactly_as_given_oldest_first(database: Database) -> None:
    with database.write() as stores:
        stores.coverage.save_troubles(TENANT, [_trouble("clock", 1), _trouble("changes", 5)])
        stores.coverage.save_troubles("another", [_trouble("clock", 9)])
        assert [item.subject for item in stores.coverage.troubles(TENANT)] == ["changes", "clock"]
        stores.coverage.save_troubles(TENANT, [_trouble("clock", 1)])
    with database.write() as stores:
        assert stores.coverage.troubles(TENANT) == [_trouble("clock", 1)]
        stores.coverage.save_troubles(TENANT, [])
        assert list(stores.coverage.troubles(TENANT)) == []
        assert list(stores.coverage.troubles("another")) == [_trouble("clock", 9)]
