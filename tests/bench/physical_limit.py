"""The least that storing sign-ins can cost: typed decode and ``executemany`` into the same table, alone.

Run by ``bench_collect`` in a process of its own. Pages are made beforehand, one at a time, outside of what is measured.
"""

import json
import sys
import time
from datetime import UTC, datetime

from diag.adapters.db.database import open_engine
from diag.adapters.db.failures import INSERT, values
from diag.adapters.db.migrate import migrate
from diag.adapters.graph.wire.sign_in import decode_page
from tests.bench.page_server import PAGE, Log

BATCH = 5


def main() -> None:
    log, url = Log(int(sys.argv[1])), sys.argv[2]
    migrate(url)
    engine = open_engine(url)
    connection = engine.raw_connection().driver_connection
    assert connection is not None
    otherwise, taken, written = datetime.now(UTC), 0.0, 0
    for first in range(0, log.records, PAGE * BATCH):
        starts = range(first, min(first + PAGE * BATCH, log.records), PAGE)
        pages = [log.page(range(start, start + PAGE), None) for start in starts]
        started = time.perf_counter()
        rows = [values(row) for page in pages for row in decode_page(page, "tenant", otherwise).failures]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT, rows)
        connection.execute("COMMIT")
        taken += time.perf_counter() - started
        written += len(rows)
    print(json.dumps({"records": written, "seconds": taken}))


if __name__ == "__main__":
    main()
