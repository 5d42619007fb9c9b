"""Over HTTP: what Graph takes away is a named state within one poll, the rest goes on, and somebody is told."""

import contextlib
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from diag.bootstrap import Service
from diag.core.alert_policy import Policy
from diag.core.coverage import Coverage
from diag.workflows.coverage import CoverageWatcher
from diag.workflows.ports import Progress
from diag.workflows.watch_tenant import TenantSources, TenantWatch
from tests.end_to_end.test_story import NOW, sample_tenant, service

LICENCE = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"


class Between(ThreadingHTTPServer):
    """Stands between the product and the sample tenant, and takes away what a test says."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Pass)
        self.upstream = upstream
        self.refused: dict[str, tuple[int, str]] = {}
        """Status and error code by a part of the path."""
        self.tokens = True
        self.ahead = timedelta(0)
        """By how much Graph's clock is ahead of ours."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Pass(BaseHTTPRequestHandler):
    server: Between

    def do_POST(self) -> None:
        if not self.server.tokens:
            refusal = {"error": "invalid_client", "error_description": "AADSTS7000222: The secret has ended."}
            self._say(401, json.dumps(refusal).encode())
            return
        self._forward(self.rfile.read(int(self.headers["content-length"])))

    def do_GET(self) -> None:
        for part, (status, code) in self.server.refused.items():
            if part in self.path:
                self._say(status, json.dumps({"error": {"code": code, "message": "Refused."}}).encode())
                return
        self._forward(None)

    def _forward(self, body: bytes | None) -> None:
        kept = {name: self.headers[name] for name in ("authorization", "prefer", "content-type") if self.headers[name]}
        if body is not None:
            # The token is asked for the address that the product knows.
            body = body.replace(quote(self.server.url, safe="").encode(), quote(self.server.upstream, safe="").encode())
        answer = httpx.request(self.command, f"{self.server.upstream}{self.path}", content=body, headers=kept)
        self._say(answer.status_code, answer.content)

    def _say(self, status: int, body: bytes) -> None:
        body = body.replace(self.server.upstream.encode(), self.server.url.encode())
        with contextlib.suppress(ConnectionError):
            self.send_response_only(status)
            self.send_header("date", format_datetime(NOW + self.server.ahead, usegmt=True))
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing of it belongs into the tests' output."""


class House:
    """The product over the sample tenant, with somebody between the two."""

    def __init__(self, made: Service, between: Between, sources: TenantSources) -> None:
        self.made, self.between = made, between
        self.watch = TenantWatch(sources, made.database, made.knowledge_base, made.translator, made.clock, timedelta(0))
        (tenant,) = made.tenants.values()
        self.watcher = CoverageWatcher(tenant, made.database, made.clock, sources.connection, Policy(), ("mail",))

    async def poll(self) -> Coverage:
        """Each job of the running service, once."""
        await self.watch.synchronise()
        await self.watch.collect_changes()
        await self.watch.collect()
        return await self.watcher.run()

    def states(self) -> dict[str, str]:
        with self.made.database.read() as stores:
            return {item.source: item.state for item in stores.progress.all()}

    def later(self, **span: float) -> None:
        """Let what was read have been read so long ago: the clock of these tests stands still."""
        with self.made.database.write() as stores:
            for item in stores.progress.all():
                stores.progress.save(_earlier(item, timedelta(**span)))

    def alerts(self) -> list[str]:
        with self.made.database.read() as stores:
            return [alert.kind for alert in reversed(stores.alerts.find(None, None, 50))]


def _earlier(item: Progress, span: timedelta) -> Progress:
    from msgspec.structs import replace

    return replace(
        item,
        newest=item.newest and item.newest - span,
        succeeded_at=item.succeeded_at and item.succeeded_at - span,
    )


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    with sample_tenant() as tenant, _between(tenant["url"]) as between:
        reached = {**tenant, "url": between.url}
        with service(tmp_path, reached) as made:
            sources = made.sources()
            yield House(made, between, sources)
            await sources.close()


@contextlib.contextmanager
def _between(upstream: str) -> Iterator[Between]:
    with Between(upstream) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


async def test_everything_that_can_be_taken_away_is_named_within_one_poll_and_comes_back(house: House) -> None:
    coverage = await house.poll()
    assert coverage.verdict == "good", coverage.reasons
    assert coverage.held is not None
    assert coverage.lacking == ()
    assert coverage.licence == "present"
    assert coverage.skew_seconds == 0

    house.between.refused = {"/directoryAudits": (403, "Authorization_RequestDenied")}
    house.later(minutes=2)
    coverage = await house.poll()
    assert house.states() | {"changes": ""} == dict.fromkeys(house.states(), "ok") | {"changes": ""}
    assert house.states()["changes"] == "permission_lost"
    assert (coverage.verdict, coverage.lacking) == ("degraded", ("AuditLog.Read.All",))
    assert house.alerts() == ["coverage"]

    house.between.refused = {"/signIns": (403, LICENCE)}
    house.later(minutes=20)
    coverage = await house.poll()
    assert (coverage.verdict, coverage.licence) == ("blind", "missing")
    assert {state for source, state in house.states().items() if not source.startswith("sign_ins")} == {"ok"}
    assert {state for source, state in house.states().items() if source.startswith("sign_ins")} == {"licence_missing"}

    house.between.refused = {}
    house.later(minutes=2)
    assert (await house.poll()).verdict == "good"
    assert sorted(house.alerts()) == ["all_clear", "coverage", "coverage"]
    assert set(house.states().values()) == {"ok"}


async def test_a_credential_that_ended_is_named_and_a_clock_that_is_off_is_said(house: House) -> None:
    house.between.ahead = timedelta(hours=2)
    coverage = await house.poll()
    assert [(reason.code, reason.alarming) for reason in coverage.reasons] == [("clock", True)]
    assert coverage.skew_seconds == -7200

    house.between.ahead = timedelta(0)
    house.between.tokens = False
    house.between.refused = {"/": (401, "InvalidAuthenticationToken")}
    house.later(minutes=2)
    coverage = await house.poll()
    assert set(house.states().values()) == {"authentication_failed"}
    assert coverage.verdict == "blind"
    with house.made.database.read() as stores:
        assert "AADSTS7000222" in stores.progress.get(coverage.tenant_id, "changes").problem
