"""What the tests of the Graph adapter share: a clock that only moves when somebody sleeps, and a client around it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from diag.adapters.graph.client import GraphClient, Limits
from diag.adapters.graph.credentials import IssuedToken, Tokens
from diag.adapters.graph.throttle import Budgets

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
GRAPH = "https://graph.contoso.example"
TENANT = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"


class StillClock:
    """Time passes by sleeping only."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds


class NumberedTokens:
    """Issues token-1, token-2 … and counts them."""

    def __init__(self, lives: float = 3600.0) -> None:
        self.issued = 0
        self.lives = lives

    async def issue(self) -> IssuedToken:
        self.issued += 1
        return IssuedToken(f"token-{self.issued}", self.lives)


def client(
    http: httpx.AsyncClient,
    clock: StillClock,
    *,
    source: NumberedTokens | None = None,
    limits: Limits | None = None,
    jitter: Callable[[], float] = lambda: 1.0,
) -> GraphClient:
    return GraphClient(
        tenant_id=TENANT,
        graph_url=GRAPH,
        tokens=Tokens(source or NumberedTokens(), clock),
        http=http,
        budgets=Budgets(clock),
        clock=clock,
        jitter=jitter,
        limits=limits,
    )


def answer(status: int, code: str = "", message: str = "", **headers: str) -> httpx.Response:
    body = {"error": {"code": code, "message": message, "innerError": {"request-id": "r"}}}
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def listed(*records: dict[str, Any], link: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"value": records, **({"@odata.nextLink": link} if link else {})})
