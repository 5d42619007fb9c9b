"""One process that reads a sample tenant's whole directory and reports its own time: run by ``bench_sync``."""

import asyncio
import json
import sys
import time

import httpx

from diag.adapters.clock import SystemClock
from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.adapters.graph.directory import GraphDirectory
from diag.workflows.sync import Synchroniser
from tests.bench.sample import Connection, client_of, resident_mb


async def synchronise(connection: Connection, url: str) -> dict[str, float]:
    """Objects read, seconds taken and seconds of our own processor time."""
    database, clock = SqlDatabase(url), SystemClock()
    told: dict[str, float] = {}
    async with httpx.AsyncClient(timeout=120) as http:
        directory = GraphDirectory(client_of(connection, http))
        started, own = time.perf_counter(), time.process_time()
        for kind in ("application", "service_principal"):
            progress = await Synchroniser(connection.tenant_id, kind, directory, database, clock).run()
            assert progress.state == "ok", progress.problem
            told[kind] = progress.records
        told |= {"seconds": time.perf_counter() - started, "own": time.process_time() - own}
    database.close()
    return told


def main() -> None:
    migrate(sys.argv[2])
    told = asyncio.run(synchronise(Connection(**json.loads(sys.argv[1])), sys.argv[2]))
    print(json.dumps(told | {"resident_mb": resident_mb()}))


if __name__ == "__main__":
    main()
