"""Channels: what is shown of them, and a test message over a real socket."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from diag.bootstrap import Service
from diag.config_file import ConfigFile
from diag.core.channels import EmailChannel, WebhookChannel
from tests.entrypoints.api.conftest import ORIGIN, client
from tests.entrypoints.api.seed import CONTOSO
from tests.entrypoints.api.test_problems import told

OWN = {"origin": ORIGIN}
MAIL = EmailChannel(
    name="mail", host="smtp.contoso.example", sender="diag@contoso.example", recipients=("a@contoso.example",)
)


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what it was sent and answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[dict[str, object]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook/with-a-secret-path"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _config(receiver: Receiver) -> ConfigFile:
    return ConfigFile(channels=(MAIL, WebhookChannel(name="hook", url=receiver.url)))


async def test_channels_show_where_alerts_go_and_no_secret(
    make_service: Callable[..., Service], receiver: Receiver
) -> None:
    async with client(make_service(config=_config(receiver))) as api:
        response = await api.get("/api/v1/channels")
        mail, hook = response.json()["value"]
        assert (mail["id"], mail["kind"], mail["target"]) == ("mail", "email", "smtp.contoso.example:587")
        assert (mail["tenant_id"], mail["protection"]) == (CONTOSO, "starttls")
        assert (hook["kind"], hook["protection"]) == ("webhook", "unsigned")
        assert "secret-path" not in response.text
        assert "a@contoso" not in response.text
        first = (await api.get("/api/v1/channels?maxpagesize=1")).json()
        assert (await api.get(first["nextLink"])).json()["value"] == [hook]
        assert (await api.get("/api/v1/channels?tenant_id=other")).json() == {"value": []}


async def test_a_test_message_is_sent_and_the_answer_told(
    make_service: Callable[..., Service], receiver: Receiver
) -> None:
    service = make_service(config=_config(receiver))
    async with client(service) as api:
        response = await api.post("/api/v1/channels/hook/test", headers=OWN)
        assert response.json() == {"tenant_id": CONTOSO, "id": "hook", "state": "delivered", "answer": "HTTP 200"}
        assert [message["type"] for message in receiver.received] == ["alert.test"]
        again = await api.post("/api/v1/channels/hook/test", headers=OWN)
        told(again, 429, "too-many-requests")
        assert 0 < int(again.headers["retry-after"]) <= 11
        await service.clock.sleep(11)
        receiver.status = 500
        refused = told(await api.post("/api/v1/channels/hook/test", headers=OWN), 502, "channel-refused")
        assert "500" in refused["detail"]
        assert len(receiver.received) == 2


async def test_a_test_needs_a_channel_a_page_of_ours_and_no_arguments(
    make_service: Callable[..., Service], receiver: Receiver
) -> None:
    async with client(make_service(config=_config(receiver))) as api:
        told(await api.post("/api/v1/channels/none/test", headers=OWN), 404, "not-found")
        told(await api.post("/api/v1/channels/hook/test"), 403, "cross-site-request")
        told(await api.post("/api/v1/channels/hook/test", json={"to": "me"}, headers=OWN), 422, "bad-input")
        assert receiver.received == []


async def test_a_delivery_says_how_often_it_was_tried_and_when_it_is_tried_next(api: httpx.AsyncClient) -> None:
    found = (await api.get("/api/v1/deliveries?maxpagesize=500")).json()["value"]
    assert {(item["state"], item["attempts"], item["next_at"]) for item in found} == {
        ("pending", 0, "2026-11-22T10:00:00Z")
    }
    alerts = {item["id"] for item in (await api.get("/api/v1/alerts")).json()["value"]}
    assert {item["alert_id"] for item in found} == alerts
