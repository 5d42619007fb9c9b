"""The pages' own style sheet, script and icon."""

import re

from fastapi import APIRouter, Request, Response

from diag.entrypoints.web.templating import FOLDER, digest

router = APIRouter(include_in_schema=False)

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_NAME = re.compile(r"[a-z-]{1,40}\.(?:css|js|svg)")


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """One file by name; kept for a year by browsers when its digest is in the address."""
    file = FOLDER / "static" / name
    if not _NAME.fullmatch(name) or not file.is_file():
        return Response("Not found", 404, media_type="text/plain")
    known = request.query_params.get("v") == digest(name)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if known else "no-cache",
        "ETag": f'"{digest(name)}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(None, 304, headers)
    return Response(file.read_bytes(), 200, headers, media_type=_TYPES[file.suffix])


@router.get("/favicon.ico")
def favicon(request: Request) -> Response:
    return static(request, "icon.svg")
