"""Two instances on one database file: every alert is written once and told once on each channel."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.core.expiry import LADDER
from diag.core.inventory import CredentialRow, RegistrationObject
from diag.workflows.deliver import Deliverer
from diag.workflows.watch import CredentialWatcher
from tests.conftest import Campaign
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock, FakeNotifier

CREDENTIALS = 30
CHANNELS = ("mail", "hook")


async def test_two_instances_at_once_tell_each_alert_once_on_each_channel(tmp_path: Path, campaign: Campaign) -> None:
    url = f"sqlite:///{tmp_path / 'diag.db'}"
    migrate(url)
    databases = [SqlDatabase(url), SqlDatabase(url)]
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

    async def instance(number: int, database: SqlDatabase, clock: FakeClock) -> int:
        written = await CredentialWatcher(TENANT, database, clock, LADDER, CHANNELS).run()
        for name in CHANNELS:
            channel = FakeNotifier(name)
            while await Deliverer(channel, database, clock, f"{number}", "", True).run():
                pass
            told.update((name, alert.key) for message in channel.sent for alert in message.alerts)
        return written

    thresholds = LADDER[: campaign.rounds(len(LADDER) * 20)]
    for days in thresholds:
        clock = FakeClock(NOW + timedelta(days=60 - days))
        written = await asyncio.gather(*(instance(n, database, clock) for n, database in enumerate(databases)))
        assert sum(written) == CREDENTIALS
    for database in databases:
        database.close()
    assert set(told.values()) == {1}
    assert len(told) == CREDENTIALS * len(thresholds) * len(CHANNELS)
