"""Credentials that end become alerts, each once per threshold, written with their deliveries in one transaction."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from diag.core import expiry_alert
from diag.core.alerts import Alert
from diag.core.expiry import due, quiet_because
from diag.core.inventory import CredentialRow
from diag.workflows.ports import Clock, CredentialQuery, Database, StoredCredential, Transaction

STILL_TRIED = timedelta(days=1)
"""A failed sign-in with a credential this recently means that somebody depends on it."""
_PAGE = 500


class CredentialWatcher:
    """Writes one tenant's due alerts."""

    def __init__(
        self, tenant_id: str, database: Database, clock: Clock, thresholds: Sequence[int], channels: Sequence[str]
    ) -> None:
        self._tenant_id = tenant_id
        self._database = database
        self._clock = clock
        self._thresholds = tuple(sorted(set(thresholds)))
        self._channels = tuple(channels)

    async def run(self) -> int:
        """Write the alerts that are due now; how many were new."""
        return await asyncio.to_thread(self._run)

    def _run(self) -> int:
        now = self._clock.now()
        horizon = now + timedelta(days=max(self._thresholds, default=0) + 1)
        with self._database.write() as transaction:
            told = _told(transaction.alerts.delivered_keys(self._tenant_id, f"{self._tenant_id}|"))
            ending = _all(transaction, CredentialQuery(tenant_id=self._tenant_id, ends_before=horizon, limit=_PAGE))
            alerts = [
                alert
                for stored in ending
                if (alert := self._alert(stored, told, now)) is not None
                and not quiet_because(stored.credential, self._siblings(transaction, stored.credential))
            ]
            return transaction.alerts.add(alerts, self._channels, now)

    def _alert(self, stored: StoredCredential, told: Mapping[str, frozenset[int]], now: datetime) -> Alert | None:
        credential = stored.credential
        subject = f"{self._tenant_id}|{credential.owner_object_id}|{credential.key_id}"
        reached = due(
            credential.ends,
            now,
            self._thresholds,
            told.get(subject, frozenset()),
            starts=credential.starts,
            still_tried=stored.last_tried is not None and now - stored.last_tried < STILL_TRIED,
        )
        if reached is None:
            return None
        return expiry_alert.written(
            credential,
            reached,
            now,
            key=f"{subject}|{reached.threshold_days}",
            tenant_id=self._tenant_id,
            application=stored.application_name,
            last_used=stored.last_used,
            last_tried=stored.last_tried,
        )

    def _siblings(self, transaction: Transaction, credential: CredentialRow) -> Sequence[CredentialRow]:
        """All credentials of the same object, however far away their ends are."""
        query = CredentialQuery(tenant_id=self._tenant_id, app_id=credential.app_id, limit=_PAGE)
        return [
            stored.credential
            for stored in _all(transaction, query)
            if stored.credential.owner_object_id == credential.owner_object_id
        ]


def _all(transaction: Transaction, query: CredentialQuery) -> list[StoredCredential]:
    """Every credential that the query finds, page by page."""
    found: list[StoredCredential] = []
    page = transaction.credentials.find(query)
    while page:
        found.extend(page)
        if len(page) < query.limit:
            break
        page = transaction.credentials.find(replace(query, after=_keyset(page[-1])))
    return found


def _keyset(stored: StoredCredential) -> str:
    # The whole key: certificates may carry any key ID, so two objects can share one.
    credential = stored.credential
    ends = credential.ends.isoformat() if credential.ends else ""
    return "\n".join(
        (ends, credential.key_id, credential.owner_object_id, stored.tenant_id, credential.kind),
    )


def _told(keys: frozenset[str]) -> dict[str, frozenset[int]]:
    """Thresholds told already, by ``tenant|object|key id``."""
    told: dict[str, set[int]] = defaultdict(set)
    for key in keys:
        subject, _, days = key.rpartition("|")
        if days.removeprefix("-").isdigit():
            told[subject].add(int(days))
    return {subject: frozenset(days) for subject, days in told.items()}
