from typing import Any

from diag.core.alert_policy import LADDER, Policy
from diag.core.alerts import Alert, Quieting, credential_topic
from diag.workflows.next_alerts_kept import KEPT_FOR, NextAlerts
from tests.workflows.fakes import NOW, TENANT
from tests.workflows.memory_database import MemoryDatabase
from tests.workflows.test_next_alerts import AHEAD, _database


def _asked(kept: NextAlerts, database: MemoryDatabase, monotonic: float, translator: Any = None) -> int:
    with database.read() as stores:
        return len(kept.find(stores, translator, Policy(), LADDER, NOW, monotonic, AHEAD, TENANT))


def test_an_answer_is_kept_until_its_time_is_over() -> None:
    kept, first, other = NextAlerts(), _database(25.0), _database(25.0, 26.0)
    few = _asked(kept, first, 0)
    # The other database stands for registrations that changed: nothing in the outbox tells of it.
    assert _asked(kept, other, KEPT_FOR - 1) == few
    assert _asked(kept, other, KEPT_FOR) > few
    assert _asked(kept, first, KEPT_FOR - 1) == few, "a clock that went back"


def test_a_new_alert_or_snooze_shows_at_once() -> None:
    kept, database = NextAlerts(), _database(25.0)
    before = _asked(kept, database, 0)
    topic = credential_topic(TENANT, "o", "k0")
    alert = Alert(
        key=f"{topic}|14",
        tenant_id=TENANT,
        kind="credential_ending",
        app_id="a",
        app_name="Orders",
        subject="s",
        body="b",
        due_at=NOW,
        topic=topic,
    )
    with database.write() as stores:
        stores.alerts.add([alert], (), NOW)
    after = _asked(kept, database, 1)
    assert after < before
    snooze = Quieting(tenant_id=TENANT, topic=topic, action="snooze", until=None, by="ada", at=NOW)
    with database.write() as stores:
        stores.topics.put(snooze)
    assert _asked(kept, database, 2) == 0
