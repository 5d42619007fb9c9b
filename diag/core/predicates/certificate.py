"""Questions about the certificate a client assertion was signed with, and those the registration holds."""

from datetime import timedelta

from msgspec import Struct

from diag.core.credentials import (
    Credential,
    counted,
    instant,
    instant_words,
    is_digest,
    removed_keys,
    shown,
    spelled_out,
    state_at,
    used,
)
from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.client_secret import day, lack, undated
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import Certificate
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed, reverse

_CERTIFICATES = "application.certificates"
_THUMBPRINT = "failure.assertion_thumbprint"
_STATES = {"ended": "past its end", "live": "valid", "not_yet_valid": "not yet valid"}


class WithinDays(Struct, frozen=True, forbid_unknown_fields=True):
    days: int


def certificates_of(facts: Facts) -> Read[tuple[Certificate, ...]]:
    """Certificates that may prove the client: those of the application, and of its service principal where read."""
    if isinstance(facts.application.exists, Missing):
        return Unread("the registration is not in this tenant, so its certificates cannot be seen")
    read = facts.application.certificates
    if isinstance(read, Unread):
        return read
    sp = facts.service_principal.certificates
    listed = (*(read.value if isinstance(read, Found) else ()), *(sp.value if isinstance(sp, Found) else ()))
    certificates = tuple(item for item in counted(listed) if isinstance(item, Certificate) and item.usage != "Encrypt")
    complete = (read.complete if isinstance(read, Found) else True) and (not isinstance(sp, Found) or sp.complete)
    return Found(certificates, read.source, read.as_of, complete)


def _presented(facts: Facts, read: Found[tuple[Certificate, ...]]) -> Read[Credential]:
    return used(facts, Found(tuple(read.value), read.source, read.as_of, read.complete))


@predicate(
    "certificate.is_missing_from_registration",
    needs=(_THUMBPRINT, _CERTIFICATES, "failure.credential_key_id", "failure.credential_thumbprint"),
    gives={"thumbprint": "the thumbprint the client sent", "registered_certificates": "none that is known"},
)
def is_missing_from_registration(facts: Facts, _: NoArgs) -> Verdict:
    """The certificate whose key signed the assertion is not among those of the application."""
    read = certificates_of(facts)
    sent = facts.failure.assertion_thumbprint
    gives = {"thumbprint": sent.value} if isinstance(sent, Found) else {}
    if not isinstance(read, Found):
        missing = lack(_CERTIFICATES, read)
        return Unknown(missing.needs, (), gives)
    if not read.value and read.complete:
        return Yes((observed("The registration holds no certificate at all.", _CERTIFICATES, read),), gives)
    names = ", ".join(f"{item.thumbprint or item.key_id} until {day(item.ends)}" for item in read.value[:5])
    gives["registered_certificates"] = names
    match _presented(facts, read):
        case Found(value=credential):
            statement = f"The registration lists certificate {_name(credential)}."
            return No((observed(statement, _CERTIFICATES, read),))
        case Missing():
            which = f"with thumbprint “{sent.value}” " if isinstance(sent, Found) else "that was used "
            statement = f"The registration lists no certificate {which}(it lists: {names})."
            return Yes((observed(statement, _CERTIFICATES, read),), gives)
        case Unread() as unread:
            if unread == Unread():
                return Unknown(lacking(_THUMBPRINT).needs, (), gives)
            return Unknown(lacking(_CERTIFICATES, unread).needs, (), gives)


@predicate(
    "certificate.has_ended",
    needs=(_THUMBPRINT, _CERTIFICATES, "failure.observed_at"),
    gives={"ended_certificate": "a certificate whose end date in the registration has passed"},
)
def has_ended(facts: Facts, _: NoArgs) -> Verdict:
    """The certificate that signed the assertion is registered and had ended when the sign-in failed."""
    read = certificates_of(facts)
    if not isinstance(read, Found):
        return lack(_CERTIFICATES, read)
    at = instant(facts)
    certificate = _presented(facts, read)
    match certificate:
        case Missing():
            return No((observed("The certificate that was used is not registered.", _CERTIFICATES, read),))
        case Unread():
            if not read.value and read.complete:
                return No((observed("The registration holds no certificate at all.", _CERTIFICATES, read),))
            return lacking(_THUMBPRINT if certificate == Unread() else _CERTIFICATES, certificate)
        case Found(value=credential):
            if not isinstance(at, Found):
                return undated(at)
            state = state_at(credential, at.value)
            statement = f"Certificate {_name(credential)} was {_STATES[state]} {instant_words(facts)}: "
            statement += f"it is registered from {day(credential.starts)} until {day(credential.ends)}."
            seen = (observed(statement, _CERTIFICATES, read),)
            name, ended = _name(credential), day(credential.ends)
            gives = {"ended_certificate": f"{name}, whose end date in the registration, {ended}, has passed"}
            return Yes(seen, gives) if state == "ended" else No(seen)


