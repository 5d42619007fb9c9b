"""Run an entry's own cases and samples: does it say what its writer expects?"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from diag.core.diagnosis import Diagnosis
from diag.core.enquiry import Enquiry
from diag.core.entry import Case, Entry, Sample
from diag.core.error_text import read_error_text
from diag.core.errors import BadInput
from diag.core.reading import values_in
from diag.workflows.diagnose import judge, read_paste

Translate = Callable[[Mapping[str, Any]], Enquiry]
"""From the body of a diagnose request to an enquiry; Graph's own words are known only to its adapter."""

UNDETERMINED = "undetermined"


class Outcome(Struct, frozen=True):
    """What came of one case or sample."""

    name: str
    complaints: tuple[str, ...]
    """What differs from the expectation; empty when all is well."""
    diagnosis: Diagnosis | None = None


def try_case(entry: Entry, case: Case, translate: Translate) -> Outcome:
    """The case's facts put to the entry, compared with the cause and the needs it expects."""
    subject = {"code": entry.code} if entry.code is not None else {"symptom": entry.symptom}
    body = {**case.given, **subject}
    if case.answers:
        body["answers"] = dict(case.answers)
    try:
        enquiry = translate(body)
        diagnosis = judge(entry, enquiry, read_paste(enquiry))
    except BadInput as problem:
        return Outcome(case.name, (f"the case is no diagnose request: {problem}",))
    complaints = []
    came_out = diagnosis.cause.id if diagnosis.cause is not None else UNDETERMINED
    if came_out != case.expect:
        order = ", ".join(f"{cause.id} ({cause.verdict})" for cause in diagnosis.causes)
        complaints.append(f"expected {case.expect}, got {came_out}; in order: {order}")
    asked = {need.fact for need in diagnosis.needs}
    for fact in case.needs:
        if fact not in asked:
            complaints.append(f"does not ask for {fact}; it asks for: {', '.join(sorted(asked)) or 'nothing'}")
    return Outcome(case.name, tuple(complaints), diagnosis)


def try_sample(entry: Entry, sample: Sample) -> Outcome:
    """The values read from a sample's text, compared with those it gives."""
    text = read_error_text(sample.text, asked=entry.code)
    read = {**text.values, **values_in(entry, text.window)}
    complaints = [
        f"{name}: read {read[name]!r}, not {value!r}" if name in read else f"{name}: nothing was read"
        for name, value in sample.gives.items()
        if read.get(name) != value
    ]
    if entry.code is not None and text.code not in (entry.code, None):
        complaints.append(f"the code {text.code} was read, not {entry.code}")
    return Outcome(sample.text[:60], tuple(complaints))


def try_entry(entry: Entry, translate: Translate) -> list[Outcome]:
    """Samples first, then cases, each with its outcome."""
    return [try_sample(entry, sample) for sample in entry.samples] + [
        try_case(entry, case, translate) for case in entry.cases
    ]
