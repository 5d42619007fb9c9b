"""The oracle as a process on loopback: HTTP/1.1 by hand, so that an answer can end wherever it shall.

Besides Graph's paths it answers ``/oracle/…``, by which the test orders deaths and weather. Whoever connects to its
second port followed a link that leads away from Graph.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.faults.oracle.answers import Answer, Request, said
from tests.faults.oracle.graph import Graph, parsed
from tests.faults.oracle.weather import Spell, Weather
from tests.faults.oracle.world import Shape, make

_STALL = 3600.0
_FAR = 4e9


@dataclass
class Death:
    """Kill ``pid`` at one of its next requests."""

    pid: int
    requests: int
    """Requests that are still answered before."""
    part: float
    """Of that request's answer, from 0 (nothing sent) to 1 (all of it)."""
    delay: float
    """Seconds between the last byte and the death."""


@dataclass
class Spec:
    """What the oracle plays; the test makes the same world of the same seed to know the truth."""

    seed: str
    start: float
    shape: Shape
    page: int = 20
    accepts_ne: bool = True

    def graph(self) -> Graph:
        return Graph(make(random.Random(self.seed), self.start, self.shape), self.page, self.accepts_ne)


class Server:
    def __init__(self, spec: Spec) -> None:
        self.graph = spec.graph()
        self.weather = Weather(random.Random(f"weather:{spec.seed}"))
        self.death: Death | None = None
        self.deaths = 0
        self.strangers = 0
        self.logs: list[float] = []
        """When each request of the logs came."""

    async def run(self, announce: Callable[[str], None]) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        trap = await asyncio.start_server(self._trapped, "127.0.0.1", 0)
        ports = [opened.sockets[0].getsockname()[1] for opened in (server, trap)]
        self.weather.foreign = (f"http://127.0.0.1:{ports[1]}/beta/auditLogs/signIns?$skiptoken=x",)
        announce(json.dumps({"port": ports[0]}))
        async with server, trap:
            await asyncio.Event().wait()

    async def _trapped(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.strangers += 1
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while (request := await _read(reader)) is not None:
                if request.path.startswith("/oracle/"):
                    await _send(writer, self._control(request))
                elif not await self._answer(request, writer):
                    break
        with contextlib.suppress(OSError):
            writer.close()

    def _control(self, request: Request) -> Answer:
        given: dict[str, Any] = json.loads(request.body or b"{}")
        match request.path:
            case "/oracle/death":
                self.death = Death(**given)
            case "/oracle/weather":
                self.weather.spells = (Spell(0.0, _FAR, given["rate"], given["kinds"]),)
        return said(
            {
                "requests": self.weather.requests,
                "deaths": self.deaths,
                "counts": self.weather.counts,
                "unexpected": self.graph.unexpected,
                "strangers": self.strangers,
                "logs": self.logs,
            }
        )

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer with what the weather makes of it; whether the connection lives on."""
        if "/auditLogs/" in request.path:
            self.logs.append(time.time())
        answer = self.weather.answer(request, time.time(), self.graph)
        death = self.death
        if death is not None:
            death.requests -= 1
            if death.requests < 0:
                self.death = None
                await _send(writer, answer, death.part)
                await asyncio.sleep(death.delay)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(death.pid, signal.SIGKILL)
                    self.deaths += 1
                return False
        if answer.ends == "whole":
            await _send(writer, answer)
            return answer.declared is None
        await _send(writer, answer, (answer.after + 1) / (len(answer.body) + 1))
        if answer.ends == "stall":
            await asyncio.sleep(_STALL)
        # Reset instead of an orderly end.
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return False


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(
        method, f"http://{headers['host']}", unquote(parts.path), parsed(parts.query), headers, body, who="client"
    )


async def _send(writer: asyncio.StreamWriter, answer: Answer, part: float = 1.0) -> None:
    """Write this part of the answer: of its body, and its head with any of it."""
    if part <= 0.0:
        return
    length = len(answer.body) if answer.declared is None else answer.declared
    lines = [f"HTTP/1.1 {answer.status} Said", *(f"{name}: {value}" for name, value in answer.headers.items())]
    head = "\r\n".join((*lines, f"Content-Length: {length}", "", "")).encode("utf-8")
    writer.write(head + answer.body[: round(len(answer.body) * part)])
    await writer.drain()


def spoken(spec: Spec) -> str:
    """The spec as the command line takes it."""
    return json.dumps(asdict(spec))


def heard(text: str) -> Spec:
    """The spec that a command line gave."""
    given = json.loads(text)
    return Spec(**{**given, "shape": Shape(**given["shape"])})
