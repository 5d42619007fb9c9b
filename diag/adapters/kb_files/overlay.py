"""An organisation's own words beside shipped entries: notes, links, contacts, causes of its own, causes it hides.

Documents of their own type in a folder of their own (DIAG_KB_OVERLAY). They never rewrite shipped text, and one that
names what does not exist is refused with its path and line.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field, structs

from diag.adapters.kb_files import causes as reading
from diag.adapters.kb_files import checks
from diag.adapters.kb_files.problems import Problem, Problems, nearest, shaped
from diag.adapters.kb_files.shapes import WrittenCause
from diag.adapters.kb_files.yaml_reader import Document, Place, read_file
from diag.core.entry import Cause, Entry, OrganisationContact, OrganisationLink, OrganisationWords, Otherwise
from diag.core.errors import KnowledgeBaseError

_OWN = re.compile(r"org-[a-z0-9]+(?:-[a-z0-9]+)*")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_LONGEST = 4000


class WrittenLink(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    url: str


class WrittenContact(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    reach: str
    """How to reach them, in words: a channel, a queue, a mail address."""


class WrittenOwnCause(WrittenCause, frozen=True, kw_only=True, forbid_unknown_fields=True):
    after: str = ""
    """The shipped cause it is asked behind; without one it is asked before all of them."""


class WrittenOverlay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    overlay: Literal[1]
    """Version of this form."""
    code: int | None = None
    symptom: str | None = None
    notes: str = ""
    links: list[WrittenLink] = field(default_factory=list)
    contacts: list[WrittenContact] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)
    causes: list[WrittenOwnCause] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)


def overlay_files(folder: Path) -> list[Path]:
    """The documents below the folder, in order; hidden files and folders are passed over."""
    found = []
    for inner, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith("."))
        found += [Path(inner, name) for name in files if name.endswith((".yaml", ".yml")) and not name.startswith(".")]
    return sorted(found)


def with_overlay(entries: Sequence[Entry], folder: Path) -> tuple[list[Entry], list[Problem]]:
    """The entries with the organisation's words, and what is wrong with its documents."""
    if not folder.is_dir():
        return list(entries), [Problem(str(folder), 1, "is no folder; DIAG_KB_OVERLAY names the folder of the overlay")]
    by_key = {str(entry.code if entry.code is not None else entry.symptom): entry for entry in entries}
    found: list[Problem] = []
    taken: dict[str, str] = {}
    for path in overlay_files(folder):
        try:
            document = read_file(path, str(path))
        except KnowledgeBaseError as error:
            found.append(Problem(error.path, error.line or 1, error.problem))
            continue
        problems = Problems(document)
        written = shaped(document, WrittenOverlay, problems)
        if written is not None:
            _apply(written, document, by_key, taken, problems)
        found.extend(problems.found)
    return list(by_key.values()), found


def _apply(
    written: WrittenOverlay, document: Document, by_key: dict[str, Entry], taken: dict[str, str], problems: Problems
) -> None:
    if (written.code is None) == (written.symptom is None):
        problems.add((), "names a `code` or a `symptom`, one of the two")
        return
    key = str(written.code if written.code is not None else written.symptom)
    place: Place = ("code",) if written.code is not None else ("symptom",)
    entry = by_key.get(key)
    if entry is None:
        known = [name for name in by_key if name.isdigit() == key.isdigit()]
        problems.add(place, f"`{key}` has no entry in this version{nearest(key, known)}")
        return
    if key in taken:
        problems.add(place, f"{key} has an overlay already, in {taken[key]}; put both into one document")
        return
    taken[key] = document.path
    _check_words(written, document, problems)
    own = _own_causes(written, entry, problems)
    _check_hidden(written, entry, problems)
    if problems.found:
        return
    by_key[key] = structs.replace(
        entry,
        questions={**entry.questions, **written.questions},
        causes=_ordered(entry, written, own),
        organisation=OrganisationWords(
            notes=written.notes.strip(),
            links=tuple(OrganisationLink(link.title, link.url) for link in written.links),
            contacts=tuple(OrganisationContact(contact.name, contact.reach) for contact in written.contacts),
            hidden=tuple(written.hide),
        ),
    )


