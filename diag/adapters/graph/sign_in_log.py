"""The sign-in log, page by page; implements the port ``SignInLog``.

beta gives all four kinds, users and applications by separate requests; v1.0 gives interactive users alone
(https://learn.microsoft.com/graph/api/signin-list, checked 2026-11-22).
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from diag.adapters.graph.client import GraphClient, Version
from diag.adapters.graph.sdk import asked
from diag.adapters.graph.wire.sign_in import Page, decode_page
from diag.core.errors import NotOffered, WindowRefused
from diag.core.windows import Window
from diag.workflows.ports import Clock, Outcome, SignInGroup, SignInPage

PAGE = 1000
"""Records on a page; the most that Graph gives."""

_KINDS: dict[SignInGroup, str] = {
    "user": "signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'nonInteractiveUser')",
    "service": "signInEventTypes/any(t: t eq 'servicePrincipal' or t eq 'managedIdentity')",
}
_OUTCOMES: dict[Outcome, Sequence[str]] = {
    "all": (),
    "failed": ("status/errorCode ne 0",),
    "succeeded": ("status/errorCode eq 0",),
}
_HEADERS = {"Prefer": "include-unknown-enum-members"}


class GraphSignInLog:
    def __init__(self, client: GraphClient, clock: Clock, version: Version = "beta") -> None:
        self._client, self._clock, self._version = client, clock, version

    async def probe_failure_filter(self, group: SignInGroup) -> bool:
        """Whether the log accepts ``status/errorCode ne 0``, which Microsoft does not document; costs one request."""
        now = self._clock.now()
        window = Window(now - timedelta(minutes=5), now)
        builder = self._client.builder(_path, self._version)
        query = {"filter": self._filter(group, window, "failed"), "top": 1}
        question = asked(builder, headers=_HEADERS, query=query)
        try:
            await self._client.get("logs", question, partial(self._decoded, group, now), version=self._version)
        except WindowRefused:
            return False
        return True

    async def pages(self, group: SignInGroup, window: Window, *, outcome: Outcome) -> AsyncIterator[SignInPage]:
        """The window's pages to the end, newest first; see the port."""

        def decode(body: bytes) -> tuple[Page, str | None]:
            page = self._decoded(group, window.end, body)
            return page, page.next_link

        builder = self._client.builder(_path, self._version)
        query = {"filter": self._filter(group, window, outcome), "top": PAGE}
        pages = self._client.pages("logs", builder, decode, version=self._version, headers=_HEADERS, query=query)
        async for page in pages:
            yield SignInPage(page.failures, page.successes, page.read, page.next_link is not None, page.mark)

    def now(self) -> datetime | None:
        return self._client.observed.now()

    def _decoded(self, group: SignInGroup, otherwise: datetime, body: bytes) -> Page:
        return decode_page(body, self._client.tenant_id, otherwise, successes=group == "service")

    def _filter(self, group: SignInGroup, window: Window, outcome: Outcome) -> str:
        parts = [f"createdDateTime ge {floor(window.start)}", f"createdDateTime le {ceiling(window.end)}"]
        if self._version == "beta":
            parts.insert(0, _KINDS[group])
        elif group == "service":
            raise NotOffered(
                "Version 1.0 of the sign-in log holds no sign-ins of applications.",
                hint="Set DIAG_GRAPH_API_VERSION=beta to collect them.",
            )
        return " and ".join((*parts, *_OUTCOMES[outcome]))


def _path(root: Any) -> Any:
    return root.audit_logs.sign_ins


def floor(instant: datetime) -> str:
    """The instant as Graph's filters write it, in whole seconds, rounded down."""
    return instant.replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")


def ceiling(instant: datetime) -> str:
    """As ``floor``, rounded up: a window read wider costs nothing, a narrower one loses rows."""
    return floor(instant + timedelta(seconds=1) if instant.microsecond else instant)
