"""The pages over a seeded database: asked in process, and on a loopback port for the browser."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from diag.bootstrap import Service, build
from diag.core.tenants import Tenant
from diag.entrypoints.api.app import build_app
from diag.entrypoints.web.pages import router
from diag.settings import Settings
from tests import browser_setup
from tests.entrypoints.web.hostile import PAYLOADS
from tests.entrypoints.web.seed import TENANT, FixedClock, guid, seed


@dataclass(frozen=True)
class Site:
    """A running site and the addresses of its pages."""

    origin: str
    service: Service

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.origin}{path}", headers=headers, timeout=30)

    def incident_ids(self) -> list[str]:
        return [item["id"] for item in self.get("/incidents.json?kind=failures").json()["value"]]

    def alert_id(self) -> str:
        return str(self.get("/alerts.json").json()["value"][0]["id"])

    @property
    def pages(self) -> dict[str, str]:
        """Every page by name, with filters and details."""
        return {
            "overview": "/",
            "incidents": "/incidents?state=open",
            "incident": f"/incidents/{self.incident_ids()[3]}",
            "applications": "/applications",
            "application": f"/applications/{guid(3)}?tenant_id={TENANT}",
            "service principal only": f"/applications/{guid(950)}",
            "credentials": "/credentials",
            "look up": "/look-up",
            "look up a code": "/look-up?code=50011",
            "codes": "/codes",
            "code": "/codes/50011",
            "unknown codes": "/unknown-codes",
            "flows": "/flows",
            "flows undecided": "/flows?runs=server",
            "flows decided": "/flows?runs=pipeline&system=github",
            "flows that lead nowhere": "/flows?runs=browser&user=no",
            "flow": "/flows/web-app?hosted=azure",
            "alerts": "/alerts",
            "quiet": f"/quiet?alert={self.alert_id()}",
            "status": "/status",
            "not found": "/incidents/0",
        }


@contextlib.contextmanager
def serving(service: Service) -> Iterator[str]:
    """The service on a free loopback port; gives its origin."""
    config = uvicorn.Config(build_app(service, pages=router), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample tenant's site, in which attackers chose every name."""
    service = build(Settings(data_dir=tmp_path_factory.mktemp("site")), clock=FixedClock())
    service.tenants = {TENANT: Tenant(tenant_id=TENANT)}
    service.starting = ""
    seed(service, PAYLOADS)
    with serving(service) as origin:
        yield Site(origin, service)
    service.close()


@pytest.fixture
def empty_site(tmp_path: Path) -> Iterator[Site]:
    """A real tenant's site of which nothing was read yet."""
    settings = Settings(data_dir=tmp_path, tenant_id=TENANT, client_id=guid(1, 9))
    service = build(settings, clock=FixedClock())
    service.starting = ""
    service.prepare_database()
    with serving(service) as origin:
        yield Site(origin, service)
    service.close()


@pytest.fixture(scope="module")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """Give a browser that ends with its module: beside the loop its driver keeps running, no async test could run."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path, args=list(browser_setup.ARGUMENTS))
        yield started
        started.close()
