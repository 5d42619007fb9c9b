"""The files of ``kb/checks`` → checks. A file that is not right is refused with path, line and what to do."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from diag.adapters.kb_files import causes, conditions, loader
from diag.adapters.kb_files import checks as promises
from diag.adapters.kb_files.problems import Problem, Problems, nearest, shaped
from diag.adapters.kb_files.shapes import WrittenCheck
from diag.adapters.kb_files.yaml_reader import Place, read_file
from diag.core.check import SEVERITIES, Check
from diag.core.engine import leaves
from diag.core.entry import Condition, Otherwise
from diag.core.errors import KnowledgeBaseError
from diag.core.placeholders import ALWAYS, names_in

IDS = "schema/checks.txt"
EXPECTED = ("holds", "ruled_out", "unknown")
"""What a case of a check may expect; every check has a case of each."""


class LoadedChecks(Struct, frozen=True):
    """Everything read from one folder."""

    checks: tuple[Check, ...]
    """By severity, then id; with cases; drafts included."""
    paths: Mapping[str, str]
    """Path shown for a check, by id."""
    problems: tuple[Problem, ...]


def load(folder: Path, shelf: loader.Shelf) -> LoadedChecks:
    """All checks below ``folder`` with every problem found; checks that have one are left out."""
    found: list[Problem] = []
    checks: list[Check] = []
    paths: dict[str, str] = {}
    known = _ids(folder)
    for path in source_files(folder):
        shown = loader.shown_path(folder, path)
        check, problems = load_check(path, shown, shelf, known)
        found.extend(problems)
        if check is not None and not problems:
            checks.append(check)
            paths[check.id] = shown
    ordered = sorted(checks, key=lambda check: (SEVERITIES.index(check.severity), check.id))
    return LoadedChecks(tuple(ordered), paths, tuple(found))


def source_files(folder: Path) -> list[Path]:
    """The files that checks come from, in order."""
    return sorted(folder.glob("checks/*.yaml"))


def load_check(
    path: Path, shown: str, shelf: loader.Shelf, known: frozenset[str] | None = None
) -> tuple[Check | None, list[Problem]]:
    """The check of one file and its problems. ``known``: the committed ids; None leaves that question out."""
    try:
        document = read_file(path, shown)
    except KnowledgeBaseError as error:
        return None, [Problem(error.path, error.line or 1, error.problem)]
    problems = Problems(document)
    written = shaped(document, WrittenCheck, problems)
    if written is None:
        return None, problems.found
    if path.stem != written.id:
        problems.add(("id",), f"the file is called {path.name}; call it {written.id}.yaml")
    if known is not None and written.id not in known:
        problems.add(("id",), f"`{written.id}` is not in kb/{IDS}{nearest(written.id, known)}")
    promises.check_sources(written.sources, ("sources",), problems)
    when = conditions.condition(written.when, ("when",), {}, problems)
    steps = [conditions.fix_step(step, ("fix", at), problems) for at, step in enumerate(written.fix)]
    if when is None:
        return None, problems.found
    if any(isinstance(leaf, Otherwise) for leaf in leaves(when)):
        problems.add(("when",), "a check has no other causes, so `otherwise` means nothing; ask a question")
        return None, problems.found
    _check_texts(written, when, problems)
    _check_cases(written, problems)
    check = Check(
        id=written.id,
        title=written.title,
        severity=written.severity,
        area=written.area,
        subject=written.subject,
        status=written.status,
        when=when,
        fixed_by=written.fixed_by,
        root_cause=written.root_cause,
        risk=written.risk,
        confirm=causes.confirmations(written.confirm),
        fix=tuple(step for step in steps if step is not None),
        sources=loader.source_links(written.sources),
        notes=written.notes,
        cases=tuple(loader.case_of(case, index, shelf.fixtures, problems) for index, case in enumerate(written.cases)),
    )
    return check, problems.found


def _check_texts(written: WrittenCheck, when: Condition, problems: Problems) -> None:
    """Texts quote only what the condition gives; a check ends with what to do."""
    known = {*conditions.gives(when), *ALWAYS}
    for name in sorted(names_in(written.title)):
        problems.add(("title",), f"quotes `{{{name}}}`; a title says only what the condition says")
    texts: list[tuple[Place, str]] = [(("root_cause",), written.root_cause), (("risk",), written.risk)]
    for index, step in enumerate(causes.confirmations(written.confirm)):
        texts += [(("confirm", index), step.do), (("confirm", index), step.expect)]
    for index, fix in enumerate(written.fix):
        texts += [(("fix", index), value) for name, value in fix.items() if name != "remedy"]
    for place, text in texts:
        for name in sorted(names_in(text) - known):
            problems.add(place, f"quotes `{{{name}}}`, which its condition does not give{nearest(name, known)}")
    if not written.fix:
        problems.add(("fix",), "has no fix; every check ends with what to do")
    if not written.confirm:
        problems.add(("confirm",), "has no confirmation; say how one sees it")


def _check_cases(written: WrittenCheck, problems: Problems) -> None:
    """A case for each verdict; the one that nobody could look at names its needs."""
    names: set[str] = set()
    for index, case in enumerate(written.cases):
        place: Place = ("cases", index)
        if case.name in names:
            problems.add((*place, "name"), f"two cases are called “{case.name}”")
        names.add(case.name)
        if case.expect not in EXPECTED:
            problems.add((*place, "expect"), f"`{case.expect}` is none of {', '.join(EXPECTED)}")
        if case.answers:
            problems.add((*place, "answers"), "a check asks nobody; leave answers out")
        if case.expect == "unknown" and not case.needs:
            problems.add((*place, "expect"), "an unknown case names what it lacks under `needs`")
        for fact in case.needs:
            if not promises.is_fact(fact):
                problems.add((*place, "needs"), f"`{fact}` is no fact; see diag/core/facts.py for the paths")
    expected = {case.expect for case in written.cases}
    for verdict in EXPECTED:
        if verdict not in expected:
            problems.add(("cases",), f"no case expects `{verdict}`; add one")


def _ids(folder: Path) -> frozenset[str]:
    path = folder / IDS
    try:
        return frozenset(path.read_text(encoding="utf-8").split())
    except FileNotFoundError:
        return frozenset()
