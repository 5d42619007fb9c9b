"""A page that lists every operation, and one line on each problem type; no script and nothing from elsewhere."""

import re
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from diag.entrypoints.api.problems import TITLES, Problem

router = APIRouter(include_in_schema=False)

_MARKED = re.compile("`([^`]+)`")
_CSS = """\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h2 { border-top: 1px solid; margin-top: 2.5rem; padding-top: 1rem; }
h3 code { font-size: 1.05rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid GrayText; padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; }
pre { background: Canvas; border: 1px solid GrayText; border-radius: 6px; overflow-x: auto; padding: .8rem; }
"""


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The machine-readable description."""
    return Response(request.app.state.openapi, headers={"Cache-Control": "no-cache"}, media_type="application/json")


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The description for people."""
    return Response(request.app.state.docs, headers={"Cache-Control": "no-cache"}, media_type="text/html")


@router.get("/docs.css")
async def css() -> Response:
    """The page's own style sheet: the content policy allows none inside the page."""
    return Response(_CSS, headers={"Cache-Control": "no-cache"}, media_type="text/css")


@router.get("/problems/{slug}")
async def problem_type(slug: str) -> Response:
    """What a problem's ``type`` leads to."""
    if slug not in TITLES:
        raise Problem(404, "not-found", "There is no problem type of this name.", hint="See /docs.")
    return Response(_page(TITLES[slug], f"<p><code>/problems/{slug}</code></p>"), media_type="text/html")


def page(described: dict[str, Any]) -> bytes:
    """The page for an OpenAPI document."""
    about = "".join(f"<p>{_marked(part)}</p>" for part in described["info"]["description"].split("\n\n"))
    groups: dict[str, list[str]] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(method.upper(), path, operation))
    parts = [f"<h2>{escape(tag.capitalize())}</h2>{''.join(found)}" for tag, found in groups.items()]
    problems = "".join(f"<tr><td><code>/problems/{slug}</code><td>{escape(title)}" for slug, title in TITLES.items())
    described_at = '<p>For machines: <a href="/openapi.json">openapi.json</a></p>'
    table = f"<h2>Problems</h2><table><tr><th>Type<th>Meaning{problems}</table>"
    return _page("HTTP API", about + described_at + "".join(parts) + table).encode()


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    said = escape(operation.get("description") or operation["summary"])
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code><td>{escape(one['schema'].get('type', ''))}"
        f"<td>{escape(one.get('description', ''))}"
        for one in operation.get("parameters", ())
    )
    table = f"<table><tr><th>Parameter<th>Type<th>Meaning{rows}</table>" if rows else ""
    return f'<h3 id="{escape(operation["operationId"])}"><code>{method} {escape(path)}</code></h3><p>{said}</p>{table}'


def _marked(text: str) -> str:
    return _MARKED.sub(r"<code>\1</code>", escape(text))


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{escape(title)}</title><link rel="stylesheet" href="/docs.css"></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
