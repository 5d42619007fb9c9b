"""Questions about the time in which a client assertion is valid, against the clock of Entra ID."""

from datetime import datetime, timedelta

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

_NOW, _BEGINS, _ENDS = "failure.observed_at", "failure.assertion_not_before", "failure.assertion_expires_at"
_EXACT = timedelta(seconds=30)
"""How far from whole hours a conversion error may be; a request takes seconds, not minutes."""
_FARTHEST = timedelta(hours=14)
"""No time zone is farther from UTC."""
_LIFETIMES = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 60))
"""Lifetimes that code commonly gives an assertion."""


class LastsArgs(Struct, frozen=True, forbid_unknown_fields=True):
    at_least: int = 0
    at_most: int = 10**6


@predicate("assertion.had_ended", needs=(_NOW, _ENDS), gives={"late": "some time", "ended": "its end"})
def had_ended(facts: Facts, _: NoArgs) -> Verdict:
    """The assertion's end had passed when it reached Entra ID."""
    now, ends = facts.failure.observed_at, facts.failure.assertion_expires_at
    if not isinstance(now, Found) or not isinstance(ends, Found):
        return _untimed((_NOW, now), (_ENDS, ends))
    gives = {"late": span_words(now.value - ends.value), "ended": _moment(ends.value)}
    statement = f"The assertion ended {_moment(ends.value)}; Entra ID's clock said {_moment(now.value)}"
    if now.value >= ends.value:
        return Yes((_timed(statement + f", {gives['late']} later.", _ENDS, ends),), gives)
    return No((_timed(statement + ", which is before that.", _ENDS, ends),))


@predicate("assertion.begins_later", needs=(_NOW, _BEGINS), gives={"early": "minutes or more"})
def begins_later(facts: Facts, _: NoArgs) -> Verdict:
    """The assertion is valid only from a time that lay ahead when it reached Entra ID."""
    now, begins = facts.failure.observed_at, facts.failure.assertion_not_before
    if isinstance(begins, Missing):
        return No((_timed("The assertion names no time from which it is valid.", _BEGINS, begins),))
    if not isinstance(now, Found) or not isinstance(begins, Found):
        return _untimed((_NOW, now), (_BEGINS, begins))
    statement = f"The assertion begins {_moment(begins.value)}; Entra ID's clock said {_moment(now.value)}"
    if begins.value > now.value:
        early = span_words(begins.value - now.value)
        return Yes((_timed(statement + f", {early} earlier.", _BEGINS, begins),), {"early": early})
    return No((_timed(statement + ".", _BEGINS, begins),))


@predicate("assertion.begins_at_epoch", needs=(_BEGINS,))
def begins_at_epoch(facts: Facts, _: NoArgs) -> Verdict:
    """The assertion names no beginning, which is printed as the year 1970: it was put together by hand."""
    begins = facts.failure.assertion_not_before
    match begins:
        case Missing():
            return Yes((_timed("The assertion names no beginning (nbf).", _BEGINS, begins),))
        case Found(value=at) if at.year <= 1970:
            return Yes((_timed("The assertion's beginning is printed as 1970: it names none (nbf).", _BEGINS, begins),))
        case Found(value=at):
            return No((_timed(f"The assertion begins {_moment(at)}.", _BEGINS, begins),))
        case Unread():
            return lacking(_BEGINS, begins)


@predicate("assertion.lasts", needs=(_BEGINS, _ENDS), gives={"lifetime": "its lifetime"}, args=LastsArgs)
def lasts(facts: Facts, args: LastsArgs) -> Verdict:
    """The assertion is valid for at least ``at_least`` and at most ``at_most`` minutes."""
    begins, ends = facts.failure.assertion_not_before, facts.failure.assertion_expires_at
    if not isinstance(begins, Found) or not isinstance(ends, Found):
        return _untimed((_BEGINS, begins), (_ENDS, ends))
    span = ends.value - begins.value
    seen = (_timed(f"The assertion is valid for {span_words(span)}.", _ENDS, ends),)
    # Issuers round to seconds and some add a few: half a minute either way is the same lifetime.
    within = timedelta(minutes=args.at_least) - _EXACT <= span <= timedelta(minutes=args.at_most) + _EXACT
    return Yes(seen, {"lifetime": span_words(span)}) if within else No(seen)


