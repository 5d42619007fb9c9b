"""What goes wrong between Graph and its client: drawn from a seed, request by request, in spells of bad weather."""

import gzip
import json
import random
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from tests.faults.oracle.answers import Answer, Request, refused
from tests.faults.oracle.graph import Graph

LONGEST_WAIT = 3600.0
"""A client may come back after an hour whatever it was told."""

WIRE = ("reset", "reset_inside", "stall", "stall_inside", "too_short", "too_long")
BODIES = ("html", "truncated", "empty", "error_in_200", "error_behind", "oversized", "gzip_bomb", "not_json")
STATUSES = ("429", "500", "502", "503", "504", "401", "400", "redirect")
PAGES = (
    "empty_page",
    "repeated_page",
    "doubled_rows",
    "loop",
    "foreign_link",
    "empty_token",
    "lost_token",
    "lost_delta",
)
EVERYTHING = WIRE + BODIES + STATUSES + PAGES

RETRY_AFTER: Sequence[Callable[[float], str | None]] = (
    lambda now: None,
    lambda now: "0",
    lambda now: "7",
    lambda now: "45",
    lambda now: "2.128",
    lambda now: "-5",
    lambda now: "86400",
    lambda now: "9" * 30,
    lambda now: _date(now + 40),
    lambda now: _date(now - 4000),
    lambda now: _date(now + 400).replace("GMT", "-0000"),
    lambda now: "soon",
    lambda now: "",
    lambda now: "1e3",
    lambda now: "\u0663\u0660",
    lambda now: "12, 30",
    lambda now: "nan",
    lambda now: "Thu, 99 Foo 2026 99:99:99 GMT",
)

FOREIGN = (
    "http://127.0.0.1:9/beta/auditLogs/signIns?$skiptoken=x",
    "https://graph.contoso-evil.example/beta/auditLogs/signIns?$skiptoken=x",
    "//graph.contoso-evil.example/beta/auditLogs/signIns?$skiptoken=x",
    "http://user@graph.contoso-evil.example/beta/auditLogs/signIns?$skiptoken=x",
    "{own}@graph.contoso-evil.example/beta/auditLogs/signIns?$skiptoken=x",
    "{own}.contoso-evil.example/beta/auditLogs/signIns?$skiptoken=x",
    "javascript:alert(1)",
    "ftp://127.0.0.1/beta/auditLogs/signIns",
    "/beta/auditLogs/signIns?$skiptoken=x",
)
_HTML = b"<!DOCTYPE html><html><body><h1>502 - Web server received an invalid response</h1></body></html>"


@dataclass(frozen=True)
class Spell:
    """A time of bad weather: which faults, and how likely each request meets one."""

    start: float
    end: float
    rate: float
    kinds: Sequence[str]


@dataclass(frozen=True)
class Loss:
    """A time without a permission or the licence; ``family`` is logs or directory."""

    start: float
    end: float
    family: str
    licence: bool = False


