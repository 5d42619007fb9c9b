"""Redirect URIs that the directory's history shows were taken out of a registration."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.read import Found
from diag.core.redirects import matches
from diag.core.verdict import Evidence

PROPERTIES = frozenset({"AppAddress", "RedirectUris", "ReplyUrls"})
"""Names under which an audit record lists redirect URIs."""

LATELY = timedelta(days=7)
"""How long before a failure a removal still explains it."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,60}://[^\s\"\\,\]]{1,2048}")
"""Addresses within the JSON text that an audit record holds."""


class Removal(Struct, frozen=True):
    """One address that a change took out."""

    uri: str
    at: datetime
    actor: str
    """Empty where the record names nobody."""
    as_of: datetime | None

    @property
    def evidence(self) -> Evidence:
        by = f" by {self.actor}" if self.actor else ""
        said = f"“{self.uri}” was taken out of the registration{by} on {self.at:%Y-%m-%d %H:%M UTC}."
        return Evidence(said, "changes", "history", self.as_of)


def removals(facts: Facts) -> Iterator[Removal]:
    """Every address that a change's old value has and its new one lacks, and that is not listed again, in order."""
    read = facts.application.redirect_uris
    kept = {item.uri for item in read.value} if isinstance(read, Found) else set()
    changes = facts.changes
    if not isinstance(changes, Found):
        return
    for change in changes.value:
        for uri in _taken_out(change):
            if uri not in kept:
                yield Removal(uri, change.at, change.actor, changes.as_of)


def removal_of_sent(facts: Facts, within: timedelta = LATELY) -> Removal | None:
    """The removal of the very address the failed request sent, ``within`` before the failure; None where the address,
    the failure's time or the history is not known, or holds no such removal."""
    sent, at = facts.failure.redirect_uri, facts.failure.observed_at
    if not isinstance(sent, Found) or not isinstance(at, Found):
        return None
    for removal in removals(facts):
        if timedelta(0) <= at.value - removal.at <= within and matches(sent.value, removal.uri):
            return removal
    return None


def _taken_out(change: Change) -> list[str]:
    gone: list[str] = []
    for item in change.properties:
        if item.name in PROPERTIES:
            left = set(_ADDRESS.findall(item.new))
            gone += [uri for uri in _ADDRESS.findall(item.old) if uri not in left]
    return gone
