"""What alerts need to know of an application: who looks after it, what rules look at, and how it is signed in with."""

import re
from collections.abc import Sequence

from msgspec import Struct

from diag.core.alert_policy import About, Rule
from diag.core.read import UNREAD, Found, Missing, Read

MICROSOFT_TENANTS = frozenset({"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"})
"""The tenants that Microsoft's own applications are at home in."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_GUEST = "#ext#"


class Person(Struct, frozen=True, kw_only=True):
    """Somebody whom the directory names; what it did not say is None or empty."""

    name: str
    mail: str = ""
    user_name: str = ""
    """User principal name."""
    enabled: bool | None = None
    guest: bool | None = None
    human: bool = True
    """False for a service principal that owns an application."""


class Profile(Struct, frozen=True, kw_only=True):
    """One application as alerts see it; from its registration, its service principal, or both."""

    name: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""
    service_management_reference: str = ""
    owners: Read[tuple[Person, ...]] = UNREAD
    principal_owners: Read[tuple[Person, ...]] = UNREAD
    principal_type: str = ""
    owner_tenant_id: str = ""
    users_sign_in: bool | None = None
    """Whether people may sign in to it, so that it may redeem codes or tokens with a credential that no record names.
    None: not read."""


class Recipients(Struct, frozen=True, kw_only=True):
    """Who is to be told, and how they were found."""

    people: tuple[str, ...] = ()
    """Mail addresses, without doubles; empty when nobody was found."""
    found_by: str = ""
    """Completes *You get this as …*; empty when nobody was found."""
    skipped: tuple[str, ...] = ()
    """Who was passed over and why, a clause each."""
    ownerless: bool | None = None
    """True: the directory names no owner who could be told. None: owners were not read."""


def about(profile: Profile, kind: str, app_id: str) -> About:
    """What rules look at."""
    named = [*_people(profile.owners), *_people(profile.principal_owners)]
    owners = tuple(address for person in named for address in (person.mail, person.user_name) if address)
    return About(
        kind=kind,
        app_id=app_id,
        tags=profile.tags,
        owners=owners,
        service_management_reference=profile.service_management_reference,
        notes=profile.notes,
    )


def recipients(profile: Profile, rule: Rule | None, last_to_change: Person | None = None) -> Recipients:
    """The right people: owners, then the service principal's, then the mapping, then who last changed credentials."""
    skipped: list[str] = []
    found: tuple[str, ...] = ()
    found_by = ""
    for owners, words in (
        (profile.owners, "an owner of the application"),
        (profile.principal_owners, "an owner of the service principal"),
    ):
        usable = _addresses(_people(owners), skipped)
        if usable and not found:
            found, found_by = usable, words
    ownerless = False if found else (True if _whole(profile.owners) and _whole(profile.principal_owners) else None)
    if not found and rule is not None:
        found = _addresses([Person(name=mail, mail=mail) for mail in rule.recipients], skipped)
        found_by = f"somebody named by the rule {rule.name}" if found else ""
    if not found and last_to_change is not None:
        found = _addresses([last_to_change], skipped)
        found_by = "the last person who changed its credentials" if found else ""
    return Recipients(people=found, found_by=found_by, skipped=tuple(skipped), ownerless=ownerless)


def _addresses(people: Sequence[Person], skipped: list[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for person in people:
        problem = _unfit(person)
        if problem:
            skipped.append(f"{person.name} {problem}")
            continue
        address = next(mail for mail in (person.mail, person.user_name) if _is_address(mail))
        found.setdefault(address.casefold(), address)
    return tuple(found.values())


def _unfit(person: Person) -> str:
    """Why nobody writes to this person, as a clause after the name; empty when it can be done."""
    if not person.human:
        return "is a service principal"
    if person.enabled is False:
        return "is disabled"
    if person.guest or _GUEST in person.user_name.casefold():
        return "is a guest"
    return "" if _is_address(person.mail) or _is_address(person.user_name) else "has no mail address"


def _is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


def _whole(owners: Read[tuple[Person, ...]]) -> bool:
    """Whether it was looked to the end who they are."""
    return isinstance(owners, Missing) or (isinstance(owners, Found) and owners.complete)


def _people(owners: Read[tuple[Person, ...]]) -> tuple[Person, ...]:
    return owners.value if isinstance(owners, Found) else ()
