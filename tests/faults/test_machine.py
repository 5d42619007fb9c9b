"""The machine fails the real process: no space, a locked database, two instances at once, one frozen and back."""

import asyncio
import resource
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from diag.adapters.db.database import sqlite_module
from tests.faults.judging import Stored, claimed, consistent
from tests.faults.oracle.server import Spec
from tests.faults.oracle.world import Shape
from tests.faults.processes import Instance, oracle, zygote

_NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@asynccontextmanager
async def _instance(folder: Path, seed: str, **shape: float) -> AsyncIterator[Instance]:
    world = Shape(**({"sign_ins": 150, "audits": 20, "objects": 10, "span": 12.0, "latest": 4.0} | shape))  # type: ignore[arg-type]
    async with zygote() as nursery, oracle(Spec(seed, time.time(), world, page=40)) as graph:
        instance = Instance(graph, nursery, folder)
        assert await instance.run("migrate") == 0
        yield instance


async def _first_requests(instance: Instance, more: int = 4) -> None:
    """Wait until the service reads."""
    before = (await instance.oracle.order())["requests"]
    async with asyncio.timeout(30):
        while (await instance.oracle.order())["requests"] < before + more:  # noqa: ASYNC110  another process counts
            await asyncio.sleep(0.05)


def _holder(instance: Instance) -> str:
    """Who watches the tenant, by its lease."""
    with closing(sqlite_module().connect(f"file:{instance.file}?mode=ro", uri=True)) as connection:
        ((owner,),) = connection.execute("SELECT owner FROM lease WHERE name LIKE 'tenant:%'").fetchall()
    return str(owner)


async def test_a_full_disk_stores_nothing_by_halves_and_collecting_goes_on_once_there_is_space(tmp_path: Path) -> None:
    async with _instance(tmp_path, "full", span=4.0, latest=2.0) as instance:
        life = await instance.start("serve")
        # No file may grow beyond what the log of the database needs to begin with.
        resource.prlimit(life.pid, resource.RLIMIT_FSIZE, (instance.file.stat().st_size // 2, resource.RLIM_INFINITY))
        await asyncio.sleep(4.0)
        assert not life.code.done()
        assert instance.wrong() == []
        short = len(Stored(instance.file).failures)
        resource.prlimit(life.pid, resource.RLIMIT_FSIZE, _NO_LIMIT)
        await life.end(0)
        assert instance.wrong() == []
        missing = await instance.finish(within=40.0)
    assert missing == []
    assert short < 60
    assert "Traceback" not in (tmp_path / "said.txt").read_text(encoding="utf-8")


async def test_a_database_that_another_program_locks_for_long_loses_nothing(tmp_path: Path) -> None:
    async with _instance(tmp_path, "locked", span=8.0, latest=2.0) as instance:
        life = await instance.start("serve")
        await _first_requests(instance)
        with closing(sqlite_module().connect(instance.file, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(11.5)
            connection.execute("ROLLBACK")
        assert not life.code.done()
        assert instance.wrong() == []
        await life.end(0)
        assert await instance.finish(within=40.0) == []


async def test_of_two_instances_at_once_one_collects_and_the_other_goes_on_while_it_is_frozen(tmp_path: Path) -> None:
    async with _instance(tmp_path, "two", span=25.0) as instance:
        lives = await asyncio.gather(instance.start("serve"), instance.start("serve"))
        await _first_requests(instance)
        # Between two polls: who is frozen while it writes holds the file's lock, and nobody can go on before it.
        await asyncio.sleep(5.0)
        first = _holder(instance)
        (frozen,) = (life for life in lives if f":{life.pid}:" in first)
        frozen.send(signal.SIGSTOP)
        async with asyncio.timeout(60):
            while _holder(instance) == first:  # noqa: ASYNC110  another process takes over
                await asyncio.sleep(0.5)
        frozen.send(signal.SIGCONT)
        await asyncio.sleep(3.0)
        stored = Stored(instance.file)
        assert [*consistent(stored), *claimed(stored, instance.oracle.truth.world)] == []
        assert _holder(instance) != first
        for life in lives:
            await life.end(0)
        assert await instance.finish(within=40.0) == []