@dataclass
class Weather:
    rng: random.Random
    spells: Sequence[Spell] = ()
    losses: Sequence[Loss] = ()
    date_off: float = 0.0
    """Seconds that the ``Date`` header is off."""
    oversized: int = 64 * 1024 * 1024
    """Bytes of more than the client takes."""
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    asked: dict[tuple[str, str], deque[float]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=6)))
    not_before: dict[tuple[str, str], float] = field(default_factory=dict)
    too_early: list[str] = field(default_factory=list)
    """Requests that came before a Retry-After was over, or more than five of the logs within ten seconds."""
    frozen: set[str] = field(default_factory=set)
    """Processes that were frozen: what had its turn before leaves all at once afterwards."""
    foreign: Sequence[str] = FOREIGN
    requests: int = 0

    def answer(self, request: Request, now: float, graph: Graph) -> Answer:
        """What goes over the wire for this request."""
        self.requests += 1
        kind = self._drawn(now)
        answer = self._lost(_family(request.path), now) or self._made(kind, request, now, graph)
        answer.headers.setdefault("Date", _date(now + self.date_off))
        return answer

    def arrived(self, request: Request, answer: Answer, answered: float) -> None:
        """Keep in mind what this process was told, now that it knows."""
        if answer.status in (429, 503) and "Retry-After" in answer.headers and answer.ends == "whole":
            wait = _seconds(answer.headers["Retry-After"], answered + self.date_off)
            key = request.who, _family(request.path)
            self.not_before[key] = max(self.not_before.get(key, 0.0), answered + min(wait, LONGEST_WAIT))

    def leaving(self, request: Request, now: float) -> None:
        """Watch the pace at which a process sends."""
        family = _family(request.path)
        if family == "token":
            return
        due = self.not_before.get((request.who, family), 0.0)
        if now < due - 0.01:
            self.too_early.append(f"{request.path} {due - now:.1f} s before its time")
        if family == "logs" and request.who not in self.frozen:
            recent = self.asked[request.who, family]
            recent.append(now)
            if len(recent) == 6 and recent[-1] - recent[0] < 10.0:
                self.too_early.append(f"six requests of the logs within {recent[-1] - recent[0]:.2f} s")

    def _drawn(self, now: float) -> str:
        for spell in self.spells:
            if spell.start <= now < spell.end and self.rng.random() < spell.rate:
                return self.rng.choice(spell.kinds)
        return ""

    def _lost(self, family: str, now: float) -> Answer | None:
        for loss in self.losses:
            if loss.start <= now < loss.end and loss.family == family:
                self.counts["licence" if loss.licence else "permission"] += 1
                if loss.licence:
                    return refused(
                        403,
                        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                        "Neither tenant is B2C or tenant doesn't have premium license",
                    )
                return refused(403, "Authorization_RequestDenied", "Insufficient privileges.")
        return None

    def _made(self, kind: str, request: Request, now: float, graph: Graph) -> Answer:
        if not kind:
            return graph.answer(request, now)
        self.counts[kind] += 1
        if kind in STATUSES:
            return self._status(kind, request, now, graph)
        if kind in PAGES:
            return self._page(kind, request, now, graph)
        answer = graph.answer(request, now)
        if kind in BODIES:
            return self._body(kind, answer)
        return self._wire(kind, answer)

    def _status(self, kind: str, request: Request, now: float, graph: Graph) -> Answer:
        rng = self.rng
        if kind == "401":
            # The token has ended early, as after a password change; a new one works.
            graph.tokens.pop(request.headers.get("authorization", "").removeprefix("Bearer "), None)
            return refused(401, "InvalidAuthenticationToken", "Access token has expired.")
        if kind == "400":
            return refused(400, "UnknownError", "")
        if kind == "redirect":
            return Answer(302, {"Location": "https://graph.contoso-evil.example/"})
        answer = (
            refused(int(kind), "UnknownError", "Try again later.")
            if rng.random() < 0.7
            else Answer(int(kind), {}, _HTML)
        )
        if kind in ("429", "503"):
            value = rng.choice(RETRY_AFTER)(now + self.date_off)
            if value is not None:
                answer.headers["Retry-After"] = value
        return answer

    def _body(self, kind: str, answer: Answer) -> Answer:
        rng, whole = self.rng, answer.body
        match kind:
            case "html":
                return Answer(200, {"Content-Type": "text/html"}, _HTML)
            case "truncated":
                answer.body = whole[: rng.randrange(len(whole))]
            case "empty":
                answer.body = b""
            case "error_in_200":
                answer.body = refused(200, "UnknownError", "Something went wrong.").body
            case "error_behind":
                answer.body = whole[:-1] + b',{"error":{"code":"UnknownError","message":"broke off"}}'
            case "oversized":
                answer.body = b'{"value":[],"padding":"' + b"x" * self.oversized + b'"}'
            case "gzip_bomb":
                answer.headers["Content-Encoding"] = "gzip"
                answer.body = gzip.compress(b'{"value":[],"padding":"' + b" " * self.oversized + b'"}', 1)
            case "not_json":
                answer.body = rng.choice(
                    (b"null", b"[]", b'"x"', b"{}", b"\xff\xfe\x00", b'{"value":{}}', b"NaN", b"0")
                )
        return answer

    def _wire(self, kind: str, answer: Answer) -> Answer:
        size = len(answer.body)
        match kind:
            case "reset":
                answer.ends, answer.after = "reset", -1
            case "reset_inside":
                answer.ends, answer.after = "reset", self.rng.randrange(size)
            case "stall":
                answer.ends, answer.after = "stall", -1
            case "stall_inside":
                answer.ends, answer.after = "stall", self.rng.randrange(size)
            case "too_short":
                answer.declared = self.rng.randrange(size)
            case "too_long":
                answer.declared = size + self.rng.randrange(1, 1000)
        return answer

    def _page(self, kind: str, request: Request, now: float, graph: Graph) -> Answer:
        """A collection's page that is not as it should be; anything else is answered as usual."""
        rng = self.rng
        token = request.query.get("$skiptoken")
        if kind == "lost_token" and token is not None:
            graph.positions.pop(token, None)
            return graph.answer(request, now)
        if kind == "lost_delta" and "$deltatoken" in request.query:
            graph.positions.pop(request.query["$deltatoken"], None)
            return graph.answer(request, now)
        if kind == "empty_page" and token is None and "auditLogs" in request.path:
            # Nothing on the first page, everything behind it.
            link = graph.next_link(request, (float("inf"), ""), now)
            return _page([], link)
        answer = graph.answer(request, now)
        page = json.loads(answer.body)
        if answer.status != 200 or "value" not in page:
            return answer
        rows, link = page["value"], page.get("@odata.nextLink")
        if kind == "doubled_rows":
            page["value"] = [row for row in rows for _ in range(rng.choice((1, 2)))]
        elif link is not None:
            if kind == "empty_page":
                page["value"], page["@odata.nextLink"] = [], _same(request, graph, now)
            elif kind == "repeated_page":
                page["@odata.nextLink"] = _same(request, graph, now)
            elif kind == "loop":
                page["@odata.nextLink"] = f"{request.scheme_host}{request.path}?$skiptoken={token or 'p-none'}"
            elif kind == "foreign_link":
                page["@odata.nextLink"] = rng.choice(self.foreign).format(own=request.scheme_host)
            elif kind == "empty_token":
                page["@odata.nextLink"] = f"{request.scheme_host}{request.path}?$top=5&$skiptoken="
        answer.body = json.dumps(page).encode()
        return answer


