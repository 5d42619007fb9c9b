"""The files of ``kb/`` → entries. A file that is not right is refused with path, line and what to do."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from msgspec import UNSET, Struct

from diag.adapters.kb_files import causes as causes_of
from diag.adapters.kb_files import checks, finding
from diag.adapters.kb_files.flows import load_flows
from diag.adapters.kb_files.messages import read_messages
from diag.adapters.kb_files.problems import Problem, Problems, nearest, shaped
from diag.adapters.kb_files.shapes import (
    WrittenCase,
    WrittenCatalogue,
    WrittenEntry,
    WrittenFamilies,
    WrittenFamily,
    WrittenSource,
)
from diag.adapters.kb_files.yaml_reader import Document, read_file
from diag.core.entry import Case, Cause, Confirm, Entry, FixStep, Otherwise, Sample, SourceLink
from diag.core.errors import KnowledgeBaseError
from diag.core.flows import FlowTable
from diag.core.wordings import Message

CATALOGUE = "_catalogue.yaml"
FAMILIES = "families.yaml"
CAUSES = "schema/causes.txt"
FIXTURES = "fixtures/registrations.yaml"
UNREAD = "unread"
_GIVEN = ("text", "observed_at", "request", "registration", "sign_in", "token")


class Loaded(Struct, frozen=True):
    """Everything read from one folder."""

    entries: tuple[Entry, ...]
    """By code, then symptoms by id; with samples and cases; drafts included."""
    families: tuple[WrittenFamily, ...]
    paths: Mapping[str, str]
    """Path shown for an entry, by code or symptom id."""
    flows: FlowTable
    problems: tuple[Problem, ...]
    words: finding.Words = finding.Words()
    messages: tuple[Message, ...] = ()


class Shelf(Struct, frozen=True):
    """What entries are checked against."""

    families: Collection[str]
    causes: frozenset[str]
    fixtures: Mapping[str, Any]


def load(folder: Path) -> Loaded:
    """All entries below ``folder`` with every problem found; entries that have one are left out."""
    found: list[Problem] = []
    families = _families(folder, found)
    shelf = Shelf([family.id for family in families], _causes(folder), _fixtures(folder, found))
    entries: dict[str, Entry] = {}
    paths: dict[str, str] = {}
    for path in source_files(folder):
        shown = shown_path(folder, path)
        if path.name == CATALOGUE:
            read, problems = load_catalogue(path, shown, shelf)
        else:
            entry, problems = load_entry(path, shown, shelf)
            read = [entry] if entry is not None and not problems else []
        found.extend(problems)
        for item in read:
            key = str(item.code or item.symptom)
            if key in entries:
                found.append(Problem(shown, 1, f"{key} is already described in {paths[key]}; keep one of the two"))
                continue
            entries[key], paths[key] = item, shown
    ordered = sorted(entries.values(), key=lambda entry: (entry.code is None, entry.code or 0, entry.symptom or ""))
    codes = {entry.code for entry in ordered if entry.code is not None}
    words = finding.read_words(folder, codes, found)
    messages = read_messages(folder, codes, found)
    flows = load_flows(folder, {entry.code for entry in ordered if entry.code is not None and entry.status != "draft"})
    whole = (*found, *flows.problems)
    return Loaded(tuple(ordered), tuple(families), paths, flows.table, whole, words, messages)


def open_shelf(folder: Path) -> Shelf:
    """What single files are checked against; ``KnowledgeBaseError`` when families or fixtures are wrong."""
    found: list[Problem] = []
    families = _families(folder, found)
    shelf = Shelf([family.id for family in families], _causes(folder), _fixtures(folder, found))
    if found:
        raise found[0].error()
    return shelf


def source_files(folder: Path) -> list[Path]:
    """The files that entries come from, in order."""
    return sorted([*folder.glob("codes/*/*.yaml"), *folder.glob("symptoms/*.yaml")])


def load_entry(path: Path, shown: str, shelf: Shelf) -> tuple[Entry | None, list[Problem]]:
    """The entry of one file and its problems. An entry comes back beside problems wherever its cases can be run."""
    try:
        document = read_file(path, shown)
    except KnowledgeBaseError as error:
        return None, [Problem(error.path, error.line or 1, error.problem)]
    problems = Problems(document)
    written = shaped(document, WrittenEntry, problems)
    if written is None:
        return None, problems.found
    _check_place(path, written, shelf, problems)
    checks.check_sources(written.sources, ("sources",), problems)
    checks.check_patterns(written, problems)
    causes = [causes_of.cause(cause, index, written.questions, problems) for index, cause in enumerate(written.causes)]
    whole = [cause for cause in causes if cause is not None]
    if len(whole) < len(causes) or not whole:
        if not causes:
            problems.add(("causes",), "names no cause; an entry has at least one")
        return None, problems.found
    checks.check_causes(whole, written, shelf.causes, problems)
    checks.check_cases(whole, written, problems)
    cases = tuple(case_of(case, index, shelf.fixtures, problems) for index, case in enumerate(written.cases))
    entry = Entry(
        code=written.code,
        symptom=written.symptom,
        name=written.name,
        family=written.family,
        kind=written.kind,
        status=written.status,
        summary=written.summary,
        sources=source_links(written.sources),
        read_from_text=tuple(written.read_from_text),
        wordings={name: tuple(variants) for name, variants in written.wordings.items()},
        questions=written.questions,
        causes=tuple(whole),
        samples=tuple(Sample(sample.text, sample.gives) for sample in written.samples),
        cases=cases,
        notes=written.notes,
    )
    return entry, problems.found


def load_catalogue(path: Path, shown: str, shelf: Shelf) -> tuple[list[Entry], list[Problem]]:
    """One entry for each line of a family's catalogue, each with a single cause; none when the file is not right."""
    try:
        document = read_file(path, shown)
    except KnowledgeBaseError as error:
        return [], [Problem(error.path, error.line or 1, error.problem)]
    problems = Problems(document)
    written = shaped(document, WrittenCatalogue, problems)
    if written is None:
        return [], problems.found
    _check_family(path.parent.name, written.family, shelf, problems)
    checks.check_sources(written.sources, ("sources",), problems)
    entries = []
    for index, line in enumerate(written.codes):
        place = ("codes", index)
        cause_id = line.cause.id or _slug(line.name)
        if line.cause.id and line.cause.id not in shelf.causes:
            hint = nearest(line.cause.id, shelf.causes)
            problems.add((*place, "cause"), f"`{line.cause.id}` is not in kb/schema/causes.txt{hint}")
        if line.sources:
            checks.check_sources(line.sources, (*place, "sources"), problems)
        cause = Cause(
            id=cause_id,
            title="What the message itself names",
            when=Otherwise(),
            confidence=line.cause.confidence,
            commonness="common",
            fixed_by=line.fixed_by,
            root_cause=line.cause.text,
            confirm=(Confirm(line.confirm),),
            fix=(FixStep("by_hand", {"do": line.fix, "who": line.fixed_by}),),
        )
        entries.append(
            Entry(
                code=line.code,
                name=line.name,
                family=written.family,
                kind=line.kind,
                status="test",
                summary=line.meaning,
                sources=source_links(line.sources or written.sources),
                causes=(cause,),
                notes=line.notes,
            )
        )
    return ([] if problems.found else entries), problems.found


