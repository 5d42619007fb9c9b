import asyncio
import socket
from typing import Any

import pytest

from diag.adapters.notify.egress import resolve
from diag.core.errors import NotifyError

FORBIDDEN = [
    "169.254.169.254", "168.63.129.16", "fd00:ec2::254", "fe80::1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
    "2002:a9fe:a9fe::1", "::ffff:169.254.169.254", "::ffff:0:7f00:1", "::7f00:1", "2001:0:a9fe::1", "0.0.0.0", "::",
    "100.100.100.200", "169.254.170.2",
    "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "192.0.0.192", "198.18.0.1", "fec0::1", "192.88.99.1",
]  # fmt: skip
INSIDE = ["10.0.0.5", "172.16.3.4", "192.168.1.1", "100.64.0.1", "fd12:3456::1", "::ffff:a00:5"]


def _names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let the resolver answer every name with these addresses."""

    async def answer(self: object, host: str, port: int, **_: Any) -> list[Any]:
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        found = zip(families, addresses, strict=True)
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for family, address in found]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", answer)


@pytest.mark.parametrize("address", FORBIDDEN)
@pytest.mark.parametrize("private_network", [False, True])
async def test_addresses_that_hand_out_secrets_or_hide_others_are_refused_whatever_is_configured(
    monkeypatch: pytest.MonkeyPatch, address: str, private_network: bool
) -> None:
    _names(monkeypatch, address)
    for host in ("hooks.contoso.example", address):
        with pytest.raises(NotifyError, match="not public"):
            await resolve(host, 443, sample=False, private_network=private_network)


@pytest.mark.parametrize("address", INSIDE)
async def test_an_organisations_own_network_is_reached_only_where_the_channel_says_so(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    _names(monkeypatch, address)
    with pytest.raises(NotifyError) as refused:
        await resolve("mail.contoso.example", 587, sample=False)
    assert "private_network" in refused.value.hint
    assert await resolve("mail.contoso.example", 587, sample=False, private_network=True) == [address]


async def test_a_public_address_is_allowed_and_one_bad_one_beside_it_spoils_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _names(monkeypatch, "93.184.215.14", "2606:2800:21f::1")
    assert await resolve("h.example", 443, sample=False) == ["93.184.215.14", "2606:2800:21f::1"]
    _names(monkeypatch, "93.184.215.14", "169.254.169.254")
    with pytest.raises(NotifyError, match=r"169\.254"):
        await resolve("h.example", 443, sample=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.9.1"])
async def test_this_machine_is_reached_by_its_own_name_and_not_by_another(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    _names(monkeypatch, address)
    assert await resolve("localhost", 443, sample=False) == [address]
    assert await resolve(address, 443, sample=False) == [address]
    for host in ("rebound.example", "0x7f.1"):
        with pytest.raises(NotifyError, match="not public"):
            await resolve(host, 443, sample=False, private_network=True)


@pytest.mark.parametrize("address", ["93.184.215.14", "10.0.0.5", "169.254.169.254", "2606:2800:21f::1"])
async def test_alerts_of_the_sample_tenant_never_leave_this_machine(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    _names(monkeypatch, address)
    with pytest.raises(NotifyError, match="sample tenant never leave this machine") as refused:
        await resolve("h.example", 443, sample=True, private_network=True)
    assert refused.value.permanent
    assert "DIAG_TENANT_ID" in refused.value.hint
    _names(monkeypatch, "127.0.0.1")
    assert await resolve("h.example", 443, sample=True) == ["127.0.0.1"]


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), UnicodeError("label too long")])
async def test_a_name_nobody_knows_is_tried_again_but_not_for_the_sample_tenant(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def fail(self: object, *_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", fail)
    for sample in (False, True):
        with pytest.raises(NotifyError) as refused:
            await resolve("h.example", 443, sample=sample)
        assert refused.value.permanent is sample
