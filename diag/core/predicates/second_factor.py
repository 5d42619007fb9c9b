"""Questions about a user's second factor, as far as the audit log speaks of it."""

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found
from diag.core.verdict import Verdict, Yes, lacking, observed

_REPORTS = ("fraud reported", "suspicious activity reported")
"""Beginnings of the audit activities that follow a user's report of a prompt they did not start, in lower case."""


@predicate("second_factor.is_reported", needs=("changes",), gives={"reported": "some time before"})
def is_reported(facts: Facts, _: NoArgs) -> Verdict:
    """The audit log shows that the user reported a prompt as fraud, which may block every method of theirs.

    Its absence proves nothing: the changes that were read need not be the user's.
    """
    if isinstance(facts.changes, Found):
        for change in facts.changes.value:
            if change.activity.casefold().startswith(_REPORTS):
                shown = change.at.date().isoformat()
                said = f"The audit log has “{change.activity}” on {shown}."
                return Yes((observed(said, "changes", facts.changes),), {"reported": f"on {shown}"})
    return lacking("changes")
