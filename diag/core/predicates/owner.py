"""Questions about who owns a registration."""

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Unread
from diag.core.registration import Owner
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_OWNERS = "application.owners"
_CUT = Unread("the list of owners was cut short")


@predicate("owner.exists", needs=(_OWNERS,), gives={"owners": "its owners"})
def exists(facts: Facts, _: NoArgs) -> Verdict:
    """The registration has at least one owner."""
    read = facts.application.owners
    if isinstance(read, Unread):
        return lacking(_OWNERS, read)
    if isinstance(read, Found) and read.value:
        names = _names(read.value)
        return Yes((observed(f"Owned by {names}.", _OWNERS, read),), {"owners": names})
    if isinstance(read, Found) and not read.complete:
        return lacking(_OWNERS, _CUT)
    return No((observed("The registration has no owner.", _OWNERS, read),))


@predicate("owner.is_alone", needs=(_OWNERS,), gives={"owner": "its only owner"})
def is_alone(facts: Facts, _: NoArgs) -> Verdict:
    """The registration has exactly one owner."""
    read = facts.application.owners
    if isinstance(read, Unread):
        return lacking(_OWNERS, read)
    listed = read.value if isinstance(read, Found) else ()
    if isinstance(read, Found) and not read.complete and len(listed) < 2:
        return lacking(_OWNERS, _CUT)
    if len(listed) == 1:
        name = _names(listed)
        return Yes((observed(f"The only owner is {name}.", _OWNERS, read),), {"owner": name})
    return No((observed(f"The registration has {len(listed)} owners.", _OWNERS, read),))


@predicate("owner.is_guest", needs=(_OWNERS,), gives={"guests": "a guest"})
def is_guest(facts: Facts, _: NoArgs) -> Verdict:
    """An owner of the registration is a guest: an account that another organisation keeps."""
    return _some(facts, "guests", [owner for owner in _listed(facts) if owner.guest], "a guest", "guest")


@predicate("owner.is_switched_off", needs=(_OWNERS,), gives={"former": "an account that is switched off"})
def is_switched_off(facts: Facts, _: NoArgs) -> Verdict:
    """An owner's account is switched off, as accounts of people who left are."""
    off = [owner for owner in _listed(facts) if owner.enabled is False]
    return _some(facts, "former", off, "an account that is switched off", "enabled")


def _some(facts: Facts, name: str, fitting: list[Owner], what: str, told_by: str) -> Verdict:
    read = facts.application.owners
    if isinstance(read, Unread):
        return lacking(_OWNERS, read)
    if fitting:
        names = _names(tuple(fitting))
        return Yes((observed(f"Among the owners is {what}: {names}.", _OWNERS, read),), {name: names})
    if isinstance(read, Found) and not read.complete:
        return lacking(_OWNERS, _CUT)
    # A program has no user name and is neither a guest nor switched off in this sense.
    if any(owner.user_name and getattr(owner, told_by) is None for owner in _listed(facts)):
        return lacking(_OWNERS, Unread("the owners' accounts were read without userType and accountEnabled"))
    return No((observed(f"No owner is {what}.", _OWNERS, read),))


def _listed(facts: Facts) -> tuple[Owner, ...]:
    read = facts.application.owners
    return read.value if isinstance(read, Found) else ()


def _names(owners: tuple[Owner, ...]) -> str:
    names = [f"“{owner.name}”" for owner in owners]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
