"""What the resolver says is told apart: no such name, a name, and no answer."""

import asyncio
import socket
from typing import Any

import pytest

from diag.adapters.dns import SystemResolver


@pytest.mark.parametrize(
    ("fault", "exists"),
    [
        (None, True),
        (socket.gaierror(socket.EAI_NONAME, "no such name"), False),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), None),
        (socket.gaierror(socket.EAI_FAIL, "server failed"), None),
        (TimeoutError(), None),
        (OSError("network is down"), None),
        (UnicodeError("label too long"), None),
    ],
)
def test_only_the_resolvers_word_makes_a_host_gone(fault: Exception | None, exists: bool | None) -> None:
    async def ask() -> bool | None:
        async def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
            if fault is not None:
                raise fault
            return []

        asyncio.get_running_loop().getaddrinfo = getaddrinfo  # type: ignore[method-assign]
        return await SystemResolver().exists("old.azurewebsites.net")

    assert asyncio.run(ask()) is exists