@predicate("assertion.is_off_by_whole_hours", needs=(_NOW, _BEGINS, _ENDS), gives={"offset": "whole hours"})
def is_off_by_whole_hours(facts: Facts, _: NoArgs) -> Verdict:
    """The assertion's time lies beside Entra ID's clock by whole or half hours, as a wrong time zone makes it."""
    failure = facts.failure
    now, ends, begins = failure.observed_at, failure.assertion_expires_at, failure.assertion_not_before
    if not isinstance(now, Found):
        return _untimed((_NOW, now))
    if isinstance(begins, Found) and begins.value.year > 1970:
        made, read = [begins.value], begins
    elif isinstance(ends, Found):
        made, read = [ends.value - lifetime for lifetime in _LIFETIMES], ends
    else:
        return _untimed((_ENDS, ends))
    fact = _BEGINS if read is begins else _ENDS
    for at in made:
        offset = at - now.value
        if timedelta(minutes=30) - _EXACT <= abs(offset) <= _FARTHEST + _EXACT and _beside_half_hours(offset) <= _EXACT:
            side = "behind" if offset < timedelta() else "ahead of"
            words = span_words(timedelta(minutes=30) * round(abs(offset) / timedelta(minutes=30)))
            statement = f"The assertion's time is {words} {side} Entra ID's clock, to within seconds."
            return Yes((_timed(statement, fact, read),), {"offset": words})
    return No((_timed("The assertion's time is not off by whole hours.", fact, read),))


@predicate(
    "assertion.is_made_by_client",
    needs=("failure.assertion_issuer", "application.certificates", "application.federated_credentials"),
)
def is_made_by_client(facts: Facts, _: NoArgs) -> Verdict:
    """The client signs the assertion itself with its certificate; no other issuer's token is exchanged."""
    issuer = facts.failure.assertion_issuer
    if isinstance(issuer, Found):
        seen = (observed(f"The assertion's issuer is “{issuer.value}”.", "failure.assertion_issuer", issuer),)
        return No(seen) if "://" in issuer.value else Yes(seen)
    trusted, certificates = facts.application.federated_credentials, facts.application.certificates
    if isinstance(trusted, Unread):
        return lacking("application.federated_credentials", trusted)
    none_trusted = isinstance(trusted, Missing) or (not trusted.value and trusted.complete)
    if none_trusted:
        statement = "The application has no federated credential, so the assertion is its own."
        return Yes((observed(statement, "application.federated_credentials", trusted),))
    if isinstance(certificates, Unread):
        return lacking("application.certificates", certificates)
    if isinstance(certificates, Missing) or (not certificates.value and certificates.complete):
        return No((observed("The application holds no certificate.", "application.certificates", certificates),))
    return lacking("failure.assertion_issuer")


def span_words(span: timedelta) -> str:
    """A length of time as sentences show it, rounded down to what matters."""
    seconds = int(abs(span).total_seconds())
    if seconds < 60:
        return _counted(seconds, "second")
    if seconds < 2 * 3600 and seconds % 3600:
        return _counted(seconds // 60, "minute")
    if seconds < 2 * 86400:
        hours, minutes = divmod(seconds // 60, 60)
        return _counted(hours, "hour") + (f" {_counted(minutes, 'minute')}" if minutes else "")
    return _counted(seconds // 86400, "day")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _beside_half_hours(offset: timedelta) -> timedelta:
    rest = abs(offset) % timedelta(minutes=30)
    return min(rest, timedelta(minutes=30) - rest)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def _timed(statement: str, fact: str, read: Found[datetime] | Missing) -> Evidence:
    return observed(statement, fact, read)


def _untimed(*reads: tuple[str, Read[datetime]]) -> Unknown:
    """Unknown for want of those of the instants that were not read; one that the source left empty lacks too."""
    absent = [lacking(fact, read if isinstance(read, Unread) else None) for fact, read in reads if not _is_read(read)]
    return Unknown(tuple(need for verdict in absent for need in verdict.needs))


def _is_read(read: Read[datetime]) -> bool:
    return isinstance(read, Found)
