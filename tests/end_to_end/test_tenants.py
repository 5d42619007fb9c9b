"""Several tenants in one instance: one that works is read whole while the others fail, each in its own way."""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from diag.bootstrap import Service, build
from diag.jobs import jobs, lease_of
from diag.serve import CLOSE_WITHIN
from diag.settings import read_settings
from diag.workflows.lease import SECONDS
from diag.workflows.ports import Progress
from diag.workflows.watch_tenant import TenantWatch
from tests.end_to_end.test_story import StoryClock, sample_tenant

REFUSED = "00000000-0000-4000-8000-000000000001"
FORBIDDEN = "00000000-0000-4000-8000-000000000002"
SILENT = "00000000-0000-4000-8000-000000000003"
GARBLED = "00000000-0000-4000-8000-000000000004"


class Broken(ThreadingHTTPServer):
    """A Graph and sign-in host that fails every tenant in the way that belongs to it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Broken

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if REFUSED in self.path:
            self._say(401, {"error": "invalid_client", "error_description": "AADSTS7000215: The secret is wrong."})
        else:
            self._say(200, {"access_token": self.path.split("/")[1], "expires_in": 3600})

    def do_GET(self) -> None:
        if SILENT in self.headers["authorization"]:
            self.server.released.wait(60)
        self._say(403, {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}})

    def _say(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        with contextlib.suppress(ConnectionError):
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing of it belongs into the tests' output."""


@pytest.fixture
def broken() -> Iterator[Broken]:
    with Broken() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.released.set()
        server.shutdown()


@contextlib.asynccontextmanager
async def _running(made: Service) -> AsyncIterator[Service]:
    """The jobs of the running service, all of them, for every tenant."""
    made.prepare_database()
    async with contextlib.AsyncExitStack() as stack:
        watches = []
        for tenant_id in made.tenant_ids:
            sources = made.sources(tenant_id)
            stack.push_async_callback(asyncio.wait_for, sources.close(), CLOSE_WITHIN)
            watches.append(
                TenantWatch(
                    sources, made.database, made.knowledge_base, made.translator, made.clock, timedelta(seconds=60)
                )
            )
        scheduler = jobs(made, watches)
        scheduler.start()
        stack.push_async_callback(scheduler.stop)
        yield made
    made.close()


def _states(made: Service) -> dict[str, dict[str, Progress]]:
    states: dict[str, dict[str, Progress]] = {tenant_id: {} for tenant_id in made.tenant_ids}
    with made.database.read() as stores:
        for item in stores.progress.all():
            states[item.tenant_id][item.source] = item
    return states


def _all_in(states: dict[str, Progress], *wanted: str) -> bool:
    return len(states) == 5 and all(item.state in wanted for item in states.values())


async def test_a_tenant_is_read_whole_beside_tenants_that_fail_in_every_way(tmp_path: Path, broken: Broken) -> None:
    (tmp_path / "garbage.pem").write_text("no certificate", encoding="utf-8")
    with sample_tenant() as first, sample_tenant("--seed", "2") as second:
        loopback = f"client_id: c, client_secret_env: SECRET, graph_url: '{broken.url}', authority: '{broken.url}'"
        lines = [
            f"{{tenant_id: {second['tenant_id']}, name: Second, client_id: {second['client_id']}, "
            f"client_secret_env: SECOND, graph_url: '{second['url']}', authority: '{second['url']}'}}",
            f"{{tenant_id: {REFUSED}, {loopback}}}",
            f"{{tenant_id: {FORBIDDEN}, {loopback}}}",
            f"{{tenant_id: {SILENT}, {loopback}}}",
            f"{{tenant_id: {GARBLED}, client_id: c, certificate: {tmp_path / 'garbage.pem'}}}",
        ]
        (tmp_path / "config.yaml").write_text("tenants:\n" + "".join(f"  - {line}\n" for line in lines))
        given = {
            "DIAG_TENANT_ID": first["tenant_id"], "DIAG_CLIENT_ID": first["client_id"], "DIAG_GRAPH_URL": first["url"],
            "DIAG_CLIENT_SECRET": first["client_secret"], "DIAG_AUTHORITY": first["url"], "SECRET": "wrong",
            "SECOND": second["client_secret"], "DIAG_CONFIG": str(tmp_path / "config.yaml"),
            "DIAG_DATA_DIR": str(tmp_path),
        }  # fmt: skip
        made = build(read_settings(given, tmp_path), clock=StoryClock())
        async with _running(made), asyncio.timeout(60):
            while True:
                states = await asyncio.to_thread(_states, made)
                if (
                    all(_all_in(states[tenant["tenant_id"]], "ok") for tenant in (first, second))
                    and all(_all_in(states[tenant], "authentication_failed") for tenant in (REFUSED, GARBLED))
                    and _all_in(states[FORBIDDEN], "permission_lost")
                ):
                    break
                await asyncio.sleep(0.2)
            with made.database.write() as stores:
                held = [
                    stores.leases.acquire(lease_of(tenant), "another", made.clock.now(), SECONDS)
                    for tenant in made.tenant_ids
                ]
            with made.database.read() as stores:
                applications = {
                    tenant["tenant_id"]: {
                        line.app_id for line in stores.registrations.applications(tenant["tenant_id"], "", None, 500)
                    }
                    for tenant in (first, second)
                }
                every = stores.registrations.applications(None, "", None, 1000)
            broken.released.set()
    assert states[SILENT] == {}
    assert held == [False] * 6
    assert not applications[first["tenant_id"]] & applications[second["tenant_id"]] - _everywhere(every)
    assert {line.tenant_id for line in every} == {first["tenant_id"], second["tenant_id"]}
    assert "AADSTS7000215" in states[REFUSED]["changes"].problem
    assert "garbage" not in states[GARBLED]["changes"].problem


def _everywhere(lines: object) -> set[str]:
    """Microsoft's own APIs have one application ID in every tenant."""
    return {line.app_id for line in lines if not line.has_registration}  # type: ignore[attr-defined]
