"""``diag kb``: for those who write entries. Check the files, start a new one, try one against its cases."""

import argparse
import re
import sys
from pathlib import Path

import msgspec

from diag.adapters.graph.wire.request import enquiry
from diag.adapters.kb_files import check_loader, house_rules, loader, schema
from diag.adapters.kb_files.messages import line_of
from diag.adapters.kb_files.overlay import with_overlay
from diag.adapters.kb_files.problems import Problem
from diag.core import predicates as _predicates  # noqa: F401  registers every predicate
from diag.core import remedies as _remedies  # noqa: F401  registers every remedy
from diag.core import remedy
from diag.core.entry import Entry
from diag.core.errors import BadInput
from diag.core.wordings import digests
from diag.entrypoints.cli.console import Console, visible
from diag.resources import knowledge_base, overlay
from diag.workflows.try_check import TriedCheck, try_check
from diag.workflows.try_entry import Outcome, try_entry

_LONGEST_MESSAGE = 64 * 1024
_LEAST_RUNS = 4


def run(options: argparse.Namespace, console: Console) -> int:
    """Carry out the chosen sub-command; 1 when something was found."""
    folder = Path(options.folder) if options.folder else knowledge_base()
    match options.action:
        case "check":
            over = Path(options.overlay) if options.overlay else overlay()
            return _check(folder, console, over, in_json=options.json)
        case "try":
            return _try([Path(name) for name in options.files], folder, console, verbose=options.verbose)
        case "new":
            return _new(options.code, options.family, folder, console)
        case "message":
            return _message(options.code, console, in_json=options.json)
        case _:
            return _schema(folder, console, write=options.write)


