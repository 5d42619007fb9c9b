"""The calendar by an address with a token: who may read it, and what of the address is kept anywhere."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import icalendar
import pytest

from diag.bootstrap import Service, build
from diag.config_file import ConfigFile
from diag.core.calendar import CalendarReader, digest
from diag.core.tenants import Tenant
from diag.entrypoints.api.app import build_app
from diag.entrypoints.web.pages import router
from diag.settings import Settings
from tests.entrypoints.web.seed import TENANT, FixedClock, seed

TOKEN = "kX3vJ9Qm2T7wY1zB5nR8cL4pF6hD0sGaUeIoVtWyZxE"
READERS = (
    CalendarReader(name="ada", token_sha256=digest(TOKEN)),
    CalendarReader(name="bo", token_sha256=digest("of another tenant"), tenant_id="another"),
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("calendar"), config=ConfigFile(calendar=READERS))
    made = build(settings, clock=FixedClock())
    made.tenants = {TENANT: Tenant(tenant_id=TENANT)}
    made.starting = ""
    seed(made, ("Orders", "Billing; a,b\\c", "\u202egnp.exe"))
    yield made
    made.close()


@pytest.fixture
async def site(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=build_app(service, pages=router))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


async def test_a_calendar_program_reads_the_ends(site: httpx.AsyncClient) -> None:
    response = await site.get(f"/calendar/{TOKEN}.ics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["cache-control"] == "private, no-cache"
    read = icalendar.Calendar.from_ical(response.text)
    assert isinstance(read, icalendar.Calendar)
    assert "sample tenant" in read["X-WR-CALNAME"]
    ends = {item["ends"] for item in (await site.get("/credentials.json")).json()["value"] if item["ends"]}
    assert {event["DTSTART"].dt.isoformat().replace("+00:00", "Z") for event in read.events} <= ends
    assert len(read.events) >= 3
    assert all(event["URL"].startswith("http://127.0.0.1:8000/applications/") for event in read.events)
    again = await site.get(f"/calendar/{TOKEN}.ics", headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], f"{TOKEN}A", digest(TOKEN), "%00", "é" * 90, "a" * 5000])
async def test_a_token_of_nobody_reads_nothing(site: httpx.AsyncClient, token: str) -> None:
    response = await site.get(f"/calendar/{token}.ics")
    assert response.status_code == 404
    assert "BEGIN" not in response.text


async def test_a_reader_of_one_tenant_sees_no_other(site: httpx.AsyncClient) -> None:
    response = await site.get("/calendar/of another tenant.ics")
    assert response.status_code == 200
    assert "VEVENT" not in response.text


async def test_the_feed_knows_no_way_round_the_guard(site: httpx.AsyncClient) -> None:
    path = f"/calendar/{TOKEN}.ics"
    assert (await site.get(path, headers={"host": "fabrikam.example"})).status_code == 421
    assert (await site.get(path, headers={"x-forwarded-for": "192.0.2.1"})).status_code == 403
    assert (await site.post(path)).status_code in (403, 405)


async def test_the_token_stands_in_no_log_and_no_metric(
    site: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await site.get(f"/calendar/{TOKEN}.ics")
        await site.get("/calendar/of-nobody-at-all.ics")
    lines = [record for record in caplog.records if record.name == "diag.access"]
    assert [getattr(record, "route", "") for record in lines] == ["/calendar/{token}.ics"] * 2
    written = "".join(str(record.__dict__) for record in caplog.records if record.name.startswith("diag"))
    metrics = (await site.get("/metrics")).text
    for secret in (TOKEN, "of-nobody-at-all"):
        assert secret not in written
        assert secret not in metrics


async def test_nobody_reads_it_by_default(tmp_path: Path) -> None:
    made = build(Settings(data_dir=tmp_path), clock=FixedClock())
    made.starting = ""
    made.prepare_database()
    transport = httpx.ASGITransport(app=build_app(made, pages=router))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        assert (await client.get(f"/calendar/{TOKEN}.ics")).status_code == 404
    made.close()
