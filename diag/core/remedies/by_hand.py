"""Steps that a person takes and no command can."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.remedies import fixing
from diag.core.remedy import Fix, remedy


class ByHand(Struct, frozen=True, forbid_unknown_fields=True):
    do: str
    who: str = ""
    verify: str = ""
    caution: str = ""


@remedy("by_hand", effect=None, args=ByHand)
def by_hand(facts: Facts, args: ByHand) -> Fix:
    """A step for a person: sign in again, wait, ask the partner or Microsoft. It has no command."""
    return fixing.fix(
        None, do=args.do, effect=None, who=args.who or "The user", verify=args.verify, caution=args.caution
    )
