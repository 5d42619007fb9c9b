"""One tenant's Graph: builds a request, waits for its turn, sends it, gives the answer decoded or a ``SourceError``.

Retries happen here and nowhere else, inside the throttle budget: connection faults, 5xx, answers that are no JSON or
carry an error inside a 200 are tried again with growing, jittered pauses; 429 and 503 wait as long as they are told to.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, TypeVar

import httpx
import msgspec
from kiota_abstractions.request_information import RequestInformation

from diag.adapters.graph.credentials import Tokens
from diag.adapters.graph.errors import RETRYABLE, failed
from diag.adapters.graph.observed import Observed
from diag.adapters.graph.sdk import Sdk, asked
from diag.adapters.graph.throttle import Budgets, retry_after
from diag.adapters.graph.urls import require_safe, same_origin
from diag.core.errors import PermissionLost, SourceError, Throttled, Unreachable, WindowRefused
from diag.workflows.ports import Clock

T = TypeVar("T")
Version = Literal["v1.0", "beta"]
Family = Literal["logs", "policies", "directory"]

_log = logging.getLogger(__name__)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how much; seconds and bytes."""

    attempts: int = 5
    """Sendings of one request, the first included."""
    total: float = 300.0
    """For one sending, to the last byte of the answer."""
    body: int = 64 * 1024 * 1024
    patience: float = 120.0
    """The longest Retry-After that is waited for here; a longer one is the caller's to plan with (``Throttled``)."""
    first_pause: float = 1.0
    longest_pause: float = 30.0


class GraphClient:
    """Requests for one tenant. ``jitter`` gives a number from 0 to 1; clock and jitter are the caller's."""

    def __init__(
        self,
        *,
        tenant_id: str,
        graph_url: str,
        tokens: Tokens,
        http: httpx.AsyncClient,
        budgets: Budgets,
        clock: Clock,
        jitter: Callable[[], float],
        limits: Limits | None = None,
    ) -> None:
        require_safe("DIAG_GRAPH_URL", graph_url)
        self.tenant_id, self._graph_url = tenant_id, graph_url
        self._tokens, self._http, self._budgets, self._clock, self._jitter = tokens, http, budgets, clock, jitter
        self._limits = limits or Limits()
        self.observed = Observed(tenant_id, tokens, budgets, clock)
        self._sdks: dict[Version, Sdk] = {
            "v1.0": Sdk(graph_url, "v1.0", tokens, http),
            "beta": Sdk(graph_url, "beta", tokens, http),
        }

    def builder(self, path: Callable[[Any], Any], version: Version = "v1.0") -> Any:
        """The SDK's request builder that ``path`` walks to from the root, ``lambda root: root.applications``."""
        return self._sdks[version].builder(path)

    async def pages(
        self,
        family: Family,
        builder: Any,
        decode: Callable[[bytes], tuple[T, str | None]],
        *,
        version: Version = "v1.0",
        headers: Mapping[str, str] | None = None,
        link: str | None = None,
        query: Mapping[str, object] | None = None,
    ) -> AsyncIterator[T]:
        """Every page of a collection, from the start with this query or from ``link`` on.

        ``decode`` gives the page and its nextLink, which is followed as it is and only within this Graph. A link that
        comes a second time, or names an empty page token, would loop for ever: ``WindowRefused``.
        """
        own_headers = dict(headers or {})
        seen: set[str] = set()
        first = builder if link is None else builder.with_url(same_origin(link, self._graph_url))
        information = asked(first, headers=own_headers, query={} if link is not None else query)
        while True:
            page, link = await self.get(family, information, decode, version=version)
            yield page
            if link is None:
                return
            same_origin(link, self._graph_url)
            if link in seen or link.rstrip("&").endswith("skiptoken="):
                raise WindowRefused("The log named a continuation that leads nowhere or in a circle.")
            seen.add(link)
            information = asked(builder.with_url(link), headers=own_headers)

    async def get(
        self,
        family: Family,
        information: RequestInformation,
        decode: Callable[[bytes], T],
        *,
        version: Version = "v1.0",
    ) -> T:
        """The decoded answer; the last error once the attempts are used up or another try cannot help."""
        budget = self._budgets.of(self.tenant_id, family)
        refreshed = False
        attempt = 0
        while True:
            attempt += 1
            sent = ""
            try:
                # Signed anew each time: the token may have been renewed since. Before the turn is taken, because
                # requests that have theirs and wait for a token would leave together once it is there.
                information.headers.remove("Authorization")
                request = await self._sdks[version].signed(information)
                await budget.wait(self._limits.patience)
                sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
                status, headers, body = await self._send(request)
            except Unreachable as fault:
                problem: SourceError = fault
                wait = None
            else:
                if status == 200:
                    try:
                        return decode(body)
                    except msgspec.DecodeError:
                        problem, wait = Unreachable("Microsoft Graph answered 200 with something unreadable."), None
                else:
                    wait = retry_after(headers.get("Retry-After"), self._answered_at(headers))
                    problem = failed(status, request.url.path, body, wait)
                    if status == 401 and not refreshed and sent:
                        refreshed = True
                        self._tokens.forget(sent)
                        continue
                    if isinstance(problem, PermissionLost) and sent:
                        # A token names the permissions of its time: one that is granted now is in the next.
                        self._tokens.forget(sent)
                    if status == 429:
                        wait = wait if wait is not None else self._pause(attempt, 10.0)
                        problem = Throttled(str(problem), retry_after=wait)
                    elif status not in RETRYABLE:
                        raise problem
            # Held against every caller of this budget, also when this one gives up.
            budget.pause(wait or 0.0)
            if attempt >= self._limits.attempts or (wait or 0.0) > self._limits.patience:
                raise problem
            _log.info("Graph: attempt %d failed (%s), trying again", attempt, type(problem).__name__)
            if not (wait and isinstance(problem, Throttled)):
                # After a fault, and after "retry after 0", which all the same means that we were too fast.
                budget.pause(self._pause(attempt, self._limits.first_pause))

    def _answered_at(self, headers: httpx.Headers) -> datetime:
        """When the answer was given, by the clock of whoever gave it: a date in it is meant by that clock."""
        try:
            return parsedate_to_datetime(headers.get("Date", "")).replace(tzinfo=UTC)
        except (ValueError, IndexError, OverflowError):
            return self._clock.now()

    def _pause(self, attempt: int, first: float) -> float:
        """Doubles with every attempt; between half and all of it, so that clients do not come back together."""
        whole = min(first * 2.0 ** (attempt - 1), max(first, self._limits.longest_pause))
        return whole * (0.5 + 0.5 * self._jitter())

    async def _send(self, request: httpx.Request) -> tuple[int, httpx.Headers, bytes]:
        try:
            async with asyncio.timeout(self._limits.total):
                response = await self._http.send(request, stream=True, follow_redirects=False)
                self.observed.answered(response.headers.get("Date"))
                try:
                    body = bytearray()
                    async for piece in response.aiter_bytes():
                        body += piece
                        if len(body) > self._limits.body:
                            raise Unreachable(f"An answer was longer than {self._limits.body} bytes.")
                finally:
                    await response.aclose()
        except TimeoutError:
            raise Unreachable(f"No whole answer within {self._limits.total:.0f} seconds.") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as fault:
            raise Unreachable(f"Microsoft Graph could not be reached ({type(fault).__name__}).") from None
        return response.status_code, response.headers, bytes(body)
