"""Jinja2 set up so that nothing becomes markup by accident and a missing value is an error, never an empty page."""

import functools
import hashlib
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from diag.render import inert

FOLDER = Path(__file__).resolve().parent
_CODE = re.compile(r"`([^`\n]{1,2000})`")


def render(template: str, **values: Any) -> str:
    """The template as HTML."""
    return environment().get_template(template).render(**values)


@functools.cache
def environment() -> Environment:
    built = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    built.filters["inert"] = inert_text
    built.filters["prose"] = prose
    built.filters["block"] = block
    built.globals["asset"] = asset
    return built


def inert_text(text: str) -> Markup:
    """Text of the tenant: what is hidden made visible, isolated from its surroundings' writing direction."""
    return Markup("<bdi>{}</bdi>").format(inert.visible(text))


def prose(text: str) -> Markup:
    """Our own sentences with the tenant's values in them: ```code``` marks become code, all else stays text."""
    shown = inert.visible_block(text).replace("\t", " ")
    parts: list[Markup] = []
    for place, part in enumerate(_CODE.split(shown)):
        parts.append(Markup("<code>{}</code>").format(part) if place % 2 else escape(part))
    return Markup("<bdi>{}</bdi>").format(Markup("").join(parts))


def block(text: str) -> str:
    """Text of several lines, hidden characters made visible."""
    return inert.visible_block(text)


def asset(name: str) -> str:
    """The address of one of our own static files, which changes when the file does."""
    return f"/static/{name}?v={digest(name)}"


@functools.cache
def digest(name: str) -> str:
    return hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:12]
