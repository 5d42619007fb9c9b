"""The oracle and the product as processes of their own, as they are in use."""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.faults.judging import Stored, claimed, consistent, equal
from tests.faults.oracle.graph import Graph
from tests.faults.oracle.records import TENANT
from tests.faults.oracle.server import Death, Spec, spoken

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Oracle:
    url: str
    truth: Graph
    http: httpx.AsyncClient

    async def order(self, path: str = "state", **what: Any) -> dict[str, Any]:
        """Tell the oracle to do something; what it has seen so far."""
        answer = await self.http.post(f"{self.url}/oracle/{path}", json=what)
        found: dict[str, Any] = answer.json()
        return found

    async def kill_at(self, death: Death) -> None:
        await self.order("death", **vars(death))


@contextlib.asynccontextmanager
async def oracle(spec: Spec) -> AsyncIterator[Oracle]:
    """An oracle that lives as long as the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.oracle",
        spoken(spec),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    port = json.loads(await process.stdout.readline())["port"]
    try:
        async with httpx.AsyncClient(timeout=20) as http:
            yield Oracle(f"http://127.0.0.1:{port}", spec.graph(), http)
    finally:
        process.stdin.close()
        await process.wait()


class Life:
    """One process of ``diag``."""

    def __init__(self, pid: int) -> None:
        self.pid, self.code = pid, asyncio.get_running_loop().create_future()

    def send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def end(self, within: float, *, by: int = signal.SIGKILL) -> bool:
        """Whether it ends by itself within so many seconds; it has ended afterwards in any case."""
        try:
            async with asyncio.timeout(within):
                await asyncio.shield(self.code)
        except TimeoutError:
            self.send(by)
            await self.code
            return False
        return True


class Zygote:
    """Where processes of ``diag`` come from."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process, self._lives, self._born = process, dict[int, Life](), asyncio.Queue[Life]()
        self._listening = asyncio.create_task(self._listen())
        self._turn = asyncio.Lock()

    async def start(self, argv: Sequence[str], env: Mapping[str, str], folder: Path) -> Life:
        assert self._process.stdin is not None
        async with self._turn:
            order = {"argv": argv, "env": env, "folder": str(folder)}
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            async with asyncio.timeout(60):
                return await self._born.get()

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            if "pid" in told:
                life = self._lives[told["pid"]] = Life(told["pid"])
                self._born.put_nowait(life)
            else:
                self._lives[told["ended"]].code.set_result(told["code"])

    async def close(self) -> None:
        for life in self._lives.values():
            if not life.code.done():
                life.send(signal.SIGCONT)
                await life.end(0)
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._listening


@contextlib.asynccontextmanager
async def zygote() -> AsyncIterator[Zygote]:
    """A zygote that lives as long as the block, and its processes no longer."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.zygote",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    made = Zygote(process)
    try:
        yield made
    finally:
        await made.close()


@dataclass
class Instance:
    """One database file, and the processes that work on it one after the other or beside each other."""

    oracle: Oracle
    zygote: Zygote
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        return self.folder / "diag.db"

    async def start(self, *command: str) -> Life:
        """Start ``diag`` with this command; what it says goes to a file in the folder."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DIAG_")}
        environment |= {
            "DIAG_TENANT_ID": TENANT,
            "DIAG_CLIENT_ID": "reader",
            "DIAG_CLIENT_SECRET": "s",
            "DIAG_GRAPH_URL": self.oracle.url,
            "DIAG_AUTHORITY": self.oracle.url,
            "DIAG_DATA_DIR": str(self.folder),
            "DIAG_POLL_SECONDS": "10",
            "PORT": "0",
        } | self.settings
        return await self.zygote.start(command, environment, self.folder)

    async def run(self, *command: str) -> int:
        """Run a command to its end; its exit code."""
        code: int = await (await self.start(*command)).code
        return code

    def wrong(self) -> list[str]:
        """What must never be, whatever died when."""
        if not self.file.exists():
            return []
        stored = Stored(self.file)
        return [*consistent(stored), *claimed(stored, self.oracle.truth.world)]

    async def finish(self, within: float) -> list[str]:
        """Read the rest once nothing happens any more; what is missing when the time is over."""
        # By then a poll is due whenever the last one was.
        await asyncio.sleep(max(0.0, self.oracle.truth.world.quiet_after + 10.5 - time.time()))
        life = await self.start("serve")
        missing = await self.until_equal(within)
        await life.end(0)
        return missing

    async def until_equal(self, within: float) -> list[str]:
        """Wait until everything true is stored; what is still missing when the time is over."""
        deadline = time.monotonic() + within
        while missing := list(equal(Stored(self.file), self.oracle.truth.world, time.time())):
            if time.monotonic() > deadline:
                return missing
            await asyncio.sleep(0.3)
        return []


def drawn_death(rng: random.Random, pid: int, requests: int) -> Death:
    """A death at a random request and byte, or a moment after the answer, while it is stored."""
    part = rng.choice((0.0, rng.random(), 1.0, 1.0, 1.0))
    return Death(pid, rng.randrange(requests), part, rng.choice((0.0, rng.random() * 0.02, rng.random() * 0.2)))
