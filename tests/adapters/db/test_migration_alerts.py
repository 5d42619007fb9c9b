"""A database of the first version, with alerts in it, comes up right."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from diag import resources
from diag.adapters.db.database import SqlDatabase, open_engine
from diag.adapters.db.migrate import migrate
from diag.core.alerts import Content
from tests.workflows.fakes import NOW

_MICROSECONDS = int(NOW.timestamp() * 1_000_000)
_ALERTS = (
    ("a1", "t|o|k1|7", "credential_ending"),
    ("a2", "t|o|k2|0", "credential_ended"),
)
_DELIVERIES = (
    ("d1", "a1", "mail", "delivered", 1),
    ("d2", "a1", "hook", "pending", 3),
    ("d3", "a2", "hook", "pending", 0),
    ("d4", "a2", "mail", "dead", 10),
)


def _configuration(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.migrations()))
    config.attributes["url"] = url
    return config


@pytest.fixture
def before(tmp_path: Path) -> str:
    """A database at the first revision, filled as the first version filled it."""
    url = f"sqlite:///{tmp_path / 'diag.db'}"
    command.upgrade(_configuration(url), "0001")
    engine = open_engine(url)
    with engine.begin() as connection:
        for alert_id, key, kind in _ALERTS:
            connection.execute(
                sa.text(
                    "INSERT INTO alert (id, key, tenant_id, kind, app_id, app_name, subject, body, link, due_at, late,"
                    " created_at) VALUES (:id, :key, 't', :kind, 'a', 'Orders', 's', 'b', '/x', :at, 0, :at)"
                ),
                {"id": alert_id, "key": key, "kind": kind, "at": _MICROSECONDS},
            )
        for delivery_id, alert_id, channel, state, attempts in _DELIVERIES:
            connection.execute(
                sa.text(
                    "INSERT INTO delivery (id, alert_id, channel, state, attempts, claim, owner, next_at, answer)"
                    " VALUES (:id, :alert, :channel, :state, :attempts, 2, 'p', :at, 'said')"
                ),
                {
                    "id": delivery_id,
                    "alert": alert_id,
                    "channel": channel,
                    "state": state,
                    "attempts": attempts,
                    "at": _MICROSECONDS,
                },
            )
    engine.dispose()
    return url


def test_alerts_and_deliveries_of_the_first_version_are_kept(before: str) -> None:
    assert migrate(before)
    database = SqlDatabase(before)
    with database.write() as stores:
        alerts = {alert.id: alert for alert in stores.alerts.find("t", None, 10)}
        deliveries = {delivery.id: delivery for delivery in stores.alerts.deliveries(None, 10)}
        (repeat,) = stores.alerts.claim("hook", "one", NOW, 60, 10)
    database.close()
    assert [(alerts[key].topic, alerts[key].severity) for key in ("a1", "a2")] == [
        ("t|o|k1", "warning"),
        ("t|o|k2", "critical"),
    ]
    assert alerts["a1"].content == Content()
    assert (alerts["a1"].body, alerts["a1"].created_at) == ("b", NOW)
    assert {(d.id, d.alert.id, d.channel, d.state, d.attempts) for d in deliveries.values()} == set(_DELIVERIES)
    assert {delivery.queued_at for delivery in deliveries.values()} == {NOW}
    assert (repeat.id, repeat.letter) == ("d2", "d2")


def test_the_way_back_keeps_alerts_and_one_delivery_for_each_channel(before: str) -> None:
    migrate(before)
    command.downgrade(_configuration(before), "0004")
    engine = open_engine(before)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT id, body FROM alert ORDER BY id")).all() == [("a1", "b"), ("a2", "b")]
        rows = connection.execute(
            sa.text("SELECT id, alert_id, channel, state, attempts FROM delivery ORDER BY id")
        ).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == list(_DELIVERIES)
    assert migrate(before)
