"""An HTTP server on this machine that keeps what it is given and answers what it is told."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Receiver:
    """An HTTP server that keeps what it is given and answers what it is told."""

    port: int
    answer: Answer
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def bodies(self) -> list[Any]:
        """Every request's JSON."""
        return [json.loads(body) for _, body in self.taken]


@contextlib.asynccontextmanager
async def receiver(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    open_connections: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections[asyncio.current_task()] = writer
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            pairs = (line.split(": ", 1) for line in head.splitlines()[1:] if line)
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers["content-length"]))
            running.taken.append((headers, body))
            if isinstance(running.answer, bytes):
                writer.write(running.answer)
                await writer.drain()
            else:
                await running.answer(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    running = Receiver(server.sockets[0].getsockname()[1], answer)
    try:
        yield running
    finally:
        server.close()
        for task, writer in open_connections.items():
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def http(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body
