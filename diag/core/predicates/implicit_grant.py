"""Questions about the implicit grant, which hands tokens to the browser in the address itself."""

from typing import Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.predicate import predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed


class TokenArgs(Struct, frozen=True, forbid_unknown_fields=True):
    token: Literal["access", "id"]


@predicate(
    "implicit_grant.is_on",
    needs=("application.implicit_access_tokens", "application.implicit_id_tokens"),
    args=TokenArgs,
)
def is_on(facts: Facts, args: TokenArgs) -> Verdict:
    """The registration lets the authorize endpoint hand out access tokens, or ID tokens, directly."""
    application = facts.application
    read: Read[bool]
    if args.token == "access":
        read, fact, name = application.implicit_access_tokens, "application.implicit_access_tokens", "access tokens"
    else:
        read, fact, name = application.implicit_id_tokens, "application.implicit_id_tokens", "ID tokens"
    match read:
        case Found(value=True):
            return Yes((observed(f"The implicit grant of {name} is on.", fact, read),))
        case Found() | Missing():
            return No((observed(f"The implicit grant of {name} is off.", fact, read),))
        case Unread():
            return lacking(fact, read)
