"""``kb/flows.yaml`` → the table of flows, with every problem: codes that do not exist, answers nobody asks for."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Literal, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from diag.adapters.kb_files.problems import Problem, Problems, nearest, shaped
from diag.adapters.kb_files.yaml_reader import Place, read_file
from diag.core.errors import KnowledgeBaseError
from diag.core.flows import EMPTY, Answers, Fits, FlowTable, Pitfall, Question, Source, Told
from diag.core.remedies.subject import WHERE

FLOWS = "flows.yaml"

_PLACEHOLDER = re.compile(r"<([^<>]*)>")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HTTPS = re.compile(r"https://[^\s/]{3,}\S*")


class LoadedFlows(Struct, frozen=True):
    table: FlowTable
    """Empty where the folder has no table, or one that is not right."""
    problems: tuple[Problem, ...] = ()


def load_flows(folder: Path, codes: Collection[int]) -> LoadedFlows:
    """The folder's table; ``codes`` are those that have an entry."""
    path = folder / FLOWS
    if not path.is_file():
        return LoadedFlows(EMPTY)
    shown = f"{folder.name}/{FLOWS}"
    try:
        document = read_file(path, shown)
    except KnowledgeBaseError as error:
        return LoadedFlows(EMPTY, (Problem(error.path, error.line or 1, error.problem),))
    problems = Problems(document)
    table = shaped(document, FlowTable, problems)
    if table is None:
        return LoadedFlows(EMPTY, tuple(problems.found))
    _check_questions(table, problems)
    _check_ids(table, problems)
    for place, fits in _every_fits(table):
        _check_fits(fits, place, table.questions, problems)
    for place, pitfalls in _every_pitfall(table):
        _check_codes(pitfalls, place, codes, problems)
    for place, sources in _every_source(table):
        _check_sources(sources, place, problems)
    _check_registrations(table, problems)
    return LoadedFlows(EMPTY if problems.found else table, tuple(problems.found))


def _check_questions(table: FlowTable, problems: Problems) -> None:
    """Every field of ``Answers`` is asked about, with exactly the answers that it can hold."""
    possible = _possible_answers()
    for index, question in enumerate(table.questions):
        if question.id not in possible:
            problems.add(
                ("questions", index, "id"), f"`{question.id}` is no field of Answers{nearest(question.id, possible)}"
            )
            continue
        offered = {option.value for option in question.options}
        if offered != possible[question.id] or len(question.options) != len(offered):
            wanted = ", ".join(sorted(str(value).lower() for value in possible[question.id]))
            problems.add(("questions", index, "options"), f"offers other answers than there are: {wanted}")
    asked = [question.id for question in table.questions]
    for name in sorted(possible.keys() - set(asked)):
        problems.add(("questions",), f"nobody asks `{name}`; add the question")
    for index, name in enumerate(asked):
        if name in asked[:index]:
            problems.add(("questions", index, "id"), f"`{name}` is asked twice; keep one")


def _possible_answers() -> dict[str, set[Told]]:
    """By field of ``Answers``, the values it takes."""
    found: dict[str, set[Told]] = {}
    for name, hint in get_type_hints(Answers).items():
        parts = get_args(hint) if get_origin(hint) is Union or not isinstance(hint, type) else (hint,)
        values: set[Told] = set()
        for part in parts:
            if part is bool:
                values |= {True, False}
            elif get_origin(part) is Literal:
                values |= set(get_args(part))
        found[name] = values
    return found


def _check_ids(table: FlowTable, problems: Problems) -> None:
    seen: set[str] = set()
    for part in ("flows", "never", "dead_ends"):
        for index, item in enumerate(getattr(table, part)):
            if not _SLUG.fullmatch(item.id):
                problems.add((part, index, "id"), f"`{item.id}` is no slug; write it like web-app")
            if item.id in seen:
                problems.add((part, index, "id"), f"`{item.id}` is used twice; ids are public and each is one thing")
            seen.add(item.id)
    flows = [flow.id for flow in table.flows]
    for index, never in enumerate(table.never):
        for name in never.flows:
            if name not in flows:
                problems.add(("never", index, "flows"), f"`{name}` is no flow of this table{nearest(name, flows)}")


