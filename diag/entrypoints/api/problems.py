"""Every error as RFC 9457 ``application/problem+json`` with a stable ``type``."""

import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from diag.core.errors import BadInput, DiagError, NotFound, NotifyError, StoreError

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)

TITLES: Mapping[str, str] = {
    "bad-cursor": "The continuation of a list cannot be used",
    "bad-input": "The request cannot be used as it is",
    "bad-request": "The request is not understood",
    "ambiguous-application": "Several tenants hold this application",
    "channel-refused": "The channel did not take the message",
    "cross-site-request": "The request came from another site",
    "forbidden": "This is not allowed",
    "forwarded-request": "The request was forwarded",
    "internal-error": "Something went wrong in this service",
    "method-not-allowed": "This address does not answer to this method",
    "not-found": "There is no such thing here",
    "service-error": "The service could not do this",
    "signed-token": "The token holds its signature",
    "starting": "The service is still starting",
    "store-unavailable": "The database cannot be used",
    "too-large": "The request is too large",
    "too-many-requests": "Too many requests",
    "unauthorized": "Sign-in is needed",
    "unknown-host": "The Host header is not one of this service's names",
    "unready": "The service is not ready",
    "unsupported-media-type": "The body is not JSON",
}
"""Every problem type by the end of its ``type``, with its title; neither changes once published."""

_BY_STATUS = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
    422: "bad-input",
    429: "too-many-requests",
    503: "unready",
}
_HINTS = {
    401: "Sign in and ask again.",
    404: "The page /docs lists every address of the API.",
    405: "The Allow header names the methods of this address.",
}


class Problem(DiagError):
    """An error with its HTTP status; ``slug`` is the stable end of its ``type``."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail, hint=hint)
        self.status, self.slug, self.headers, self.extra = status, slug, headers or {}, extra


def problem(
    status: int, slug: str, detail: str, hint: str = "", headers: Mapping[str, str] | None = None, **extra: Any
) -> Response:
    """The response for one problem."""
    body = {
        "type": f"/problems/{slug}",
        "title": TITLES[slug],
        "status": status,
        "detail": detail,
        **({"hint": hint} if hint else {}),
        **extra,
    }
    # Text of a request may be quoted in the detail, and a request may hold half a character.
    encoded = msgspec.json.encode(_whole(body))
    return Response(encoded, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of this application with a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(DiagError, _diag_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  registered for this type
    return problem(error.status, error.slug, str(error), error.hint, error.headers, **error.extra)


async def _diag_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, DiagError)  # noqa: S101  registered for this type
    match error:
        case BadInput():
            return problem(422, "bad-input", str(error), error.hint)
        case NotFound():
            return problem(404, "not-found", str(error), error.hint)
        case StoreError():
            return problem(503, "store-unavailable", str(error), error.hint, {"Retry-After": "5"})
        case NotifyError():
            return problem(502, "channel-refused", str(error), error.hint)
        case _:
            # What is left is about our own files; their names are for the log.
            _log.error("request failed", extra={"problem": str(error), "hint": error.hint})
            return problem(500, "service-error", f"{TITLES['service-error']}.", "The log of this service says why.")


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this type
    first = error.errors()[0]
    # The first part of a place is where the value stood: query, path or body.
    where = ".".join(str(part) for part in first["loc"][1:])
    said = str(first["msg"])
    return problem(422, "bad-input", f"{where}: {said}" if where else said, "Correct the value named and ask again.")


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this type
    slug = _BY_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "service-error")
    detail = str(error.detail) if error.status_code not in (404, 405) else f"{TITLES[slug]}."
    return problem(error.status_code, slug, detail, _HINTS.get(error.status_code, ""), error.headers)


async def _gone(_request: Request, _error: Exception) -> Response:
    """Nobody reads this; it keeps a client that hung up from counting as a bug."""
    return problem(400, "bad-request", "The client went away before its request was whole.")


async def _unexpected(_request: Request, _error: Exception) -> Response:
    return problem(
        500,
        "internal-error",
        "Something went wrong here; nothing was changed.",
        "Try again; the log of this service holds the place under the request ID of this answer.",
    )


def _whole(value: Any) -> Any:
    """The value with lone surrogates, which UTF-8 cannot hold, replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return value