def merged(under: Any, over: Any) -> Any:
    """``over`` laid on ``under``: mappings merge, everything else replaces, and ``unread`` takes a key away."""
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return _without_unread(over)
    result = dict(under)
    for key, value in over.items():
        if value == UNREAD:
            result.pop(key, None)
        else:
            result[key] = merged(result[key], value) if key in result else _without_unread(value)
    return result


def _without_unread(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_unread(item) for key, item in value.items() if item != UNREAD}
    return value


def case_of(written: WrittenCase, index: int, fixtures: Mapping[str, Any], problems: Problems) -> Case:
    under: Any = {}
    if written.from_:
        if written.from_ not in fixtures:
            hint = nearest(written.from_, fixtures)
            problems.add(("cases", index, "from"), f"`{written.from_}` is no fixture of kb/{FIXTURES}{hint}")
        under = fixtures.get(written.from_, {})
    over = {key: getattr(written, key) for key in _GIVEN if getattr(written, key) is not UNSET}
    return Case(
        name=written.name,
        given=merged(under, over),
        answers=written.answers,
        expect=written.expect,
        needs=tuple(written.needs),
    )


def _check_place(path: Path, written: WrittenEntry, shelf: Shelf, problems: Problems) -> None:
    if (written.code is None) == (written.symptom is None):
        problems.add((), "names a `code` or a `symptom`, one of the two")
        return
    if written.code is not None:
        if path.stem != f"AADSTS{written.code}":
            problems.add(("code",), f"the file is called {path.name}; call it AADSTS{written.code}.yaml")
        _check_family(path.parent.name, written.family, shelf, problems)
        return
    if path.stem != written.symptom:
        problems.add(("symptom",), f"the file is called {path.name}; call it {written.symptom}.yaml")
    if written.family not in shelf.families:
        problems.add(
            ("family",), f"`{written.family}` is not in families.yaml{nearest(written.family, shelf.families)}"
        )


def _check_family(folder: str, family: str, shelf: Shelf, problems: Problems) -> None:
    if family not in shelf.families:
        problems.add(("family",), f"`{family}` is not in families.yaml{nearest(family, shelf.families)}")
    elif folder != family:
        problems.add(("family",), f"the file lies in {folder}/; move it to codes/{family}/ or correct its family")


def _families(folder: Path, found: list[Problem]) -> list[WrittenFamily]:
    document = _document(folder, FAMILIES, found)
    if document is None:
        return []
    problems = Problems(document)
    written = shaped(document, WrittenFamilies, problems)
    found.extend(problems.found)
    return written.families if written else []


def _fixtures(folder: Path, found: list[Problem]) -> Mapping[str, Any]:
    document = _document(folder, FIXTURES, found)
    if document is None:
        return {}
    if not isinstance(document.value, dict):
        found.append(Problem(document.path, 1, "is a mapping: fixture name → parts of a diagnose request"))
        return {}
    return document.value


def _document(folder: Path, name: str, found: list[Problem]) -> Document | None:
    try:
        return read_file(folder / name, shown_path(folder, folder / name))
    except KnowledgeBaseError as error:
        found.append(Problem(error.path, error.line or 1, error.problem))
        return None


def _causes(folder: Path) -> frozenset[str]:
    path = folder / CAUSES
    try:
        return frozenset(path.read_text(encoding="utf-8").split())
    except OSError as error:
        raise KnowledgeBaseError(shown_path(folder, path), None, f"cannot be read: {error.strerror}") from error


def source_links(written: list[WrittenSource]) -> tuple[SourceLink, ...]:
    return tuple(SourceLink(source.url, source.checked, source.supports) for source in written)


def shown_path(folder: Path, path: Path) -> str:
    return f"{folder.name}/{path.relative_to(folder).as_posix()}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()).strip("-")
