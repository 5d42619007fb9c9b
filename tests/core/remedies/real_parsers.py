"""The published grammars of PowerShell, Bicep and HCL: the shape of a text, or an error that names the place.

Each grammar has small gaps; what is put right for them before parsing changes no value, and each says why.
"""

from functools import cache
from typing import Any

import hcl2
import tree_sitter_bicep
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser


class NotParsed(AssertionError):
    pass


def powershell(text: str) -> list[str]:
    """The kinds of all nodes in order."""
    # The grammar takes the start of -OAuth… for the operator -o….
    return _shape("powershell", text.replace("-OAuth2PermissionGrantId", "-GrantId"))


def bicep(text: str) -> list[str]:
    """The kinds of all nodes in order; what is shown as the properties of a resource is read inside of one."""
    # The grammar knows `type` as a keyword only; the language takes it as a property name too.
    text = text.replace(" type: ", " kind: ")
    # The grammar is older than the statement that names an extension.
    text = "\n".join(line for line in text.splitlines() if line != "extension microsoftGraphV1")
    if not any(line.startswith(("resource ", "extension ", "param ")) for line in text.splitlines()):
        text = f"resource shown 'Microsoft.Graph/applications@v1.0' = {{\n{text}\n}}\n"
    return _shape("bicep", text)


def terraform(text: str) -> Any:
    """What the text says, with the type's name in place of each value."""
    try:
        return _types(hcl2.loads(text + "\n"))
    except Exception as error:
        raise NotParsed(f"HCL: {error}\n{text}") from error


@cache
def _parser(language: str) -> Parser:
    grammar = {"powershell": tree_sitter_powershell, "bicep": tree_sitter_bicep}[language]
    return Parser(Language(grammar.language()))


def _shape(language: str, text: str) -> list[str]:
    root = _parser(language).parse(text.encode()).root_node
    nodes = list(_nodes(root))
    for node in nodes:
        if node.is_error or node.is_missing:
            raise NotParsed(f"{language}, line {node.start_point[0] + 1}: {node.text!r}\n{text}")
    return [node.type for node in nodes]


def _nodes(node: Node) -> Any:
    yield node
    # A string is one value, whatever pieces a grammar cuts it into.
    if "string" not in node.type:
        for child in node.children:
            yield from _nodes(child)


def _types(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _types(inner) for name, inner in part.items()}
    return [_types(inner) for inner in part] if isinstance(part, list) else type(part).__name__
