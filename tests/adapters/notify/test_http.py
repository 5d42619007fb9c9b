"""Requests go to the address that was checked, whatever names, proxies and surroundings say."""

import asyncio
import socket
from typing import Any

import pytest

from diag.adapters.notify.http import Endpoint
from diag.core.errors import NotifyError
from tests.adapters.notify.receiver import http, receiver
from tests.workflows.fakes import FakeClock


def _endpoint(url: str, *, sample: bool = False) -> Endpoint:
    return Endpoint("c", url, FakeClock(), sample=sample)


class Resolver:
    """Answers a name with one address after the other, as a server does that means harm."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
        self.asked: list[str] = []
        self._addresses = list(addresses)
        real = asyncio.BaseEventLoop.getaddrinfo

        async def answer(loop: Any, host: str, port: int, **more: Any) -> Any:
            if host[:1].isdigit():
                return await real(loop, host, port, **more)
            self.asked.append(host)
            address = self._addresses.pop(0)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", answer)


async def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiver(http("200 OK")) as running:
        names = Resolver(monkeypatch, "127.0.0.1", "169.254.169.254")
        answer = await _endpoint(f"http://localhost:{running.port}/x?y=1").post(b"{}", {})
    assert answer.accepted
    assert names.asked == ["localhost"]
    assert running.taken[0][0]["host"] == f"localhost:{running.port}"


async def test_a_name_that_turns_to_a_forbidden_address_is_refused_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiver(http("200 OK")) as running:
        Resolver(monkeypatch, "127.0.0.1", "169.254.169.254", "10.0.0.1")
        endpoint = _endpoint(f"http://localhost:{running.port}/")
        assert (await endpoint.post(b"{}", {})).accepted
        for _ in range(2):
            with pytest.raises(NotifyError, match="not public"):
                await endpoint.post(b"{}", {})
    assert len(running.taken) == 1


@pytest.mark.parametrize("sample", [False, True])
async def test_proxies_of_the_surroundings_see_nothing(monkeypatch: pytest.MonkeyPatch, sample: bool) -> None:
    async with receiver(http("200 OK")) as proxy, receiver(http("200 OK")) as running:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await _endpoint(f"http://127.0.0.1:{running.port}/", sample=sample).post(b"{}", {})
    assert (len(proxy.taken), len(running.taken)) == (0, 1)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::ffff:7f00:1]", "[::ffff:169.254.169.254]",
     "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "169.254.169.254", "168.63.129.16", "2852039166", "0xa9fea9fe",
     "[fe80::1]", "10.0.0.1", "192.168.0.1", "172.31.255.255", "100.64.0.1", "[fd00::1]", "224.0.0.1", "0.0.0.0"],
)  # fmt: skip
async def test_no_way_of_writing_a_forbidden_address_is_let_pass(host: str) -> None:
    with pytest.raises(NotifyError) as refused:
        await _endpoint(f"https://{host}/").post(b"{}", {})
    if host != "[::ffff:7f00:1]":
        # That one means this machine by its own name: allowed, and nobody listens with TLS there.
        assert any(why in str(refused.value) for why in ("not public", "not known", "cannot be used"))


async def test_what_is_read_of_an_answer_is_what_was_asked_for() -> None:
    async with receiver(http("200 OK", body=b"x" * 5000)) as running:
        endpoint = _endpoint(f"http://127.0.0.1:{running.port}/")
        assert [len((await endpoint.post(b"{}", {}, read=read)).body) for read in (0, 10)] == [0, 10]
    async with receiver(http("500 No", body=b"x" * 5000)) as running:
        assert len((await _endpoint(f"http://127.0.0.1:{running.port}/").post(b"{}", {})).body) == 200
