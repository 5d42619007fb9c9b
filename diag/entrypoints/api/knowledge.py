"""Codes and diagnoses: what the knowledge base answers; no tenant data unless an application is named."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Annotated, Any

import msgspec
from fastapi import Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from diag.adapters.graph.wire.request import enquiry
from diag.bootstrap import Service
from diag.core.diagnosis import Diagnosis
from diag.core.enquiry import Enquiry
from diag.core.entry import Entry
from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.diagnose_schema import EXAMPLE_ANSWER, EXAMPLE_REQUEST
from diag.entrypoints.api.paging import Cursor, PageSize, Place
from diag.entrypoints.api.problems import Problem
from diag.entrypoints.api.requests import ServiceOf, json_body, new_router
from diag.render.published import diagnosis_json, diagnosis_object
from diag.workflows.diagnose import answer as diagnosed
from diag.workflows.lookup import answer_with_registration
from diag.workflows.ports import CodeLine

router = new_router("knowledge")

_KEPT_BYTES = 16 * 1024 * 1024
"""What answers kept as bytes may take; those not asked for longest go first."""
_LINE = {
    "code": 50011,
    "symptom": None,
    "name": "InvalidReplyTo",
    "family": "redirect-uri",
    "kind": "failure",
    "summary": "The redirect URI of the request is not registered.",
    "fixed_by": "developer",
}
_ENTRY = {
    **_LINE,
    "causes": [
        {
            "id": "redirect-uri-not-registered",
            "title": "Nothing like the sent address is registered",
            "root_cause": "The application does not list the address that the client sent.",
            "fix": [],
        }
    ],
    "kb_version": "1",
}


class KnownAnswers:
    """Answers of one version of the knowledge base, each encoded once."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: str, make: Callable[[], bytes]) -> tuple[bytes, str]:
        """The bytes and their entity tag, made now or kept from before."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        body = make()
        made = body, f'"{hashlib.blake2s(body, digest_size=12).hexdigest()}"'
        with self._lock:
            if key not in self._answers:
                self._bytes += len(body)
            self._answers[key] = made
            while self._bytes > _KEPT_BYTES:
                _, (oldest, _) = self._answers.popitem(last=False)
                self._bytes -= len(oldest)
        return made


@router.get(
    "/codes",
    operation_id="listCodes",
    responses=answers("Codes and symptoms.", schema="CodeLine", listed=True, example=_LINE),
)
def list_codes(
    request: Request,
    service: ServiceOf,
    query: Annotated[
        str,
        Query(description="A code, a name, words or a sentence of the message; typos are forgiven.", max_length=2000),
    ] = "",
    family: Annotated[str | None, Query(max_length=80)] = None,
    kind: Annotated[str | None, Query(description="failure, interrupt, user-error or service.", max_length=40)] = None,
    fixed_by: Annotated[
        str | None, Query(description="Who ends it: developer, app-owner, admin …", max_length=40)
    ] = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """The codes and the symptoms without a code that the knowledge base explains; with ``query`` the best first."""
    place = Place(request, maxpagesize, cursor)
    wanted = {"family": family, "kind": kind, "fixed_by": fixed_by}

    def make() -> bytes:
        lines = _lines(service, query, wanted)
        if place.key is not None:
            keys = [_key(line) for line in lines]
            if place.key not in keys:
                raise Problem(
                    400,
                    "bad-cursor",
                    "The knowledge base changed since this list began.",
                    hint="Ask for the list anew.",
                )
            lines = lines[keys.index(place.key) + 1 :]
        return place.answer(lines[: place.fetch], _key, msgspec.to_builtins).body  # type: ignore[return-value]

    return _tagged(request, service, make)


@router.get(
    "/codes/{code}",
    operation_id="getCode",
    responses=answers("The entry with every cause.", schema="Entry", example=_ENTRY, also={304: "Not changed since."}),
)
def get_code(request: Request, service: ServiceOf, code: str) -> Response:
    """One code (50011 or AADSTS50011) or symptom: its causes, how to be sure of each, and its fix with placeholders."""

    def make() -> bytes:
        entry = _entry(service, code)
        if entry is None:
            raise Problem(
                404,
                "not-found",
                "The knowledge base has no entry of this name.",
                hint="GET /api/v1/codes lists them; POST /api/v1/diagnose reads the values even of an unknown code.",
            )
        return msgspec.json.encode(_published(entry, service))

    return _tagged(request, service, make)


@router.post(
    "/diagnose",
    operation_id="diagnose",
    responses=answers("The diagnosis.", schema="Diagnosis", example=EXAMPLE_ANSWER),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/DiagnoseRequest"},
                    "example": EXAMPLE_REQUEST,
                }
            },
        }
    },
)
async def diagnose(request: Request, service: ServiceOf) -> Response:
    """The diagnosis for what was pasted and told; nothing is stored."""
    return await run_in_threadpool(_diagnosis, await json_body(request), service)


def _diagnosis(body: bytes, service: Service) -> Response:
    diagnosis = answer_with_registration(
        enquiry(body, service.clock.now()),
        service.knowledge_base,
        service.database,
        service.translator,
        service.clock,
    )
    return Response(diagnosis_json(diagnosis), media_type="application/json")


def _lines(service: Service, query: str, wanted: Mapping[str, str | None]) -> list[CodeLine]:
    knowledge_base = service.knowledge_base
    found = knowledge_base.search(query) if query.strip() else [*knowledge_base.codes(), *knowledge_base.symptoms()]
    return [
        line for line in found if all(value is None or getattr(line, name) == value for name, value in wanted.items())
    ]


def _key(line: CodeLine) -> str:
    return str(line.code) if line.code is not None else line.symptom or ""


def _entry(service: Service, name: str) -> Entry | None:
    cleaned = name.strip().lower().removeprefix("aadsts")
    if cleaned.isascii() and cleaned.isdigit() and len(cleaned) <= 9:
        return service.knowledge_base.entry(int(cleaned))
    return service.knowledge_base.symptom(name.strip().lower())


def _published(entry: Entry, service: Service) -> dict[str, Any]:
    """The entry as a diagnosis without any fact: every cause is open, fixes hold placeholders."""
    enquiry = Enquiry(code=entry.code, symptom=entry.symptom if entry.code is None else None)
    diagnosis: Diagnosis = diagnosed(enquiry, service.knowledge_base)
    whole = diagnosis_object(diagnosis)
    told = ("code", "symptom", "name", "family", "kind", "summary", "sources", "notes", "organisation", "kb_version")
    causes = [
        {name: value for name, value in cause.items() if name not in ("verdict", "evidence")}
        for cause in whole["causes"]
    ]
    return {
        **{name: whole[name] for name in told if name in whole},
        "status": entry.status,
        "questions": dict(entry.questions),
        "causes": causes,
    }


def _tagged(request: Request, service: Service, make: Callable[[], bytes]) -> Response:
    """The answer from memory, or 304 when the client has it already."""
    known: KnownAnswers = request.app.state.known_answers
    key = f"{service.knowledge_base.version}\n{request.url.netloc}\n{request.url.path}?{request.url.query}"
    body, tag = known.get(key, make)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if _names(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _names(header: str, tag: str) -> bool:
    return any(part.strip().removeprefix("W/") in (tag, "*") for part in header.split(","))