def _every_fits(table: FlowTable) -> Iterator[tuple[Place, Fits]]:
    for index, flow in enumerate(table.flows):
        yield ("flows", index, "fits"), flow.fits
        for at, option in enumerate(flow.credentials):
            yield ("flows", index, "credentials", at, "fits"), option.fits
    for index, end in enumerate(table.dead_ends):
        yield ("dead_ends", index, "fits"), end.fits


def _check_fits(fits: Fits, place: Place, questions: Sequence[Question], problems: Problems) -> None:
    known = {question.id: [option.value for option in question.options] for question in questions}
    for name, right in fits.items():
        if name not in known:
            problems.add((*place, name), f"`{name}` is no question of this table{nearest(name, known)}")
            continue
        if not right:
            problems.add((*place, name), "names no answer; leave the question out where it does not matter")
        for value in right:
            if value not in known[name]:
                words = [str(option) for option in known[name]]
                problems.add((*place, name), f"`{value}` is no answer to `{name}`{nearest(str(value), words)}")


def _every_pitfall(table: FlowTable) -> Iterator[tuple[Place, Sequence[Pitfall]]]:
    for index, flow in enumerate(table.flows):
        yield ("flows", index, "goes_wrong"), flow.goes_wrong
    for index, never in enumerate(table.never):
        yield ("never", index, "goes_wrong"), never.goes_wrong


def _check_codes(pitfalls: Sequence[Pitfall], place: Place, codes: Collection[int], problems: Problems) -> None:
    if not pitfalls:
        problems.add(place, "names no code; say what usually goes wrong")
    for index, pitfall in enumerate(pitfalls):
        if pitfall.code not in codes:
            problems.add((*place, index, "code"), f"{pitfall.code} has no entry; name a code that has one")


def _every_source(table: FlowTable) -> Iterator[tuple[Place, Sequence[Source]]]:
    for index, flow in enumerate(table.flows):
        yield ("flows", index, "sources"), flow.sources
    for index, never in enumerate(table.never):
        yield ("never", index, "sources"), never.sources


def _check_sources(sources: Sequence[Source], place: Place, problems: Problems) -> None:
    if not sources:
        problems.add(place, "names no source; give a URL and the date on which you read it")
    for index, source in enumerate(sources):
        if not _HTTPS.fullmatch(source.url):
            problems.add((*place, index), f"`{source.url}` is no https address")
        try:
            date.fromisoformat(source.checked)
        except ValueError:
            problems.add((*place, index), f"`checked: {source.checked}` is no date; write it like 2026-11-22")


def _check_registrations(table: FlowTable, problems: Problems) -> None:
    """What is registered is safe, and nothing stands in angle brackets that nobody can find."""
    for index, flow in enumerate(table.flows):
        place: Place = ("flows", index, "register")
        wanted = flow.register
        if (wanted.platform is None) != (not wanted.redirect_uris):
            problems.add(place, "a platform and its redirect URIs go together; give both or neither")
        for uri in wanted.redirect_uris:
            if "*" in uri or (uri.startswith("http://") and not uri.startswith("http://localhost")):
                problems.add(place, f"`{uri}` is no address to register: no wildcard, and http for localhost alone")
        if flow.client == "public" and flow.credentials:
            problems.add(("flows", index, "credentials"), "a public client has no credential; leave them out")
        if flow.client == "confidential" and not flow.credentials:
            problems.add(("flows", index), "a confidential client has a credential; name those it may have")
        if not flow.request:
            problems.add(("flows", index, "request"), "says nothing of scope; add what to request")
        trusts = [option.trust for option in flow.credentials if option.trust]
        if any(option.kind == "federated" and option.trust is None for option in flow.credentials):
            problems.add(("flows", index, "credentials"), "a federated credential names issuer and subject under trust")
        texts = [*wanted.redirect_uris, *(item.scope for item in flow.request)]
        texts += [text for trust in trusts for text in (trust.issuer, trust.subject)]
        for name in dict.fromkeys(name for text in texts for name in _PLACEHOLDER.findall(text)):
            if name not in WHERE:
                problems.add(("flows", index), f"nobody says where <{name}> is found{nearest(name, WHERE)}")
