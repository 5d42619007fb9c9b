"""What of an entry can be searched for, and the words people say in place of ours: the folder's half of the search."""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from diag.adapters.kb_files.problems import Problem, Problems, shaped
from diag.adapters.kb_files.yaml_reader import read_file
from diag.core.entry import Entry
from diag.core.errors import KnowledgeBaseError
from diag.core.search import Document, SearchIndex, built, with_variants

WORDS = "words.yaml"

_VALUE = re.compile(r"'[^']{1,300}'|\"[^\"]{1,300}\"|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|https?://\S+|\b\S*\d\S*\b")
"""Values in a sample are its own; the words around them are the message's."""
_GROUP = re.compile(r"\(\?P<\w+>[^()]*\)|\[[^\]]*\]|\\.|\{[\d,]+\}|[^A-Za-z0-9' -]")
"""What in a pattern is no word of the message."""


class Words(Struct, frozen=True):
    """What the folder knows of the words people use."""

    often: frozenset[int] = frozenset()
    same: Mapping[str, str] = {}
    """What people say → what the entries say."""


class WrittenWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    words: Literal[1]
    """Version of this form."""
    often: list[int] = field(default_factory=list)
    """Codes most people come for."""
    same: list[list[str]]
    """Phrases that mean the same; the first of each group is the knowledge base's own."""


def read_words(folder: Path, codes: Collection[int], found: list[Problem]) -> Words:
    """The folder's words; empty where it has no such file, with problems added. ``codes``: those with an entry."""
    path = folder / WORDS
    if not path.is_file():
        return Words()
    shown = f"{folder.name}/{WORDS}"
    try:
        document = read_file(path, shown)
    except KnowledgeBaseError as error:
        found.append(Problem(error.path, error.line or 1, error.problem))
        return Words()
    problems = Problems(document)
    written = shaped(document, WrittenWords, problems)
    seen: dict[str, int] = {}
    for index, group in enumerate(written.same if written else ()):
        if len(group) < 2:
            problems.add(("same", index), "names one phrase only; add what people say in its place, or drop the line")
        for phrase in group[1:]:
            if phrase in seen:
                problems.add(("same", index), f"“{phrase}” leads to another group already; keep it in one of the two")
            seen[phrase] = index
    for index, code in enumerate(written.often if written else ()):
        if code not in codes:
            problems.add(("often", index), f"{code} has no entry; take it out, or write its entry first")
    found.extend(problems.found)
    if written is None or problems.found:
        return Words()
    return Words(frozenset(written.often), with_variants(written.same))


def search_index(entries: Iterable[Entry], families: Mapping[str, str], words: Words) -> SearchIndex:
    """Everything that can be found in these entries; ``families``: id → title."""
    return built((_document(entry, families, words.often) for entry in entries), words.same)


def _document(entry: Entry, families: Mapping[str, str], often: Collection[int]) -> Document:
    texts: list[tuple[float, str]] = [
        (1.0, entry.name if entry.code is not None else f"{entry.name} {entry.symptom}".replace("-", " ")),
        (0.95, entry.name.lower()),
        (0.8, entry.summary),
        (0.4, families.get(entry.family, entry.family)),
        (0.3, entry.notes),
    ]
    texts += [(0.75, _VALUE.sub(" ", sample.text)) for sample in entry.samples]
    patterns = [*entry.read_from_text, *(variant for variants in entry.wordings.values() for variant in variants)]
    texts += [(0.7, _GROUP.sub(" ", pattern)) for pattern in patterns]
    for cause in entry.causes:
        texts += [(0.6, f"{cause.title} {cause.id.replace('-', ' ')}"), (0.35, cause.root_cause)]
    key = str(entry.code) if entry.code is not None else str(entry.symptom)
    return Document(key, tuple(texts), max(1, len(entry.causes)), entry.code in often)
