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
    from diag.core.check import Check
    from diag.core.flows import FlowTable
    from diag.core.search import SearchIndex
    from diag.core.wordings import Messages
    from diag.workflows.ports import CodeLine

_LEAST_WEIGHT = 15.0
"""A text without a code is taken for an entry's only when at least this many characters of its wording fit."""

_SINGLE_FILES = (
    "families.yaml",
    "flows.yaml",
    "words.yaml",
    "messages.txt",
    "schema/causes.txt",
    "schema/checks.txt",
    "fixtures/registrations.yaml",
)
_OFTEN = 1.2
"""How much rather one of the codes that most people come for is meant."""
_CORE = Path(__file__).resolve().parents[2] / "core"
_LONGEST_QUERY = 2000
_SENTENCE = 4
"""Words from which on a query may be part of a message."""


class KnowledgeBaseFiles:
    """Implements ``diag.workflows.ports.KnowledgeBase``; drafts are hidden, samples and cases are not carried."""

    def __init__(self, opened: index.Index) -> None:
        self._index = opened
        self._search: SearchIndex | None = None
        self._flows: FlowTable | None = None
        self._messages: Messages | None = None
        self._patterns: tuple[index.TextPattern, ...] | None = None
        self._checks: Sequence[Check] | None = None

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

    def checks(self) -> Sequence["Check"]:
        """What is asked of registrations before anything fails, most severe first."""
        if self._checks is None:
            self._checks = self._index.checks()
        return self._checks

    def search(self, query: str) -> Sequence["CodeLine"]:
        """Entries that a code, words or a sentence may mean, best first; all of them for an empty query."""
        from diag.core import search

        lines = self._lines()
        if not query.strip():
            return lines
        by_key = {str(line.code if line.code is not None else line.symptom): line for line in lines}
        if self._search is None:
            self._search = self._index.search()
        found = search.ranked(self._search, query[:_LONGEST_QUERY])
        if len(query.split()) >= _SENTENCE:
            # A pasted sentence: the entry whose message it is comes first, whatever else its words fit.
            found = [*(_key(entry) for entry in self.match(query[:_LONGEST_QUERY])), *found]
        return [by_key[key] for key in dict.fromkeys(found)]

    def match(self, text: str) -> Sequence[Entry]:
        """Entries whose message a text without a code holds: the best one, behind it those it fits as well; empty when
        too little of it fits."""
        if self._messages is None:
            from diag.core.wordings import Messages

            self._messages = Messages(self._index.messages())
        often = self._index.contents.often
        fits = {
            str(one.code): one.share * (_OFTEN if one.code in often else 1.0) for one in self._messages.recognise(text)
        }
        weights = self._pattern_weights(text) if len(fits) != 1 else {}
        if not fits and weights:
            best = max(weights.values())
            near = {key: weight / best for key, weight in weights.items() if weight >= max(_LEAST_WEIGHT, best * 0.6)}
            fits = {key: fit * (_OFTEN if key.isdigit() and int(key) in often else 1.0) for key, fit in near.items()}
            fits = {key: fit for key, fit in fits.items() if fit == max(fits.values())}
        if fits and any(int(key) in often for key in fits if key.isdigit()):
            # Rare codes borrow the words of those that everybody meets: they count only where they fit much better.
            fits = {key: fit for key, fit in fits.items() if key.isdigit() and int(key) in often} or fits
        entries = [(key, entry) for key in fits if (entry := self._index.entry(key)) is not None]
        # Of several that share a message, the one that reads more of it and tells more causes apart says more.
        entries.sort(key=lambda item: (-round(fits[item[0]], 1), -weights.get(item[0], 0.0), -len(item[1].causes)))
        return [entry for _, entry in entries]

    def _pattern_weights(self, text: str) -> dict[str, float]:
        """How many characters of a message's own wording the entries' patterns find in the text, by entry."""
        window = flattened(text)
        lowered = window.lower()
        weights: dict[str, float] = {}
        if self._patterns is None:
            self._patterns = self._index.patterns()
        for pattern in self._patterns:
            if pattern.literal in lowered and (found := compiled(pattern.pattern).search(window)):
                weights[pattern.key] = weights.get(pattern.key, 0.0) + _wording(found) * pattern.share
        return weights

    def flows(self) -> "FlowTable":
        """The table of flows, decoded at the first use."""
        if self._flows is None:
            self._flows = self._index.flows()
        return self._flows

    def _lines(self) -> list["CodeLine"]:
        from diag.workflows.ports import CodeLine

        return [
            CodeLine(line.code, line.symptom, line.name, line.family, line.kind, line.summary, line.fixed_by)
            for line in self._index.lines()
        ]


