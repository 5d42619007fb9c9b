"""The knowledge base is in our own words: no long run of words is shared with the messages Microsoft publishes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from diag import resources
from diag.adapters.kb_files.flows import FLOWS
from diag.adapters.kb_files.loader import load
from diag.core.entry import Entry

RUN = 10
"""Words in a row that are no longer chance; samples are left out, because they show what the service prints."""


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def runs(text: str) -> Iterator[tuple[str, ...]]:
    found = words(text)
    for start in range(len(found) - RUN + 1):
        yield tuple(found[start : start + RUN])


def prose(entry: Entry) -> Iterator[str]:
    yield entry.summary
    yield entry.notes
    yield from entry.questions.values()
    for cause in entry.causes:
        yield cause.title
        yield cause.root_cause
        for step in cause.confirm:
            yield step.do
            yield step.expect
        for fix in cause.fix:
            yield from (value for name, value in fix.args.items() if name in ("do", "verify", "caution"))


@pytest.fixture(scope="module")
def published(shared: Path) -> set[tuple[str, ...]]:
    lines = (shared / "facts" / "aadsts-codes.jsonl").read_text(encoding="utf-8").splitlines()
    messages = [message for line in lines for message in json.loads(line)["messages"]]
    definitions = (shared / "facts" / "causes.jsonl").read_text(encoding="utf-8").splitlines()
    messages += [json.loads(line)["definition"] for line in definitions]
    return {run for message in messages for run in runs(message)}


def test_no_sentence_is_taken_over(published: set[tuple[str, ...]]) -> None:
    entries = load(resources.knowledge_base()).entries
    assert len(entries) > 900
    taken = {
        f"{entry.code or entry.symptom}: {' '.join(run)}"
        for entry in entries
        for text in prose(entry)
        for run in runs(text)
        if run in published
    }
    assert taken == set(), "\n".join(sorted(taken))


def test_no_sentence_of_the_table_of_flows_is_taken_over(published: set[tuple[str, ...]]) -> None:
    text = re.sub(r"https?://[^\s\"]+", "", (resources.knowledge_base() / FLOWS).read_text(encoding="utf-8"))
    assert [" ".join(run) for run in runs(text) if run in published] == []
