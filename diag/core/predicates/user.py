"""Questions about the user: where the password is checked, and when it last changed."""

from datetime import timedelta

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed


class WithinArgs(Struct, frozen=True, forbid_unknown_fields=True):
    days: int


@predicate("user.signs_in_elsewhere", needs=("domain.authentication_type",), gives={"domain": "the user's domain"})
def signs_in_elsewhere(facts: Facts, _: NoArgs) -> Verdict:
    """The user's domain is federated: its own identity provider checks the password."""
    read, name = facts.domain.authentication_type, facts.domain.name
    shown = f"“{name.value}”" if isinstance(name, Found) else "of the user"
    match read:
        case Found(value=kind):
            evidence = (observed(f"The domain {shown} is {kind.lower()}.", "domain.authentication_type", read),)
            return Yes(evidence, {"domain": shown}) if kind.casefold() == "federated" else No(evidence)
        case Missing():
            return No((observed("The directory has no such domain.", "domain.authentication_type", read),))
        case Unread():
            return lacking("domain.authentication_type", read)


@predicate(
    "user.changed_password_within",
    needs=("user.password_changed_at", "failure.observed_at"),
    gives={"changed": "some days before"},
    args=WithinArgs,
)
def changed_password_within(facts: Facts, args: WithinArgs) -> Verdict:
    """The user's password changed in the last ``days`` days before the failure, or at its instant."""
    read, at = facts.user.password_changed_at, facts.failure.observed_at
    match read:
        case Missing():
            return No((observed("The directory knows no change of the password.", "user.password_changed_at", read),))
        case Unread():
            return lacking("user.password_changed_at", read)
        case Found(value=changed):
            if not isinstance(at, Found):
                return lacking("failure.observed_at")
            shown = changed.date().isoformat()
            evidence = (observed(f"The password was changed on {shown}.", "user.password_changed_at", read),)
            if timedelta(0) <= at.value - changed <= timedelta(days=args.days):
                return Yes(evidence, {"changed": shown})
            return No(evidence)
