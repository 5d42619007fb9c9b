import threading
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from diag.adapters.db.database import SqlDatabase
from diag.core.alerts import Alert, Delivery
from diag.workflows.ports import Database
from tests.conftest import Campaign
from tests.workflows.fakes import NOW, TENANT

LEASE = 120


def _alerts(count: int, tenant: str = TENANT) -> Iterable[Alert]:
    for number in range(count):
        yield Alert(
            key=f"{tenant}|o|k{number:03}|7",
            tenant_id=tenant,
            kind="credential_ending",
            app_id="a",
            app_name="Orders",
            subject="Orders: client secret ends in 7 days",
            body="b\n",
            link="/applications/a",
            due_at=NOW - timedelta(hours=1),
            late=number % 2 == 0,
        )


def _add(database: Database, count: int = 1, channels: tuple[str, ...] = ("hook",)) -> int:
    with database.write() as stores:
        return stores.alerts.add(list(_alerts(count)), channels, NOW)


def _claim(database: Database, owner: str = "one", seconds: float = 0, limit: int = 10) -> list[Delivery]:
    with database.write() as stores:
        return list(stores.alerts.claim("hook", owner, NOW + timedelta(seconds=seconds), LEASE, limit))


def _finish(database: Database, delivery: Delivery, state: str = "delivered", wait: float | None = None) -> bool:
    retry_at = None if wait is None else NOW + timedelta(seconds=wait)
    with database.write() as stores:
        return stores.alerts.finish(delivery, NOW, state=state, answer="a" * 900, retry_at=retry_at)


def _all(database: Database) -> list[Delivery]:
    with database.read() as stores:
        return list(stores.alerts.deliveries(None, 1000))


def test_an_alert_is_written_once_with_one_delivery_for_each_channel(database: Database) -> None:
    assert [_add(database, 3, ("mail", "hook")), _add(database, 4, ("mail", "hook"))] == [3, 1]
    assert Counter(delivery.channel for delivery in _all(database)) == {"mail": 4, "hook": 4}
    assert len({delivery.id for delivery in _all(database)}) == 8


def test_an_alert_comes_back_as_it_was_written(database: Database) -> None:
    _add(database)
    with database.read() as stores:
        (kept,) = stores.alerts.find(TENANT, None, 10)
        assert stores.alerts.find("fabrikam.example", None, 10) == []
        assert stores.alerts.delivered_keys(TENANT, f"{TENANT}|") == {kept.key}
        assert stores.alerts.delivered_keys(TENANT, "elsewhere|") == frozenset()
    (given,) = _alerts(1)
    assert kept.id
    assert kept.created_at == NOW
    for name in set(given.__struct_fields__) - {"id", "created_at"}:
        assert getattr(kept, name) == getattr(given, name)


def test_a_claim_is_kept_until_its_lease_runs_out_and_not_longer(database: Database) -> None:
    _add(database)
    (mine,) = _claim(database)
    assert (mine.state, mine.attempts, mine.claim) == ("sending", 1, 1)
    assert _claim(database, "two", LEASE - 1) == []
    (theirs,) = _claim(database, "two", LEASE)
    assert (theirs.id, theirs.attempts, theirs.claim) == (mine.id, 2, 2)


def test_a_claim_that_was_lost_can_no_longer_be_finished(database: Database) -> None:
    _add(database)
    (mine,) = _claim(database)
    (theirs,) = _claim(database, "two", LEASE)
    assert not _finish(database, mine, "dead")
    assert _finish(database, theirs)
    (kept,) = _all(database)
    assert (kept.state, kept.finished_at, len(kept.answer)) == ("delivered", NOW, 500)


def test_what_waits_for_its_next_attempt_is_taken_then_and_not_before(database: Database) -> None:
    _add(database)
    (mine,) = _claim(database)
    assert _finish(database, mine, "pending", wait=300)
    assert _claim(database, seconds=299.999) == []
    (again,) = _claim(database, seconds=300)
    assert (again.attempts, again.id) == (2, mine.id)


def test_what_is_delivered_or_dead_is_never_taken_again(database: Database) -> None:
    _add(database, 2)
    one, two = _claim(database)
    assert _finish(database, one)
    assert _finish(database, two, "dead")
    assert _claim(database, seconds=10**8) == []


def test_no_more_is_taken_than_asked_for_and_nothing_of_another_channel(database: Database) -> None:
    _add(database, 5, ("mail", "hook"))
    assert len(_claim(database, limit=2)) == 2
    assert {delivery.channel for delivery in _claim(database)} == {"hook"}
    assert sum(delivery.state == "pending" for delivery in _all(database)) == 5


def test_pages_of_alerts_and_deliveries_hold_each_once(sqlite: SqlDatabase) -> None:
    for minute in range(4):
        with sqlite.write() as stores:
            stores.alerts.add(
                [alert for alert in _alerts(20) if int(alert.key[-5:-2]) % 4 == minute],
                ("hook",),
                NOW + timedelta(minutes=minute // 2),
            )
    alerts: list[str] = []
    deliveries: list[str] = []
    with sqlite.read() as stores:
        before = None
        while page := stores.alerts.find(TENANT, before, 3):
            alerts += [alert.id for alert in page]
            last = page[-1]
            before = f"{last.created_at.isoformat() if last.created_at else ''}\n{last.id}"
        before = None
        while found := stores.alerts.deliveries(before, 3, TENANT):
            deliveries += [delivery.id for delivery in found]
            created = found[-1].alert.created_at
            before = f"{created.isoformat() if created else ''}\n{found[-1].id}"
    assert len(alerts) == len(set(alerts)) == 20
    assert len(deliveries) == len(set(deliveries)) == 20


def test_keys_are_found_by_their_prefix_alone(sqlite: SqlDatabase) -> None:
    with sqlite.write() as stores:
        stores.alerts.add([*_alerts(1, "a_b"), *_alerts(1, "axb"), *_alerts(1, "a%b")], (), NOW)
        assert stores.alerts.delivered_keys("a_b", "a_b|") == {"a_b|o|k000|7"}
        assert stores.alerts.delivered_keys("axb", "a_b|") == frozenset()


def test_two_instances_at_once_take_each_message_once(file: Path, campaign: Campaign) -> None:
    for _ in range(campaign.rounds(50)):
        databases = [SqlDatabase(f"sqlite:///{file}") for _ in range(2)]
        with databases[0].write() as stores:
            stores.alerts.add(list(_alerts(40, f"round {_}")), ("hook",), NOW)
        taken: list[str] = []

        def work(database: SqlDatabase, owner: str, taken: list[str] = taken) -> None:
            while found := _claim(database, owner, limit=3):
                for delivery in found:
                    taken.append(delivery.id)
                    assert _finish(database, delivery)

        threads = [threading.Thread(target=work, args=(item, str(n))) for n, item in enumerate(databases)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for database in databases:
            database.close()
        assert len(taken) == len(set(taken)) == 40
