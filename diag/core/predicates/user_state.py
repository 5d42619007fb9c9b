"""Questions about the user's account and what ended their sessions: enabled, age of the password, revocation."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

_CHANGED, _VALID_FROM = "user.password_changed_at", "user.sessions_valid_from"
_ISSUED, _AT = "failure.token_issued_at", "failure.observed_at"
_APART = timedelta(minutes=5)
"""A password change moves the time from which sessions are valid to the same moment, give or take seconds."""


class EventArgs(Struct, frozen=True, forbid_unknown_fields=True):
    event: Literal["password_change", "revocation"]


class DaysArgs(Struct, frozen=True, forbid_unknown_fields=True):
    days: int


@predicate("user.is_enabled", needs=("user.account_enabled",))
def is_enabled(facts: Facts, _: NoArgs) -> Verdict:
    """The user object in the directory that was read may sign in (accountEnabled)."""
    read = facts.user.account_enabled
    match read:
        case Found(value=True):
            return Yes((observed("The user object is enabled.", "user.account_enabled", read),))
        case Found():
            said = "The user object is disabled (accountEnabled is false)."
            return No((observed(said, "user.account_enabled", read),))
        case Missing():
            return No((observed("The directory has no such user object.", "user.account_enabled", read),))
        case Unread():
            return lacking("user.account_enabled", read)


@predicate(
    "user.password_is_older_than", needs=(_CHANGED, _AT), gives={"age": "longer than the policy allows"}, args=DaysArgs
)
def password_is_older_than(facts: Facts, args: DaysArgs) -> Verdict:
    """At the failure the user's password had not been changed for more than ``days`` days."""
    changed, at = facts.user.password_changed_at, facts.failure.observed_at
    if not isinstance(changed, Found):
        return lacking(_CHANGED, changed if isinstance(changed, Unread) else None)
    if not isinstance(at, Found):
        return lacking(_AT)
    if changed.value > at.value:
        # It was changed after the failure; how old it was then is not known any more.
        return lacking(_CHANGED, Unread("the password was changed after the failure"))
    age = (at.value - changed.value).days
    seen = (_timed("The password was last changed", _CHANGED, changed),)
    if at.value - changed.value > timedelta(days=args.days):
        return Yes(seen, {"age": f"{age} days"})
    return No(seen)


@predicate(
    "user.changed_password_after_grant",
    needs=(_CHANGED, _ISSUED, _AT),
    gives={"changed": "after that", "issued": "earlier"},
)
def changed_password_after_grant(facts: Facts, _: NoArgs) -> Verdict:
    """The user's password changed after the refused token was issued and before it was refused."""
    changed, issued, at = facts.user.password_changed_at, facts.failure.token_issued_at, facts.failure.observed_at
    match changed:
        case Missing():
            return No((observed("The directory knows no change of the password.", _CHANGED, changed),))
        case Unread():
            return Unknown(lacking(_CHANGED, changed).needs, (), _issue(issued))
        case Found(value=moment):
            if not isinstance(issued, Found):
                return lacking(_ISSUED)
            gives = _issue(issued) | {"changed": _day(moment)}
            seen = (_timed("The token was issued", _ISSUED, issued), _timed("The password changed", _CHANGED, changed))
            if isinstance(at, Found) and moment > at.value:
                # Only the last change is kept; an earlier one may have come between.
                return lacking(_CHANGED, Unread("the password was changed again after the failure"))
            return Yes(seen, gives) if moment > issued.value else No(seen)


@predicate(
    "user.lost_sessions_by",
    needs=(_VALID_FROM, _CHANGED, _ISSUED, _AT),
    gives={"revoked": "after that", "issued": "earlier"},
    args=EventArgs,
)
def lost_sessions_by(facts: Facts, args: EventArgs) -> Verdict:
    """What last ended all of the user's sessions before the failure was ``event``: a password change moves the time
    from which sessions are valid to its own moment, a revocation to another one."""
    valid, changed = facts.user.sessions_valid_from, facts.user.password_changed_at
    issued, at = facts.failure.token_issued_at, facts.failure.observed_at
    if isinstance(valid, Missing):
        return No((observed("The directory knows no end of the user's sessions.", _VALID_FROM, valid),))
    if isinstance(valid, Unread):
        return Unknown(lacking(_VALID_FROM, valid).needs, (), _issue(issued))
    moment = valid.value
    seen: tuple[Evidence, ...] = (_timed("The user's sessions are valid only from", _VALID_FROM, valid),)
    gives = _issue(issued) | {"revoked": _day(moment)}
    if isinstance(at, Found) and moment > at.value:
        # Only the last end is kept; an earlier one may have come before the failure.
        return lacking(_VALID_FROM, Unread("the user's sessions ended again after the failure"))
    if isinstance(issued, Found):
        seen = (_timed("The token was issued", _ISSUED, issued), *seen)
        if moment <= issued.value:
            return No(seen)
    if isinstance(changed, Unread):
        return Unknown(lacking(_CHANGED, changed).needs, seen, gives)
    by_change = False
    if isinstance(changed, Found):
        seen = (*seen, _timed("The password changed", _CHANGED, changed))
        if changed.value - moment > _APART:
            return lacking(_CHANGED, Unread("the password was changed again after the sessions had ended"))
        by_change = moment - changed.value <= _APART
    else:
        seen = (*seen, observed("The directory knows no change of the password.", _CHANGED, changed))
    return Yes(seen, gives) if by_change is (args.event == "password_change") else No(seen)


@predicate("user.lost_sessions_within", needs=(_VALID_FROM, _AT), gives={"revoked": "some days before"}, args=DaysArgs)
def lost_sessions_within(facts: Facts, args: DaysArgs) -> Verdict:
    """All of the user's sessions ended (revoked, or the password changed) in the ``days`` days before the failure."""
    valid, at = facts.user.sessions_valid_from, facts.failure.observed_at
    match valid:
        case Missing():
            return No((observed("The directory knows no end of the user's sessions.", _VALID_FROM, valid),))
        case Unread():
            return lacking(_VALID_FROM, valid)
        case Found(value=moment):
            if not isinstance(at, Found):
                return lacking(_AT)
            seen = (_timed("The user's sessions are valid only from", _VALID_FROM, valid),)
            if timedelta(0) <= at.value - moment <= timedelta(days=args.days):
                return Yes(seen, {"revoked": _day(moment)})
            return No(seen)


def _issue(issued: Read[datetime]) -> dict[str, str]:
    return {"issued": _day(issued.value)} if isinstance(issued, Found) else {}


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M UTC}"


def _timed(words: str, fact: str, read: Found[datetime]) -> Evidence:
    return observed(f"{words} {_day(read.value)}.", fact, read)
