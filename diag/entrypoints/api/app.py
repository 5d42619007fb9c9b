"""The ASGI application: API, health and whatever pages it is given."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from diag import __version__
from diag.bootstrap import Service
from diag.entrypoints.api import (
    alerts,
    applications,
    changes,
    credentials,
    docs,
    failures,
    findings,
    flows,
    health,
    incidents,
    knowledge,
    openapi,
    problems,
    quietings,
    status,
    tokens,
    unknown_codes,
)
from diag.entrypoints.api.guard import App, Guard
from diag.entrypoints.api.knowledge import KnownAnswers
from diag.entrypoints.api.metrics import Requests

_PARTS = (
    knowledge,
    unknown_codes,
    flows,
    tokens,
    failures,
    incidents,
    applications,
    findings,
    credentials,
    changes,
    alerts,
    quietings,
    status,
    health,
)


def build_app(
    service: Service,
    *,
    pages: APIRouter | None = None,
    static: Path | None = None,
    lifespan: Callable[[Any], AbstractAsyncContextManager[None]] | None = None,
) -> App:
    """The application for a service; ``pages`` and the folder ``static`` are served beside the API when given."""
    app = operations(lifespan)
    described = openapi.document(app)
    app.state.service = service
    app.state.openapi = openapi.encoded(described)
    app.state.docs = docs.page(described)
    app.state.requests = Requests()
    app.state.known_answers = KnownAnswers()
    app.state.last_tests = {}
    problems.install(app)
    app.include_router(docs.router)
    if pages is not None:
        app.include_router(pages)
    if static is not None:
        app.mount("/static", StaticFiles(directory=static), name="static")
    return Guard(app, service, app.state.requests)


def operations(lifespan: Callable[[Any], AbstractAsyncContextManager[None]] | None = None) -> FastAPI:
    """The published operations, without a service behind them."""
    app = FastAPI(
        title="aadsts-diag",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    for part in _PARTS:
        app.include_router(part.router)
    return app
