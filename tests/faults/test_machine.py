"""The machine fails the real process: no space for what it writes, a database that is locked."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from diag.adapters.db.database import sqlite_module
from tests.faults.judging import Stored
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


async def test_a_full_disk_stores_nothing_by_halves_and_collecting_goes_on_once_there_is_space(tmp_path: Path) -> None:
    async with _instance(tmp_path, "full") as instance:
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
    async with _instance(tmp_path, "locked") as instance:
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
