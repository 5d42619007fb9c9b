"""A folder of entries → the compiled index. Imported only when the index is absent or stale: this reads YAML."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from diag.adapters.kb_files import check_loader, finding, index, loader, messages, patterns
from diag.adapters.kb_files.overlay import overlay_files, with_overlay
from diag.core.entry import Entry
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.remedies import every as _remedies  # noqa: F401  registers every remedy
from diag.core.wordings import Message, digests

_COMMONNESS = {"common": 0, "occasional": 1, "rare": 2}


def compile_folder(folder: Path, stamps: tuple[index.Stamp, ...], overlay: Path | None = None) -> bytes:
    """The index of a folder, with the words of an organisation's overlay.

    The first problem is raised as ``KnowledgeBaseError``, with the number of others.
    """
    loaded = loader.load(folder)
    entries, problems = list(loaded.entries), list(loaded.problems)
    checks = check_loader.load(folder, loader.open_shelf(folder)) if not problems else None
    if checks is not None:
        problems = list(checks.problems)
    if overlay is not None and not problems:
        entries, problems = with_overlay(entries, overlay)
    if problems or checks is None:
        first, *others = problems
        if others:
            first = msgspec.structs.replace(first, text=f"{first.text} (and {len(others)} more: `diag kb check`)")
        raise first.error()
    shown = [entry for entry in entries if entry.status != "draft"]
    titles = {family.id: family.title for family in loaded.families}
    return index.encode(
        version=content_hash(folder, overlay),
        stamps=stamps,
        often=tuple(sorted(loaded.words.often)),
        entries={key_of(entry): msgspec.structs.replace(entry, cases=(), samples=()) for entry in shown},
        lines=tuple(_line(entry) for entry in shown),
        messages=(*loaded.messages, *_sampled(shown)),
        search=finding.search_index(shown, titles, loaded.words),
        flows=loaded.flows,
        checks=tuple(msgspec.structs.replace(check, cases=()) for check in checks.checks if check.status != "draft"),
        patterns=_patterns(shown),
    )


def content_hash(folder: Path, overlay: Path | None = None) -> str:
    """Twelve hex digits that change with any file an answer can depend on."""
    digest = sha256()
    others = [
        folder / name for name in (loader.FAMILIES, finding.WORDS, messages.MESSAGES) if (folder / name).is_file()
    ]
    for path in [*others, *loader.source_files(folder), *check_loader.source_files(folder)]:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    for path in overlay_files(overlay) if overlay is not None else ():
        content = path.read_bytes()
        digest.update(f"overlay {path.relative_to(overlay or path).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def key_of(entry: Entry) -> str:
    """What the index calls an entry: its code or its symptom id."""
    return str(entry.code) if entry.code is not None else str(entry.symptom)


def _sampled(entries: list[Entry]) -> Iterator[Message]:
    """The entries' own samples, by which their messages are recognised as well."""
    for entry in entries:
        for sample in entry.samples if entry.code is not None else ():
            runs = digests(sample.text)
            if len(runs) > 1 and entry.code is not None:
                yield Message(entry.code, runs)


def _line(entry: Entry) -> index.Line:
    likeliest = min(entry.causes, key=lambda cause: _COMMONNESS[cause.commonness])
    return index.Line(
        entry.code, entry.symptom, entry.name, entry.family, entry.kind, entry.summary, likeliest.fixed_by
    )


def _patterns(entries: list[Entry]) -> tuple[index.TextPattern, ...]:
    written = [
        (key_of(entry), pattern)
        for entry in entries
        for pattern in dict.fromkeys(
            [*entry.read_from_text, *(variant for variants in entry.wordings.values() for variant in variants)]
        )
    ]
    users = Counter(pattern for _, pattern in written)
    return tuple(
        index.TextPattern(key, pattern, patterns.literal(pattern), 1 / users[pattern]) for key, pattern in written
    )
