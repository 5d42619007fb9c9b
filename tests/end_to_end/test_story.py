"""The whole way on real input: the sample tenant is read into a database, and its stories come out as incidents."""

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from diag.bootstrap import Service, build
from diag.settings import read_settings
from diag.workflows.ports import Database, FailureQuery, IncidentQuery, Progress
from diag.workflows.watch import CredentialWatcher
from diag.workflows.watch_tenant import TenantWatch
from tests.conftest import Campaign

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

# Application, code, the cause that the story tells. A deleted application has no name left in the log.
STORIES = {
    ("Nightly Invoice Export", 7000222): "secret-expired",
    ("Payroll Sync", 7000215): "stale-secret-after-rotation",
    ("Expense Reports", 65001): "new-permission-added-after-consent",
    ("Fleet Telemetry Collector", 7000112): "service-principal-disabled",
    ("Website Deploy Pipeline", 700213): "fic-entity-type-mismatch",
    ("Partner Extranet", 50020): "single-tenant-app-used-by-outside-user",
    ("HR Self Service", 50105): "user-not-assigned-assignment-required",
    ("Document Archive Connector", 700027): "stale-certificate-after-rotation",
    ("Warehouse Portal", 50011): "redirect-uri-not-registered",
    ("Sales Mobile", 700082): "refresh-token-inactive-90-days",
    ("Finance Dashboard", 53003): "ca-block-by-location",
}
NAMELESS = {700016, 500011}
NEEDS_KEY_ID = {700027}
"""Codes whose cause nobody can know while the record does not name the credential."""


class StoryClock:
    """Stands still, at the story's instant unless told otherwise; waiting costs only the time that the loop needs."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return time.monotonic() * 1000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.001))


@contextlib.contextmanager
def sample_tenant(*options: str) -> Iterator[dict[str, Any]]:
    """Run the sample tenant, where nothing new happens and nobody is throttled; gives how to reach it."""
    command = [sys.executable, "-m", "diag.sample_tenant", "--until-stdin-closes", "--no-throttle"]
    command += ["--now", NOW.isoformat(), "--story-speed", "0", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


@contextlib.contextmanager
def service(folder: Path, tenant: dict[str, Any], now: datetime = NOW) -> Iterator[Service]:
    """The product over the sample tenant, with its database in the folder."""
    made = build(read_settings({"DIAG_DATA_DIR": str(folder)}, folder), clock=StoryClock(now))
    made.join_sample(**tenant)
    made.prepare_database()
    try:
        yield made
    finally:
        made.close()


async def run(made: Service, *, diagnose: bool = True) -> None:
    """What the scheduler does, each once."""
    sources = made.sources()
    watch = TenantWatch(sources, made.database, made.knowledge_base, made.translator, made.clock, timedelta(seconds=20))
    try:
        await watch.synchronise()
        await watch.collect_changes()
        await watch.collect()
        if diagnose:
            await watch.diagnose()
        await CredentialWatcher(sources.tenant_id, made.database, made.clock, (60, 30, 14, 7, 3, 1, 0), ()).run()
    finally:
        await sources.close()


def stored(database: Database) -> Counter[str]:
    with database.read() as stores:
        return Counter(row.id for row in stores.failures.find(FailureQuery(interrupts=True, limit=1_000_000)))


def counted(database: Database) -> int:
    with database.read() as stores:
        return sum(incident.count for incident in stores.incidents.find(IncidentQuery(limit=10_000)))


@pytest.mark.parametrize("options", [(), ("--without-key-ids",)], ids=["with key ids", "without key ids"])
async def test_every_story_becomes_an_incident_with_its_cause_or_an_honest_open_question(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    with sample_tenant(*options) as tenant, service(tmp_path, tenant) as made:
        await run(made)
        with made.database.read() as stores:
            incidents = stores.incidents.find(IncidentQuery(limit=1000, interrupts=False))
            states = {progress.source: progress.state for progress in stores.progress.all()}
            waiting = stores.incidents.undiagnosed(tenant["tenant_id"], made.knowledge_base.version, 100)
            alerts = stores.alerts.find(None, None, 100)
    assert set(states.values()) == {"ok"}, states
    assert waiting == []
    found = {(incident.app_name, incident.fingerprint.code): incident for incident in incidents}
    assert set(STORIES) <= set(found)
    assert {incident.fingerprint.code for incident in incidents} >= NAMELESS
    for story, cause in STORIES.items():
        diagnosis = found[story].diagnosis
        assert diagnosis is not None, story
        if options and story[1] in NEEDS_KEY_ID:
            assert diagnosis.cause is None, story
            assert cause in {item.id for item in diagnosis.causes if item.verdict == "possible"}, story
            assert diagnosis.needs, story
        else:
            assert diagnosis.cause is not None, story
            assert diagnosis.cause.id == cause, story
            assert diagnosis.cause.evidence, story
            assert diagnosis.cause.confirm, story
            assert diagnosis.cause.fix, story
    assert len({alert.key for alert in alerts}) == len(alerts) > 0
    assert any("SAML signing certificate" in alert.subject for alert in alerts)


async def test_where_the_log_refuses_the_filter_the_same_failures_are_stored(tmp_path: Path) -> None:
    ids: list[Counter[str]] = []
    for name, options in (("accepted", ()), ("refused", ("--refuse-ne-filter",))):
        (tmp_path / name).mkdir()
        with sample_tenant(*options) as tenant, service(tmp_path / name, tenant) as made:
            await run(made, diagnose=False)
            ids.append(stored(made.database))
            with made.database.read() as stores:
                filters = {p.failure_filter for p in stores.progress.all() if p.source.startswith("sign_ins")}
        assert filters == {name == "accepted"}
    assert ids[0] == ids[1]
    assert len(ids[0]) > 500
    assert set(ids[0].values()) == {1}


class Requests:
    """Counts what is asked of the sample tenant's log, by standing in front of it; its clock stays behind."""

    def __init__(self, port: int) -> None:
        self.paths: list[str] = []
        self._port = port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._port)

        async def back() -> None:
            while data := await up_reader.read(65536):
                # The year between the two clocks is the test's own doing.
                writer.write(re.sub(rb"(?i)\r\ndate:", b"\r\nx-date:", data))
                await writer.drain()

        answering = asyncio.create_task(back())
        try:
            while data := await reader.read(65536):
                self.paths += [line.decode() for line in data.split(b"\r\n") if line.endswith(b"HTTP/1.1")]
                up_writer.write(data)
                await up_writer.drain()
        finally:
            answering.cancel()
            for each in (writer, up_writer):
                each.close()


