"""The API over a real SQLite database, asked in process."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from diag.bootstrap import Service, build
from diag.core.tenants import Tenant
from diag.entrypoints.api.app import build_app
from diag.settings import Settings
from tests.entrypoints.api.seed import CONTOSO, SteppingClock, fill

ORIGIN = "http://127.0.0.1:8000"


def started(settings: Settings) -> Service:
    """A service whose database is ready, without collecting anything."""
    service = build(settings, clock=SteppingClock())
    service.tenants = {CONTOSO: Tenant(tenant_id=CONTOSO)}
    service.prepare_database()
    service.starting = ""
    return service


def client(service: Service) -> httpx.AsyncClient:
    """What a program on the same machine sends; not the Origin header of a page."""
    transport = httpx.ASGITransport(build_app(service), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the seeded database, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    service = started(Settings(data_dir=folder, tenant_id=CONTOSO))
    fill(service)
    service.close()
    return folder


@pytest.fixture
def make_service(filled: Path, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Builds services over a copy of the seeded database."""
    built: list[Service] = []
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)

    def make(**settings: object) -> Service:
        service = started(Settings(data_dir=tmp_path, tenant_id=CONTOSO, **settings))  # type: ignore[arg-type]
        built.append(service)
        return service

    yield make
    for service in built:
        service.close()


@pytest.fixture
def service(make_service: Callable[..., Service]) -> Service:
    return make_service()


@pytest.fixture
async def api(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client(service) as asking:
        yield asking
