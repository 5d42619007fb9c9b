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
from diag.core.errors import BadInput
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.remedies import every as _remedies  # noqa: F401  registers every remedy
from diag.core.wordings import digests
from diag.entrypoints.cli import kb_try, kb_unknown
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
            tried = kb_try.try_files([Path(name) for name in options.files], folder)
            return kb_try.show(tried, console, verbose=options.verbose, in_json=options.json)
        case "new":
            return _new(options.code, options.family, folder, console, in_json=options.json)
        case "unknown":
            return kb_unknown.unknown(options, console)
        case "message":
            return _message(options.code, console, in_json=options.json)
        case _:
            return _schema(folder, console, write=options.write, in_json=options.json)


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
        kb_try.tell(problem, console)
    for path, outcome in failed:
        kb_try.tell_outcome(path, outcome, console)
    for finding in findings:
        console.say(f"{console.style(finding.severity, 'warn')} {finding.rule} {finding.path}: {visible(finding.text)}")
    count = f"{len(loaded.entries)} entries, {len(checks.checks) if checks else 0} checks"
    count += f", {len(loaded.problems)} refused parts, {len(failed)} cases that come out wrong"
    console.say(f"{count}, {len(findings)} findings of house rules.")
    return 1 if wrong else 0


def _new(code: int, family: str, folder: Path, console: Console, *, in_json: bool) -> int:
    """The skeleton of an entry, with what the sign-in log said of the code, as far as it was collected."""
    shelf = loader.open_shelf(folder)
    if family not in shelf.families:
        raise BadInput(f"There is no family “{family}”.", hint=f"Families: {', '.join(shelf.families)}.")
    if not 1000 <= code <= 999_999_999:
        raise BadInput(f"{code} is no code.", hint="Give the number behind AADSTS, such as 50011.")
    path = folder / "codes" / family / f"AADSTS{code}.yaml"
    if path.exists():
        raise BadInput(f"{path} exists already.", hint="Edit it, and try it with `diag kb try`.")
    said, problem = kb_unknown.graph_said(code)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema.skeleton(code, family, [visible(line) for line in said]), encoding="utf-8")
    if in_json:
        console.say(kb_unknown.as_json(path, said))
        return 0
    if problem:
        console.complain(f"What was collected could not be read: {problem}")
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


def _schema(folder: Path, console: Console, *, write: bool, in_json: bool) -> int:
    stale: list[str] = []
    for name, content in schema.generated().items():
        path = folder / "schema" / name
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(str(path))
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        if not in_json:
            console.say(f"{'wrote' if write else 'stale'}: {path}")
    if in_json:
        console.say(msgspec.json.encode({"stale": stale, "written": write and bool(stale)}).decode())
    return 1 if stale and not write else 0
