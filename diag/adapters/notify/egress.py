"""The one gate for outgoing messages: every address a name resolves to is checked, and only those are connected to."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from diag.core.errors import NotifyError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*named: str) -> tuple[_Network, ...]:
    return tuple(ipaddress.ip_network(network) for network in named)


_NEVER = _networks("168.63.129.16/32", "169.254.0.0/16", "100.100.100.200/32", "fe80::/10", "fd00:ec2::/32")
"""Addresses of the host itself and of a cloud's metadata services: they hand out secrets to whoever asks."""
_TRANSLATED = _networks(
    "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "192.88.99.0/24", "::/96", "::ffff:0:0:0/96"
)
"""Addresses that stand for another one, which would not be checked."""
_INSIDE = _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
"""An organisation's own network: allowed where the channel says so."""
_ASIDE = _networks("192.0.0.0/24", "fec0::/10")
"""Public by Python's opinion, but never where a message belongs."""


async def resolve(host: str, port: int, *, sample: bool, private_network: bool = False) -> Sequence[str]:
    """The addresses of the host, in the order to try, when messages may go to every one of them.

    The sample tenant's alerts leave only to loopback. A real tenant's go to public addresses, to an organisation's own
    network where the channel says so, and to loopback where the configured host is loopback by its own name.
    ``NotifyError`` otherwise, or when the name is unknown.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        if sample:
            raise _stays_here(host) from error
        raise NotifyError(
            f"The host {host} is not known.", permanent=False, hint="Check the channel's address and the network."
        ) from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:
        check(host, address, sample=sample, private_network=private_network)
    return list(dict.fromkeys(str(ipaddress.ip_address(address)) for address in addresses))


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    return _plain(ipaddress.ip_address(address)).is_loopback


def names_loopback(host: str) -> bool:
    """Whether a configured host means this machine by its own name."""
    try:
        return host.lower() == "localhost" or is_loopback(host)
    except ValueError:
        return False


def check(host: str, target: str, *, sample: bool, private_network: bool) -> None:
    """``NotifyError`` unless messages for the host may go to this address; ``ValueError`` when it is none."""
    address = ipaddress.ip_address(target)
    plain = _plain(address)
    if plain.is_loopback and (sample or host.lower() in ("localhost", str(address), str(plain))):
        return
    if sample:
        raise _stays_here(host)
    if any(plain in network for network in (*_NEVER, *_TRANSLATED, *_ASIDE)) or plain.is_multicast:
        raise _refused(host, plain, "Correct the channel's address; this one is never allowed.")
    if any(plain in network for network in _INSIDE):
        if not private_network:
            hint = "If it is a server of your own, say so with private_network: true in the channel's configuration."
            raise _refused(host, plain, hint)
    elif not plain.is_global:
        raise _refused(host, plain, "Correct the channel's address; this one is never allowed.")


def _plain(address: IPAddress) -> IPAddress:
    return getattr(address, "ipv4_mapped", None) or address


def _refused(host: str, address: IPAddress, hint: str) -> NotifyError:
    # Nothing was sent. A name server may be wrong for a while, so the message stays and is tried again.
    return NotifyError(f"The host {host} has the address {address}, which is not public.", permanent=False, hint=hint)


def _stays_here(host: str) -> NotifyError:
    return NotifyError(
        f"Alerts about the sample tenant never leave this machine, and {host} is not this machine.",
        permanent=True,
        hint="Set DIAG_TENANT_ID to be told about a tenant of yours, or try it out with a receiver on 127.0.0.1.",
    )
