"""Questions about an application's own secrets and certificates as they stand, whatever any sign-in presented.

They are judged at the instant of the question, else at the instant the registration was read.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct

from diag.core.credentials import Credential, counted, instant, shown, state_at
from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.client_secret import day, lack
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import Certificate, ClientSecret
from diag.core.verdict import Evidence, No, Verdict, Yes, lacking, observed

_SECRETS, _CERTIFICATES = "application.client_secrets", "application.certificates"
_USES = "credential_uses"
_GIVES = {"credentials": "some of its credentials", "secret_keys": "", "certificate_keys": ""}
"""``credentials``: for a sentence; the two others: key IDs, a line each, for a remedy."""
_SHOWN_AT_MOST = 5

Kind = Literal["secret", "certificate", "any"]


class KindArgs(Struct, frozen=True, forbid_unknown_fields=True):
    kind: Kind = "any"


class LongerArgs(Struct, frozen=True, forbid_unknown_fields=True):
    days: int
    kind: Kind = "any"


class UnusedArgs(Struct, frozen=True, forbid_unknown_fields=True):
    days: int


class CountArgs(Struct, frozen=True, forbid_unknown_fields=True):
    count: int
    kind: Kind = "secret"


@predicate("credential.is_live", needs=(_SECRETS, _CERTIFICATES), gives=_GIVES, args=KindArgs)
def is_live(facts: Facts, args: KindArgs) -> Verdict:
    """The application holds a secret or certificate (of ``kind``) that is valid now."""
    return _some(facts, args.kind, _live, "No {kind} is live.")


@predicate("credential.is_leftover", needs=(_SECRETS, _CERTIFICATES), gives=_GIVES)
def is_leftover(facts: Facts, _: NoArgs) -> Verdict:
    """The application still lists a secret or certificate that has ended."""
    return _some(facts, "any", lambda item, at: state_at(item, at) == "ended", "No {kind} has ended.")


@predicate("credential.lasts_longer_than", needs=(_SECRETS, _CERTIFICATES), gives=_GIVES, args=LongerArgs)
def lasts_longer_than(facts: Facts, args: LongerArgs) -> Verdict:
    """A live secret or certificate (of ``kind``) was given more than ``days`` days, or no end at all."""

    def too_long(item: Credential, at: datetime) -> bool:
        if not _live(item, at):
            return False
        begins = item.starts or at
        return item.ends is None or item.ends - begins > timedelta(days=args.days)

    return _some(facts, args.kind, too_long, f"No {{kind}} that is live was given more than {args.days} days.")


@predicate("credential.is_one_of_several", needs=(_SECRETS, _CERTIFICATES), gives=_GIVES, args=CountArgs)
def is_one_of_several(facts: Facts, args: CountArgs) -> Verdict:
    """At least ``count`` secrets or certificates (of ``kind``) are live at once."""
    return _some(facts, args.kind, _live, "No {kind} is live.", at_least=args.count)


@predicate("credential.is_unused_for", needs=(_SECRETS, _CERTIFICATES, _USES), gives=_GIVES, args=UnusedArgs)
def is_unused_for(facts: Facts, args: UnusedArgs) -> Verdict:
    """A live secret or certificate older than ``days`` days was seen in no successful sign-in for that long, while
    somebody watched the whole time."""
    uses, at = facts.credential_uses, instant(facts)
    if not isinstance(at, Found):
        return lack("failure.observed_at", at)
    since = at.value - timedelta(days=args.days)
    live = _some(facts, "any", lambda item, now: _live(item, now) and (item.starts or since) <= since, "")
    if not isinstance(live, Yes):
        return live if not isinstance(live, No) else No((_said("No live credential is old enough to judge.", facts),))
    if not isinstance(uses, Found):
        return lacking(_USES, uses if isinstance(uses, Unread) else None)
    if uses.value.watched_since is not None and uses.value.watched_since > since:
        why = f"sign-ins have been watched only since {day(uses.value.watched_since)}"
        return lacking(_USES, Unread(why, f"Ask again once they were watched for {args.days} days"))
    used = {use.key_id: use.last_used for use in uses.value.uses}
    old = [item for item in _held(facts)[0] if _live(item, at.value) and (item.starts or since) <= since]
    idle = [item for item in old if item.key_id in used and (used[item.key_id] or since) <= since]
    if idle:
        said = f"No successful sign-in used {_names(idle)} in {args.days} days or more."
        return Yes((observed(said, _USES, uses),), _gives(idle))
    if any(item.key_id not in used for item in old):
        return lacking(_USES, Unread("not every credential could be watched"))
    return No((observed(f"Every credential was used in the last {args.days} days.", _USES, uses),))


@predicate(
    "service_principal.holds_secret",
    needs=("service_principal.client_secrets",),
    gives={"principal_secrets": "a client secret"},
)
def holds_secret(facts: Facts, _: NoArgs) -> Verdict:
    """The service principal holds a live client secret of its own, which the registration's pages do not show."""
    fact, read, at = "service_principal.client_secrets", facts.service_principal.client_secrets, instant(facts)
    if isinstance(read, Unread):
        return lacking(fact, read)
    keys = facts.service_principal.certificates
    if not isinstance(keys, Found) and isinstance(read, Found) and read.value:
        # A SAML signing certificate is listed among the passwords too; only the keys tell it apart.
        return lack("service_principal.certificates", keys)
    listed: tuple[Credential, ...] = read.value if isinstance(read, Found) else ()
    listed += keys.value if isinstance(keys, Found) else ()
    secrets = [item for item in counted(listed) if isinstance(item, ClientSecret)]
    if secrets and not isinstance(at, Found):
        return lack("failure.observed_at", at)
    live = [item for item in secrets if isinstance(at, Found) and _live(item, at.value)]
    if live:
        said = f"The service principal itself holds {_names(live)}."
        return Yes((observed(said, fact, read),), {"principal_secrets": _names(live)})
    if isinstance(read, Found) and not read.complete:
        return lacking(fact, Unread("the list was cut short"))
    return No((observed("The service principal holds no live client secret of its own.", fact, read),))


