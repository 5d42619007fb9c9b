"""``diag token``: what a token says, read where it is; its signature is dropped before anything else happens."""

import argparse
from collections.abc import Iterator
from typing import Any

import msgspec

from diag.adapters.clock import SystemClock
from diag.adapters.graph.wire.request import enquiry
from diag.adapters.kb_files.store import open_knowledge_base
from diag.core.token_claims import Claims, read_claims
from diag.entrypoints.cli.answers import standard_input
from diag.entrypoints.cli.console import Console, visible
from diag.render.text import Lines
from diag.resources import overlay
from diag.workflows.inspect_token import TokenInspection, inspect_token

_WEIGHTS = {"problem": "!", "note": "·", "fine": "✓"}
_INSTANTS = ("exp", "iat", "nbf", "auth_time")
_LAST = 32_503_680_000
"""Seconds to the year 3000: what lies behind is no instant."""


def token(options: argparse.Namespace, console: Console) -> int:
    """Say what the token is and whether it can work, then list its claims."""
    read = read_claims(standard_input("a token", hidden=True))
    found = inspect_token(
        read,
        enquiry,
        open_knowledge_base(overlay=overlay()),
        SystemClock().now(),
        expected_audience=options.audience.strip(),
        expected_issuer=options.issuer.strip(),
    )
    if options.json:
        told = {"token": read.as_fact(), **msgspec.to_builtins(found)}
        console.say(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
        return 0
    for line in _lines(read, found, console):
        console.say(line)
    return 0


def _lines(read: Claims, found: TokenInspection, console: Console) -> Iterator[str]:
    lines = Lines(console.style, visible, all_tools=False)
    for item in found.statements:
        mark = _WEIGHTS[item.weight]
        style = "bad" if item.weight == "problem" else ""
        yield from lines.wrapped(item.text, first=f"  {mark} ", rest="    ", style=style)
    for cause in found.causes:
        yield ""
        yield lines.title(f"Why an API refuses it: {visible(cause.title)}")
        yield from lines.wrapped(cause.root_cause, first="  ")
        yield f"  What to do: diag lookup {cause.symptom}"
    yield ""
    yield lines.title("Claims")
    for name, value in {**{f"header {key}": held for key, held in read.header.items()}, **read.claims}.items():
        yield f"  {visible(name):<22} {visible(_claim(name, value))}"


def _claim(name: str, value: Any) -> str:
    if name in _INSTANTS and isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LAST:
        from datetime import UTC, datetime

        return f"{value}  ({datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC)"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
