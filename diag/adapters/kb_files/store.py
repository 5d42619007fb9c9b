"""The knowledge base as workflows see it, answered from the compiled index.

Opening costs one ``stat`` per source file. Only when a file changed is YAML read; see ``compiler``.
"""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diag import resources
from diag.adapters.kb_files import index
from diag.core.entry import Entry
from diag.core.reading import compiled, flattened

if TYPE_CHECKING:
    from diag.workflows.ports import CodeLine

_LEAST_WEIGHT = 15.0
"""A text without a code is taken for an entry's only when at least this many characters of its wording fit."""

_CORE = Path(__file__).resolve().parents[2] / "core"
_WORD = re.compile(r"[a-z0-9]+")


class KnowledgeBaseFiles:
    """Implements ``diag.workflows.ports.KnowledgeBase``; drafts are hidden, samples and cases are not carried."""

    def __init__(self, opened: index.Index) -> None:
        self._index = opened

    @property
    def version(self) -> str:
        return self._index.contents.version

    def entry(self, code: int) -> Entry | None:
        return self._index.entry(str(code))

    def symptom(self, symptom_id: str) -> Entry | None:
        return None if symptom_id.isdigit() else self._index.entry(symptom_id)

    def codes(self) -> Sequence["CodeLine"]:
        return [line for line in self._lines() if line.code is not None]

    def symptoms(self) -> Sequence["CodeLine"]:
        return [line for line in self._lines() if line.symptom is not None]

    def search(self, query: str) -> Sequence["CodeLine"]:
        """Lines that hold every word of the query, those with it in code or name first."""
        words = _WORD.findall(query.lower().replace("aadsts", " "))
        if not words:
            return self._lines()
        found = []
        for position, line in enumerate(self._lines()):
            title = f"{line.code or ''} {line.symptom or ''} {line.name}".lower()
            everything = f"{title} {line.family} {line.summary.lower()}"
            if all(word in everything for word in words):
                exact = str(line.code) in words
                found.append((not exact, -sum(word in title for word in words), position, line))
        return [line for *_, line in sorted(found, key=lambda item: item[:3])]

    def match(self, text: str) -> Sequence[Entry]:
        """Entries whose wording fits a text that names no code, best first; empty when too little of it fits."""
        window = flattened(text)
        lowered = window.lower()
        weights: dict[str, float] = {}
        for pattern in self._index.patterns():
            if pattern.literal in lowered and (found := compiled(pattern.pattern).search(window)):
                weights[pattern.key] = weights.get(pattern.key, 0.0) + _wording(found) * pattern.share
        ranked = sorted((key for key in weights if weights[key] >= _LEAST_WEIGHT), key=lambda key: -weights[key])
        return [entry for key in ranked if (entry := self._index.entry(key)) is not None]

    def _lines(self) -> list["CodeLine"]:
        from diag.workflows.ports import CodeLine

        return [
            CodeLine(line.code, line.symptom, line.name, line.family, line.kind, line.summary, line.fixed_by)
            for line in self._index.lines()
        ]


def _wording(found: re.Match[str]) -> int:
    """How many characters of the message's own wording fit; the values between them do not count."""
    return len(found.group()) - sum(len(value) for value in found.groupdict().values() if value)


def open_knowledge_base(folder: Path | None = None, caches: Sequence[Path] | None = None) -> KnowledgeBaseFiles:
    """The knowledge base in ``folder``, from a fresh index or compiled now; ``KnowledgeBaseError`` when it is wrong.

    ``folder`` is the packaged one by default. ``caches`` are the files to look for an index in, and to write it to, in
    order; by default beside the knowledge base, then in the user's cache folder.
    """
    folder = folder or resources.knowledge_base()
    stamps = _stamps(folder)
    for place in caches if caches is not None else _caches(folder):
        opened = index.open_file(place)
        if opened is not None and opened.contents.stamps == stamps:
            return KnowledgeBaseFiles(opened)

    from diag.adapters.kb_files.compiler import compile_folder

    content = compile_folder(folder, stamps)
    any(index.write(place, content) for place in (caches if caches is not None else _caches(folder)))
    compiled_now = index.opened(content)
    if compiled_now is None:
        raise RuntimeError("the compiler wrote an index that cannot be opened")
    return KnowledgeBaseFiles(compiled_now)


def _stamps(folder: Path) -> tuple[index.Stamp, ...]:
    """Size and time of every file that the index depends on; the code that reads entries included."""
    found = [_stamp(_CORE / "entry.py", "entry.py")]
    for group in ("predicates", "remedies"):
        found += [
            _stamp(Path(item.path), f"{group}/{item.name}") for item in os.scandir(_CORE / group) if item.is_file()
        ]
    for name in ("families.yaml", "schema/causes.txt", "fixtures/registrations.yaml"):
        found.append(_stamp(folder / name, name))
    for group in ("codes", "symptoms"):
        for inner, _, names in os.walk(folder / group):
            found += [_stamp(Path(inner, name), str(Path(inner, name))) for name in names if name.endswith(".yaml")]
    return tuple(sorted(found, key=lambda stamp: stamp.path))


def _stamp(path: Path, shown: str) -> index.Stamp:
    try:
        status = os.stat(path)
    except OSError:
        return index.Stamp(shown, -1, 0)
    return index.Stamp(shown, status.st_size, status.st_mtime_ns)


def _caches(folder: Path) -> Iterator[Path]:
    yield folder / ".index"
    from hashlib import sha256

    try:
        base = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    except RuntimeError:
        # A user without a home folder: nothing is kept.
        return
    base = Path(os.environ.get("XDG_CACHE_HOME") or base)
    yield base / "aadsts-diag" / f"kb-{sha256(str(folder).encode()).hexdigest()[:16]}"