def _key(entry: Entry) -> str:
    return str(entry.code if entry.code is not None else entry.symptom)


def _wording(found: re.Match[str]) -> int:
    """How many characters of the message's own wording fit; the values between them do not count."""
    return len(found.group()) - sum(len(value) for value in found.groupdict().values() if value)


def open_knowledge_base(
    folder: Path | None = None, caches: Sequence[Path] | None = None, overlay: Path | None = None
) -> KnowledgeBaseFiles:
    """The knowledge base in ``folder``, from a fresh index or compiled now; ``KnowledgeBaseError`` when it is wrong.

    ``overlay`` is the folder of an organisation's own words.

    ``folder`` is the packaged one by default. ``caches`` are the files to look for an index in, and to write it to, in
    order; by default beside the knowledge base, then in the user's cache folder.
    """
    folder = folder or resources.knowledge_base()
    stamps = _stamps(folder) if overlay is None else (*_stamps(folder), *_overlay_stamps(overlay))
    for place in caches if caches is not None else _caches(folder, overlay):
        opened = index.open_file(place)
        if opened is not None and opened.contents.stamps == stamps:
            return KnowledgeBaseFiles(opened)

    from diag.adapters.kb_files.compiler import compile_folder

    content = compile_folder(folder, stamps, overlay)
    any(index.write(place, content) for place in (caches if caches is not None else _caches(folder, overlay)))
    compiled_now = index.opened(content)
    if compiled_now is None:
        raise RuntimeError("the compiler wrote an index that cannot be opened")
    return KnowledgeBaseFiles(compiled_now)


def _stamps(folder: Path) -> tuple[index.Stamp, ...]:
    """Size and time of every file that the index depends on; the code that reads entries included."""
    code = ("entry.py", "check.py", "flows.py", "search.py", "words.py", "wordings.py")
    found = [_stamp(_CORE / name, name) for name in code]
    for group in ("predicates", "remedies"):
        found += [
            _stamp(Path(item.path), f"{group}/{item.name}") for item in os.scandir(_CORE / group) if item.is_file()
        ]
    for name in _SINGLE_FILES:
        found.append(_stamp(folder / name, name))
    for group in ("codes", "symptoms", "checks"):
        for inner, _, names in os.walk(folder / group):
            found += [_stamp(Path(inner, name), str(Path(inner, name))) for name in names if name.endswith(".yaml")]
    return tuple(sorted(found, key=lambda stamp: stamp.path))


def _stamp(path: Path, shown: str) -> index.Stamp:
    try:
        status = os.stat(path)
    except OSError:
        return index.Stamp(shown, -1, 0)
    return index.Stamp(shown, status.st_size, status.st_mtime_ns)


def _overlay_stamps(folder: Path) -> tuple[index.Stamp, ...]:
    from diag.adapters.kb_files.overlay import overlay_files

    # The folder itself stands for its being there at all.
    return (
        index.Stamp(f"overlay {folder}", 0, int(folder.is_dir())),
        *(_stamp(p, str(p)) for p in overlay_files(folder)),
    )


def _caches(folder: Path, overlay: Path | None) -> Iterator[Path]:
    if overlay is None:
        yield folder / ".index"
    from hashlib import sha256

    try:
        base = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    except RuntimeError:
        # A user without a home folder: nothing is kept.
        return
    base = Path(os.environ.get("XDG_CACHE_HOME") or base)
    named = str(folder) if overlay is None else f"{folder}\n{overlay.resolve()}"
    yield base / "aadsts-diag" / f"kb-{sha256(named.encode()).hexdigest()[:16]}"
