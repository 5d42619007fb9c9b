"""Alerts that will be due if nothing changes: every coming threshold of every credential that is not quiet."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from diag.core.alert_policy import Policy, all_thresholds, thresholds
from diag.core.alerts import credential_topic
from diag.core.expiry import Due, next_due
from diag.core.noise import quiet_until
from diag.workflows.ports import CredentialQuery, StoredCredential, Transaction, Translator
from diag.workflows.quieting import Quieter

_AT_MOST = 5000
"""Credentials that are looked at, soonest end first."""


class NextAlert(Struct, frozen=True):
    """One alert to come."""

    stored: StoredCredential
    due: Due


def next_alerts(
    transaction: Transaction,
    translator: Translator | None,
    policy: Policy,
    common: Sequence[int],
    now: datetime,
    ahead: timedelta,
    tenant_id: str | None = None,
) -> list[NextAlert]:
    """What is due until ``now + ahead``, soonest first. What is due already is due now: the next round writes it."""
    furthest = timedelta(days=max((*all_thresholds(policy, common), 0)))
    query = CredentialQuery(
        tenant_id=tenant_id, ends_after=now - timedelta(days=60), ends_before=now + ahead + furthest, limit=_AT_MOST
    )
    quieter = Quieter(transaction, translator, policy, now)
    known: dict[str, frozenset[str]] = {}
    found: list[NextAlert] = []
    for stored in transaction.credentials.find(query):
        if stored.tenant_id not in known:
            known[stored.tenant_id] = transaction.alerts.delivered_keys(stored.tenant_id, f"{stored.tenant_id}|")
        quietings = quieter.quietings(stored)
        snoozed = quiet_until(quietings, now)
        reason = quieter.reason(stored)
        if reason is not None:
            ends = [item.until for item in quietings if item.action == "snooze"]
            if reason.code != "snoozed" or None in ends:
                continue
            # What passes meanwhile is told when the snooze is over.
            snoozed = max(end for end in ends if end is not None)
        ladder = thresholds(policy, quieter.rule(stored), common)
        told = _told(stored, known[stored.tenant_id], all_thresholds(policy, common))
        found += (NextAlert(stored, due) for due in _coming(stored, now, now + ahead, ladder, told, snoozed))
    return sorted(found, key=lambda one: (one.due.reached_at, one.stored.credential.key_id))


def _told(stored: StoredCredential, known: frozenset[str], ladder: Sequence[int]) -> set[int]:
    credential = stored.credential
    topic = credential_topic(stored.tenant_id, credential.owner_object_id, credential.key_id)
    return {days for days in ladder if f"{topic}|{days}" in known}


def _coming(
    stored: StoredCredential,
    now: datetime,
    until: datetime,
    ladder: Sequence[int],
    told: set[int],
    snoozed: datetime | None,
) -> Iterator[Due]:
    """Each threshold in its turn, as if somebody looked all the time."""
    credential = stored.credential
    at = now
    for _ in ladder:
        due = next_due(credential.ends, at, ladder, told, starts=credential.starts, quiet_until=snoozed)
        if due is None or due.reached_at > until:
            return
        yield due
        told = {*told, due.threshold_days}
        at = max(at, due.reached_at)
