"""The running service: API, pages and scheduler in one process, the sample tenant as a child of it.

The port listens before the database is migrated and before the Graph SDK is imported: the first page comes soon.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta

import msgspec
import uvicorn

from diag.bootstrap import Service, build
from diag.core.errors import BadInput, DiagError
from diag.entrypoints.sample_process import SampleTenant
from diag.jobs import jobs
from diag.settings import Settings
from diag.workflows.watch_tenant import TenantSources, TenantWatch

STOP_WITHIN = 8
"""Seconds that open requests get after SIGTERM; the whole stop stays under 10."""
CLOSE_WITHIN = 1
"""Seconds for the connections to Graph."""

_log = logging.getLogger(__name__)


def serve(settings: Settings, announce: Callable[[str], None]) -> int:
    """Listen until SIGTERM or Ctrl-C; the process's exit code. What cannot work is said before anything listens."""
    listening = _listen(settings.bind, settings.port)
    with contextlib.ExitStack() as stack:
        stack.callback(listening.close)
        host, port = listening.getsockname()[:2]
        # PORT=0 takes a free one: links name the port that people can reach.
        settings = msgspec.structs.replace(settings, port=port)
        service = build(settings)
        stack.callback(service.close)
        sample = stack.enter_context(SampleTenant(settings.data_dir, service.clock.now())) if settings.sample else None
        service.check()
        called = [tenant.label for tenant in settings.tenants]
        several = f"{len(called)} tenants ({', '.join(called)})" if len(called) > 1 else f"tenant {''.join(called)}"
        of = several if called else "the built-in sample tenant"
        announce(f"aadsts-diag shows {of} on http://{f'[{host}]' if ':' in host else host}:{port}  (Ctrl-C ends it)")
        asyncio.run(_run(service, sample, listening))
    return 0


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, or a sentence that says why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        raise BadInput(
            f"Port {port} on {host} cannot be used: {error.strerror}.",
            hint=f"Stop the program that uses it, or choose another port: PORT={port + 1 if port < 65535 else 8000}.",
        ) from error
    listening.setblocking(False)
    return listening


class _Server(uvicorn.Server):
    """uvicorn ends the process by the signal it caught; here a signal ends the serving, and the rest is tidied up."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Stop listening and end open requests; a second signal does not wait for them."""
        self.force_exit = self.should_exit
        self.should_exit = True


async def _run(service: Service, sample: SampleTenant | None, listening: socket.socket) -> None:
    from diag.entrypoints.api.app import build_app
    from diag.entrypoints.api.logs import configure_logging
    from diag.entrypoints.web.pages import router

    configure_logging(service.settings.log_level)

    @contextlib.asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stopping:
            starting = asyncio.create_task(_start(service, sample, stopping))
            try:
                yield
            finally:
                # Only while start-up is still going on does this cancel anything.
                starting.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await starting

    app = build_app(service, pages=router, lifespan=lifespan)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=STOP_WITHIN,
        lifespan="on",
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, server.stop)
    await server.serve(sockets=[listening])


async def _start(service: Service, sample: SampleTenant | None, stopping: contextlib.AsyncExitStack) -> None:
    """What may take its time: migrate, reach the tenant, start ticking. A failure is kept and shown, not raised.

    What has to end in order goes onto ``stopping``: first the jobs, then the connections that they use.
    """
    try:
        if sample is not None:
            await asyncio.to_thread(_join_sample, service, sample)
        service.starting = "bringing the database up to date"
        await asyncio.to_thread(service.prepare_database)
        await asyncio.to_thread(service.take_over)
        service.starting = ""
        watches = [await _watch(service, tenant_id, stopping) for tenant_id in service.tenant_ids]
        scheduler = jobs(service, watches)
    except DiagError as error:
        service.problem = error
        service.starting = ""
        _log.error("start-up failed", extra={"problem": str(error), "hint": error.hint})
        return
    scheduler.start()
    stopping.push_async_callback(scheduler.stop)
    # What start-up built lives as long as the process; looking through it at every collection costs pages their speed.
    gc.freeze()


async def _watch(service: Service, tenant_id: str, stopping: contextlib.AsyncExitStack) -> TenantWatch:
    """One tenant's rounds over a connection of its own; nothing is sent yet."""
    sources = await asyncio.to_thread(service.sources, tenant_id)
    stopping.push_async_callback(_close, sources)
    return TenantWatch(
        sources,
        service.database,
        service.knowledge_base,
        service.translator,
        service.clock,
        timedelta(seconds=service.tenants[tenant_id].poll_seconds),
    )


async def _close(sources: TenantSources) -> None:
    """End the connections to Graph; one that does not let itself be ended ends with the process."""
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(CLOSE_WITHIN):
            await sources.close()


def _join_sample(service: Service, sample: SampleTenant) -> None:
    connection = sample.connection()
    service.join_sample(connection.url, connection.tenant_id, connection.client_id, connection.client_secret)
