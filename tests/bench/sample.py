"""A sample tenant of any size for a benchmark, and the product's own way to read it without throttling."""

import contextlib
import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping

import httpx
from msgspec import Struct

from diag.adapters.clock import SystemClock
from diag.adapters.graph.client import GraphClient
from diag.adapters.graph.credentials import CredentialChoice, Tokens, token_source
from diag.adapters.graph.sign_in_log import GraphSignInLog
from diag.adapters.graph.throttle import Budgets


class Connection(Struct, frozen=True):
    url: str
    tenant_id: str
    client_id: str
    client_secret: str


class Unlimited(Budgets):
    """Budgets that never make anyone wait."""

    _LIMITS: Mapping[str, tuple[int, float]] = dict.fromkeys(("logs", "policies", "directory"), (1_000_000, 1.0))


@contextlib.contextmanager
def sample_tenant(*options: str) -> Iterator[Connection]:
    """Run the sample tenant with these options, unthrottled, for the length of the block."""
    command = [sys.executable, "-m", "diag.sample_tenant", "--until-stdin-closes", "--no-throttle", *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Connection(**json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


@contextlib.contextmanager
def page_server(records: int) -> Iterator[Connection]:
    """Run a server of so many failures, which costs next to nothing, for the length of the block."""
    command = [sys.executable, "-m", "tests.bench.page_server", str(records)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        yield Connection(url, "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11", "client", "secret")
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


def tokens_of(connection: Connection, http: httpx.AsyncClient) -> Tokens:
    """Tokens from the sample tenant's own token endpoint."""
    clock = SystemClock()
    choice = CredentialChoice(
        tenant_id=connection.tenant_id, client_id=connection.client_id, client_secret=connection.client_secret
    )
    return Tokens(token_source(choice, connection.url, connection.url, http, clock), clock)


def client_of(connection: Connection, http: httpx.AsyncClient) -> GraphClient:
    """The product's Graph client for a sample tenant."""
    clock = SystemClock()
    return GraphClient(
        tenant_id=connection.tenant_id,
        graph_url=connection.url,
        tokens=tokens_of(connection, http),
        http=http,
        budgets=Unlimited(clock),
        clock=clock,
        jitter=lambda: 0.5,
    )


def sign_in_log(client: GraphClient) -> GraphSignInLog:
    """The product's sign-in log over a client."""
    return GraphSignInLog(client, SystemClock())


def resident_mb() -> float:
    """Memory of this process, in MB."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 1024 / 1024
