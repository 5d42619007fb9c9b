"""Which regular expressions an entry may use on pasted text: linear in practice, bounded by construction."""

import re
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from msgspec import structs

from diag.adapters.kb_files.problems import nearest
from diag.core.reading import MOMENTS, NOT_FROM_TEXT
from diag.core.sign_in import Failure

MOST_REPEATS = 4096
_REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}
_FORBIDDEN = {
    _constants.ASSERT: "a lookahead or lookbehind",
    _constants.ASSERT_NOT: "a negative lookahead or lookbehind",
    _constants.GROUPREF: "a back-reference",
    _constants.GROUPREF_EXISTS: "a conditional group",
}
_ATOMIC = _constants.ATOMIC_GROUP


def readable_values() -> frozenset[str]:
    """Names a group may have: the text and time properties of ``Failure`` that a message can name."""
    names = set()
    for item in structs.fields(Failure):
        if item.name in NOT_FROM_TEXT:
            continue
        if "Found[str]" in str(item.type) or item.name in MOMENTS:
            names.add(item.name)
    return frozenset(names)


def faults(pattern: str) -> list[str]:
    """What an entry's pattern may not do, in words; empty when it is fine."""
    try:
        tree = _parser.parse(pattern, re.IGNORECASE)
    except re.error as error:
        return [f"is no regular expression: {error}"]
    found: list[str] = []
    _walk(tree, found, inside=False)
    names = readable_values()
    for name in tree.state.groupdict:
        if name not in names:
            found.append(f"names a group `{name}`, which is no value of a failure{nearest(name, names)}")
    if tree.getwidth()[0] == 0:
        found.append("matches empty text; begin with words of the message")
    return found


def literal(pattern: str) -> str:
    """The longest stretch of plain text, in lower case, that whatever the pattern matches must contain."""
    best, run = "", ""
    for op, argument in _parser.parse(pattern, re.IGNORECASE):
        if op is _constants.LITERAL:
            run += chr(argument).lower()
        else:
            best, run = max(best, run, key=len), ""
    return max(best, run, key=len)


def _walk(tree: Any, found: list[str], *, inside: bool) -> None:
    for op, argument in tree:
        if op in _FORBIDDEN:
            found.append(f"uses {_FORBIDDEN[op]}; write the words around the value instead")
        elif op in _REPEATS:
            _repeat(argument, found, inside=inside)
        elif op is _constants.SUBPATTERN:
            _walk(argument[-1], found, inside=inside)
        elif op is _ATOMIC:
            _walk(argument, found, inside=inside)
        elif op is _constants.BRANCH:
            for branch in argument[1]:
                _walk(branch, found, inside=inside)


def _repeat(argument: Any, found: list[str], *, inside: bool) -> None:
    least, most, what = argument
    optional = most == 1
    if most is _constants.MAXREPEAT or most > MOST_REPEATS:
        found.append(f"repeats without a bound; write {{{least},200}} or another bound up to {MOST_REPEATS}")
    if not optional and any(op is _constants.ANY for op, _ in what):
        found.append("repeats `.`; use a class that ends at the value's end, such as [^']{1,2048}")
    if inside and not optional:
        found.append("repeats inside a repeat; write the parts one after the other")
    _walk(what, found, inside=inside or not optional)