def _live(item: Credential, at: datetime) -> bool:
    return state_at(item, at) == "live"


def _some(
    facts: Facts, kind: Kind, fits: Callable[[Credential, datetime], bool], none: str, *, at_least: int = 1
) -> Verdict:
    """Yes when enough credentials fit, no (in the words ``none``) when they do not and all were read, else unknown."""
    held, lists = _held(facts, kind)
    at = instant(facts)
    if held and not isinstance(at, Found):
        return lack("failure.observed_at", at)
    fitting = [item for item in held if isinstance(at, Found) and fits(item, at.value)]
    if len(fitting) >= at_least:
        return Yes((_said(f"Registered: {_names(fitting)}.", facts, fitting),), _gives(fitting))
    for fact, read in lists:
        if isinstance(read, Unread):
            return lacking(fact, read)
        if isinstance(read, Found) and not read.complete:
            return lacking(fact, Unread("the list was cut short"))
    words = {"secret": "client secret", "certificate": "certificate", "any": "client secret or certificate"}[kind]
    said = none.format(kind=words)
    if fitting:
        said = f"Only {_names(fitting)}."
    return No((_said(said, facts, (), "certificate" if kind == "certificate" else "secret"),))


def _held(facts: Facts, kind: Kind = "any") -> tuple[list[Credential], list[tuple[str, Read[Any]]]]:
    """The application's own credentials of a kind as far as read, and the lists they come from."""
    lists: list[tuple[str, Read[Any]]] = []
    if kind != "certificate":
        lists.append((_SECRETS, facts.application.client_secrets))
    if kind != "secret":
        lists.append((_CERTIFICATES, facts.application.certificates))
    held = [item for _, read in lists if isinstance(read, Found) for item in read.value]
    return list(counted(held)), lists


def _said(said: str, facts: Facts, items: Sequence[Credential] = (), kind: Kind = "any") -> Evidence:
    """Evidence that rests on the list the credentials stand in, or on the one that was read."""
    certificates = (items and all(isinstance(item, Certificate) for item in items)) or kind == "certificate"
    order = (_CERTIFICATES, _SECRETS) if certificates else (_SECRETS, _CERTIFICATES)
    for fact in order:
        read = facts.application.certificates if fact == _CERTIFICATES else facts.application.client_secrets
        if isinstance(read, (Found, Missing)):
            return observed(said, fact, read)
    return Evidence(said, order[0], "registration")


def _names(items: Sequence[Credential]) -> str:
    """The credentials for a sentence, a few at most, each with its validity."""
    names = [
        f"{'certificate' if isinstance(item, Certificate) else 'client secret'} {shown(item)}, "
        f"{day(item.starts) if item.starts else 'without a start'} to {day(item.ends) if item.ends else 'no end'}"
        for item in items
    ]
    more = f"; and {len(names) - _SHOWN_AT_MOST} more" if len(names) > _SHOWN_AT_MOST else ""
    return "; ".join(names[:_SHOWN_AT_MOST]) + more


def _gives(items: Sequence[Credential]) -> dict[str, str]:
    return {
        "credentials": _names(items),
        "secret_keys": "\n".join(item.key_id for item in items if isinstance(item, ClientSecret)),
        "certificate_keys": "\n".join(item.key_id for item in items if isinstance(item, Certificate)),
    }
