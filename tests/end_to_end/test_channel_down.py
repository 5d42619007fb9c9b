"""A channel is down for a virtual day while 500 alerts come due: none is lost, and what follows is no storm."""

from datetime import datetime, timedelta
from pathlib import Path

from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.core.alerts import Alert, Message
from diag.core.errors import NotifyError
from diag.workflows.deliver import Deliverer
from tests.conftest import Campaign
from tests.workflows.fakes import NOW, TENANT, FakeClock, FakeNotifier

ALERTS = 500
TICK = timedelta(minutes=2)
DAY = timedelta(hours=24)
APART = timedelta(minutes=10)


class DownForADay(FakeNotifier):
    """Refuses everything until its day is over; keeps when what was sent."""

    def __init__(self, name: str, clock: FakeClock, back: datetime) -> None:
        super().__init__(name)
        self._clock, self._back = clock, back
        self.at: list[datetime] = []

    async def send(self, message: Message) -> str:
        if self._clock.now() < self._back:
            self.sent.append(message)
            raise NotifyError("The receiver answered HTTP 503.", permanent=False)
        self.at.append(self._clock.now())
        return await super().send(message)


async def test_a_day_without_a_channel_loses_nothing_and_is_followed_by_a_digest(
    tmp_path: Path, campaign: Campaign
) -> None:
    chance = campaign.generator("channel down")
    url = f"sqlite:///{tmp_path / 'diag.db'}"
    migrate(url)
    database, clock = SqlDatabase(url), FakeClock()
    down, up = DownForADay("mail", clock, NOW + DAY), FakeNotifier("hook")
    # Many in the night at once, the others one by one all day.
    due = sorted([timedelta(hours=3)] * 200 + [chance.random() * DAY for _ in range(ALERTS - 200)])
    delays: list[timedelta] = []
    while clock.now() < NOW + DAY + timedelta(hours=1):
        with database.write() as stores:
            while due and NOW + due[0] <= clock.now():
                due.pop(0)
                stores.alerts.add([_alert(len(due), clock.now())], ["mail", "hook"], clock.now())
        for channel in (down, up):
            deliverer = Deliverer(channel, database, clock, "one", "", False, apart=APART)
            await deliverer.run()
        delays += [clock.now() - alert.due_at for message in up.taken for alert in message.alerts]
        up.taken.clear()
        clock.pass_by(seconds=TICK.total_seconds())
    with database.read() as stores:
        left = stores.alerts.deliveries(None, ALERTS * 2, state="pending")
    database.close()
    arrived = [alert.key for message in down.taken for alert in message.alerts]
    assert (len(arrived), len(set(arrived)), list(left)) == (ALERTS, ALERTS, [])
    assert sum(at < NOW + DAY + timedelta(minutes=10) for at in down.at) <= 3
    assert max(down.at) <= NOW + DAY + timedelta(minutes=30)
    assert len(down.taken) <= 4
    # Nobody on the other channel waited longer than the pause between two messages.
    assert len(delays) == ALERTS
    assert max(delays) <= APART + TICK


def _alert(number: int, at: datetime) -> Alert:
    return Alert(
        key=f"{TENANT}|o|k{number}|7",
        tenant_id=TENANT,
        kind="credential_ending",
        app_id="a",
        app_name="Orders",
        subject="s",
        body="b",
        due_at=at,
        topic=f"{TENANT}|o|k{number}",
    )