@predicate(
    "certificate.is_live",
    needs=(_CERTIFICATES, "failure.observed_at"),
    gives={"live_certificate": "the valid certificate"},
)
def is_live(facts: Facts, _: NoArgs) -> Verdict:
    """The application holds at least one certificate that was valid when the sign-in failed."""
    read = certificates_of(facts)
    if not isinstance(read, Found):
        return lack(_CERTIFICATES, read)
    if not read.value and read.complete:
        return No((observed("The registration holds no certificate at all.", _CERTIFICATES, read),))
    at = instant(facts)
    if not isinstance(at, Found):
        return undated(at)
    live = [item for item in read.value if state_at(item, at.value) == "live"]
    if live:
        statement = f"Certificate {_name(live[0])} is registered and valid until {day(live[0].ends)}."
        return Yes((observed(statement, _CERTIFICATES, read),), {"live_certificate": _name(live[0])})
    if not read.complete:
        return lacking(_CERTIFICATES, Unread("the list of certificates was cut short"))
    return No((observed(f"No registered certificate was valid {instant_words(facts)}.", _CERTIFICATES, read),))


@predicate(
    "certificate.was_removed_within",
    needs=("changes", "failure.observed_at", "failure.failures_since"),
    gives={"removal": "it was taken off at a rotation"},
    args=WithinDays,
)
def was_removed_within(facts: Facts, args: WithinDays) -> Verdict:
    """A certificate was taken off the application in the ``days`` days before the failures began."""
    changes = facts.changes
    if isinstance(changes, Unread):
        return lacking("changes", changes)
    since = facts.failure.failures_since
    at = since if isinstance(since, Found) else facts.failure.observed_at
    for change in changes.value if isinstance(changes, Found) else ():
        keys = removed_keys(change, "AsymmetricX509Cert")
        # Changes are those before the failure; where that carries no time, each of them counts.
        if keys and (not isinstance(at, Found) or timedelta() <= at.value - change.at <= timedelta(days=args.days)):
            who = f" by {change.actor}" if change.actor else ""
            statement = f"Certificate {', '.join(sorted(keys))} was removed on {day(change.at)}{who}."
            gives = {"removal": f"a certificate was taken off on {day(change.at)}{who}"}
            return Yes((observed(statement, "changes", changes),), gives)
    if isinstance(changes, Found) and not changes.complete:
        return lacking("changes", Unread("the list of changes was cut short"))
    return No((observed(f"No certificate was removed in the {args.days} days before.", "changes", changes),))


@predicate(
    "certificate.belongs_to_neighbour",
    needs=(_THUMBPRINT, "neighbours"),
    gives={"other_application": "another application"},
)
def belongs_to_neighbour(facts: Facts, _: NoArgs) -> Verdict:
    """The certificate that signed the assertion is registered on another application of the tenant."""
    neighbours = facts.neighbours
    if isinstance(neighbours, Unread):
        return lacking("neighbours", neighbours)
    for item in neighbours.value if isinstance(neighbours, Found) else ():
        if item.holds == "thumbprint":
            name = f"“{item.display_name}” ({item.app_id})"
            seen = (observed(f"The certificate that was used is registered on {name}.", "neighbours", neighbours),)
            return Yes(seen, {"other_application": name})
    if isinstance(neighbours, Found) and not neighbours.complete:
        return lacking("neighbours", Unread("not every application of the tenant was compared"))
    sent = (facts.failure.assertion_thumbprint, facts.failure.credential_thumbprint)
    if not any(isinstance(read, Found) for read in sent):
        return lacking(_THUMBPRINT)
    return No((observed("No other application of the tenant holds the certificate.", "neighbours", neighbours),))


@predicate("certificate.thumbprint_is_malformed", needs=(_THUMBPRINT,), gives={"thumbprint": "what the client sent"})
def thumbprint_is_malformed(facts: Facts, _: NoArgs) -> Verdict:
    """The thumbprint in the assertion's header is not a SHA-1 or SHA-256 digest: it was encoded wrongly."""
    return _malformed(facts)


def _malformed(facts: Facts) -> Verdict:
    sent = facts.failure.assertion_thumbprint
    if not isinstance(sent, Found):
        return lack(_THUMBPRINT, sent)
    gives = {"thumbprint": sent.value}
    meant = spelled_out(sent.value)
    if meant:
        statement = f"The thumbprint sent, “{sent.value}”, is the text {meant} letter by letter in place of its bytes."
        return Yes((observed(statement, _THUMBPRINT, sent),), gives)
    if is_digest(sent.value):
        return No((observed(f"The thumbprint sent, “{sent.value}”, has the form of a digest.", _THUMBPRINT, sent),))
    return Yes((observed(f"The thumbprint sent, “{sent.value}”, is no digest.", _THUMBPRINT, sent),), gives)


@predicate("certificate.thumbprint_is_digest", needs=(_THUMBPRINT,), gives={"thumbprint": "what the client sent"})
def thumbprint_is_digest(facts: Facts, _: NoArgs) -> Verdict:
    """The thumbprint in the assertion's header has the form of a SHA-1 or SHA-256 digest, as it should."""
    verdict = _malformed(facts)
    sent = facts.failure.assertion_thumbprint
    if isinstance(verdict, No) and isinstance(sent, Found):
        return Yes(verdict.evidence, {"thumbprint": sent.value})
    return reverse(verdict)


def _name(credential: Credential) -> str:
    thumbprint = credential.thumbprint if isinstance(credential, Certificate) else ""
    return f"{shown(credential)} with thumbprint {thumbprint}" if thumbprint else shown(credential)
