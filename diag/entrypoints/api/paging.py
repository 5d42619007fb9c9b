"""Lists: ``{"value": [...], "nextLink": "…"}``. The link is absolute and opaque; its page starts behind a key."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request
from starlette.responses import Response

from diag.entrypoints.api.problems import Problem
from diag.entrypoints.api.requests import answer, service_of

T = TypeVar("T")

LARGEST_PAGE = 500
_OWN = ("cursor", "maxpagesize")
_DIGEST = 8

PageSize = Annotated[
    int,
    Query(
        alias="maxpagesize",
        ge=1,
        description=f"Items a page holds at most; more than {LARGEST_PAGE} is {LARGEST_PAGE}.",
    ),
]
Cursor = Annotated[
    str | None, Query(description="Part of a nextLink; opaque, and good for the same list with the same filters only.")
]


class Place:
    """Where in a list a request stands."""

    def __init__(self, request: Request, size: int, cursor: str | None) -> None:
        self._request = request
        self.size = min(size, LARGEST_PAGE)
        """Items this page may hold."""
        self.key = None if cursor is None else _opened(cursor, _list_of(request))
        """The key this page starts behind; None on the first one."""

    @property
    def fetch(self) -> int:
        """One more than the page holds, to see whether another one follows."""
        return self.size + 1

    def answer(self, found: Sequence[T], key: Callable[[T], str], item: Callable[[T], Any]) -> Response:
        """The page of what was fetched; ``key`` of its last item leads to the next one."""
        shown = found[: self.size]
        behind = key(shown[-1]) if len(found) > self.size else None
        return self.whole([item(one) for one in shown], behind)

    def whole(self, value: Sequence[Any], behind: str | None, *, about: Mapping[str, object] | None = None) -> Response:
        """A page that is ready; the next one starts behind ``behind``, and ``about`` stands beside the items."""
        told = {**(about or {}), "value": value}
        return answer(told if behind is None else {**told, "nextLink": self._link(behind)})

    def _link(self, key: str) -> str:
        request = self._request
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        # The guard has made sure that the Host header is one of ours.
        origin = service_of(request).settings.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
        query = urlencode([*kept, ("cursor", _sealed(key, _list_of(request)))])
        return f"{origin}{request.url.path}?{query}"


def _list_of(request: Request) -> str:
    """Names the list that is asked for: its address and filters."""
    filters = sorted(item for item in request.query_params.multi_items() if item[0] not in _OWN)
    return f"{request.url.path}\n{filters}"


def _sealed(key: str, listed: str) -> str:
    # The digest notices damage and cursors of another list. It guards no secret: a key shows only what the list shows.
    sealed = _digest(key, listed) + key.encode()
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _opened(cursor: str, listed: str) -> str:
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = sealed[_DIGEST:].decode()
    except (binascii.Error, ValueError):
        raise _damaged() from None
    if sealed[:_DIGEST] != _digest(key, listed) or _sealed(key, listed) != cursor:
        raise _damaged()
    return key


def _digest(key: str, listed: str) -> bytes:
    return hashlib.blake2s(
        f"{listed}\n{key}".encode("utf-8", "replace"), digest_size=_DIGEST, person=b"cursor"
    ).digest()


def _damaged() -> Problem:
    return Problem(
        400,
        "bad-cursor",
        "The cursor is damaged, or belongs to another list or other filters.",
        hint="Follow nextLink exactly as it was given, or ask for the list anew without a cursor.",
    )
