"""Every entry of the knowledge base does what it says: samples, cases, patterns, fixes."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from diag.adapters.graph.wire.request import enquiry
from diag.adapters.kb_files import check_loader, house_rules, loader
from diag.core import predicate
from diag.core.diagnosis import JudgedCause
from diag.core.engine import diagnose, leaves
from diag.core.entry import Entry
from diag.core.entry import Test as Question
from diag.core.facts import Facts
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.reading import compiled
from diag.core.remedies import every as _remedies  # noqa: F401  registers every remedy
from diag.core.remedy import Fix, Unavailable
from diag.resources import knowledge_base
from diag.workflows.try_entry import try_case, try_entry, try_sample

LOADED = loader.load(knowledge_base())
ENTRIES = LOADED.entries
TEXT_BYTES = 256 * 1024
MOST_SECONDS = 0.05
HOLE = re.compile(r'“”|‘’|(?<!\w)""(?!\w)|  | [.,;:?!](?:\s|$)|\(\s*\)|^\s|\s$')
"""What is left of a sentence when an empty value is put into it."""
TOOLS = ("az", "graph", "powershell", "bicep", "terraform")


def _name(entry: Entry) -> str:
    return str(entry.code or entry.symptom)


CASES = [pytest.param(entry, case, id=f"{_name(entry)}-{case.name}") for entry in ENTRIES for case in entry.cases]
SAMPLES = [
    pytest.param(entry, sample, id=f"{_name(entry)}-{number}")
    for entry in ENTRIES
    for number, sample in enumerate(entry.samples)
]
PATTERNS = [
    pytest.param(pattern, id=f"{_name(entry)}-{number}")
    for entry in ENTRIES
    for number, pattern in enumerate(
        [*entry.read_from_text, *(variant for variants in entry.wordings.values() for variant in variants)]
    )
]


def test_every_file_loads_without_a_problem() -> None:
    assert [str(problem) for problem in LOADED.problems] == []
    assert len(ENTRIES) > 0


def test_no_house_rule_is_broken() -> None:
    broken = [finding for finding in house_rules.findings(LOADED) if finding.severity == "error"]
    assert [f"{finding.path}: {finding.rule} {finding.text}" for finding in broken] == []


@pytest.mark.parametrize(("entry", "sample"), SAMPLES)
def test_a_sample_gives_the_values_it_promises(entry: Entry, sample: object) -> None:
    assert try_sample(entry, sample).complaints == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(("entry", "case"), CASES)
def test_a_case_comes_out_as_expected(entry: Entry, case: object) -> None:
    assert try_case(entry, case, enquiry).complaints == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("entry", [pytest.param(entry, id=_name(entry)) for entry in ENTRIES])
def test_every_fix_of_every_case_renders_in_every_tool(entry: Entry) -> None:
    for outcome in try_entry(entry, enquiry):
        for cause in outcome.diagnosis.causes if outcome.diagnosis else ():
            for fix in cause.fix:
                _assert_whole(fix, f"{outcome.name}: {cause.id}")


@pytest.mark.parametrize("entry", [pytest.param(entry, id=_name(entry)) for entry in ENTRIES])
def test_no_text_of_an_answer_keeps_a_brace_where_a_value_belongs(entry: Entry) -> None:
    for outcome in try_entry(entry, enquiry):
        for cause in outcome.diagnosis.causes if outcome.diagnosis else ():
            texts = [cause.root_cause, *(step.do for step in cause.confirm), *(step.expect for step in cause.confirm)]
            assert [text for text in texts if "{" in text and "${" not in text and "'{" not in text] == [], outcome.name


@pytest.mark.parametrize("entry", [pytest.param(entry, id=_name(entry)) for entry in ENTRIES])
def test_no_text_of_an_answer_has_a_hole_where_a_value_is_unknown(entry: Entry) -> None:
    answers = [("nothing known", diagnose(entry, Facts()))]
    answers += [(outcome.name, outcome.diagnosis) for outcome in try_entry(entry, enquiry) if outcome.diagnosis]
    holes = [
        (name, cause.id, text)
        for name, answer in answers
        for cause in answer.causes
        for text in _texts(cause)
        if HOLE.search(text)
    ]
    assert holes == []


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_fast_on_a_long_repetition_of_its_own_beginning(pattern: str) -> None:
    prefix = _prefix(pattern)
    text = (prefix * (TEXT_BYTES // len(prefix) + 1))[:TEXT_BYTES]
    search = compiled(pattern).search
    taken = []
    for _ in range(3):
        started = time.thread_time()
        search(text)
        taken.append(time.thread_time() - started)
        if taken[-1] < MOST_SECONDS:
            break
    assert min(taken) < MOST_SECONDS


def test_every_predicate_is_asked_by_an_entry_or_a_check() -> None:
    asked = {
        leaf.predicate
        for entry in ENTRIES
        for cause in entry.causes
        for leaf in leaves(cause.when)
        if isinstance(leaf, Question)
    }
    folder = knowledge_base()
    for check in check_loader.load(folder, loader.open_shelf(folder)).checks:
        asked |= {leaf.predicate for leaf in leaves(check.when) if isinstance(leaf, Question)}
    assert sorted(predicate.REGISTRY.keys() - asked) == []


def test_the_list_of_causes_is_sorted_and_holds_each_once() -> None:
    lines = Path(knowledge_base(), loader.CAUSES).read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))


def _texts(cause: JudgedCause) -> Iterator[str]:
    """Every sentence of a cause for people; commands are tested elsewhere."""
    yield cause.root_cause
    for step in cause.confirm:
        yield from (step.do, step.expect)
    for fix in cause.fix:
        yield from (fix.do, fix.who, fix.verify, fix.caution, *fix.before)
        if fix.rollback is not None:
            yield fix.rollback.do


def _assert_whole(fix: Fix, where: str) -> None:
    assert fix.do.strip(), where
    if fix.effect in ("changes", "widens", "removes"):
        assert fix.before, f"{where}: {fix.do}: nothing to check first"
    if fix.commands is None:
        return
    for tool in TOOLS:
        rendered = getattr(fix.commands, tool)
        if isinstance(rendered, Unavailable):
            assert rendered.unavailable.strip(), f"{where}: {tool} says no reason"
        else:
            assert rendered, f"{where}: {tool} is empty"
    assert fix.commands.portal.strip(), f"{where}: no portal path"


def _prefix(pattern: str) -> str:
    """Text that begins like what the pattern matches: each part repeated as often as an attacker would like."""
    from re import _constants, _parser  # type: ignore[attr-defined]

    pieces: list[str] = []
    for op, argument in _parser.parse(pattern):
        if op is _constants.LITERAL:
            pieces.append(chr(argument))
        elif op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            pieces.append("a" * min(argument[1], 40))
            break
        elif op is _constants.SUBPATTERN:
            pieces.append("a" * 40)
            break
        else:
            break
    return "".join(pieces) or "a"
