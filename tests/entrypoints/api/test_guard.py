"""Who may ask, how much, and what every answer carries."""

from collections.abc import AsyncIterator, Callable, MutableMapping
from typing import Any

import httpx
import pytest

from diag.bootstrap import Service
from diag.entrypoints.api.app import build_app
from diag.entrypoints.api.guard import LARGEST_BODY
from tests.entrypoints.api.conftest import ORIGIN, client
from tests.entrypoints.api.test_problems import told

EVERYWHERE = ("/livez", "/api/v1/codes/50011", "/api/v1/nothing", "/api/v1/failures?x=1", "/docs", "/openapi.json")
OWN = {"origin": ORIGIN}


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_every_answer_carries_the_headers_that_keep_text_from_acting(api: httpx.AsyncClient, path: str) -> None:
    headers = (await api.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] in ("no-store", "no-cache")
    assert len(headers["x-request-id"]) == 32
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


async def test_each_request_has_an_id_of_its_own(api: httpx.AsyncClient) -> None:
    given = {"x-request-id": "chosen-by-somebody"}
    ids = [(await api.get("/livez", headers=given)).headers["x-request-id"] for _ in range(3)]
    assert len({*ids, "chosen-by-somebody"}) == 4


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000",
        "127.0.0.1",
        "localhost:9",
        "LOCALHOST",
        "[::1]:8000",
        "[::1]",
        "127.8.9.1",
        "diag.contoso.example",
    ],
)
async def test_it_answers_to_its_own_names(make_service: Callable[..., Service], host: str) -> None:
    async with client(make_service(allowed_hosts=("diag.contoso.example",))) as api:
        assert (await api.get("/livez", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:8000",
        "user@localhost",
        "localhost@evil.example",
        "[::1",
        "[",
        "",
        "127.0.0.1.evil.example",
        "localhost/",
        "10.0.0.5",
        "localhost:99999999",
    ],
)
async def test_it_answers_to_no_other_name(api: httpx.AsyncClient, host: str) -> None:
    told(await api.get("/livez", headers={"host": host}), 421, "unknown-host")


async def test_two_host_headers_are_one_too_many(service: Service) -> None:
    async with client(service) as api:
        headers = [("host", "localhost"), ("host", "evil.example")]
        told(await api.get("/livez", headers=headers), 421, "unknown-host")


@pytest.mark.parametrize(
    "name",
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "Via",
        "X-Real-IP",
        "X-Original-URL",
    ],
)
async def test_a_forwarded_request_is_refused_while_there_is_no_sign_in(api: httpx.AsyncClient, name: str) -> None:
    body = told(await api.get("/api/v1/codes", headers={name: "anything"}), 403, "forwarded-request")
    assert "without sign-in" in body["detail"]


async def _changing(api: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    found = (await api.get("/api/v1/incidents")).json()["value"][0]["id"]
    return await api.post(f"/api/v1/incidents/{found}/acknowledge", headers=headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ORIGIN},
        {"origin": ORIGIN.upper()},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin", "origin": ORIGIN},
        {"sec-fetch-site": "same-origin", "origin": "null"},
    ],
)
async def test_a_change_from_its_own_pages_is_made(api: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await _changing(api, headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": "https://127.0.0.1:8000"},
        {"origin": "http://127.0.0.1:8000.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": ORIGIN},
        {"sec-fetch-site": "same-origin", "origin": "http://evil.example"},
    ],
)
async def test_a_change_from_anywhere_else_is_refused(api: httpx.AsyncClient, headers: dict[str, str]) -> None:
    told(await _changing(api, headers), 403, "cross-site-request")


async def test_a_diagnosis_changes_nothing_and_needs_no_origin(api: httpx.AsyncClient) -> None:
    assert (await api.post("/api/v1/diagnose", json={"code": 50011})).status_code == 200


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(api: httpx.AsyncClient) -> None:
    told(await api.post("/api/v1/diagnose", content=b"x" * (LARGEST_BODY + 1)), 413, "too-large")


async def test_a_body_that_hides_its_length_is_cut_off(api: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 65536 + 2):
            yield b"[" * 65536

    told(await api.post("/api/v1/diagnose", content=endless()), 413, "too-large")
    told(await api.post("/look-up", content=endless()), 404, "not-found")


async def test_a_client_that_hangs_up_is_no_bug(service: Service) -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/diagnose",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    await build_app(service)(scope, receive, send)
    assert sent[0]["status"] == 400


async def test_a_websocket_is_closed(service: Service) -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await build_app(service)({"type": "websocket", "path": "/", "headers": []}, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


async def test_head_answers_like_get_without_a_body(api: httpx.AsyncClient) -> None:
    for path in ("/livez", "/api/v1/codes/50011", "/api/v1/failures"):
        whole, head = await api.get(path), await api.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == whole.headers["content-length"]


async def test_an_answer_of_the_knowledge_base_is_sent_once(api: httpx.AsyncClient) -> None:
    for path in ("/api/v1/codes/50011", "/api/v1/codes?family=consent"):
        first = await api.get(path)
        tag = first.headers["etag"]
        again = await api.get(path, headers={"if-none-match": f'"other", W/{tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        other = await api.get(path, headers={"if-none-match": '"other"'})
        assert (other.status_code, other.content) == (200, first.content)
