"""What is wrong with a knowledge-base file: collected, so that one look shows everything."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct, structs

from diag.adapters.kb_files import shapes
from diag.adapters.kb_files.yaml_reader import Document, Place
from diag.core import flows
from diag.core.errors import KnowledgeBaseError

S = TypeVar("S", bound=Struct)

_AT = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN_KEY = re.compile(r"unknown field `(?P<key>[^`]*)`")
_ENUM = re.compile(r"invalid enum value (?P<value>'[^']*'|\S+)", re.IGNORECASE)
_WRONG_KIND = re.compile(r"expected `(?P<wanted>[^`]*)`, got `(?P<got>[^`]*)`", re.IGNORECASE)
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list (lines that begin with a hyphen)",
    "object": "a mapping (`key: value`)",
    "null": "nothing",
}
_MANY = 12
_PART = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_PARTS: dict[str, type[Struct]] = {
    "sources": shapes.WrittenSource,
    "causes": shapes.WrittenCause,
    "samples": shapes.WrittenSample,
    "cases": shapes.WrittenCase,
    "confirm": shapes.WrittenConfirm,
    "codes": shapes.CatalogueLine,
    "cause": shapes.CatalogueCause,
    "families": shapes.WrittenFamily,
    **flows.PARTS,
}


class Problem(Struct, frozen=True):
    """One thing that is wrong, where, and what to do about it."""

    path: str
    line: int
    text: str

    def error(self) -> KnowledgeBaseError:
        return KnowledgeBaseError(self.path, self.line, self.text)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


class Problems:
    """Collects the problems of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.found: list[Problem] = []

    def add(self, place: Place, text: str) -> None:
        self.found.append(Problem(self.document.path, self.document.line(place), text))


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean `x`?`` for the known word most like ``word``, or ``; known are …`` for a short list."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.55)
    if close:
        return f"; did you mean `{close[0]}`?"
    if 0 < len(words) <= 16:
        return "; known: " + ", ".join(words)
    return ""


def shaped(document: Document, kind: type[S], problems: Problems) -> S | None:
    """The document as ``kind``; None, with the problem noted, when its shape is another."""
    try:
        return msgspec.convert(document.value, kind)
    except msgspec.ValidationError as error:
        match = _AT.match(str(error))
        what, path = (match["what"], match["path"] or "") if match else (str(error), "")
        place = _place(path)
        unknown = _UNKNOWN_KEY.search(what)
        if unknown:
            keys = shapes.keys_of(_kind_at(kind, place))
            exact = _first_with_key(document.value, place, unknown["key"])
            problems.add((*exact, unknown["key"]), f"`{unknown['key']}` is no key here{nearest(unknown['key'], keys)}")
        else:
            wrong = _ENUM.search(what)
            choices = choices_at(kind, place) if wrong else ()
            text = none_of(wrong["value"].strip("'"), choices) if wrong and choices else _readable(what)
            problems.add(place, f"{text}{f' (at {_shown(place)})' if place else ''}")
        return None


def _place(path: str) -> Place:
    parts: list[str | int] = []
    for name, index in _PART.findall(path):
        if name:
            parts.append(name)
        elif index != "...":
            parts.append(int(index))
    return tuple(parts)


def _kind_at(kind: type[Struct], place: Place) -> type[Struct]:
    for part in place:
        if isinstance(part, str):
            kind = _PARTS.get(part, kind)
    return kind


def _first_with_key(value: object, place: Place, key: str) -> Place:
    """The place itself; a union hides positions, so the first item there that has the key."""
    for part in place:
        try:
            value = value[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return place
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict) and key in item:
                return (*place, index)
    return place


def _readable(what: str) -> str:
    missing = re.search(r"missing required field `([^`]*)`", what)
    if missing:
        return f"the key `{missing[1]}` is missing; add it"
    kinds = _WRONG_KIND.search(what)
    if kinds:
        wanted = " or ".join(_KINDS.get(kind, kind) for kind in kinds["wanted"].split(" | ") if kind != "null")
        return f"wants {wanted}, not {_KINDS.get(kinds['got'], kinds['got'])}"
    return what[:1].lower() + what[1:]


def refused(error: msgspec.ValidationError, kind: type[Struct]) -> str:
    """What is wrong with the arguments of a predicate or remedy, and what may stand there."""
    match = _AT.match(str(error))
    what, place = (match["what"], _place(match["path"] or "")) if match else (str(error), ())
    wrong = _ENUM.search(what)
    choices = choices_at(kind, place) if wrong else ()
    text = none_of(wrong["value"].strip("'"), choices) if wrong and choices else _readable(what)
    return f"{text} (at {_shown(place)})" if place else text


def choices_at(kind: Any, place: Sequence[str | int]) -> tuple[Any, ...]:
    """The words that may stand at a place of a written mapping; empty where it is not a choice."""
    for part in place:
        if isinstance(part, int):
            kind = next((one for one in get_args(kind) if not isinstance(one, int)), kind)
            continue
        hints = get_type_hints(kind) if isinstance(kind, type) and issubclass(kind, Struct) else {}
        names = {item.encode_name: item.name for item in structs.fields(kind)} if hints else {}
        kind = hints.get(names.get(part, part))
        if kind is None:
            return ()
    found: list[Any] = []
    for one in (kind, *get_args(kind)):
        if get_origin(one) is Literal:
            found += get_args(one)
    return tuple(found)


def none_of(value: object, choices: Sequence[Any]) -> str:
    r"""``\`x\` is none of a, b`` with what was probably meant."""
    words = [str(choice) for choice in choices if choice != ""]
    if len(words) == 1:
        return f"`{value}` is not {words[0]}; write {words[0]}"
    close = difflib.get_close_matches(str(value), words, n=1, cutoff=0.55)
    if close and len(words) > _MANY:
        return f"`{value}` is not known here; did you mean `{close[0]}`?"
    return f"`{value}` is none of {', '.join(words)}" + (f"; did you mean `{close[0]}`?" if close else "")


def _shown(place: Place) -> str:
    return ".".join(str(part) for part in place)
