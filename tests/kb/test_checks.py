"""Every check of the knowledge base does what it says: cases, evidence, fixes, and what nobody could look at."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from diag.adapters.graph.wire.request import enquiry
from diag.adapters.kb_files import check_loader, house_rules, loader, schema
from diag.adapters.kb_files.store import open_knowledge_base
from diag.adapters.kb_files.yaml_reader import read_file
from diag.core.check import SEVERITIES, Check
from diag.core.facts import Facts
from diag.core.remedy import Unavailable
from diag.core.review import Finding, judge, review
from diag.resources import knowledge_base
from diag.workflows.try_check import try_case, try_check
from tests.kb.test_entries import HOLE, TOOLS
from tests.kb.test_words import RUN, runs

FOLDER = knowledge_base()
LOADED = check_loader.load(FOLDER, loader.open_shelf(FOLDER))
CHECKS = [pytest.param(check, id=check.id) for check in LOADED.checks]
CASES = [pytest.param(check, case, id=f"{check.id}-{case.name}") for check in LOADED.checks for case in check.cases]
MOST_SECONDS = 0.005


def test_every_file_loads_without_a_problem() -> None:
    assert [str(problem) for problem in LOADED.problems] == []
    assert len(LOADED.checks) >= 33


def test_no_house_rule_is_broken() -> None:
    broken = [finding for finding in house_rules.check_findings(LOADED) if finding.severity == "error"]
    assert [f"{finding.path}: {finding.rule} {finding.text}" for finding in broken] == []


def test_the_list_of_ids_is_sorted_and_holds_every_check_once() -> None:
    lines = Path(FOLDER, check_loader.IDS).read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    assert set(lines) == {check.id for check in LOADED.checks}


def test_every_file_fits_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema.generated()["entry.schema.json"]))
    for path in check_loader.source_files(FOLDER):
        assert [error.message for error in validator.iter_errors(read_file(path, path.name).value)] == [], path


def test_the_index_gives_every_check_without_its_cases() -> None:
    opened = open_knowledge_base()
    assert [check.id for check in opened.checks()] == [check.id for check in LOADED.checks]
    assert all(check.cases == () for check in opened.checks())


@pytest.mark.parametrize(("check", "case"), CASES)
def test_a_case_comes_out_as_expected(check: Check, case: object) -> None:
    assert try_case(check, case, enquiry).complaints == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("check", CHECKS)
def test_where_nothing_was_read_a_check_is_unknown_and_says_what_it_lacks(check: Check) -> None:
    finding = judge(check, Facts())
    assert finding.verdict == "unknown"
    assert finding.needs
    assert all(need.how for need in finding.needs)
    assert finding.fix == ()


@pytest.mark.parametrize("check", CHECKS)
def test_what_holds_quotes_evidence_and_ends_with_fixes_in_every_tool(check: Check) -> None:
    for tried in try_check(check, enquiry):
        finding = tried.finding
        assert finding is not None
        if finding.verdict != "holds":
            assert finding.fix == ()
            continue
        assert finding.evidence
        assert finding.fix
        for fix in finding.fix:
            if fix.effect in ("changes", "widens", "removes"):
                assert fix.before
            if fix.commands is None:
                continue
            for tool in TOOLS:
                rendered = getattr(fix.commands, tool)
                assert rendered.unavailable.strip() if isinstance(rendered, Unavailable) else rendered, tool


@pytest.mark.parametrize("check", CHECKS)
def test_a_change_is_offered_as_a_command_in_at_least_one_case(check: Check) -> None:
    remedies = {step.remedy for step in check.fix} - {"by_hand"}
    shown = [
        fix.commands.az
        for tried in try_check(check, enquiry)
        if tried.finding is not None
        for fix in tried.finding.fix
        if fix.commands is not None
    ]
    assert not remedies or any(isinstance(text, str) for text in shown)


@pytest.mark.parametrize("check", CHECKS)
def test_no_text_has_a_hole_or_a_brace_where_a_value_is_unknown(check: Check) -> None:
    findings = [judge(check, Facts()), *(tried.finding for tried in try_check(check, enquiry) if tried.finding)]
    texts = [text for finding in findings for text in _texts(finding)]
    assert [text for text in texts if HOLE.search(text) or re.search(r"\{[a-z_]+\}", text)] == []


def test_no_sentence_is_taken_over(shared: Path) -> None:
    lines = (shared / "facts" / "aadsts-codes.jsonl").read_text(encoding="utf-8").splitlines()
    published = {run for line in lines for message in json.loads(line)["messages"] for run in runs(message)}
    for name in ("graph-properties.md", "graph.md", "peers.md"):
        published |= set(runs((shared / "facts" / name).read_text(encoding="utf-8")))
    taken = {
        f"{check.id}: {' '.join(run)}"
        for check in LOADED.checks
        for text in (check.title, check.root_cause, check.risk, *(step.do for step in check.confirm))
        for run in runs(text)
        if run in published and len(run) == RUN
    }
    assert taken == set()


def test_all_checks_of_one_application_take_less_than_five_milliseconds() -> None:
    daemon = next(check for check in LOADED.checks if check.id == "secret-of-unattended-program")
    facts = enquiry({**daemon.cases[0].given, "symptom": daemon.id}).facts
    review(LOADED.checks, facts)
    taken = []
    for _ in range(20):
        started = time.thread_time()
        found = review(LOADED.checks, facts)
        taken.append(time.thread_time() - started)
    assert found.held
    assert min(taken) < MOST_SECONDS


def test_findings_come_most_severe_first_and_those_that_hold_before_those_unknown() -> None:
    check = next(check for check in LOADED.checks if check.id == "credential-hardly-ends")
    found = review(LOADED.checks, enquiry({**check.cases[0].given, "symptom": check.id}).facts).findings
    order = [(["holds", "unknown", "ruled_out"].index(one.verdict), SEVERITIES.index(one.severity)) for one in found]
    assert order == sorted(order)
    assert len(found) == len(LOADED.checks)


def _texts(finding: Finding) -> Iterator[str]:
    yield from (finding.title, finding.root_cause, finding.risk)
    for step in finding.confirm:
        yield from (step.do, step.expect)
    for evidence in finding.evidence:
        yield evidence.statement
    for fix in finding.fix:
        yield from (fix.do, fix.who, fix.verify, fix.caution, *fix.before)
        if fix.rollback is not None:
            yield fix.rollback.do
