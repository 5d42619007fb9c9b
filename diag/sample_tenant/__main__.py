"""Starts the sample tenant: `python -m diag.sample_tenant`.

The first line on standard output is one JSON object with address and credential; it is written when the server
listens, and nothing follows it.
"""

import argparse
import asyncio
import contextlib
import ipaddress
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence

import msgspec
import uvicorn

from diag.sample_tenant.clock import parse_instant
from diag.sample_tenant.server import SampleServer
from diag.sample_tenant.tenant import Options, Tenant


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="diag sample-tenant",
        description="Imitates Microsoft Graph and the token endpoint for an invented company, on loopback only.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="loopback address to listen on (default: %(default)s)")
    add("--port", type=int, default=0, help="port to listen on; 0 takes a free one (default)")
    add("--applications", type=int, default=60, help="number of registered applications (default: %(default)s)")
    add("--sign-ins", type=int, default=None, help="sign-ins of the last 30 days (default: what the story makes)")
    add("--failures-share", type=float, default=None, help="share of failures among the sign-ins outside the stories")
    add("--seed", type=int, default=1, help="the same seed gives the same company (default: %(default)s)")
    add("--now", type=_instant, default=None, metavar="ISO", help="instant at which the story starts (default: now)")
    add("--began", type=_instant, default=None, metavar="ISO", help="take up the story that began at this instant")
    add("--story-speed", type=float, default=1.0, help="pace of new events; 0 stops the clock (default: 1)")
    add("--no-throttle", action="store_true", help="no limit on requests")
    add("--without-key-ids", action="store_true", help="failed application sign-ins do not name their credential")
    add("--refuse-ne-filter", action="store_true", help="refuse the filter status/errorCode ne 0")
    add("--until-stdin-closes", action="store_true", help="end when standard input does, that is with the parent")
    return parser


def _instant(text: str) -> int:
    seconds = parse_instant(text)
    if seconds is None:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 instant with a zone: {text}")
    return int(seconds)


def _listen(host: str, port: int) -> socket.socket:
    address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    if not address.is_loopback:
        raise ValueError(f"{host} is not a loopback address: the sample tenant is for this machine alone")
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's algorithm off; without, every answer takes 40 ms longer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((str(address), port))
    return listener


class _Server(uvicorn.Server):
    """Says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, hello: bytes) -> None:
        super().__init__(config)
        self._hello = hello

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to listen, then writes the one line."""
        await super().startup(sockets)
        sys.stdout.write(self._hello.decode() + "\n")
        sys.stdout.flush()


def _end_with_stdin(server: uvicorn.Server) -> None:
    """Waits for the end of standard input, which comes even when the parent was killed."""
    with contextlib.suppress(OSError, ValueError):
        while os.read(0, 4096):
            pass
    server.should_exit = True
    # A request that is still being answered must not keep the process alive without its parent.
    time.sleep(2)
    os._exit(0)


def main(argv: Sequence[str]) -> int:
    """Runs the sample tenant until it is told to stop; gives the exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.applications < 0 or options.applications > 1_000_000:
        parser.error("--applications is out of range")
    if (options.sign_ins or 0) < 0 or options.story_speed < 0 or not 0 <= (options.failures_share or 0) <= 1:
        parser.error("--sign-ins, --story-speed and --failures-share cannot be negative, a share at most 1")
    try:
        listener = _listen(options.host, options.port)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"diag sample-tenant: {error}\n")
        return 2
    # The one look at the wall clock: the story starts now unless told otherwise, and runs on by the monotonic clock.
    now = int(time.time()) if options.now is None else options.now
    began = now if options.began is None else options.began
    if began > now:
        parser.error("--began lies in the future")
    tenant = Tenant(
        Options(
            starts=began,
            ahead=now - began,
            applications=options.applications,
            sign_ins=options.sign_ins,
            failures_share=options.failures_share,
            seed=options.seed,
            throttle=not options.no_throttle,
            key_ids=not options.without_key_ids,
            ne_filter=not options.refuse_ne_filter,
            story_speed=options.story_speed,
        )
    )
    name, port = listener.getsockname()[:2]
    host = f"[{name}]" if ":" in name else name
    hello = msgspec.json.encode({
        "url": f"http://{host}:{port}",
        "tenant_id": tenant.tenant_id,
        "client_id": tenant.reader_id,
        "client_secret": tenant.reader_secret,
    })  # fmt: skip
    config = uvicorn.Config(
        SampleServer(tenant).application(), log_level="warning", access_log=False, lifespan="off", server_header=False,
        date_header=False, ws="none", timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = _Server(config, hello)
    if options.until_stdin_closes:
        threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
    # uvicorn raises the signal again once it has stopped; being told to stop is a good end here.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    asyncio.run(server.serve([listener]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
