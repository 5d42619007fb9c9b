"""The one gate for outgoing messages: the resolved address is checked, redirects are not followed."""

import asyncio
import ipaddress
import socket

from diag.core.errors import NotifyError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_DENIED = tuple(
    ipaddress.ip_network(network)
    for network in ("168.63.129.16/32", "192.0.0.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "100.64.0.0/10")
)
"""Reachable by Python's opinion, but never where a message belongs: Azure's WireServer, translation ranges."""


async def resolve(host: str, port: int, *, sample: bool) -> str:
    """An address of the host that messages may go to.

    The sample tenant's alerts leave only to loopback. A real tenant's go to public addresses, or to loopback where the
    configured host says so itself. ``NotifyError`` otherwise, or when the name is unknown.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotifyError(f"The host {host} is not known.", permanent=False) from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        _check(host, address, sample=sample)
    return str(addresses[0])


def _check(host: str, address: IPAddress, *, sample: bool) -> None:
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain.is_loopback and (sample or host in ("localhost", str(plain), f"[{plain}]")):
        return
    if sample:
        raise NotifyError(
            f"Alerts of the sample tenant leave this machine for no one; {host} is another one.",
            permanent=True,
            hint="Set DIAG_TENANT_ID to be told about a tenant of yours, or use a receiver on 127.0.0.1 to try it out.",
        )
    if not plain.is_global or plain.is_multicast or any(plain in network for network in _DENIED):
        raise NotifyError(
            f"The host {host} has the address {plain}, which is not a public one.",
            permanent=True,
            hint="Messages go to public addresses only; correct the channel's address.",
        )
