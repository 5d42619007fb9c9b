"""One look at every source of a tenant, at once and without storing records: what answers, what refuses and why."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from diag.core.errors import SourceError, Unreachable
from diag.core.windows import Window
from diag.workflows.collect import load_progress, record_failure
from diag.workflows.ports import Clock, Database
from diag.workflows.watch_tenant import TenantSources

_SPAN = timedelta(minutes=5)
_PATIENCE = 60.0
"""Seconds for one source; who asks a command is waiting."""


async def look(sources: TenantSources, database: Database, clock: Clock) -> dict[str, SourceError | None]:
    """Ask each source one question; the error of those that refuse, which is kept as their state.

    One that answers keeps the state it has: whether it was *read* only collecting can tell.
    """
    now = clock.now()
    window = Window(now - _SPAN, now)

    async def audit() -> None:
        async for _ in sources.audit.pages(window):
            return

    async def delta(kind: str) -> None:
        async for _ in sources.directory.delta(kind, None):  # type: ignore[arg-type]
            return

    questions: dict[str, Callable[[], Awaitable[object]]] = {
        "sign_ins:user": lambda: sources.sign_ins.probe_failure_filter("user"),
        "sign_ins:service": lambda: sources.sign_ins.probe_failure_filter("service"),
        "changes": audit,
        "applications": lambda: delta("application"),
        "service_principals": lambda: delta("service_principal"),
    }
    found: dict[str, SourceError | None] = {}
    for source, question in questions.items():
        found[source] = await _asked(question)
        if (error := found[source]) is not None:
            progress = await asyncio.to_thread(load_progress, database, sources.tenant_id, source)
            await record_failure(database, clock, progress, error)

    def save() -> None:
        with database.write() as transaction:
            transaction.coverage.save_connection(sources.tenant_id, sources.connection())

    await asyncio.to_thread(save)
    return found


async def _asked(question: Callable[[], Awaitable[object]]) -> SourceError | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await question()
    except TimeoutError:
        return Unreachable(f"No answer within {_PATIENCE:.0f} seconds.")
    except SourceError as error:
        return error
    return None
