"""What loading refuses in an entry whose shape is right: promises between its parts that do not hold."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from diag.adapters.kb_files import patterns
from diag.adapters.kb_files.conditions import gives
from diag.adapters.kb_files.problems import Problems, nearest
from diag.adapters.kb_files.shapes import WrittenEntry, WrittenSource
from diag.adapters.kb_files.yaml_reader import Place
from diag.core.advice import ADVICE
from diag.core.engine import leaves
from diag.core.entry import Asked, Cause, Otherwise, Test
from diag.core.facts import Facts, read
from diag.core.placeholders import ALWAYS, names_in

_URL = re.compile(r"https://[^\s/]{3,}\S*")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Told(Struct, frozen=True):
    """What the causes of one document may name."""

    questions: Mapping[str, str]
    wordings: Mapping[str, Any]


def fault_of_url(url: str) -> str:
    """What is wrong with a link, in words; empty when it may be shown as one."""
    return (
        "" if _URL.fullmatch(url) and url.isprintable() else f"`{url[:200]}` is no https address; links begin https://"
    )


def check_sources(sources: list[WrittenSource], place: Place, problems: Problems) -> None:
    """Every entry rests on at least one dated source."""
    if not sources:
        problems.add(place, "names no source; give a URL and the date on which you read it")
    for index, source in enumerate(sources):
        if problem := fault_of_url(source.url):
            problems.add((*place, index), problem)
        try:
            date.fromisoformat(source.checked)
        except ValueError:
            problems.add((*place, index), f"`checked: {source.checked}` is no date; write it like 2026-11-22")


def check_patterns(written: WrittenEntry, problems: Problems) -> None:
    """Patterns stay in the bounded subset, and samples name values that a pattern may read."""
    for index, pattern in enumerate(written.read_from_text):
        for fault in patterns.faults(pattern):
            problems.add(("read_from_text", index), f"the pattern {fault}")
    for name, variants in written.wordings.items():
        if not _SLUG.fullmatch(name):
            problems.add(("wordings", name), f"`{name}` is no slug; write it like key-not-found")
        for index, pattern in enumerate(variants):
            for fault in patterns.faults(pattern):
                problems.add(("wordings", name, index), f"the pattern {fault}")
    known = patterns.readable_values()
    for index, sample in enumerate(written.samples):
        for name in sample.gives:
            if name not in known:
                problems.add(("samples", index), f"`{name}` is no value of a failure{nearest(name, known)}")
    if written.read_from_text and not written.samples:
        problems.add(("read_from_text",), "has patterns but no sample; add a text and the values that are read from it")


def check_causes(
    causes: list[Cause], written: WrittenEntry | Told, known_ids: Collection[str], problems: Problems
) -> None:
    """Ids are known and unique, texts quote only what conditions give, ``otherwise`` ends, questions are asked."""
    seen: set[str] = set()
    asked: set[str] = set()
    for index, cause in enumerate(causes):
        place: Place = ("causes", index)
        if cause.id in seen:
            problems.add((*place, "id"), f"the cause `{cause.id}` is listed twice; merge the two")
        seen.add(cause.id)
        if cause.id not in known_ids:
            problems.add((*place, "id"), f"`{cause.id}` is not in kb/schema/causes.txt{nearest(cause.id, known_ids)}")
        _check_quotes(cause, place, problems)
        if not cause.fix:
            problems.add(place, "has no fix; every cause ends with what to do")
        if not cause.confirm:
            problems.add(place, "has no confirmation; say how one sees that this is the cause")
        for leaf in leaves(cause.when):
            if isinstance(leaf, Asked):
                asked.add(leaf.question)
            elif isinstance(leaf, Otherwise):
                _check_otherwise(index, cause, causes, problems)
            elif leaf.predicate == "text.has_wording" and leaf.args.get("name") not in written.wordings:
                name = str(leaf.args.get("name"))
                problems.add((*place, "when"), f"`{name}` is no wording of this entry{nearest(name, written.wordings)}")
    for question in written.questions.keys() - asked:
        problems.add(
            ("questions", question), f"no cause asks `{question}`; use it with {{asked: {question}}} or drop it"
        )


def check_cases(causes: list[Cause], written: WrittenEntry, problems: Problems) -> None:
    """Every cause comes out in a case; conditions on facts have a case that stays undetermined and names its needs."""
    ids = [cause.id for cause in causes]
    expected = [case.expect for case in written.cases]
    for index, cause in enumerate(causes):
        if cause.id not in expected:
            problems.add(("causes", index), f"no case expects `{cause.id}`; add one in which it comes out")
    names: set[str] = set()
    for index, case in enumerate(written.cases):
        place: Place = ("cases", index)
        if case.name in names:
            problems.add((*place, "name"), f"two cases are called “{case.name}”")
        names.add(case.name)
        if case.expect not in (*ids, "undetermined"):
            problems.add((*place, "expect"), f"`{case.expect}` is no cause of this entry{nearest(case.expect, ids)}")
        for question in case.answers:
            if question not in written.questions:
                problems.add(
                    (*place, "answers"), f"`{question}` is no question here{nearest(question, written.questions)}"
                )
        for fact in case.needs:
            if not is_fact(fact, written.questions):
                problems.add(
                    (*place, "needs"),
                    f"`{fact}` is no fact{nearest(fact, ADVICE) or '; diag/core/advice.py lists the paths'}",
                )
    looks = any(isinstance(leaf, Test | Asked) for cause in causes for leaf in leaves(cause.when))
    if looks and not any(case.expect == "undetermined" and case.needs for case in written.cases):
        problems.add(
            ("cases",), "no case is `undetermined` with `needs`; show what the entry asks for when it cannot see enough"
        )


def _check_quotes(cause: Cause, place: Place, problems: Problems) -> None:
    known = {*gives(cause.when), *ALWAYS}
    for name in sorted(names_in(cause.title)):
        problems.add((*place, "title"), f"quotes `{{{name}}}`; a title says only what the condition says")
    texts: list[tuple[Place, str]] = [((*place, "root_cause"), cause.root_cause)]
    for index, step in enumerate(cause.confirm):
        texts += [((*place, "confirm", index), step.do), ((*place, "confirm", index), step.expect)]
    for index, fix in enumerate(cause.fix):
        texts += [((*place, "fix", index), value) for value in fix.args.values()]
    for where, text in texts:
        for name in sorted(names_in(text) - known):
            problems.add(where, f"quotes `{{{name}}}`, which its condition does not give{nearest(name, known)}")


def _check_otherwise(index: int, cause: Cause, causes: list[Cause], problems: Problems) -> None:
    place: Place = ("causes", index, "when")
    if index != len(causes) - 1:
        problems.add(place, "`otherwise` may only end an entry; move the cause to the end")
    if cause.confidence == "certain" and len(causes) > 1:
        problems.add(place, "`otherwise` is never certain beside other causes; say likely or possible")


def is_fact(path: str, questions: Collection[str] = ()) -> bool:
    """Whether answers may ask for something at this path: a fact, a group of facts, or one of these questions."""
    if path.startswith("answers."):
        return path.removeprefix("answers.") in questions
    if path in ADVICE:
        return True
    try:
        read(Facts(), path)
    except KeyError:
        return False
    return True
