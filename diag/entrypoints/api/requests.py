"""What handlers share: the service, parameters, strict bodies, and answers in msgspec's encoding."""

import difflib
import re
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar, cast

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.responses import Response

from diag.bootstrap import Service
from diag.core.errors import BadInput
from diag.entrypoints.api.problems import Problem

T = TypeVar("T")

RETRY_SECONDS = 2
_ENCODER = msgspec.json.Encoder()
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json|text/json", re.IGNORECASE)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+ -]\d\d:\d\d)")
_CODE = re.compile(r"(?:AADSTS)?(\d{1,9})", re.IGNORECASE | re.ASCII)


def service_of(request: Request) -> Service:
    """The running service."""
    return cast(Service, request.app.state.service)


ServiceOf = Annotated[Service, Depends(service_of)]

TenantFilter = Annotated[
    str | None, Query(alias="tenant_id", description="Only this tenant, by its GUID.", max_length=100)
]
AppFilter = Annotated[
    str | None, Query(alias="app_id", description="Only this application, by its application ID.", max_length=100)
]
CodeFilter = Annotated[
    str | None, Query(alias="code", description="Only this code: 50011 or AADSTS50011.", max_length=20)
]
From = Annotated[
    str | None, Query(alias="from", description="From this instant on, RFC 3339 with a zone.", max_length=50)
]
To = Annotated[str | None, Query(alias="to", description="Up to this instant, RFC 3339 with a zone.", max_length=50)]


class ApiRoute(APIRoute):
    """Refuses what the operation does not know: a misspelt filter that is ignored would answer another question."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        known = _query_names(self.dependant)

        async def strictly(request: Request) -> Response:
            starting = service_of(request).starting
            if starting:
                raise Problem(
                    503,
                    "starting",
                    f"The service is still {starting}.",
                    hint="Ask again in a moment.",
                    headers={"Retry-After": str(RETRY_SECONDS)},
                )
            _refuse_unknown(request, known)
            return await handle(request)

        return strictly


def new_router(tag: str) -> APIRouter:
    """A router for operations below ``/api/v1``."""
    return APIRouter(prefix="/api/v1", tags=[tag], route_class=ApiRoute)


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON of a value of ours; instants are RFC 3339 UTC with ``Z``."""
    return Response(_ENCODER.encode(value), status, headers=headers, media_type="application/json")


async def json_body(request: Request) -> bytes:
    """The body of a request that says it is JSON, or says nothing of its kind."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    body = await request.body()
    if kind and body and not _JSON.fullmatch(kind):
        raise Problem(
            415,
            "unsupported-media-type",
            "The body must be JSON.",
            hint="Send it with the header Content-Type: application/json.",
            headers={"Accept": "application/json"},
        )
    return body


async def strict_body(request: Request, kind: type[T]) -> T:
    """The body as one of our own objects; an empty one says nothing, an unknown field is refused."""
    body = await json_body(request)
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"the body: {error}", hint="Correct the field named and ask again.") from None


def instant(name: str, value: str | None) -> datetime | None:
    """The instant a parameter gives, in UTC; ``BadInput`` when it is none, or names no zone."""
    if value is None:
        return None
    text = value.strip()
    if _INSTANT.fullmatch(text):
        # A plus sign that was not percent-encoded arrives as a blank.
        text = re.sub(r" (?=\d\d:\d\d$)", "+", text)
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise BadInput(
        f"{name}: is no instant", hint=f"Give it as RFC 3339 with a zone, such as {name}=2026-11-22T10:00:00Z."
    )


def code_number(value: str | None) -> int | None:
    """The number of a code given as 50011 or AADSTS50011."""
    if value is None:
        return None
    match = _CODE.fullmatch(value.strip())
    if match is None:
        raise BadInput("code: is no code", hint="Give it as 50011 or AADSTS50011.")
    return int(match[1])


def guid(value: str | None) -> str | None:
    """An identifier as it is stored: lower case."""
    return None if value is None else value.strip().lower()


def one_of(name: str, value: str | None, known: tuple[str, ...]) -> str | None:
    """The value itself; ``BadInput`` lists the known ones when it is none of them."""
    if value is not None and value not in known:
        raise BadInput(f"{name}: is not one of {', '.join(known)}", hint="Give one of the values listed.")
    return value


def _query_names(dependant: Dependant) -> frozenset[str]:
    own = {field.alias for field in dependant.query_params}
    return frozenset(own.union(*(_query_names(inner) for inner in dependant.dependencies)))


def _refuse_unknown(request: Request, known: frozenset[str]) -> None:
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        if name not in known:
            near = difflib.get_close_matches(name[:80], known, n=1)
            instead = f"; did you mean {near[0]}?" if near else ""
            names = ", ".join(sorted(known)) or "none"
            raise BadInput(f"{name[:80]}: unknown parameter{instead}", hint=f"Known parameters here: {names}.")
        if name in seen:
            raise BadInput(f"{name}: given twice", hint="Give each parameter once.")
        seen.add(name)
        if "\x00" in value:
            raise BadInput(f"{name}: holds a character that no value has", hint="Correct the value and ask again.")
    if any("\x00" in str(value) for value in request.path_params.values()):
        raise BadInput("the address holds a character that no identifier has", hint="Correct it and ask again.")
