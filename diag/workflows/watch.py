"""Credentials that end become alerts, each once per threshold, written with their deliveries in one transaction."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from diag.core.alerts import Alert
from diag.core.expiry import Due, due, quiet_because, remaining
from diag.core.inventory import CredentialRow
from diag.workflows.ports import Clock, CredentialQuery, Database, StoredCredential, Transaction

_KINDS = {
    "secret": "client secret",
    "certificate": "certificate",
    "saml_signing": "SAML signing certificate",
    "token_encryption": "token encryption certificate",
}
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
            ending = _all(transaction, self._tenant_id, horizon)
            told = _told(transaction.alerts.delivered_keys(self._tenant_id, f"{self._tenant_id}|"))
            siblings: dict[str, list[CredentialRow]] = defaultdict(list)
            for stored in ending:
                siblings[stored.credential.owner_object_id].append(stored.credential)
            alerts = [
                alert
                for stored in ending
                if (alert := self._alert(stored, siblings[stored.credential.owner_object_id], told)) is not None
            ]
            return transaction.alerts.add(alerts, self._channels, now)

    def _alert(
        self, stored: StoredCredential, siblings: Sequence[CredentialRow], told: Mapping[str, frozenset[int]]
    ) -> Alert | None:
        now = self._clock.now()
        credential = stored.credential
        if quiet_because(credential, siblings):
            return None
        subject = f"{self._tenant_id}|{credential.owner_object_id}|{credential.key_id}"
        tried = stored.last_tried is not None and now - stored.last_tried < timedelta(days=1)
        reached = due(credential.ends, now, self._thresholds, told.get(subject, frozenset()), still_tried=tried)
        if reached is None:
            return None
        return _written(stored, reached, f"{subject}|{reached.threshold_days}", now)


def _written(stored: StoredCredential, reached: Due, key: str, now: datetime) -> Alert:
    credential = stored.credential
    assert credential.ends is not None  # noqa: S101  something is due, so there is an end
    left = remaining(credential.ends, now)
    kind = _KINDS[credential.kind]
    name = stored.application_name or credential.app_id
    ended = reached.threshold_days == 0
    verb = "has ended" if ended else f"ends {left}"
    hint = f", value begins with {credential.hint}" if credential.hint else ""
    label = f"“{credential.display_name}”" if credential.display_name else "without a name"
    tried = f"\nLast failed sign-in with it: {stored.last_tried:%Y-%m-%d %H:%M} UTC." if stored.last_tried else ""
    used = f"\nLast successful sign-in with it: {stored.last_used:%Y-%m-%d %H:%M} UTC." if stored.last_used else ""
    late = "\nThis threshold passed while nobody was looking; the alert is late." if reached.late else ""
    body = (
        f"Application: {name} ({credential.app_id})\n"
        f"Credential: {kind} {label}{hint}, key ID {credential.key_id}\n"
        f"End: {credential.ends:%Y-%m-%d %H:%M} UTC ({left}){used}{tried}{late}\n\n"
        "What to do, in this order:\n"
        f"1. Add a new {kind} beside this one; nothing that works now stops working.\n"
        "2. Give it to every place that uses the old one.\n"
        "3. See sign-ins succeed with the new key ID.\n"
        f"4. Remove the old one by its key ID, {credential.key_id}.\n"
    )
    return Alert(
        key=key,
        tenant_id=stored.tenant_id,
        kind="credential_ended" if ended else "credential_ending",
        app_id=credential.app_id,
        app_name=name,
        subject=f"{name}: {kind} {verb}",
        body=body,
        link=f"/applications/{credential.app_id}?tenant_id={stored.tenant_id}",
        due_at=reached.reached_at,
        late=reached.late,
    )


def _all(transaction: Transaction, tenant_id: str, before: datetime) -> list[StoredCredential]:
    """Every credential that ends before the horizon, page by page."""
    found: list[StoredCredential] = []
    after: str | None = None
    while True:
        query = CredentialQuery(tenant_id=tenant_id, ends_before=before, after=after, limit=_PAGE)
        page = transaction.credentials.find(query)
        found.extend(page)
        if len(page) < _PAGE:
            return found
        last = page[-1].credential
        after = f"{last.ends.isoformat() if last.ends else ''}\n{last.key_id}"


def _told(keys: frozenset[str]) -> dict[str, frozenset[int]]:
    """Thresholds told already, by ``tenant|object|key id``."""
    told: dict[str, set[int]] = defaultdict(set)
    for key in keys:
        subject, _, days = key.rpartition("|")
        if days.isdigit():
            told[subject].add(int(days))
    return {subject: frozenset(days) for subject, days in told.items()}
