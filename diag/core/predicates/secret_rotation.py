"""Questions about the replacement of client secrets: when was which one followed, removed or made."""

from datetime import datetime, timedelta

from msgspec import Struct

from diag.core.credentials import instant, removed_keys, shown, state_at, successor
from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.client_secret import (
    cut_short,
    day,
    end_of,
    lack,
    secrets_of,
    start_of,
    undated,
    unlisted,
)
from diag.core.read import Found, Unread
from diag.core.registration import ClientSecret
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_SECRETS = "application.client_secrets"


class WithinMinutes(Struct, frozen=True, forbid_unknown_fields=True):
    minutes: int


class WithinDays(Struct, frozen=True, forbid_unknown_fields=True):
    days: int


@predicate(
    "client_secret.is_replaced",
    needs=(_SECRETS, "failure.observed_at"),
    gives={"old_secret": "the former secret", "new_secret": "the newer one", "replaced": "the day the newer one began"},
)
def is_replaced(facts: Facts, _: NoArgs) -> Verdict:
    """A client secret that has ended stands beside a newer one that is valid."""
    read = secrets_of(facts)
    if not isinstance(read, Found):
        return unlisted(read)
    if len(read.value) < 2 and read.complete:
        return No((observed("The registration does not hold two client secrets.", _SECRETS, read),))
    at = instant(facts)
    if not isinstance(at, Found):
        return undated(at)
    ended = [item for item in read.value if state_at(item, at.value) == "ended"]
    live = [item for item in read.value if state_at(item, at.value) == "live"]
    if ended and live:
        old, new = max(ended, key=end_of), max(live, key=start_of)
        statement = f"Client secret {shown(old)} ended {day(old.ends)}; {shown(new)} of {day(new.starts)} is valid."
        gives = {"old_secret": shown(old), "new_secret": shown(new), "replaced": day(new.starts)}
        return Yes((observed(statement, _SECRETS, read),), gives)
    if not read.complete:
        return cut_short()
    return No((observed("No ended client secret stands beside a valid one.", _SECRETS, read),))


@predicate(
    "client_secret.outlives_another",
    needs=(_SECRETS,),
    gives={"old_secret": "the former secret", "new_secret": "the newer one"},
)
def outlives_another(facts: Facts, _: NoArgs) -> Verdict:
    """Of two registered client secrets one began later and ends later: a rotation was begun at some time."""
    read = secrets_of(facts)
    if not isinstance(read, Found):
        return unlisted(read)
    for item in read.value:
        newer = successor(item, read.value)
        if newer is not None:
            statement = f"Client secret {shown(newer)} was made to follow {shown(item)}, which ends {day(item.ends)}."
            gives = {"old_secret": shown(item), "new_secret": shown(newer)}
            return Yes((observed(statement, _SECRETS, read),), gives)
    if not read.complete:
        return cut_short()
    return No((observed("No two client secrets follow each other.", _SECRETS, read),))


@predicate(
    "client_secret.failures_follow_replacement",
    needs=(_SECRETS, "failure.failures_since", "changes"),
    gives={"old_secret": "the former secret", "new_secret": "the newest secret", "replaced": "the day it was replaced"},
    args=WithinDays,
)
def failures_follow_replacement(facts: Facts, args: WithinDays) -> Verdict:
    """The failures begin within ``days`` days after a secret was removed or ended whose replacement was already there.

    A secret that was added lately proves nothing by itself: every healthy application that rotates has one.
    """
    read = secrets_of(facts)
    if not isinstance(read, Found):
        return unlisted(read)
    since = facts.failure.failures_since
    if not isinstance(since, Found):
        return _after_removal(facts, read, args) or lack("failure.failures_since", since)
    present = [item for item in read.value if item.starts is not None and item.starts <= since.value]
    new = max((item for item in present if state_at(item, since.value) == "live"), key=start_of, default=None)
    if new is None:
        if not read.complete:
            return cut_short()
        return No((observed("No newer client secret was there when the failures began.", _SECRETS, read),))
    span = timedelta(days=args.days)
    gone = [(item.ends, shown(item)) for item in read.value if item.ends is not None and item.key_id != new.key_id]
    gone += _removals(facts)
    near = [(at, name) for at, name in gone if timedelta() <= since.value - at <= span]
    if near:
        at, name = max(near)
        statement = f"Secret {name} was gone from {_moment(at)}; {shown(new)} is valid since {day(new.starts)}."
        seen = (
            observed(statement, _SECRETS, read),
            observed(f"The failures began at {_moment(since.value)}.", "failure.failures_since", since),
        )
        return Yes(seen, {"old_secret": name, "new_secret": shown(new), "replaced": day(at)})
    if isinstance(facts.changes, Unread):
        return lacking("changes", facts.changes)
    if not read.complete:
        return cut_short()
    statement = f"No client secret was removed or ended in the {args.days} days before the failures began."
    return No((observed(statement, _SECRETS, read),))


@predicate(
    "client_secret.started_within",
    needs=(_SECRETS, "failure.observed_at"),
    gives={"new_secret": "the newest secret"},
    args=WithinMinutes,
)
def started_within(facts: Facts, args: WithinMinutes) -> Verdict:
    """The newest client secret began at most ``minutes`` minutes before the sign-in failed."""
    read = secrets_of(facts)
    if not isinstance(read, Found):
        return unlisted(read)
    at = facts.failure.observed_at
    if not isinstance(at, Found):
        return undated(at)
    recent = [
        item
        for item in read.value
        if item.starts is not None and timedelta() <= at.value - item.starts <= timedelta(minutes=args.minutes)
    ]
    if recent:
        new = max(recent, key=start_of)
        passed = int((at.value - start_of(new)).total_seconds())
        statement = f"Client secret {shown(new)} began {passed} seconds before the sign-in failed."
        return Yes((observed(statement, _SECRETS, read),), {"new_secret": shown(new)})
    if not read.complete:
        return cut_short()
    return No((observed(f"No client secret began in the {args.minutes} minutes before.", _SECRETS, read),))


def _after_removal(facts: Facts, read: Found[tuple[ClientSecret, ...]], args: WithinDays) -> Yes | None:
    """Where only this one failure is known: a removal just before it while another secret is valid; None otherwise."""
    at, changes = facts.failure.observed_at, facts.changes
    if not isinstance(at, Found) or not isinstance(changes, Found):
        return None
    new = max((item for item in read.value if state_at(item, at.value) == "live"), key=start_of, default=None)
    near = [(when, key) for when, key in _removals(facts) if timedelta() <= at.value - when <= timedelta(args.days)]
    if new is None or not near:
        return None
    when, key = max(near)
    statement = f"Secret {key} was removed at {_moment(when)}; {shown(new)} is valid since {day(new.starts)}."
    gives = {"old_secret": key, "new_secret": shown(new), "replaced": day(when)}
    return Yes((observed(statement, "changes", changes),), gives)


def _removals(facts: Facts) -> list[tuple[datetime, str]]:
    if not isinstance(facts.changes, Found):
        return []
    return [(change.at, key) for change in facts.changes.value for key in removed_keys(change, "Password")]


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
