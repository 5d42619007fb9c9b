"""Reads OData `$filter` expressions: comparisons, startswith, any, and, or, not, parentheses."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from diag.sample_tenant.clock import parse_instant
from diag.sample_tenant.graph_errors import GraphError

Value = str | float | bool | None


@dataclass(frozen=True)
class Instant:
    """An unquoted date-time literal, in seconds since 1970."""

    seconds: float


@dataclass(frozen=True)
class Compare:
    """`path operator literal`."""

    path: str
    operator: str
    value: Value | Instant


@dataclass(frozen=True)
class StartsWith:
    """`startswith(path, 'text')`."""

    path: str
    text: str


@dataclass(frozen=True)
class AnyOf:
    """`path/any(x: condition)`; inside the condition paths are relative to x, the empty path is x itself."""

    path: str
    condition: "Node"


@dataclass(frozen=True)
class Both:
    """`left and right`, or with `either` set `left or right`."""

    left: "Node"
    right: "Node"
    either: bool


@dataclass(frozen=True)
class Negated:
    """`not (inner)`."""

    inner: "Node"


Node = Compare | StartsWith | AnyOf | Both | Negated

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<date>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?)"
    r"|(?P<word>[\w$@.\-]+(?:/[\w$@.\-]+)*)"
    r"|(?P<sign>[(),:]))"
)
_DEPTH = 40


def invalid_filter() -> GraphError:
    """Gives the answer to a filter that cannot be served."""
    return GraphError(400, "BadRequest", "Invalid filter clause")


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise invalid_filter()
            self._tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        self._at = 0
        self._depth = 0

    def read(self) -> Node:
        node = self._either("")
        if self._at != len(self._tokens):
            raise invalid_filter()
        return node

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, expected: str | None = None) -> tuple[str, str]:
        if self._at >= len(self._tokens) or (expected is not None and self._tokens[self._at][1] != expected):
            raise invalid_filter()
        self._at += 1
        return self._tokens[self._at - 1]

    def _either(self, variable: str) -> Node:
        node = self._both(variable)
        while self._peek().lower() == "or":
            self._take()
            node = Both(node, self._both(variable), either=True)
        return node

    def _both(self, variable: str) -> Node:
        node = self._single(variable)
        while self._peek().lower() == "and":
            self._take()
            node = Both(node, self._single(variable), either=False)
        return node

    def _single(self, variable: str) -> Node:
        self._depth += 1
        if self._depth > _DEPTH:
            raise invalid_filter()
        try:
            return self._inner(variable)
        finally:
            self._depth -= 1

    def _inner(self, variable: str) -> Node:
        if self._peek() == "(":
            self._take()
            node = self._either(variable)
            self._take(")")
            return node
        kind, word = self._take()
        if kind != "word":
            raise invalid_filter()
        if word.lower() == "not":
            return Negated(self._single(variable))
        if word.lower() == "startswith":
            self._take("(")
            path = self._path(self._take()[1], variable)
            self._take(",")
            kind, text = self._take()
            self._take(")")
            if kind != "text":
                raise invalid_filter()
            return StartsWith(path, _unquote(text))
        if word.endswith("/any"):
            self._take("(")
            name = self._take()[1]
            self._take(":")
            condition = self._either(name)
            self._take(")")
            return AnyOf(self._path(word.removesuffix("/any"), variable), condition)
        operator = self._take()[1].lower()
        if operator not in ("eq", "ne", "gt", "ge", "lt", "le"):
            raise invalid_filter()
        return Compare(self._path(word, variable), operator, _literal(*self._take()))

    def _path(self, word: str, variable: str) -> str:
        if not variable:
            return word
        if word == variable:
            return ""
        if not word.startswith(f"{variable}/"):
            raise invalid_filter()
        return word.removeprefix(f"{variable}/")


def _unquote(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _literal(kind: str, text: str) -> Value | Instant:
    if kind == "text":
        return _unquote(text)
    if kind == "sign":
        raise invalid_filter()
    words: Mapping[str, Value] = {"true": True, "false": False, "null": None}
    if text.lower() in words:
        return words[text.lower()]
    seconds = parse_instant(text)
    if seconds is not None:
        return Instant(seconds)
    try:
        return float(text)
    except ValueError:
        # GUIDs may be given without quotes.
        return text


def parse(text: str) -> Node:
    """Reads a filter; raises GraphError 400 when it is not one."""
    return _Reader(text).read()


def terms(node: Node) -> Iterator[Node]:
    """Gives the parts that all have to hold: the filter split at its outermost `and`."""
    if isinstance(node, Both) and not node.either:
        yield from terms(node.left)
        yield from terms(node.right)
    else:
        yield node


def leaves(node: Node, prefix: str = "") -> Iterator[tuple[str, str, Compare | StartsWith]]:
    """Gives every comparison as full path, operator and node."""
    match node:
        case Compare():
            yield f"{prefix}{node.path}".rstrip("/"), node.operator, node
        case StartsWith():
            yield f"{prefix}{node.path}".rstrip("/"), "startswith", node
        case AnyOf():
            yield from leaves(node.condition, f"{prefix}{node.path}/")
        case Both():
            yield from leaves(node.left, prefix)
            yield from leaves(node.right, prefix)
        case Negated():
            yield from leaves(node.inner, prefix)


def holds(node: Node, get: Callable[[str], object]) -> bool:
    """Says whether a filter holds for an object whose properties `get` reads by path."""
    match node:
        case Compare():
            return _compare(get(node.path), node.operator, node.value)
        case StartsWith():
            found = get(node.path)
            return isinstance(found, str) and found.lower().startswith(node.text.lower())
        case AnyOf():
            found = get(node.path)
            items = found if isinstance(found, list | tuple) else ()
            return any(matches(node.condition, item) for item in items)
        case Both():
            return (
                holds(node.left, get) or holds(node.right, get)
                if node.either
                else holds(node.left, get) and holds(node.right, get)
            )
        case Negated():
            return not holds(node.inner, get)


def matches(node: Node, item: object) -> bool:
    """Says whether a filter holds for an object made of mappings and lists."""
    return holds(node, partial(dig, item))


def dig(item: object, path: str) -> object:
    """Reads a property by its path of names separated by slashes; None when it is not there."""
    for name in path.split("/") if path else ():
        if not isinstance(item, Mapping):
            return None
        item = item.get(name)
    return item


def _compare(found: object, operator: str, value: Value | Instant) -> bool:
    if isinstance(value, Instant):
        seconds = parse_instant(found) if isinstance(found, str) else None
        if seconds is None:
            return False
        return _ordered(seconds, operator, value.seconds)
    if isinstance(found, str) and isinstance(value, str):
        # Graph compares text without regard to case.
        return _ordered(found.lower(), operator, value.lower())
    if isinstance(found, int | float) and isinstance(value, int | float) and not isinstance(found, bool):
        return _ordered(float(found), operator, float(value))
    return (found == value) if operator == "eq" else (found != value) if operator == "ne" else False


def _ordered(left: str | float, operator: str, right: str | float) -> bool:
    smaller, equal = left < right, left == right  # type: ignore[operator]
    return {
        "eq": equal, "ne": not equal, "gt": not smaller and not equal, "ge": not smaller, "lt": smaller,
        "le": smaller or equal,
    }[operator]  # fmt: skip
