"""Codes and one code."""

from collections.abc import Sequence
from typing import Literal

from fastapi import Request, Response

from diag.core import engine
from diag.core.facts import Facts
from diag.entrypoints.web.http import listing, message, page, parameter, service_of, table
from diag.entrypoints.web.routing import new_router
from diag.render.views.codes import code_view, codes_view, record
from diag.render.views.incidents import incident_line
from diag.workflows.ports import CodeLine, IncidentQuery, KnowledgeBase

router = new_router()


@router.get("/codes")
def codes(request: Request) -> Response:
    knowledge_base = service_of(request).knowledge_base
    kept = _kept(request)
    view = codes_view(
        _asked(knowledge_base, kept["query"], kept["family"]),
        _every(knowledge_base),
        query=kept["query"],
        family=kept["family"],
        listing=listing(request, "/codes", kept, None),
    )
    return page(request, "codes.html", view, section="codes", title="Codes")


@router.get("/codes.{form}")
def codes_table(request: Request, form: Literal["json", "csv"]) -> Response:
    kept = _kept(request)
    lines = _asked(service_of(request).knowledge_base, kept["query"], kept["family"])
    return table(request, form, "/codes", [record(line) for line in lines], "")


@router.get("/codes/{name}")
def code(request: Request, name: str) -> Response:
    """The entry of a code (``50011``, ``AADSTS50011``) or of a symptom by its id."""
    service = service_of(request)
    now = service.clock.now()
    bare = name.strip().upper().removeprefix("AADSTS")
    is_code = bare.isascii() and bare.isdigit() and len(bare) <= 9
    entry = service.knowledge_base.entry(int(bare)) if is_code else service.knowledge_base.symptom(name.strip().lower())
    if entry is None:
        return message(
            request,
            f"No entry for AADSTS{int(bare)}" if is_code else "No such symptom",
            "The knowledge base does not know it, so nothing is guessed about it. Paste the whole error into Look up: "
            "what the message itself says is read there.",
            status=404,
            section="codes",
        )
    diagnosis = engine.diagnose(entry, Facts(), kb_version=service.knowledge_base.version)
    found = []
    if entry.code is not None:
        with service.database.read() as stores:
            found = list(stores.incidents.find(IncidentQuery(code=entry.code, limit=10)))
    view = code_view(diagnosis, [incident_line(item, now) for item in found], now)
    return page(request, "code.html", view, section="codes", title=f"{view.label} {entry.name}")


def _kept(request: Request) -> dict[str, str]:
    return {"query": parameter(request, "query"), "family": parameter(request, "family")}


def _every(knowledge_base: KnowledgeBase) -> list[CodeLine]:
    return [*knowledge_base.codes(), *knowledge_base.symptoms()]


def _asked(knowledge_base: KnowledgeBase, query: str, family: str) -> Sequence[CodeLine]:
    lines = knowledge_base.search(query) if query else _every(knowledge_base)
    return [line for line in lines if line.family == family] if family else lines
