"""Run a check's own cases: does it say what its writer expects?"""

from msgspec import Struct

from diag.core.check import Check
from diag.core.entry import Case
from diag.core.errors import BadInput
from diag.core.review import Finding, judge
from diag.workflows.try_entry import Translate


class TriedCheck(Struct, frozen=True):
    """What came of one case of a check."""

    name: str
    complaints: tuple[str, ...]
    """What differs from the expectation; empty when all is well."""
    finding: Finding | None = None


def try_check(check: Check, translate: Translate) -> list[TriedCheck]:
    """Each case with what differs from its expectation; nothing where all is well."""
    return [try_case(check, case, translate) for case in check.cases]


def try_case(check: Check, case: Case, translate: Translate) -> TriedCheck:
    """The case's facts put to the check, compared with the verdict and the needs it expects."""
    try:
        # A request names what failed; here nothing did, so the check's own id stands in its place.
        facts = translate({**case.given, "symptom": check.id}).facts
    except BadInput as problem:
        return TriedCheck(case.name, (f"the case is no request: {problem}",))
    finding = judge(check, facts)
    complaints = []
    if finding.verdict != case.expect:
        seen = "; ".join(item.statement for item in finding.evidence) or "no evidence"
        complaints.append(f"expected {case.expect}, got {finding.verdict}: {seen}")
    asked = {need.fact for need in finding.needs}
    complaints += [
        f"does not ask for {fact}; it asks for: {', '.join(sorted(asked)) or 'nothing'}"
        for fact in case.needs
        if fact not in asked
    ]
    return TriedCheck(case.name, tuple(complaints), finding)
