"""Alerts and channels: filters, what delivered means, and the button that tries a channel."""

import csv
import http.server
import io
import json
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from diag.bootstrap import Service, build
from diag.config_file import ConfigFile
from diag.core.alerts import ChannelState
from diag.core.calendar import CalendarReader, digest
from diag.core.channels import EmailChannel, TeamsChannel, WebhookChannel
from diag.core.tenants import Tenant
from diag.entrypoints.api.app import build_app
from diag.entrypoints.web.pages import router
from diag.settings import Settings
from tests.entrypoints.web.seed import NOW, TENANT, FixedClock, seed


class _Clock(FixedClock):
    """Stands still, but for the seconds that a test lets pass between two attempts."""

    passed = 0.0

    def monotonic(self) -> float:
        return self.passed


OWN = {"origin": "http://127.0.0.1:8000"}


class _Receiver(http.server.BaseHTTPRequestHandler):
    taken: list[dict[str, object]]

    def do_POST(self) -> None:
        self.taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def taken() -> Iterator[tuple[str, list[dict[str, object]]]]:
    """A receiver's address, and what it was sent."""
    handler = type("Handler", (_Receiver,), {"taken": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook?sig=very-secret", handler.taken  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, taken: tuple[str, list[dict[str, object]]]) -> Iterator[Service]:
    channels = (
        TeamsChannel(name="post room", url_env="TEAMS_URL"),
        WebhookChannel(name="a/b", url=taken[0]),
        EmailChannel(name="mail", host="smtp.contoso.example", sender="a@b.example", recipients=("ops@b.example",)),
    )
    config = ConfigFile(channels=channels, calendar=(CalendarReader(name="ada", token_sha256=digest("t")),))
    settings = Settings(data_dir=tmp_path_factory.mktemp("alerts"), config=config, secrets={"TEAMS_URL": taken[0]})
    made = build(settings, clock=_Clock())
    made.tenants = {TENANT: Tenant(tenant_id=TENANT)}
    made.starting = ""
    seed(made, ("Orders", "Billing", "<b>Sales</b>", "HR"))
    with made.database.write() as stores:
        for delivery in stores.alerts.claim("post room", "tests", NOW, 60, 1):
            stores.alerts.finish(delivery, NOW, state="delivered", answer="HTTP 202: accepted by the workflow")
        stores.channels.save(
            ChannelState(name="mail", disabled_at=NOW, disabled_because="550 <script>gone</script>", failures=3)
        )
        written = [replace(stores.alerts.find(None, None, 1)[0], key=topic, topic=topic) for topic in ("t", "u")]
        stores.alerts.add(written, (), NOW)
        stores.topics.close(TENANT, "t", NOW, "rotated")
        stores.topics.acknowledge(TENANT, "u", NOW, "ada")
    yield made
    made.close()


@pytest.fixture
async def site(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=build_app(service, pages=router))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


async def test_a_filter_counts_for_page_and_tables_alike(site: httpx.AsyncClient) -> None:
    everything = (await site.get("/alerts.json")).json()["value"]
    for query in ("state=open", "state=over", "state=acknowledged", "kind=credential_ending", "kind=spike"):
        name, _, value = query.partition("=")
        found = (await site.get(f"/alerts.json?{query}")).json()["value"]
        assert found == [item for item in everything if item[name] == value]
        rows = list(csv.DictReader(io.StringIO((await site.get(f"/alerts.csv?{query}")).text)))
        assert [row["id"] for row in rows] == [item["id"] for item in found]
        text = (await site.get(f"/alerts?{query}")).text
        assert text.count('aria-label="Message of this alert"') == len(found)
        assert 'option value="' + value + '" selected' in text
    assert len((await site.get("/alerts.json?state=over")).json()["value"]) == 1
    assert "looked after by <bdi>ada</bdi>" in (await site.get("/alerts?state=acknowledged")).text
    assert "No alert fits these filters." in (await site.get("/alerts?kind=spike")).text


async def test_taken_by_a_workflow_is_accepted_and_not_delivered(site: httpx.AsyncClient) -> None:
    text = (await site.get("/alerts?delivery=delivered")).text
    assert "Accepted</span>" in text
    assert ">Delivered</span>" not in text
    found = (await site.get("/deliveries.json?delivery=delivered&channel=post room")).json()["value"]
    assert [item["state"] for item in found] == ["delivered"]
    assert (await site.get("/deliveries.json?channel=mail")).json()["value"] == []


async def test_channels_show_how_they_do_and_no_secret(site: httpx.AsyncClient) -> None:
    text = (await site.get("/alerts")).text
    assert "very-secret" not in text
    assert "ops@b.example by smtp.contoso.example:587" in text
    assert "550 &lt;script&gt;gone&lt;/script&gt;" in text
    assert "Disabled</span>" in text
    assert 'action="/alerts/channels/a%2Fb/test"' in text
    assert "1 calendar program may subscribe" in text


async def test_the_button_tries_a_channel_and_says_what_came(
    site: httpx.AsyncClient, taken: tuple[str, list[dict[str, object]]]
) -> None:
    answer = await site.post("/alerts/channels/post%20room/test", headers=OWN)
    assert answer.status_code == 200
    assert "accepted by the workflow" in answer.text
    assert taken[1][-1]["type"] == "message"
    again = await site.post("/alerts/channels/post%20room/test", headers=OWN)
    assert (again.status_code, "a moment ago" in again.text) == (429, True)
    assert (await site.post("/alerts/channels/a%2Fb/test", headers=OWN)).status_code == 200
    assert taken[1][-1]["type"] == "alert.test"
    refused = await site.post("/alerts/channels/mail/test", headers=OWN)
    assert refused.status_code == 502
    assert "never leave this machine" in refused.text
    assert (await site.post("/alerts/channels/none/test", headers=OWN)).status_code == 404
    text = (await site.get("/alerts")).text
    assert text.count("Accepting</span>") == 2


async def test_a_channel_that_takes_a_test_is_enabled_again(site: httpx.AsyncClient, service: Service) -> None:
    def state() -> ChannelState:
        with service.database.read() as stores:
            return stores.channels.get("a/b")

    with service.database.write() as stores:
        stores.channels.save(ChannelState(name="a/b", disabled_at=NOW, disabled_because="410", failures=9))
    service.clock.passed += 60  # type: ignore[attr-defined]
    assert (await site.post("/alerts/channels/a%2Fb/test", headers=OWN)).status_code == 200
    assert (state().disabled_at, state().failures, state().delivered_at) == (None, 0, NOW)


async def test_what_stands_can_be_snoozed_or_acknowledged(site: httpx.AsyncClient) -> None:
    found = (await site.get("/alerts.json?state=acknowledged")).json()["value"]
    assert f'href="/quiet?alert={found[0]["id"]}"' in (await site.get("/alerts?state=acknowledged")).text
    assert 'href="/quiet' not in (await site.get("/alerts?state=over")).text


async def test_another_site_cannot_press_it(
    site: httpx.AsyncClient, taken: tuple[str, list[dict[str, object]]]
) -> None:
    before = len(taken[1])
    for headers in ({}, {"origin": "https://fabrikam.example"}, {"sec-fetch-site": "cross-site"}):
        assert (await site.post("/alerts/channels/post%20room/test", headers=headers)).status_code == 403
    assert len(taken[1]) == before


async def test_what_comes_and_the_rules_stand_below(site: httpx.AsyncClient) -> None:
    text = (await site.get("/alerts")).text
    assert "The coming 90 days" in text
    assert "alerts that come first" in text
    assert "before the end" in text
    assert "60, 30, 14, 7, 3 and 1 days before the end" in text


async def test_metrics_tell_what_stands_what_waits_and_which_channel_is_disabled(
    site: httpx.AsyncClient, service: Service
) -> None:
    text = (await site.get("/metrics")).text
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    listed = (await site.get("/alerts.json")).json()["value"]
    stand = sum(item["state"] in ("open", "acknowledged") for item in listed)
    assert found[("diag_alerts_standing", ("kind", "credential_ending"), ("tenant_id", TENANT))] == stand > 1
    assert found[("diag_deliveries", ("channel", "post room"), ("state", "delivered"))] >= 1
    assert found[("diag_deliveries", ("channel", "mail"), ("state", "dead"))] == 0
    assert found[("diag_channel_disabled", ("channel", "mail"))] == 1
    assert found[("diag_channel_failures", ("channel", "mail"))] == 3
    assert found[("diag_outbox_oldest_age_seconds", ("channel", "mail"))] == 0
    assert "very-secret" not in text
