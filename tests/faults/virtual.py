"""Time that passes only when everybody waits: an event loop, a clock and a transport for many hours of faults."""

import asyncio
import selectors
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx

from tests.faults.oracle.answers import Answer, Request
from tests.faults.oracle.graph import parsed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stuck(BaseException):
    """Everybody waits for something that never comes."""


class _NoWaiting(selectors.SelectSelector):
    """Instead of waiting for a timer, lets the time come."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Stuck
            self.passed += max(timeout, 0.0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop without waiting and without threads, so that one seed always gives one course of events."""

    def __init__(self) -> None:
        self.passing = _NoWaiting()
        super().__init__(self.passing)

    def time(self) -> float:
        return self.passing.passed

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  handed on to whoever awaits it
            future.set_exception(error)
        return future


class VirtualClock:
    """The ``Clock`` port of one machine, whose wall clock may be off and may be set."""

    def __init__(self, loop: VirtualLoop, start: float) -> None:
        self._loop, self._start = loop, start
        self.off = 0.0
        """Seconds by which this machine's wall clock is ahead."""

    @property
    def true(self) -> float:
        """Seconds since 1970 as they are."""
        return self._start + self._loop.time()

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.true + self.off)

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Gate:
    """Through which one process reaches the network: it may be frozen, or counted down to its death."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.requests_left: int | None = None
        self.dead = asyncio.Event()

    async def pass_through(self) -> None:
        if self.requests_left is not None:
            self.requests_left -= 1
            if self.requests_left < 0:
                self.dead.set()
                await asyncio.Event().wait()
        await self.open.wait()


class FarSide(Protocol):
    """Who answers, told also when a request leaves and when its answer has come."""

    def leaving(self, request: Request, now: float) -> None: ...
    def answer(self, request: Request, now: float) -> Answer: ...
    def arrived(self, request: Request, answer: Answer, answered: float) -> None: ...


class VirtualTransport(httpx.AsyncBaseTransport):
    """Below the real client: hands its requests to the oracle and plays what goes wrong on the way back."""

    def __init__(
        self,
        own: str,
        far_side: "FarSide",
        clock: VirtualClock,
        latency: Callable[[], float],
        who: str,
        gate: Gate,
        foreign: list[str],
    ) -> None:
        self._own, self._far_side, self._clock, self._latency = own, far_side, clock, latency
        self._who, self._gate, self._foreign = who, gate, foreign

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._gate.pass_through()
        url = request.url
        host = f"{url.scheme}://{url.host}:{url.port}"
        if host != self._own:
            self._foreign.append(str(url))
            raise httpx.ConnectError("nobody is there")
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = parsed(url.query.decode())
        asked = Request(request.method, host, url.path, query, headers, await request.aread(), self._who)
        self._far_side.leaving(asked, self._clock.true)
        await asyncio.sleep(self._latency())
        answered = self._clock.true
        answer = self._far_side.answer(asked, answered)
        await asyncio.sleep(self._latency())
        await self._gate.pass_through()
        self._far_side.arrived(asked, answer, answered)
        wait = request.extensions["timeout"]["read"]
        if answer.after < 0 and answer.ends != "whole":
            await _break(answer, wait)
        return httpx.Response(answer.status, headers=_encoded(answer), stream=_Stream(answer, wait))


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: Answer, wait: float) -> None:
        self._given, self._wait = answer, wait

    async def __aiter__(self) -> AsyncIterator[bytes]:
        given = self._given
        body = given.body if given.declared is None else given.body[: given.declared]
        sent = body if given.ends == "whole" else body[: given.after]
        for start in range(0, len(sent), 65536):
            yield sent[start : start + 65536]
        if given.ends != "whole":
            await _break(given, self._wait)
        if given.declared is not None and given.declared > len(given.body):
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


def _encoded(answer: Answer) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode("utf-8")) for name, value in answer.headers.items()]


async def _break(answer: Answer, wait: float) -> None:
    if answer.ends == "stall":
        await asyncio.sleep(wait)
        raise httpx.ReadTimeout("nothing came")
    raise httpx.ReadError("the connection was reset")
