"""Questions about the client secrets that the registration holds: none, ended, replaced, brand-new.

The registration never shows a secret's value: it can date a replacement and rule causes out, but rarely prove which
value was sent.
"""

from datetime import datetime

from diag.core.credentials import Credential, counted, instant, instant_words, shown, state_at
from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import ClientSecret
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

_SECRETS = "application.client_secrets"

EXPIRED_SECRET = 7000222
"""The code by which Entra ID itself says that the secret it was sent has ended."""


def secrets_of(facts: Facts) -> Read[tuple[ClientSecret, ...]]:
    """The client's secrets: those of the application, and those of its service principal where they were read.

    Unread when the registration lives in another tenant: its secrets are there, and nobody could look.
    """
    if isinstance(facts.application.exists, Missing):
        return Unread("the registration is not in this tenant, so its secrets cannot be seen")
    read = facts.application.client_secrets
    if isinstance(read, Unread):
        return read
    own = read.value if isinstance(read, Found) else ()
    sp, keys = facts.service_principal.client_secrets, facts.service_principal.certificates
    listed: tuple[Credential, ...] = (*own, *(sp.value if isinstance(sp, Found) else ()))
    listed += keys.value if isinstance(keys, Found) else ()
    secrets = tuple(item for item in counted(listed) if isinstance(item, ClientSecret))
    complete = (read.complete if isinstance(read, Found) else True) and (not isinstance(sp, Found) or sp.complete)
    return Found(secrets, read.source, read.as_of, complete)


@predicate("client_secret.is_registered", needs=(_SECRETS,), gives={"secret_count": "some"})
def is_registered(facts: Facts, _: NoArgs) -> Verdict:
    """The application holds at least one client secret, ended or not."""
    read = secrets_of(facts)
    if not isinstance(read, Found):
        return unlisted(read)
    if read.value:
        seen = observed(f"The registration lists client secrets: {_names(read.value)}.", _SECRETS, read)
        return Yes((seen,), {"secret_count": str(len(read.value))})
    if not read.complete:
        return lacking(_SECRETS, Unread("the list of client secrets was cut short"))
    return No((_empty(read),))


@predicate(
    "client_secret.every_one_has_ended",
    needs=(_SECRETS, "failure.observed_at"),
    gives={"last_end": "the end date of each has passed", "ended_secret": "the last one", "ended": "its end date"},
)
def every_one_has_ended(facts: Facts, _: NoArgs) -> Verdict:
    """The application holds client secrets and all of them had ended when the sign-in failed."""
    read = secrets_of(facts)
    if not isinstance(read, Found):
        return unlisted(read)
    if not read.value:
        return No((_empty(read),)) if read.complete else cut_short()
    last = max(read.value, key=end_of)
    ended = day(last.ends)
    gives = {"last_end": f"the last, {shown(last)}, ended on {ended}", "ended_secret": shown(last), "ended": ended}
    at = instant(facts)
    if not isinstance(at, Found):
        if facts.failure.code == EXPIRED_SECRET and len(read.value) == 1 and read.complete and last.ends is not None:
            # The refusal itself dates the failure: it came after the end of the only secret there is.
            statement = f"The only client secret, {shown(last)}, ended {day(last.ends)}."
            return Yes((observed(statement, _SECRETS, read),), gives)
        return undated(at)
    open_secrets = [item for item in read.value if state_at(item, at.value) != "ended"]
    if open_secrets:
        statement = f"Client secret {shown(open_secrets[0])} had not ended {instant_words(facts)}."
        return No((observed(statement, _SECRETS, read),))
    if not read.complete:
        return cut_short()
    statement = f"Every client secret had ended {instant_words(facts)}; the last, {shown(last)}, on {day(last.ends)}."
    return Yes((observed(statement, _SECRETS, read),), gives)


@predicate(
    "client_secret.some_has_ended",
    needs=(_SECRETS, "failure.observed_at"),
    gives={"ended_secret": "the ended secret", "ended": "its end date"},
)
def some_has_ended(facts: Facts, _: NoArgs) -> Verdict:
    """At least one registered client secret had ended when the sign-in failed."""
    read = secrets_of(facts)
    if not isinstance(read, Found):
        return unlisted(read)
    at = instant(facts)
    if not isinstance(at, Found):
        return No((_empty(read),)) if _none(read) else undated(at)
    ended = [item for item in read.value if state_at(item, at.value) == "ended"]
    if ended:
        last = max(ended, key=end_of)
        statement = f"Client secret {shown(last)} ended {day(last.ends)}."
        return Yes((observed(statement, _SECRETS, read),), {"ended_secret": shown(last), "ended": day(last.ends)})
    if not read.complete:
        return cut_short()
    return No((observed(f"No registered client secret had ended {instant_words(facts)}.", _SECRETS, read),))


def end_of(secret: ClientSecret) -> float:
    """For ordering: the end as seconds since 1970, infinite where there is none."""
    return secret.ends.timestamp() if secret.ends is not None else float("inf")


def start_of(secret: ClientSecret) -> datetime:
    """For ordering: the start, before everything where there is none."""
    return secret.starts if secret.starts is not None else _BEFORE_ALL


_BEFORE_ALL = datetime.fromisoformat("0001-01-01T00:00:00+00:00")


def _none(read: Found[tuple[ClientSecret, ...]]) -> bool:
    return not read.value and read.complete


def _empty(read: Found[tuple[ClientSecret, ...]]) -> Evidence:
    return observed("The registration holds no client secret.", _SECRETS, read)


def _names(secrets: tuple[ClientSecret, ...]) -> str:
    return ", ".join(f"{shown(item)} until {day(item.ends)}" for item in secrets[:5])


def day(at: datetime | None) -> str:
    """A date as sentences show it, in UTC."""
    return at.date().isoformat() if at is not None else "at no set date"


def unlisted(read: Missing | Unread) -> Unknown:
    """Unknown because the client secrets could not be read."""
    return lack(_SECRETS, read)


def lack(fact: str, read: Missing | Unread) -> Unknown:
    """Unknown for want of a fact that was not read, or that the source left empty."""
    return lacking(fact, read if isinstance(read, Unread) else None)


def cut_short() -> Unknown:
    """Unknown because only part of the list was read."""
    return lacking(_SECRETS, Unread("the list of client secrets was cut short"))


def undated(read: Missing | Unread) -> Unknown:
    """Unknown because no instant is known to judge validity at."""
    return lack("failure.observed_at", read)