def _check(folder: Path, console: Console, over: Path | None, *, in_json: bool) -> int:
    loaded = loader.load(folder)
    if over is not None:
        _, problems = with_overlay(loaded.entries, over)
        loaded = msgspec.structs.replace(loaded, problems=(*loaded.problems, *problems))
    failed: list[tuple[str, Outcome | TriedCheck]] = [
        (loaded.paths[str(entry.code or entry.symptom)], outcome)
        for entry in loaded.entries
        for outcome in try_entry(entry, enquiry)
        if outcome.complaints
    ]
    checks = check_loader.load(folder, loader.open_shelf(folder)) if not loaded.problems else None
    if checks is not None:
        loaded = msgspec.structs.replace(loaded, problems=checks.problems)
        failed += [
            (checks.paths[check.id], tried)
            for check in checks.checks
            for tried in try_check(check, enquiry)
            if tried.complaints
        ]
    findings = house_rules.findings(loaded) + (house_rules.check_findings(checks) if checks else [])
    wrong = loaded.problems or failed or any(finding.severity == "error" for finding in findings)
    if in_json:
        told = {
            "entries": len(loaded.entries),
            "checks": len(checks.checks) if checks else 0,
            "problems": loaded.problems,
            "cases": [{"path": path, "case": item.name, "complaints": item.complaints} for path, item in failed],
            "findings": findings,
        }
        console.say(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
        return 1 if wrong else 0
    for problem in loaded.problems:
        _tell(problem, console)
    for path, outcome in failed:
        _tell_outcome(path, outcome, console)
    for finding in findings:
        console.say(f"{console.style(finding.severity, 'warn')} {finding.rule} {finding.path}: {visible(finding.text)}")
    count = f"{len(loaded.entries)} entries, {len(checks.checks) if checks else 0} checks"
    count += f", {len(loaded.problems)} refused parts, {len(failed)} cases that come out wrong"
    console.say(f"{count}, {len(findings)} findings of house rules.")
    return 1 if wrong else 0


def _try(files: list[Path], folder: Path, console: Console, *, verbose: bool) -> int:
    shelf = loader.open_shelf(folder)
    wrong = 0
    for file in files:
        if file.resolve().parent.name == "checks":
            wrong += _try_check(file, shelf, console, verbose=verbose)
            continue
        if file.name == loader.CATALOGUE:
            entries, problems = loader.load_catalogue(file.resolve(), str(file), shelf)
        else:
            entry, problems = loader.load_entry(file.resolve(), str(file), shelf)
            entries = [] if entry is None else [_without_unknown_fixes(entry)]
        for problem in problems:
            _tell(problem, console)
        wrong += len(problems)
        for item in entries:
            outcomes = try_entry(item, enquiry)
            for outcome in outcomes:
                if outcome.complaints:
                    wrong += 1
                    _tell_outcome(str(file), outcome, console)
                elif verbose:
                    console.say(f"{console.style('ok', 'good')}    {visible(outcome.name)}")
            good = sum(not outcome.complaints for outcome in outcomes)
            if outcomes:
                console.say(f"{file}: {good} of {len(outcomes)} samples and cases come out as expected.")
    return 1 if wrong else 0


def _try_check(file: Path, shelf: loader.Shelf, console: Console, *, verbose: bool) -> int:
    """How many things are wrong with one check's file."""
    check, problems = check_loader.load_check(file.resolve(), str(file), shelf)
    for problem in problems:
        _tell(problem, console)
    if check is None:
        return len(problems)
    check = msgspec.structs.replace(check, fix=tuple(step for step in check.fix if step.remedy in remedy.REGISTRY))
    tried = try_check(check, enquiry)
    for one in tried:
        if one.complaints:
            _tell_outcome(str(file), one, console)
        elif verbose:
            console.say(f"{console.style('ok', 'good')}    {visible(one.name)}")
    good = sum(not one.complaints for one in tried)
    console.say(f"{file}: {good} of {len(tried)} cases come out as expected.")
    return len(problems) + len(tried) - good


def _without_unknown_fixes(entry: Entry) -> Entry:
    """The entry without fixes whose remedy does not exist, so that its cases run although it is refused."""
    causes = (
        msgspec.structs.replace(cause, fix=tuple(step for step in cause.fix if step.remedy in remedy.REGISTRY))
        for cause in entry.causes
    )
    return msgspec.structs.replace(entry, causes=tuple(causes))


def _new(code: int, family: str, folder: Path, console: Console) -> int:
    shelf = loader.open_shelf(folder)
    if family not in shelf.families:
        raise BadInput(f"There is no family “{family}”.", hint=f"Families: {', '.join(shelf.families)}.")
    path = folder / "codes" / family / f"AADSTS{code}.yaml"
    if path.exists():
        raise BadInput(f"{path} exists already.", hint="Edit it, and try it with `diag kb try`.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema.skeleton(code, family), encoding="utf-8")
    console.say(f"Wrote {path}. Fill it in, then run: diag kb try {path}")
    return 0


def _message(code: int, console: Console, *, in_json: bool) -> int:
    """Digests in place of the words: the line by which a text that names no code is recognised."""
    text = re.sub(r"AADSTS\d+:?", " ", sys.stdin.read(_LONGEST_MESSAGE))
    runs = digests(text)
    if len(runs) < _LEAST_RUNS:
        hint = "Give the whole message on standard input, as the service prints it, in English."
        raise BadInput("These are too few words to recognise a message by.", hint=hint)
    line = line_of(code, runs)
    console.say(msgspec.json.encode({"code": code, "line": line}).decode() if in_json else line)
    return 0


def _schema(folder: Path, console: Console, *, write: bool) -> int:
    stale = 0
    for name, content in schema.generated().items():
        path = folder / "schema" / name
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        stale += 1
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        console.say(f"{'wrote' if write else 'stale'}: {path}")
    return 1 if stale and not write else 0


def _tell(problem: Problem, console: Console) -> None:
    console.say(f"{console.style('wrong', 'bad')} {problem.path}:{problem.line}: {visible(problem.text)}")


def _tell_outcome(path: str, outcome: Outcome | TriedCheck, console: Console) -> None:
    for complaint in outcome.complaints:
        console.say(f"{console.style('wrong', 'bad')} {path}: “{visible(outcome.name)}” {visible(complaint)}")
