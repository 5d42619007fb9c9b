"""One process that collects a whole sample tenant and reports rate and memory: run by ``bench_collect``."""

import asyncio
import json
import resource
import sys
import time
from datetime import timedelta

import httpx

from diag.adapters.clock import SystemClock
from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.workflows.collect import Collector
from tests.bench.sample import Connection, client_of, resident_mb, sign_in_log


async def collect(connection: Connection, url: str) -> tuple[int, float]:
    """Records collected and seconds taken, users and applications one after the other."""
    database, clock = SqlDatabase(url), SystemClock()
    async with httpx.AsyncClient(timeout=60) as http:
        log = sign_in_log(client_of(connection, http))
        started = time.perf_counter()
        records = 0
        for group in ("service", "user"):
            collector = Collector(connection.tenant_id, group, log, database, clock, timedelta(hours=1))
            progress = await collector.run()
            while collector.backfilling(progress):
                progress = await collector.run()
            assert progress.state == "ok", progress.problem
            records += progress.records
        seconds = time.perf_counter() - started
    database.close()
    return records, seconds


def main() -> None:
    connection = Connection(**json.loads(sys.argv[1]))
    migrate(sys.argv[2])
    records, seconds = asyncio.run(collect(connection, sys.argv[2]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"records": records, "seconds": seconds, "peak_mb": peak, "resident_mb": resident_mb()}))


if __name__ == "__main__":
    main()
