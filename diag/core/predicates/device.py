"""Questions about the device of a sign-in: known to the directory, shown at sign-in, managed, compliant, joined.

The sign-in record says what Entra ID saw at that moment, the directory what is so today; where both speak, the record
counts. A record without a device ID describes no device at all, so its flags prove nothing about the machine.
"""

from typing import Any, Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed

JoinKind = Literal["hybrid", "entra", "registered"]

_KIND_OF_TRUST: dict[str, JoinKind] = {"serverad": "hybrid", "azuread": "entra", "workplace": "registered"}
"""The directory's trustType in lower case. Source: https://learn.microsoft.com/graph/api/resources/device (checked
2026-11-22)."""

_WORDS: dict[JoinKind, str] = {
    "hybrid": "hybrid joined",
    "entra": "joined to Entra ID alone",
    "registered": "registered, not joined",
}

_NONE = "unregistered"
"""What an error page prints as device state when the sign-in showed no device, whatever the machine is."""

_PRESENTED = ("failure.device_id", "failure.device_trust_type")


class JoinArgs(Struct, frozen=True, forbid_unknown_fields=True):
    kinds: tuple[JoinKind, ...]


@predicate("device.is_presented", needs=_PRESENTED, gives={"device_id": "a device"})
def is_presented(facts: Facts, _: NoArgs) -> Verdict:
    """The sign-in carried the identity of a registered device; record and error page then name it."""
    identity, trust = facts.failure.device_id, facts.failure.device_trust_type
    if isinstance(identity, Found):
        said = f"The sign-in showed the device “{identity.value}”."
        return Yes((observed(said, "failure.device_id", identity),), {"device_id": f"“{identity.value}”"})
    if isinstance(identity, Missing):
        return No((observed("The sign-in showed no device.", "failure.device_id", identity),))
    if isinstance(trust, Unread):
        return lacking("failure.device_id", identity)
    if isinstance(trust, Found) and trust.value.casefold() != _NONE:
        said = f"The sign-in showed a device of the state “{trust.value}”."
        return Yes((observed(said, "failure.device_trust_type", trust),))
    said = "The sign-in showed no device" + (f": its state is “{trust.value}”." if isinstance(trust, Found) else ".")
    return No((observed(said, "failure.device_trust_type", trust),))


@predicate("device.is_registered", needs=("device.exists", "failure.device_id"))
def is_registered(facts: Facts, _: NoArgs) -> Verdict:
    """The directory holds an object for the device; a sign-in that shows none leaves that open."""
    read, identity = facts.device.exists, facts.failure.device_id
    match read:
        case Found():
            return Yes((observed("The directory holds the device.", "device.exists", read),))
        case Missing():
            return No((observed("The directory holds no such device.", "device.exists", read),))
        case Unread():
            if isinstance(identity, Found):
                said = f"The sign-in showed the device “{identity.value}”."
                return Yes((observed(said, "failure.device_id", identity),))
            return lacking("device.exists", read)


@predicate("device.is_compliant", needs=("failure.device_is_compliant", "failure.device_id", "device.is_compliant"))
def is_compliant(facts: Facts, _: NoArgs) -> Verdict:
    """The device meets the organisation's rules (is marked compliant), at the sign-in or, unseen there, today."""
    return _flag(facts, "is_compliant", facts.failure.device_is_compliant, facts.device.is_compliant, "compliant")


@predicate("device.is_managed", needs=("failure.device_is_managed", "failure.device_id", "device.is_managed"))
def is_managed(facts: Facts, _: NoArgs) -> Verdict:
    """The device is enrolled in device management, at the sign-in or, unseen there, today."""
    return _flag(facts, "is_managed", facts.failure.device_is_managed, facts.device.is_managed, "managed")


@predicate(
    "device.is_joined",
    needs=("failure.device_trust_type", "failure.device_id", "device.trust_type"),
    gives={"joined": "joined in another way or not at all"},
    args=JoinArgs,
)
def is_joined(facts: Facts, args: JoinArgs) -> Verdict:
    """The device belongs to the tenant in one of ``kinds``: ``hybrid`` (joined to Active Directory and Entra ID),
    ``entra`` (joined to Entra ID alone), ``registered`` (a person's own device)."""
    recorded, held = facts.failure.device_trust_type, facts.device.trust_type
    if isinstance(recorded, Found) and recorded.value.casefold() != _NONE:
        return _joined(recorded.value, "failure.device_trust_type", recorded, args)
    match held:
        case Found(value=trust):
            return _joined(trust, "device.trust_type", held, args)
        case Missing():
            return No((observed("The directory knows of no join of the device.", "device.trust_type", held),))
        case Unread():
            return lacking("device.trust_type", held)


def _joined(trust: str, fact: str, read: Found[Any], args: JoinArgs) -> Verdict:
    kind = _kind(trust)
    if kind is None:
        # A word of tomorrow: neither the one nor the other is proved.
        return lacking(fact)
    evidence = (observed(f"The device is {_WORDS[kind]} (“{trust}”).", fact, read),)
    return Yes(evidence, {"joined": _WORDS[kind]}) if kind in args.kinds else No(evidence)


def _kind(trust: str) -> JoinKind | None:
    """Directory values are single words; records and pages write phrases such as ``Hybrid Azure AD joined``."""
    plain = "".join(trust.casefold().split())
    if plain in _KIND_OF_TRUST:
        return _KIND_OF_TRUST[plain]
    if "hybrid" in plain or plain == "domainjoined":
        return "hybrid"
    if "registered" in plain or "workplace" in plain:
        return "registered"
    return "entra" if plain.endswith("joined") else None


def _flag(facts: Facts, name: str, recorded: Read[bool], held: Read[bool], word: str) -> Verdict:
    if isinstance(recorded, Found) and _describes_a_device(facts, recorded.value):
        said = f"At the sign-in the device counted as {'' if recorded.value else 'not '}{word}."
        evidence = (observed(said, f"failure.device_{name}", recorded),)
        return Yes(evidence) if recorded.value else No(evidence)
    match held:
        case Found(value=True):
            return Yes((observed(f"The directory shows the device as {word}.", f"device.{name}", held),))
        case Found() | Missing():
            return No((observed(f"The directory does not show the device as {word}.", f"device.{name}", held),))
        case Unread():
            return lacking(f"device.{name}", held)


def _describes_a_device(facts: Facts, flag: bool) -> bool:
    identity, trust = facts.failure.device_id, facts.failure.device_trust_type
    if isinstance(identity, Unread):
        shown = not isinstance(trust, Missing) and not (isinstance(trust, Found) and trust.value.casefold() == _NONE)
        return flag or shown
    return flag or isinstance(identity, Found)
