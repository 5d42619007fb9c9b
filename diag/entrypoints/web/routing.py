"""The route class of all pages: what goes wrong on the way becomes a page that says so."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from diag.core.errors import BadInput, StoreError
from diag.entrypoints.web.http import message, page, service_of


class PageRoute(APIRoute):
    """Turns expected errors of a handler into pages; a bug is left to the process."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except BadInput as error:
                return message(request, str(error), error.hint, status=400)
            except RequestValidationError:
                return message(request, "This request cannot be used.", "Use the page's own form.", status=400)
            except StoreError as error:
                if service_of(request).starting:
                    return page(request, "starting.html", None, title="Starting", status=503)
                return message(request, str(error), error.hint, status=503)

        return answered


def new_router() -> APIRouter:
    """A router for pages; they are no part of the published HTTP API."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)
