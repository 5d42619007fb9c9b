from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from diag.core.alerts import Address, Alert, AlertKind, ChannelState, Quieting
from diag.workflows.ports import Database
from tests.workflows.fakes import NOW, TENANT

LATER = NOW + timedelta(hours=1)


def _alert(key: str, topic: str = "t", kind: AlertKind = "credential_ending", tenant: str = TENANT) -> Alert:
    return Alert(
        key=key,
        tenant_id=tenant,
        kind=kind,
        app_id="a",
        app_name="Orders",
        subject="s",
        body="b",
        due_at=NOW,
        topic=topic,
    )


def _told(database: Database, *alerts: Alert, channels: tuple[str, ...] = ("hook",), state: str = "delivered") -> None:
    with database.write() as stores:
        stores.alerts.add(alerts, channels, NOW)
        for channel in channels:
            while letter := stores.alerts.claim(channel, "one", NOW, 60, 10):
                for delivery in letter:
                    stores.alerts.finish(delivery, NOW, state=state, answer="")


def _quieting(topic: str = "t", **changed: object) -> Quieting:
    given = Quieting(tenant_id=TENANT, topic=topic, action="snooze", until=LATER, by="ada", why="moved", at=NOW)
    return replace(given, **changed)


def test_of_each_topic_that_is_not_over_the_latest_alert_stands(database: Database) -> None:
    with database.write() as stores:
        stores.alerts.add([_alert("t|30"), _alert("u|1", "u"), _alert("d", "d", "digest")], (), NOW)
        stores.alerts.add([_alert("t|14"), _alert("x|1", "x", tenant="fabrikam.example")], (), LATER)
        assert [alert.key for alert in stores.topics.standing(TENANT)] == ["t|14", "u|1"]
        stores.topics.close(TENANT, "t", LATER, "over")
        assert [alert.key for alert in stores.topics.standing(TENANT)] == ["u|1"]


def test_who_was_told_wants_an_all_clear_and_what_was_not_sent_is_withdrawn(database: Database) -> None:
    _told(database, _alert("t|30"))
    with database.write() as stores:
        stores.alerts.add([_alert("t|14")], [Address("mail", "ada@contoso.example"), Address("hook")], NOW)
        told = stores.topics.close(TENANT, "t", LATER, "It was replaced.")
        again = stores.topics.close(TENANT, "t", LATER, "It was replaced.")
        kept = {(d.alert.key, d.channel): (d.state, d.answer) for d in stores.alerts.deliveries(None, 10)}
    assert (told, again) == ([Address("hook")], [])
    assert kept[("t|14", "mail")] == kept[("t|14", "hook")] == ("withdrawn", "It was replaced.")


def test_what_is_being_sent_counts_as_told(database: Database) -> None:
    with database.write() as stores:
        stores.alerts.add([_alert("t|30")], ["hook"], NOW)
        (delivery,) = stores.alerts.claim("hook", "one", NOW, 60, 10)
        assert stores.topics.close(TENANT, "t", LATER, "over") == [Address("hook")]
        assert stores.alerts.finish(delivery, LATER, state="delivered", answer="")


def test_what_never_arrived_wants_no_all_clear(database: Database) -> None:
    _told(database, _alert("t|30"), state="dead")
    with database.write() as stores:
        assert stores.topics.close(TENANT, "t", LATER, "over") == []


def test_alerts_that_stand_are_acknowledged_once_with_who_did_it(database: Database) -> None:
    with database.write() as stores:
        stores.alerts.add([_alert("t|30"), _alert("t|14"), _alert("u|1", "u")], (), NOW)
        assert [stores.topics.acknowledge(TENANT, "t", LATER, by) for by in ("ada", "ben")] == [2, 0]
        by = {alert.key: (alert.acknowledged_by, alert.acknowledged_at) for alert in stores.alerts.find(None, None, 9)}
    assert by == {"t|30": ("ada", LATER), "t|14": ("ada", LATER), "u|1": ("", None)}


