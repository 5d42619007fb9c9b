"""Several instances on one database file: every alert is written once and told once on each channel."""

import asyncio
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.core.alert_policy import LADDER
from diag.core.inventory import CredentialRow, RegistrationObject
from diag.workflows.deliver import Deliverer
from diag.workflows.watch import CredentialWatcher
from tests.conftest import Campaign
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock, FakeNotifier

CREDENTIALS = 12
CHANNELS = ("mail", "hook")


@pytest.mark.parametrize("instances", [2, 4])
async def test_instances_at_once_tell_each_alert_once_on_each_channel(
    tmp_path: Path, campaign: Campaign, instances: int
) -> None:
    empty = tmp_path / "empty.db"
    migrate(f"sqlite:///{empty}")
    for number in range(campaign.rounds(50)):
        file = tmp_path / f"{number}.db"
        shutil.copy(empty, file)
        await _round(f"sqlite:///{file}", instances, LADDER[number % len(LADDER)])


async def _round(url: str, instances: int, days: int) -> None:
    databases = [SqlDatabase(url) for _ in range(instances)]
    credentials = tuple(
        CredentialRow(
            owner_kind="application",
            owner_object_id="o",
            app_id=APP,
            key_id=f"k{number}",
            kind="secret",
            ends=NOW + timedelta(days=60),
        )
        for number in range(CREDENTIALS)
    )
    item = RegistrationObject(kind="application", object_id="o", app_id=APP, body=b"{}", credentials=credentials)
    with databases[0].write() as stores:
        stores.registrations.put(TENANT, [item], NOW)
    told: Counter[tuple[str, str]] = Counter()
    messages: list[str] = []
    clock = FakeClock(NOW + timedelta(days=60 - days))

    async def instance(number: int, database: SqlDatabase) -> int:
        written = await CredentialWatcher(TENANT, database, clock, LADDER, CHANNELS).run()
        for name in CHANNELS:
            channel = FakeNotifier(name)
            while await Deliverer(channel, database, clock, f"{number}", "", True).run():
                pass
            told.update((name, alert.key) for message in channel.sent for alert in message.alerts)
            messages.extend(message.id for message in channel.sent)
        return written

    written = await asyncio.gather(*(instance(n, database) for n, database in enumerate(databases)))
    for database in databases:
        database.close()
    assert sum(written) == CREDENTIALS
    assert set(told.values()) == {1}
    assert len(told) == CREDENTIALS * len(CHANNELS)
    assert len(messages) == len(set(messages)) == len(CHANNELS)