async def test_an_empty_month_costs_at_most_twenty_requests(tmp_path: Path) -> None:
    with sample_tenant() as tenant:
        counting = Requests(int(tenant["url"].rpartition(":")[2]))
        front = await asyncio.start_server(counting.serve, "127.0.0.1", 0)
        tenant["url"] = f"http://127.0.0.1:{front.sockets[0].getsockname()[1]}"
        # A year after its story ended the company's log is empty.
        with service(tmp_path, tenant, NOW + timedelta(days=365)) as made:
            sources = made.sources()
            watch = TenantWatch(
                sources, made.database, made.knowledge_base, made.translator, made.clock, timedelta(seconds=20)
            )
            await watch.collect()
            await sources.close()
            with made.database.read() as stores:
                progress: list[Progress] = list(stores.progress.all())
        front.close()
        await asyncio.sleep(0.05)
    assert [(item.state, item.records) for item in progress] == [("ok", 0), ("ok", 0)]
    asked = [path for path in counting.paths if "signIns" in path]
    assert 2 <= len(asked) <= 20, asked


COLLECTING = """
import asyncio, json, sys
from pathlib import Path
from tests.end_to_end.test_story import run, service
with service(Path(sys.argv[1]), json.loads(sys.argv[2])) as made:
    print("begins", flush=True)
    asyncio.run(run(made, diagnose=False))
"""


async def test_collecting_that_is_killed_and_started_again_loses_nothing_and_doubles_nothing(
    tmp_path: Path, campaign: Campaign
) -> None:
    chance = campaign.generator("kill collecting")
    with sample_tenant() as tenant:
        (tmp_path / "whole").mkdir()
        with service(tmp_path / "whole", tenant) as made:
            await run(made, diagnose=False)
            expected = stored(made.database)
        (tmp_path / "killed").mkdir()
        command = [sys.executable, "-c", COLLECTING, str(tmp_path / "killed"), json.dumps(tenant)]
        for _ in range(campaign.rounds(100)):
            process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
            assert process.stdout is not None
            await process.stdout.readline()
            await asyncio.sleep(chance.uniform(0.3, 2.0))
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
            with service(tmp_path / "killed", tenant) as made:
                assert sum(stored(made.database).values()) == counted(made.database)
        with service(tmp_path / "killed", tenant) as made:
            await run(made, diagnose=False)
            assert stored(made.database) == expected
            assert counted(made.database) == sum(expected.values())
