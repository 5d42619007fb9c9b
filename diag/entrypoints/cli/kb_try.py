"""``diag kb try``: the samples and cases of single files, against what their writer expects."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from diag.adapters.graph.wire.request import enquiry
from diag.adapters.kb_files import check_loader, loader
from diag.adapters.kb_files.problems import Problem
from diag.core import remedy
from diag.core.entry import Entry
from diag.entrypoints.cli.console import Console, visible
from diag.workflows.try_check import TriedCheck, try_check
from diag.workflows.try_entry import Outcome, try_entry


class TriedFile(Struct, frozen=True):
    """What came of one file."""

    path: str
    problems: Sequence[Problem]
    outcomes: Sequence[Outcome | TriedCheck]

    @property
    def wrong(self) -> int:
        return len(self.problems) + sum(bool(one.complaints) for one in self.outcomes)


def try_files(files: list[Path], folder: Path) -> list[TriedFile]:
    """Each file loaded by itself and its samples and cases run, also where loading refuses a part of it."""
    shelf = loader.open_shelf(folder)
    return [_tried(file, shelf) for file in files]


def show(tried: Sequence[TriedFile], console: Console, *, verbose: bool, in_json: bool) -> int:
    """Say what came of the files; 1 when something differs from what is expected."""
    wrong = sum(one.wrong for one in tried)
    if in_json:
        told = [
            {
                "path": one.path,
                "problems": one.problems,
                "cases": [{"case": outcome.name, "complaints": outcome.complaints} for outcome in one.outcomes],
            }
            for one in tried
        ]
        console.say(msgspec.json.format(msgspec.json.encode({"wrong": wrong, "files": told}), indent=2).decode())
        return 1 if wrong else 0
    for one in tried:
        for problem in one.problems:
            tell(problem, console)
        for outcome in one.outcomes:
            if outcome.complaints:
                tell_outcome(one.path, outcome, console)
            elif verbose:
                console.say(f"{console.style('ok', 'good')}    {visible(outcome.name)}")
        good = sum(not outcome.complaints for outcome in one.outcomes)
        if one.outcomes:
            console.say(f"{one.path}: {good} of {len(one.outcomes)} samples and cases come out as expected.")
    return 1 if wrong else 0


def tell(problem: Problem, console: Console) -> None:
    """One thing that is wrong, with path and line."""
    console.say(f"{console.style('wrong', 'bad')} {problem.path}:{problem.line}: {visible(problem.text)}")


def tell_outcome(path: str, outcome: Outcome | TriedCheck, console: Console) -> None:
    """Everything in which a sample or case differs from its expectation."""
    for complaint in outcome.complaints:
        console.say(f"{console.style('wrong', 'bad')} {path}: “{visible(outcome.name)}” {visible(complaint)}")


def _tried(file: Path, shelf: loader.Shelf) -> TriedFile:
    if file.resolve().parent.name == "checks":
        check, problems = check_loader.load_check(file.resolve(), str(file), shelf)
        if check is None:
            return TriedFile(str(file), problems, ())
        check = msgspec.structs.replace(check, fix=tuple(step for step in check.fix if step.remedy in remedy.REGISTRY))
        return TriedFile(str(file), problems, try_check(check, enquiry))
    if file.name == loader.CATALOGUE:
        entries, problems = loader.load_catalogue(file.resolve(), str(file), shelf)
    else:
        entry, problems = loader.load_entry(file.resolve(), str(file), shelf)
        entries = [] if entry is None else [_without_unknown_fixes(entry)]
    return TriedFile(str(file), problems, [outcome for entry in entries for outcome in try_entry(entry, enquiry)])


def _without_unknown_fixes(entry: Entry) -> Entry:
    """The entry without fixes whose remedy does not exist, so that its cases run although it is refused."""
    causes = (
        msgspec.structs.replace(cause, fix=tuple(step for step in cause.fix if step.remedy in remedy.REGISTRY))
        for cause in entry.causes
    )
    return msgspec.structs.replace(entry, causes=tuple(causes))