def _same(request: Request, graph: Graph, now: float) -> str:
    """A new link that stands where this request stood."""
    if "$skiptoken" in request.query:
        position = graph.positions[request.query["$skiptoken"]]
        graph.positions[fresh := f"again{next(graph.numbers)}"] = position
        return graph.link(request, position.query, **{"$skiptoken": fresh})
    if "delta" in request.path:
        parts = {name: value for name, value in request.query.items() if name == "$deltatoken"}
        return graph.link(request, {}, **parts, again=str(next(graph.numbers)))
    return graph.next_link(request, (float("inf"), ""), now)


def _page(rows: list[object], link: str) -> Answer:
    body = json.dumps({"value": rows, "@odata.nextLink": link}).encode()
    return Answer(200, {"Content-Type": "application/json"}, body)


def _family(path: str) -> str:
    if path.endswith("/token"):
        return "token"
    if "auditLogs" in path:
        return "logs"
    return "policies" if "conditionalAccess" in path else "directory"


def _date(instant: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(instant), UTC), usegmt=True)


def _seconds(value: str, now: float) -> float:
    """How long a Retry-After asks to wait; 0 where it says nothing that a client could keep to."""
    if value.replace(".", "", 1).isdigit() and value.isascii():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).replace(tzinfo=UTC).timestamp() - now)
    except (ValueError, IndexError, OverflowError):
        return 0.0