def test_a_quieting_is_kept_replaced_and_taken_back(database: Database) -> None:
    with database.write() as stores:
        stores.topics.put(_quieting())
        stores.topics.put(_quieting(until=None, why="for good"))
        stores.topics.put(_quieting(action="acknowledge"))
        assert [q.action for q in stores.topics.quietings(TENANT, NOW)] == ["acknowledge", "snooze"]
        assert stores.topics.quietings(TENANT, NOW)[1] == _quieting(until=None, why="for good")
        assert stores.topics.quietings("fabrikam.example", NOW) == []
        assert [stores.topics.end(TENANT, "t"), stores.topics.end(TENANT, "t")] == [2, 0]
        assert stores.topics.quietings(None, NOW) == []


def test_a_quieting_that_is_over_is_remembered_for_a_year(database: Database) -> None:
    with database.write() as stores:
        stores.topics.put(_quieting())
        assert len(stores.topics.quietings(TENANT, LATER + timedelta(days=365))) == 1
        assert stores.topics.quietings(TENANT, LATER + timedelta(days=367)) == []


def test_a_link_is_used_up_once(database: Database) -> None:
    with database.write() as stores:
        assert [stores.topics.use_link(link, NOW) for link in ("a", "a", "b")] == [True, False, True]


def test_how_a_channel_is_doing_is_kept(database: Database) -> None:
    state = ChannelState(
        name="hook",
        configured="c",
        disabled_at=NOW,
        disabled_because="gone",
        failures=3,
        retry_at=LATER,
        answer="HTTP 410",
        delivered_at=NOW,
        failed_at=LATER,
    )
    with database.write() as stores:
        assert stores.channels.get("hook") == ChannelState(name="hook")
        stores.channels.save(state)
        stores.channels.save(replace(state, failures=4))
        assert stores.channels.get("hook") == replace(state, failures=4)
        assert [kept.name for kept in stores.channels.all()] == ["hook"]
        stores.alerts.add([_alert("t|1"), _alert("u|1", "u")], ["hook", "mail"], NOW)
        assert [stores.channels.waiting(name) for name in ("hook", "pager")] == [2, 0]


def test_alerts_are_found_by_kind_application_and_where_they_stand(database: Database) -> None:
    with database.write() as stores:
        stores.alerts.add([_alert("t|30"), _alert("u|1", "u", "spike"), _alert("d", "d", "digest")], (), NOW)
        stores.alerts.add([replace(_alert("v|1", "v"), app_id="b")], (), LATER)
        stores.topics.acknowledge(TENANT, "u", LATER, "ada")
        stores.topics.close(TENANT, "v", LATER, "over")

    def found(**given: Any) -> list[str]:
        with database.read() as stores:
            return [alert.key for alert in stores.alerts.find(TENANT, None, 10, **given)]

    assert sorted(found()) == ["d", "t|30", "u|1", "v|1"]
    assert found(kind="spike") == ["u|1"]
    assert found(app_id="b") == ["v|1"]
    assert [found(standing=one) for one in ("open", "acknowledged", "over")] == [["t|30"], ["u|1"], ["v|1"]]
    assert found(kind="spike", standing="over") == []


def test_the_outbox_is_counted_by_channel_and_state_with_its_oldest(database: Database) -> None:
    with database.write() as stores:
        assert stores.channels.outbox() == []
    _told(database, _alert("t|30"))
    with database.write() as stores:
        stores.alerts.add([_alert("u|1", "u"), _alert("v|1", "v")], ("hook", "mail"), LATER)
        figures = [(one.channel, one.state, one.number, one.oldest) for one in stores.channels.outbox()]
        hook = stores.alerts.deliveries(None, 10, channel="hook", state="pending")
    assert figures == [("hook", "delivered", 1, NOW), ("hook", "pending", 2, LATER), ("mail", "pending", 2, LATER)]
    assert {(one.channel, one.state) for one in hook} == {("hook", "pending")}
    assert len(hook) == 2
