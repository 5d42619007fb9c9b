"""The audit log of the directory; implements the port ``AuditLog``."""

import logging
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import msgspec

from diag.adapters.graph.client import GraphClient
from diag.adapters.graph.sign_in_log import PAGE, ceiling, floor
from diag.adapters.graph.wire.audit import change, joined
from diag.adapters.graph.wire.common import Unusable
from diag.adapters.graph.wire.json_text import decoded
from diag.core.directory import Change
from diag.core.windows import Window

CATEGORIES = frozenset({"ApplicationManagement", "Policy", "Authorization"})
"""What concerns applications, service principals, consent and policies; told apart here, because a filter on it is not
documented to work."""

_SIBLINGS = timedelta(minutes=1)
"""Records of one operation lie closer together than this."""

_log = logging.getLogger(__name__)


class _Page(msgspec.Struct):
    value: list[object]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")


_PAGE = msgspec.json.Decoder(_Page)


class GraphAuditLog:
    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def pages(self, window: Window) -> AsyncIterator[Sequence[Change]]:
        """Changes of the window, newest first, siblings of one operation joined even across two pages."""
        builder = self._client.builder(lambda root: root.audit_logs.directory_audits)
        question = f"activityDateTime ge {floor(window.start)} and activityDateTime le {ceiling(window.end)}"
        waiting: list[Change] = []
        async for page in self._client.pages("logs", builder, _decoded, query={"filter": question, "top": PAGE}):
            waiting += _changes(page)
            if not waiting:
                continue
            edge = min(item.at for item in waiting) + _SIBLINGS
            ready = joined(item for item in waiting if item.at > edge)
            waiting = [item for item in waiting if item.at <= edge]
            if ready:
                yield ready
        if waiting:
            yield joined(waiting)

    def now(self) -> datetime | None:
        return self._client.observed.now()


def _changes(page: Sequence[object]) -> list[Change]:
    changes: list[Change] = []
    unusable = 0
    for record in page:
        if isinstance(record, dict) and record.get("category") in CATEGORIES:
            try:
                changes.append(change(record))
            except Unusable:
                unusable += 1
    if unusable:
        _log.warning("The audit log gave %d records that name no instant", unusable)
    return changes


def _decoded(body: bytes) -> tuple[list[object], str | None]:
    page = decoded(body, _PAGE)
    return page.value, page.next_link
