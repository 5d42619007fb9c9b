"""YAML in, plain values and the line of each: the small part of YAML that knowledge-base files and DIAG_CONFIG need.

Refused: a key written twice, anchors and aliases, merge keys, tags, several documents, and the words YAML 1.1 reads as
booleans or numbers by surprise (``yes``, ``on``, ``0123``, ``1:30``). Dates stay text.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from diag.core.errors import KnowledgeBaseError

Place = tuple[str | int, ...]
"""Keys and positions from the top of a file to one value, for example ``("causes", 0, "when")``."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_MOST_BYTES = 1024 * 1024


class Document:
    """One parsed file: its value, and on which line each part of it stands."""

    def __init__(self, path: str, value: Any, lines: dict[Place, int]) -> None:
        self.path, self.value, self._lines = path, value, lines

    def line(self, place: Place) -> int:
        """The line (from 1) of the value at ``place``, or of the nearest part around it that exists."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)


def read_file(path: Path, shown: str, *, may_be_empty: bool = False) -> Document:
    """The document in a file; ``shown`` is the path that errors name. ``KnowledgeBaseError`` says line and reason.

    The value of an empty file is None where it ``may_be_empty``.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise KnowledgeBaseError(shown, None, f"cannot be read: {error.strerror}") from error
    if len(content) > _MOST_BYTES:
        raise KnowledgeBaseError(shown, None, "is larger than 1 MB; split it")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise KnowledgeBaseError(shown, line, "is not UTF-8 text; save it as UTF-8") from error
    return read_text(text, shown, may_be_empty=may_be_empty)


def read_text(text: str, shown: str, *, may_be_empty: bool = False) -> Document:
    """The document in ``text``; errors as ``read_file``."""
    loader = yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise KnowledgeBaseError(shown, line, f"is not YAML: {_explained(error)}") from error
    except yaml.YAMLError as error:
        raise KnowledgeBaseError(shown, None, f"is not YAML: {error}") from error
    finally:
        loader.dispose()
    if node is None:
        if may_be_empty:
            return Document(shown, None, {})
        raise KnowledgeBaseError(shown, 1, "is empty; see kb/README.md for the form of an entry")
    builder = _Builder(shown)
    return Document(shown, builder.build(node, ()), builder.lines)


class _Builder:
    def __init__(self, shown: str) -> None:
        self.lines: dict[Place, int] = {}
        self._shown = shown
        self._seen: set[int] = set()

    def build(self, node: yaml.Node, place: Place) -> Any:
        if id(node) in self._seen:
            raise self._error(node, "uses an alias (*name); write the value out")
        self._seen.add(id(node))
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*place, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        raise self._error(node, "is of a kind that is not used here")

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, "uses a list or mapping as a key; keys are words")
            key = str(key_node.value)
            if key_node.tag == "tag:yaml.org,2002:merge":
                raise self._error(key_node, "uses a merge key (<<); write the values out")
            if key in built:
                first = self.lines[(*place, key)]
                raise self._error(key_node, f"`{key}` is written twice (first on line {first}); keep one")
            self.lines[(*place, key)] = key_node.start_mark.line + 1
            built[key] = self.build(value_node, (*place, key))
        return built

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind in ("str", "timestamp", "value"):
            return text
        if kind == "null":
            return None
        if kind == "bool":
            if text in ("true", "false"):
                return text == "true"
            raise self._error(node, f"`{text}` would be read as a boolean: write true or false, or quote it")
        if kind == "int":
            if _INTEGER.fullmatch(text):
                return int(text)
            raise self._error(node, f"`{text}` would be read as a number in another notation; quote it")
        if kind == "float":
            if _DECIMAL.fullmatch(text):
                return float(text)
            raise self._error(node, f"`{text}` would be read as a number in another notation; quote it")
        raise self._error(node, f"uses the tag {node.tag}; tags are not allowed")

    def _error(self, node: yaml.Node, problem: str) -> KnowledgeBaseError:
        return KnowledgeBaseError(self._shown, node.start_mark.line + 1, problem)


def _explained(error: yaml.MarkedYAMLError) -> str:
    """The parser's words, and where to look: it often stops lines behind the mistake."""
    said = error.problem or error.context or "it cannot be parsed"
    if "cannot start any token" in said:
        return f"{said}; indent with blanks, not tabs, and quote text that begins with @, ` or %"
    return f"{said}; look at quotes, colons and indentation here and just above"
