"""Every error as RFC 9457 ``application/problem+json`` with a stable ``type``."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from diag.core.errors import BadInput, DiagError, NotFound, StoreError

MEDIA_TYPE = "application/problem+json"


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
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **({"hint": hint} if hint else {}),
        **extra,
    }
    return Response(msgspec.json.encode(body), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of this application with a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(DiagError, _diag_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
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
        case _:
            return problem(500, "service-error", str(error), error.hint)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this type
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("query", "path", "body"))
    return problem(
        422,
        "bad-input",
        f"{where}: {first['msg']}" if where else str(first["msg"]),
        "Correct the value named and ask again.",
    )


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this type
    status = HTTPStatus(error.status_code)
    slug = status.phrase.lower().replace(" ", "-").replace("'", "")
    return problem(error.status_code, slug, str(error.detail), headers=error.headers)


async def _unexpected(_request: Request, _error: Exception) -> Response:
    return problem(
        500,
        "internal-error",
        "Something went wrong here; nothing was changed.",
        "Try again; the log of this service holds the details under the request ID.",
    )
