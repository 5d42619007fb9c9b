"""The ASGI application: API, health and whatever pages it is given."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from diag import __version__
from diag.bootstrap import Service
from diag.entrypoints.api import health, knowledge, problems
from diag.entrypoints.api.guard import App, Guard


def build_app(
    service: Service,
    *,
    pages: APIRouter | None = None,
    static: Path | None = None,
    lifespan: Callable[[Any], AbstractAsyncContextManager[None]] | None = None,
) -> App:
    """The application for a service; ``pages`` and the folder ``static`` are served beside the API when given."""
    app = FastAPI(
        title="aadsts-diag",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
    )
    app.state.service = service
    problems.install(app)
    app.include_router(health.router)
    app.include_router(knowledge.router)
    if pages is not None:
        app.include_router(pages)
    if static is not None:
        app.mount("/static", StaticFiles(directory=static), name="static")
    return Guard(app, service)
