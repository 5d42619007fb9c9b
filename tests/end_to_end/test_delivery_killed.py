"""A process that delivers is killed at any moment: nothing is lost, and what is repeated carries the same id."""

import asyncio
import contextlib
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.core.alerts import Address, Alert
from tests.conftest import Campaign
from tests.workflows.fakes import NOW

ROOT = Path(__file__).resolve().parents[2]
ALERTS = 60
DELIVERING = """
import asyncio, sys
from datetime import timedelta
from diag.adapters.db.database import SqlDatabase
from diag.adapters.notify.channels import build
from diag.core.channels import WebhookChannel
from diag.workflows.deliver import Deliverer
from tests.workflows.fakes import NOW, FakeClock

async def main(url, database, passed):
    clock = FakeClock(NOW + timedelta(seconds=int(passed)))
    store = SqlDatabase(database)
    channel = build(WebhookChannel(name="hook", url=url), {}, True, clock)
    deliverer = Deliverer(channel, store, clock, passed, "", True)
    print("begins", flush=True)
    while await deliverer.run():
        pass
    store.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_kills_during_sending_lose_nothing_and_repeat_with_the_same_id(
    tmp_path: Path, campaign: Campaign
) -> None:
    chance = campaign.generator("kill delivering")
    taken: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
            await reader.readexactly(int(headers["content-length"]))
            taken.append(headers["webhook-id"])
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    url = f"sqlite:///{tmp_path / 'diag.db'}"
    migrate(url)
    database = SqlDatabase(url)
    with database.write() as stores:
        # Each for a reader of its own, and so in a message of its own.
        for number in range(ALERTS):
            assert stores.alerts.add([_alert(number)], [Address("hook", f"reader {number}")], NOW) == 1
        expected = {delivery.id for delivery in stores.alerts.deliveries(None, 1000)}
    receiver = await asyncio.start_server(serve, "127.0.0.1", 0)
    target = f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/"
    kills = 0
    for number in range(campaign.rounds(200)):
        process = await _deliver(target, url, number)
        await asyncio.sleep(chance.uniform(0.0, 0.15))
        if process.returncode is None:
            process.kill()
            kills += 1
        await process.communicate()
    last = await _deliver(target, url, 1_000_000)
    await last.communicate()
    assert last.returncode == 0
    receiver.close()
    with database.read() as stores:
        states = Counter(delivery.state for delivery in stores.alerts.deliveries(None, 1000))
    database.close()
    assert states == {"delivered": ALERTS}
    assert set(taken) == expected
    assert len(taken) - ALERTS <= kills


async def _deliver(target: str, url: str, number: int) -> asyncio.subprocess.Process:
    """A process that delivers, its clock far enough on for every lease before to have run out."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DELIVERING, target, url, str(number * 200), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    return process


def _alert(number: int) -> Alert:
    return Alert(
        key=f"t|o|k{number}|7",
        tenant_id="t",
        kind="credential_ending",
        app_id="a",
        app_name="Orders",
        subject="s",
        body="b",
        due_at=NOW - timedelta(days=1),
    )
