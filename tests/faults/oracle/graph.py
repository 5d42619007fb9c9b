"""Microsoft Graph without faults: the paths the collector reads, answered from a ``World``. Knows nothing of diag."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote

from tests.faults.oracle.answers import Answer, Request, refused, said
from tests.faults.oracle.records import TENANT, Record
from tests.faults.oracle.world import Row, World

_KIND = re.compile(r"signInEventTypes/any\(\s*t\s*:\s*(.+?)\)")
_BOUND = re.compile(r"(createdDateTime|activityDateTime) (ge|le) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)")
_DELTA = re.compile(r"/v1\.0/(applications|servicePrincipals)/delta(?:\(\))?")
_ITEM = re.compile(r"/v1\.0/(applications|servicePrincipals)/([^/]+)")
_DETAIL = re.compile(
    r"/v1\.0/(applications|servicePrincipals)/([^/]+)/"
    r"(owners|federatedIdentityCredentials|oauth2PermissionGrants|appRoleAssignments|appRoleAssignedTo)"
)
_TENANT_WIDE = (
    "/v1.0/directory/deletedItems/graph.application",
    "/v1.0/directory/deletedItems/microsoft.graph.application",
    "/v1.0/identity/conditionalAccess/policies",
    "/v1.0/subscribedSkus",
)
LIVES = 3599
"""Seconds that a token is good for."""


@dataclass
class Position:
    """Where a page token stands: the query it belongs to and the last row given."""

    query: dict[str, str]
    after: Any
    issued: float
    path: str


@dataclass
class Graph:
    """One tenant. ``page`` is the most rows on a page, whatever ``$top`` asks for."""

    world: World
    page: int = 20
    accepts_ne: bool = True
    static_token: str = ""
    tokens: dict[str, float] = field(default_factory=dict)
    """Access token → when it was issued."""
    positions: dict[str, Position] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    unexpected: list[str] = field(default_factory=list)
    """What was asked for that nobody here knows; an answer to it would prove nothing."""

    def answer(self, request: Request, now: float) -> Answer:
        if request.method == "POST" and request.path.endswith("/oauth2/v2.0/token"):
            return self._token(now)
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer != self.static_token and now - self.tokens.get(bearer, -LIVES) >= LIVES:
            return refused(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        if request.path in ("/beta/auditLogs/signIns", "/v1.0/auditLogs/signIns"):
            return self._log(request, now, self._wanted_sign_ins)
        if request.path == "/v1.0/auditLogs/directoryAudits":
            return self._log(request, now, self._wanted_audits)
        if found := _DELTA.fullmatch(request.path):
            return self._delta(request, now, found[1])
        if found := _DETAIL.fullmatch(request.path):
            there = found[2] in self.world.objects(found[1], now)
            return said({"value": [{"id": f"{found[2]}-{found[3]}"}]}) if there else _not_found()
        if found := _ITEM.fullmatch(request.path):
            body = self.world.objects(found[1], now).get(found[2])
            return said({"@odata.context": "x"} | body) if body else _not_found()
        if request.path in _TENANT_WIDE:
            return said({"value": []})
        self.unexpected.append(f"{request.method} {request.path}?{request.query}")
        return refused(404, "Request_ResourceNotFound", "Nobody here knows this.")

    def _token(self, now: float) -> Answer:
        token = f"token-{len(self.tokens)}"
        self.tokens[token] = now
        return said({"token_type": "Bearer", "access_token": token, "expires_in": LIVES})

    def link(self, request: Request, query: dict[str, str], **more: str) -> str:
        """The address of a further page of this request."""
        parts = {name: value for name, value in query.items() if "token" not in name} | more
        text = "&".join(f"{quote(name, safe='$')}={quote(value)}" for name, value in parts.items())
        return f"{request.scheme_host}{request.path}?{text}"

    def _keep(self, request: Request, query: dict[str, str], after: Any, now: float) -> str:
        token = f"p{next(self.numbers)}"
        self.positions[token] = Position(query, after, now, request.path)
        return token

    def next_link(self, request: Request, after: Any, now: float) -> str:
        """A link to the rows behind ``after``."""
        query = self.positions[request.query["$skiptoken"]].query if "$skiptoken" in request.query else request.query
        return self.link(request, query, **{"$skiptoken": self._keep(request, query, after, now)})

    def _log(self, request: Request, now: float, wanted: Callable[[str, float], list[tuple[Row, Record]]]) -> Answer:
        query, after = request.query, None
        if "$skiptoken" in query:
            position = self.positions.get(query["$skiptoken"])
            if position is None or position.path != request.path:
                return refused(400, "BadRequest", "Invalid Skip Token, skip token is null")
            query, after = position.query, position.after
        try:
            rows = wanted(query.get("$filter", ""), now)
            top = int(query.get("$top", "1000"))
        except ValueError as problem:
            return refused(400, "BadRequest", f"Invalid filter clause: {problem}")
        rows = [(row, record) for row, record in rows if after is None or row.key < after]
        size = min(top, self.page)
        page: dict[str, Any] = {"@odata.context": "x", "value": [record for _, record in rows[:size]]}
        if len(rows) > size:
            page["@odata.nextLink"] = self.next_link(request, rows[size - 1][0].key, now)
        return said(page)

    def _wanted_sign_ins(self, given: str, now: float) -> list[tuple[Row, Record]]:
        rest, kinds = given, {"interactiveUser"}
        if found := _KIND.search(rest):
            kinds = set(re.findall(r"t eq '(\w+)'", found[1]))
            rest = rest.replace(found[0], "")
        failures_only = "status/errorCode ne 0" in rest
        if failures_only and not self.accepts_ne:
            raise ValueError("the operator is not supported")
        successes_only = "status/errorCode eq 0" in rest
        rest, low, high = _bounds(re.sub(r"status/errorCode (ne|eq) 0", "", rest), "createdDateTime")
        if low < now - 31 * 86400:
            raise ValueError("too far back")
        if re.sub(r"\band\b", "", rest).strip():
            self.unexpected.append(f"filter: {given}")
            raise ValueError(rest)
        return [
            (row, told)
            for row in self.world.sign_ins
            if low <= row.created <= high
            and (told := row.told(now)) is not None
            and kinds & set(told["signInEventTypes"])
            and not (failures_only and told["status"]["errorCode"] == 0)
            and not (successes_only and told["status"]["errorCode"] != 0)
        ]

    def _wanted_audits(self, given: str, now: float) -> list[tuple[Row, Record]]:
        rest, low, high = _bounds(given, "activityDateTime")
        if re.sub(r"\band\b", "", rest).strip():
            self.unexpected.append(f"filter: {given}")
            raise ValueError(rest)
        return [
            (row, told)
            for row in self.world.audits
            if low <= row.created <= high and (told := row.told(now)) is not None
        ]

    def _delta(self, request: Request, now: float, kind: str) -> Answer:
        """The first round lists everything; its delta link stands for the turns seen till its first page."""
        query, turns = request.query, self.world.turns[kind]
        if "$skiptoken" in query:
            position = self.positions.get(query["$skiptoken"])
            if position is None or position.path != request.path:
                return refused(400, "Directory_ExpiredPageToken", "The page token has expired.")
            waiting, till = position.after
        else:
            till = sum(1 for turn in turns if turn.at <= now)
            if "$deltatoken" in query:
                mark = self.positions.get(query["$deltatoken"])
                if mark is None:
                    return refused(410, "syncStateNotFound", "Start anew.")
                waiting = list(dict.fromkeys(turn.object_id for turn in turns[mark.after : till]))
            else:
                waiting = sorted(self.world.objects(kind, now))
        first = "$deltatoken" not in query and not (
            "$skiptoken" in query and "$deltatoken" in self.positions[query["$skiptoken"]].query
        )
        value = [self._told(kind, object_id, now, whole=first) for object_id in waiting[: self.page]]
        page: dict[str, Any] = {"@odata.context": "x", "value": value}
        if len(waiting) > self.page:
            origin = query if "$skiptoken" not in query else self.positions[query["$skiptoken"]].query
            token = self._keep(request, origin, (waiting[self.page :], till), now)
            page["@odata.nextLink"] = self.link(request, {}, **{"$skiptoken": token})
        else:
            page["@odata.deltaLink"] = self.link(request, {}, **{"$deltatoken": self._keep(request, {}, till, now)})
        return said(page)

    def _told(self, kind: str, object_id: str, now: float, *, whole: bool) -> Record:
        body = self.world.objects(kind, now).get(object_id)
        if body is None:
            reason = next(
                (t.reason for t in reversed(self.world.turns[kind]) if t.object_id == object_id and t.reason), ""
            )
            return {"id": object_id, "@removed": {"reason": reason or "changed"}}
        return body if whole else {"id": object_id, "displayName": body["displayName"]}


def _bounds(given: str, name: str) -> tuple[str, float, float]:
    """The filter without its time bounds, and the bounds, both inclusive."""
    low, high = float("-inf"), float("inf")
    for field_name, operator, value in _BOUND.findall(given):
        if field_name != name:
            raise ValueError(field_name)
        instant = datetime.fromisoformat(value).timestamp()
        low, high = (max(low, instant), high) if operator == "ge" else (low, min(high, instant))
    return _BOUND.sub("", given), low, high


def _not_found() -> Answer:
    return refused(404, "Request_ResourceNotFound", "Resource does not exist.")


def parsed(text: str) -> dict[str, str]:
    """The parameters of a query."""
    return dict(parse_qsl(text, keep_blank_values=True))


__all__ = ["TENANT", "Graph", "parsed"]
