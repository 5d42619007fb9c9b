"""Questions about the kind of single sign-on an enterprise application is set up for."""

from typing import Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.predicate import predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed

Mode = Literal["saml", "oidc", "password", "unset"]

_MODE = "service_principal.single_sign_on_mode"


class ModeArgs(Struct, frozen=True, forbid_unknown_fields=True):
    modes: tuple[Mode, ...]


@predicate("service_principal.signs_on_by", needs=(_MODE,), args=ModeArgs)
def signs_on_by(facts: Facts, args: ModeArgs) -> Verdict:
    """The enterprise application's single sign-on is set to one of ``modes``; ``unset`` where nobody chose, as for
    applications registered for OpenID Connect."""
    read = facts.service_principal.single_sign_on_mode
    if isinstance(facts.service_principal.exists, Missing):
        return lacking(_MODE, Unread("the tenant has no service principal of the application"))
    match read:
        case Found(value=mode) if mode:
            seen = (observed(f"The enterprise application's single sign-on is set to “{mode}”.", _MODE, read),)
            return Yes(seen) if mode.casefold() in args.modes else No(seen)
        case Found() | Missing():
            seen = (observed("No kind of single sign-on is chosen for the enterprise application.", _MODE, read),)
            return Yes(seen) if "unset" in args.modes else No(seen)
        case Unread():
            return lacking(_MODE, read)
