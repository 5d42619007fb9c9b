"""Plain ASGI middleware around every request: who may ask, how much, and what every answer carries."""

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from diag.bootstrap import Service
from diag.entrypoints.api.problems import problem
from diag.settings import is_loopback

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 1024 * 1024
"""Bytes; a diagnose request holds at most 256 KB of text beside the registration."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_STATELESS = re.compile(r"^/(api/v1/(diagnose|tokens/inspect|flows/recommend|preflight)|look-up)$")
"""Asked with POST for the size of what is asked, but they change nothing."""
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
)

_log = logging.getLogger("diag.access")


class Guard:
    """Wraps the application; refuses what must not reach it and logs one line per request without its query."""

    def __init__(self, app: App, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = uuid.uuid4().hex
        status = 500

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", []), *_HEADERS, (b"x-request-id", request_id.encode())]
                message = {**message, "headers": headers}
            await send(message)

        refused = self._refusal(scope)
        try:
            if refused is not None:
                await refused(scope, receive, answered)
            else:
                await _Capped(self._app)(scope, receive, answered)
        finally:
            route = scope.get("route")
            _log.info(
                "request",
                extra={
                    "request_id": request_id,
                    "method": scope["method"],
                    "route": getattr(route, "path", "unmatched"),
                    "status": status,
                    "duration_ms": round((time.perf_counter() - started) * 1000, 1),
                },
            )

    def _refusal(self, scope: Scope) -> App | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if not self._known_host(host):
            return problem(
                421,
                "unknown-host",
                "This service does not answer to the Host header it was asked with.",
                "Use 127.0.0.1 or localhost, or add the name to DIAG_ALLOWED_HOSTS.",
            )
        if any(name in headers for name in _FORWARDED):
            return problem(
                403,
                "forwarded-request",
                "This service runs without sign-in and therefore answers no forwarded requests.",
                "Reach it directly on its loopback address.",
            )
        stateless = _STATELESS.match(scope["path"]) is not None
        if scope["method"] not in _SAFE and not stateless and not _same_origin(headers, host):
            return problem(
                403,
                "cross-site-request",
                "A request that changes something must come from this service's own pages.",
                "Send an Origin header that equals this service's address.",
            )
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > LARGEST_BODY:
            return _too_large()
        return None

    def _known_host(self, host: str) -> bool:
        name = urlsplit(f"//{host}").hostname or ""
        settings = self._service.settings
        public = urlsplit(settings.public_url).hostname
        return is_loopback(name) or name in settings.allowed_hosts or (public is not None and name == public)


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


def _too_large() -> App:
    return problem(413, "too-large", f"The request is larger than {LARGEST_BODY // 1024} KB.", "Send less at once.")


def _same_origin(headers: dict[bytes, bytes], host: str) -> bool:
    origin = headers.get(b"origin")
    if origin is not None:
        return urlsplit(origin.decode("latin-1").lower()).netloc == host
    return headers.get(b"sec-fetch-site") == b"same-origin"