def _own_causes(written: WrittenOverlay, entry: Entry, problems: Problems) -> list[Cause]:
    questions = {**entry.questions, **written.questions}
    for question in written.questions:
        if question in entry.questions:
            problems.add(("questions", question), f"`{question}` is a shipped question; choose another id")
    causes = [reading.cause(one, index, questions, problems) for index, one in enumerate(written.causes)]
    whole = [one for one in causes if one is not None]
    ids = [one.id for one in entry.causes]
    for index, (one, raw) in enumerate(zip(causes, written.causes, strict=True)):
        place: Place = ("causes", index)
        if not _OWN.fullmatch(raw.id):
            problems.add((*place, "id"), f"`{raw.id}` is no id of your own; begin it with org-, as in org-old-vpn")
        if raw.after and raw.after not in ids:
            problems.add((*place, "after"), f"`{raw.after}` is no cause of this entry{nearest(raw.after, ids)}")
        if one is not None and isinstance(one.when, Otherwise):
            problems.add((*place, "when"), "`otherwise` is not for causes of your own; say when it holds")
    if len(whole) == len(causes):
        own_ids = {one.id for one in whole}
        checks.check_causes(whole, checks.Told(written.questions, entry.wordings), own_ids, problems)
    return whole


def _check_hidden(written: WrittenOverlay, entry: Entry, problems: Problems) -> None:
    ids = [one.id for one in entry.causes]
    for index, cause_id in enumerate(written.hide):
        if cause_id not in ids:
            problems.add(("hide", index), f"`{cause_id}` is no cause of this entry{nearest(cause_id, ids)}")
    if set(ids) <= set(written.hide) and not written.causes:
        problems.add(("hide",), "hides every cause; leave one, or write one of your own")


def _check_words(written: WrittenOverlay, document: Document, problems: Problems) -> None:
    for index, link in enumerate(written.links):
        problem = checks.fault_of_url(link.url)
        if problem:
            problems.add(("links", index), problem)
    for place, text in _texts(document.value, ()):
        if _UNSEEN.search(text):
            problems.add(place, "holds a control or invisible character; take it out")
        elif len(text) > _LONGEST:
            problems.add(place, f"is longer than {_LONGEST} characters; link to the page that says it")


def _texts(value: Any, place: Place) -> list[tuple[Place, str]]:
    if isinstance(value, str):
        return [(place, value)]
    inner: list[tuple[Place, str]] = []
    if isinstance(value, Mapping):
        for name, item in value.items():
            inner += _texts(item, (*place, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            inner += _texts(item, (*place, index))
    return inner


def _ordered(entry: Entry, written: WrittenOverlay, own: Sequence[Cause]) -> tuple[Cause, ...]:
    """Own causes first or behind the one they name, hidden ones left out.

    Where a cause is hidden, what ends the entry by elimination proves less: it may be the hidden one.
    """
    first = [one for one, raw in zip(own, written.causes, strict=True) if not raw.after]
    behind: dict[str, list[Cause]] = {}
    for one, raw in zip(own, written.causes, strict=True):
        if raw.after:
            behind.setdefault(raw.after, []).append(one)
    ordered = list(first)
    for shipped in entry.causes:
        if shipped.id not in written.hide:
            weaker = written.hide and isinstance(shipped.when, Otherwise)
            ordered.append(structs.replace(shipped, confidence="possible") if weaker else shipped)
        ordered += behind.get(shipped.id, [])
    ends = [one for one in ordered if isinstance(one.when, Otherwise)]
    return (*(one for one in ordered if not isinstance(one.when, Otherwise)), *ends)
