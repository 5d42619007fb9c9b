"""Which hosts of redirect URIs the DNS still knows: looked up off every answer's way, kept in memory for a while."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from diag.workflows.ports import Clock

KEPT = timedelta(hours=48)
"""How long an answer counts."""
AGAIN_AFTER = timedelta(hours=20)


class HostNames(Protocol):
    """The DNS."""

    async def exists(self, host: str) -> bool | None:
        """Whether the host has a name in the DNS; None where that could not be found out."""


class KnownHosts:
    """Answers by host. A host that is absent was not looked up, or its answer has grown old."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: dict[str, tuple[bool, datetime]] = {}
        self._looked = False

    def known(self) -> Mapping[str, bool] | None:
        """What was found; None while nobody has looked."""
        if not self._looked:
            return None
        oldest = self._clock.now() - KEPT
        return {host: exists for host, (exists, at) in self._answers.items() if at > oldest}

    async def look_up(self, hosts: Iterable[str], names: HostNames, canary: str) -> int:
        """Look up the hosts whose answer is missing or old; how many answers came.

        Nothing is learnt where a host that surely exists is not found either: then the DNS cannot be used from here.
        """
        now = self._clock.now()
        wanted = sorted(
            host for host in set(hosts) if host not in self._answers or self._answers[host][1] < now - AGAIN_AFTER
        )
        if not await names.exists(canary):
            return 0
        self._looked = True
        found = 0
        for host in wanted:
            exists = await names.exists(host)
            if exists is not None:
                self._answers[host] = (exists, self._clock.now())
                found += 1
        return found
