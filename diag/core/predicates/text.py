"""Questions about how the message is worded."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.predicate import predicate
from diag.core.read import Found
from diag.core.verdict import No, Verdict, Yes, lacking, observed


class WordingArgs(Struct, frozen=True, forbid_unknown_fields=True):
    name: str


@predicate("text.has_wording", needs=("failure.wordings",), args=WordingArgs)
def has_wording(facts: Facts, args: WordingArgs) -> Verdict:
    """The pasted message is worded as the entry's wording ``name``.

    No when it is worded as another of the entry's wordings; unknown when it matches none of them.
    """
    wordings = facts.failure.wordings
    if not isinstance(wordings, Found):
        return lacking("failure.wordings")
    shown = args.name.replace("-", " ")
    if args.name in wordings.value:
        return Yes((observed(f"The message is of the kind “{shown}”.", "failure.wordings", wordings),))
    return No((observed(f"The message is not of the kind “{shown}”.", "failure.wordings", wordings),))
