"""The machine's own resolver; implements the port ``HostNames``."""

import asyncio
import socket

_SECONDS = 5.0


class SystemResolver:
    """Asks as every other program on this machine asks."""

    async def exists(self, host: str) -> bool | None:
        """False only where the resolver says that there is no such name; a fault or a name without address is None."""
        try:
            async with asyncio.timeout(_SECONDS):
                await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            return False if error.errno == socket.EAI_NONAME else None
        except (OSError, TimeoutError, UnicodeError):
            return None
        return True
