"""A request, and an answer as it goes over the wire, with what is wrong about it."""

import json
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Request:
    method: str
    scheme_host: str
    """What the client believes it talks to: ``http://127.0.0.1:9999``."""
    path: str
    """Decoded, without the query."""
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes = b""
    who: str = ""
    """The process that asks, where the transport knows it."""


@dataclass
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    declared: int | None = None
    """Content-Length said, where it is not the body's."""
    ends: Literal["whole", "reset", "stall"] = "whole"
    after: int = -1
    """Bytes of the body that are sent before it is reset or stalls; -1: not even the head."""


def said(value: Any, status: int = 200) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(value).encode())


def refused(status: int, code: str, message: str) -> Answer:
    """An error as Graph writes it."""
    return said({"error": {"code": code, "message": message, "innerError": {"request-id": "0"}}}, status)
