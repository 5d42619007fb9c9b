"""Plain ASGI middleware around every request: who may ask, how much, and what every answer carries."""

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from diag.bootstrap import Service
from diag.entrypoints.api.metrics import Requests
from diag.entrypoints.api.problems import problem
from diag.settings import is_loopback

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 1024 * 1024
"""Bytes; a diagnose request holds at most 256 KB of text, beside it a registration and an API with all its roles."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_STATELESS = re.compile(r"/(?:api/v1/(?:diagnose|tokens/inspect|flows/recommend|preflight)|look-up)")
"""Asked with POST for the size of what is asked, but they change nothing."""
_FORWARDED = re.compile(rb"forwarded|via|x-real-ip|x-forwarded(?:-.*)?|x-original-.*|cf-connecting-ip|true-client-ip")
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::\d{1,5})?")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    # Not no-referrer: browsers would then send "Origin: null" with this service's own forms.
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
)

_log = logging.getLogger("diag.access")


class Guard:
    """Wraps the application; refuses what must not reach it and logs one line per request without its query."""

    def __init__(self, app: App, service: Service, requests: Requests) -> None:
        self._app = app
        self._service = service
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = uuid.uuid4().hex
        method = scope["method"]
        status = 500

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": _with_headers(message, request_id)}
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            refused = self._refusal(scope)
            if refused is not None:
                await refused(scope, receive, answered)
                return
            if method == "HEAD":
                # Whatever answers to GET answers to HEAD: the same headers without the body.
                scope["method"] = "GET"
            await _Capped(self._app)(scope, receive, answered)
        finally:
            took = time.perf_counter() - started
            route = _route(scope)
            self._requests.count(method, route, status, took)
            _log.info(
                "request",
                extra={
                    "request_id": request_id,
                    "method": method if method.isalpha() and len(method) <= 10 else "other",
                    "route": route,
                    "status": status,
                    "duration_ms": round(took * 1000, 1),
                },
            )

    def _refusal(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        host = hosts[0].decode("latin-1").lower() if len(hosts) == 1 else ""
        if not self._known_host(host):
            return problem(
                421,
                "unknown-host",
                "This service does not answer to the Host header it was asked with.",
                "Use 127.0.0.1 or localhost, or add the name to DIAG_ALLOWED_HOSTS.",
            )
        if self._service.settings.auth == "none" and any(_FORWARDED.fullmatch(name) for name in headers):
            return problem(
                403,
                "forwarded-request",
                "This service runs without sign-in and therefore answers no forwarded requests.",
                "Reach it directly on its loopback address.",
            )
        stateless = _STATELESS.fullmatch(scope["path"]) is not None
        if scope["method"] not in _SAFE and not stateless and not self._same_origin(headers, scope, host):
            return problem(
                403,
                "cross-site-request",
                "A request that changes something must come from this service's own pages.",
                f"Send the header Origin: {scope.get('scheme', 'http')}://{host}.",
            )
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > LARGEST_BODY:
            return _too_large()
        return None

    def _known_host(self, host: str) -> bool:
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        settings = self._service.settings
        public = urlsplit(settings.public_url).hostname
        name = match["name"]
        return is_loopback(name) or name in settings.allowed_hosts or host in settings.allowed_hosts or name == public

    def _same_origin(self, headers: dict[bytes, bytes], scope: Scope, host: str) -> bool:
        """By Sec-Fetch-Site, which no page can forge, and by Origin; a client without both is refused."""
        site = headers.get(b"sec-fetch-site")
        origin = headers.get(b"origin", b"null").decode("latin-1").lower()
        own = {f"{scope.get('scheme', 'http')}://{host}", self._service.settings.public_url.rstrip("/").lower()}
        if site is not None:
            return site == b"same-origin" and (origin == "null" or origin in own)
        return bool(origin) and origin in own


class _Capped:
    """Stops reading a body that grows beyond the cap, whatever its Content-Length said."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0
        begun = False
        cut = False

        async def capped() -> Message:
            nonlocal read, cut
            if cut:
                return {"type": "http.disconnect"}
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > LARGEST_BODY and not begun:
                    cut = True
                    await _too_large()(scope, receive, send)
                    return {"type": "http.disconnect"}
            return message

        async def once(message: Message) -> None:
            nonlocal begun
            if cut:
                return
            begun = True
            await send(message)

        await self._app(scope, capped, once)


def _too_large() -> Response:
    return problem(413, "too-large", f"The request is larger than {LARGEST_BODY // 1024} KB.", "Send less at once.")


def _route(scope: Scope) -> str:
    """The template of the address, never the address: identifiers and names stay out of logs and metrics."""
    path: str = getattr(scope.get("route"), "path", "")
    return path or "unmatched"


def _with_headers(message: Message, request_id: str) -> list[tuple[bytes, bytes]]:
    headers = list(message.get("headers", []))
    names = {name.lower() for name, _ in headers}
    if b"cache-control" not in names:
        headers.append((b"cache-control", b"no-store"))
    return [*headers, *_HEADERS, (b"x-request-id", request_id.encode())]
