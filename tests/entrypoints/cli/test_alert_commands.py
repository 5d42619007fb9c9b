"""Alerts from the command line."""

import json
from pathlib import Path

import pytest

from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.core.alerts import Alert, ChannelState
from tests.entrypoints.cli.conftest import Diag
from tests.workflows.fakes import NOW, TENANT


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlDatabase:
    """A database with three dead deliveries of a hostile subject, and a disabled channel."""
    (tmp_path / "config.yaml").write_text("channels:\n  - {type: webhook, name: hook, url: 'https://h.example/x'}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIAG_TENANT_ID", TENANT)
    monkeypatch.setenv("DIAG_CONFIG", "config.yaml")
    monkeypatch.setenv("DIAG_DATA_DIR", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'diag.db'}"
    migrate(url)
    store = SqlDatabase(url)
    with store.write() as stores:
        stores.alerts.add([_alert(number) for number in range(3)], ["hook"], NOW)
        for delivery in stores.alerts.claim("hook", "one", NOW, 60, 10):
            stores.alerts.finish(delivery, NOW, state="dead", answer="HTTP 400")
        stores.channels.save(ChannelState(name="hook", disabled_at=NOW, disabled_because="gone"))
    return store


def _alert(number: int) -> Alert:
    return Alert(
        key=f"t|{number}",
        tenant_id=TENANT,
        kind="credential_ending",
        app_id="a",
        app_name="Orders",
        subject="Orders\x1b[2J ends",
        body="b",
        due_at=NOW,
        topic=f"t{number}",
    )


def test_dead_deliveries_are_listed_and_replayed(database: SqlDatabase, diag: Diag) -> None:
    listed = diag("alerts", "--state", "dead")
    assert (listed.code, listed.out.count("HTTP 400")) == (0, 3)
    assert "\x1b" not in listed.out
    ids = [item["id"] for item in json.loads(diag("alerts", "--state", "dead", "--json").out)["value"]]
    assert json.loads(diag("alerts", "--replay", ids[0], "--json").out) == {"replayed": 1}
    assert diag("alerts", "--replay", ids[0]).code == 2
    assert json.loads(diag("alerts", "--replay", "all", "--json").out) == {"replayed": 2}
    assert "No delivery is dead." in diag("alerts", "--state", "dead").out
    assert diag("alerts", "--most", "1", "--json").out.count("alert_id") == 1
    assert diag("alerts", "--most", "0").code == diag("alerts", "--most", "-3").code == 2
    with database.read() as stores:
        assert len(stores.alerts.deliveries(None, 10, state="pending")) == 3
    database.close()


def test_a_disabled_channel_is_enabled(database: SqlDatabase, diag: Diag) -> None:
    assert diag("alerts", "--enable", "nobody").code == 2
    assert json.loads(diag("alerts", "--enable", "hook", "--json").out) == {"enabled": "hook", "was_disabled": True}
    with database.read() as stores:
        assert stores.channels.get("hook").disabled_at is None
    database.close()
