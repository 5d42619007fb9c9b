import threading
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from diag.adapters.db.database import SqlDatabase
from diag.core.alerts import Address, Alert, Content, Delivery, Fact
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
            severity="critical",
            content=Content(facts=(Fact(label="End", at=NOW, text="soon"),), steps=("one", "two"), note="n"),
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
    taken = _claim(database, limit=2)
    assert [delivery.channel for delivery in taken] == ["hook", "hook"]
    assert sum(delivery.state == "pending" for delivery in _all(database)) == 8


def _lost(letter: list[Delivery], database: Database, wait: float) -> None:
    for delivery in letter:
        assert _finish(database, delivery, "pending", wait=wait)


def test_what_is_due_for_one_reader_is_one_message_and_a_repeat_is_the_same_message(database: Database) -> None:
    _add(database, 3)
    first = _claim(database)
    assert len({delivery.letter for delivery in first}) == 1
    _lost(first, database, 5)
    _add(database, 5)
    again = _claim(database, seconds=5)
    assert {(delivery.id, delivery.letter) for delivery in again} == {(d.id, d.letter) for d in first}


def test_a_message_of_one_delivery_carries_its_id(database: Database) -> None:
    _add(database)
    (only,) = _claim(database)
    assert only.letter == only.id


def test_what_comes_while_a_message_is_under_way_waits_and_goes_together(database: Database) -> None:
    _add(database, 1)
    first = _claim(database)
    _add(database, 4)
    assert _claim(database, "two") == []
    _lost(first, database, 5)
    assert {d.letter for d in _claim(database, seconds=5)} == {first[0].letter}
    with database.write() as stores:
        assert stores.alerts.finish(
            stores.alerts.deliveries(None, 10, state="sending")[0], NOW, state="delivered", answer=""
        )
    assert len(_claim(database, seconds=6)) == 3


def test_a_message_that_keeps_failing_lets_one_other_pass(database: Database) -> None:
    _add(database, 1)
    for number in range(6):
        letter = _claim(database, seconds=number)
        assert len(letter) == 1
        _add(database, 2)
        _lost(letter, database, number + 1)
    _lost(_claim(database, seconds=6), database, 10**6)
    other = _claim(database, seconds=7)
    assert other[0].letter != letter[0].letter
    _add(database, 3)
    assert _claim(database, seconds=8) == []


def test_each_reader_gets_a_message_of_their_own(database: Database) -> None:
    readers = [Address("hook", "ada@contoso.example"), Address("hook", "ben@contoso.example"), Address("hook")]
    with database.write() as stores:
        stores.alerts.add(list(_alerts(2)), readers, NOW)
    letters = [_claim(database) for _ in range(4)]
    assert sorted({d.recipient for letter in letters for d in letter}) == [
        "",
        "ada@contoso.example",
        "ben@contoso.example",
    ]
    assert [len(letter) for letter in letters] == [2, 2, 2, 0]
    assert all(len({d.recipient for d in letter}) == 1 for letter in letters[:3])


@pytest.mark.parametrize(("after", "taken"), [(599, 0), (600, 1)])
def test_a_reader_who_was_just_told_waits_for_the_next_message(database: Database, after: float, taken: int) -> None:
    _add(database)
    assert _finish(database, _claim(database)[0])
    _add(database, 2)
    with database.write() as stores:
        at = NOW + timedelta(seconds=after)
        assert len(stores.alerts.claim("hook", "one", at, LEASE, 10, timedelta(minutes=10))) == taken


def test_a_dead_delivery_is_replayed_under_its_id_and_no_other_is(database: Database) -> None:
    _add(database, 2)
    for delivery in _claim(database):
        assert _finish(database, delivery, "dead" if delivery.alert.key.endswith("000|7") else "delivered")
    later = NOW + timedelta(days=5)
    ids = [delivery.id for delivery in _all(database)]
    with database.write() as stores:
        assert [stores.alerts.replay(ids, later), stores.alerts.replay(ids, later)] == [1, 0]
    assert _claim(database, seconds=5 * 86400 - 1) == []
    (again,) = _claim(database, seconds=5 * 86400)
    assert (again.attempts, again.queued_at, again.letter != "") == (1, later, True)


def test_a_newer_alert_about_the_same_takes_the_place_of_one_that_was_not_sent(database: Database) -> None:
    (one,) = _alerts(1)
    older = replace(one, topic="t", key="t|30")
    newer = replace(one, topic="t", key="t|14")
    other = replace(one, topic="u", key="u|30")
    with database.write() as stores:
        stores.alerts.add([older, other], ["hook", "mail"], NOW)
        stores.alerts.add([newer], ["hook"], NOW)
    states = {(d.alert.key, d.channel): d.state for d in _all(database)}
    assert states == {
        ("t|30", "hook"): "withdrawn",
        ("t|30", "mail"): "pending",
        ("t|14", "hook"): "pending",
        ("u|30", "hook"): "pending",
        ("u|30", "mail"): "pending",
    }


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
