"""Codes and one code."""

from collections.abc import Mapping, Sequence
from typing import Literal

from fastapi import Request, Response

from diag.core import engine
from diag.core.facts import Facts
from diag.entrypoints.web.http import (
    EXPORTED_ROWS,
    ROWS,
    cursor,
    keyset,
    listing,
    message,
    page,
    parameter,
    service_of,
    table,
)
from diag.entrypoints.web.routing import new_router
from diag.render import links
from diag.render.views.codes import code_view, codes_view, key_of, record
from diag.render.views.incidents import incident_line
from diag.workflows.ports import CodeLine, IncidentQuery, KnowledgeBase

router = new_router()

_FILTERS = ("family", "kind", "fixed_by")


@router.get("/codes")
def codes(request: Request) -> Response:
    knowledge_base = service_of(request).knowledge_base
    every = _every(knowledge_base)
    kept = _kept(request)
    asked = _asked(knowledge_base, every, kept)
    lines = _behind(asked, keyset(request, "after"))
    shown = lines[:ROWS]
    view = codes_view(
        shown,
        every,
        found=len(asked),
        filters=kept,
        listing=listing(request, "/codes", kept, key_of(shown[-1]) if len(lines) > ROWS else None, "after"),
    )
    return page(request, "codes.html", view, section="codes", title="Codes")


@router.get("/codes.{form}")
def codes_table(request: Request, form: Literal["json", "csv"]) -> Response:
    rows = ROWS if form == "json" else EXPORTED_ROWS
    knowledge_base = service_of(request).knowledge_base
    kept = _kept(request)
    asked = _asked(knowledge_base, _every(knowledge_base), kept)
    lines = _behind(asked, keyset(request, "after"))
    shown, following = lines[:rows], ""
    if len(lines) > rows:
        following = links.page(f"/codes.{form}", {**kept, "after": cursor(request, key_of(shown[-1]))})
    return table(request, form, "/codes", [record(line) for line in shown], following)


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
            f"what the message itself says is read there.{_near(service.knowledge_base, name[:80])}",
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
    return {name: parameter(request, name) for name in ("query", *_FILTERS)}


def _every(knowledge_base: KnowledgeBase) -> list[CodeLine]:
    return [*knowledge_base.codes(), *knowledge_base.symptoms()]


def _asked(knowledge_base: KnowledgeBase, every: Sequence[CodeLine], kept: Mapping[str, str]) -> list[CodeLine]:
    """The lines that fit query and filters; by code without a query, best first with one."""
    lines = knowledge_base.search(kept["query"]) if kept["query"] else every
    return [line for line in lines if all(kept[name] in ("", getattr(line, name)) for name in _FILTERS)]


def _behind(lines: Sequence[CodeLine], key: str | None) -> Sequence[CodeLine]:
    """The lines behind the one with this key; all of them when the knowledge base no longer holds it."""
    keys = [key_of(line) for line in lines]
    return lines[keys.index(key) + 1 :] if key in keys else lines


def _near(knowledge_base: KnowledgeBase, name: str) -> str:
    """One sentence that names what somebody may have meant; empty when nothing is like it."""
    like = [f"{key_of(line)} {line.name}" for line in knowledge_base.search(name)[:3]]
    return f" Like it, and known: {'; '.join(like)}." if like else ""
