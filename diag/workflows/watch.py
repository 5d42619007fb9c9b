"""Credentials that end become alerts, each once per threshold, written with their deliveries in one transaction."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from diag.core import expiry_alert
from diag.core.alert_policy import Policy, all_thresholds, thresholds
from diag.core.alerts import Address, Alert, credential_topic
from diag.core.expiry import Due, due
from diag.core.noise import STILL_TRIED, acknowledged, quiet_until
from diag.core.profile import Person, Recipients, recipients
from diag.core.routing import addresses
from diag.workflows.all_credentials import all_credentials
from diag.workflows.owners import OwnerReader, last_to_change
from diag.workflows.ports import Clock, CredentialQuery, Database, StoredCredential, Transaction, Translator
from diag.workflows.quieting import LOOKED_BACK, Quieter

_PAGE = 500
_OF_CREDENTIALS = ("credential_ending", "credential_ended", "still_tried")


class CredentialWatcher:
    """Writes one tenant's due alerts about credentials, and the all-clears when they are replaced or removed."""

    def __init__(
        self,
        tenant_id: str,
        database: Database,
        clock: Clock,
        common: Sequence[int],
        channels: Sequence[str],
        *,
        policy: Policy | None = None,
        mail_channels: Sequence[str] = (),
        translator: Translator | None = None,
        owners: OwnerReader | None = None,
    ) -> None:
        """``common``: the thresholds in days where no rule names others."""
        self._tenant_id = tenant_id
        self._database = database
        self._clock = clock
        self._policy = policy or Policy()
        self._common = tuple(common)
        self._channels = tuple(channels)
        self._mail_channels = tuple(mail_channels)
        self._translator = translator
        self._owners = owners

    async def run(self) -> int:
        """Write the alerts that are due now; how many were new."""
        if self._owners is not None:
            applications = await asyncio.to_thread(self._applications_due)
            await self._owners.refresh(applications)
        return await asyncio.to_thread(self._run)

    def _applications_due(self) -> Sequence[str]:
        """Applications that an alert is about to be written for, so that their owners have to be known."""
        now = self._clock.now()
        with self._database.read() as transaction:
            quieter = Quieter(transaction, self._translator, self._policy, now)
            told = _told(transaction.alerts.delivered_keys(self._tenant_id, f"{self._tenant_id}|"))
            return list(
                dict.fromkeys(
                    stored.credential.app_id
                    for stored in self._ending(transaction, now)
                    if self._reached(stored, quieter, told, now) is not None
                )
            )

    def _run(self) -> int:
        now = self._clock.now()
        with self._database.write() as transaction:
            quieter = Quieter(transaction, self._translator, self._policy, now)
            told = _told(transaction.alerts.delivered_keys(self._tenant_id, f"{self._tenant_id}|"))
            self._clear(transaction, quieter, now)
            new = 0
            for stored in self._ending(transaction, now):
                reached = self._reached(stored, quieter, told, now)
                if reached is None or quieter.reason(stored) is not None:
                    continue
                found = self._recipients(transaction, quieter, stored)
                alert = self._alert(stored, reached, quieter, found, now)
                new += transaction.alerts.add([alert], self._addresses(stored, reached, quieter, found, now), now)
            return new

    def _ending(self, transaction: Transaction, now: datetime) -> list[StoredCredential]:
        horizon = now + timedelta(days=max((*all_thresholds(self._policy, self._common), 0)) + 1)
        return all_credentials(transaction, CredentialQuery(tenant_id=self._tenant_id, ends_before=horizon))

    def _reached(
        self, stored: StoredCredential, quieter: Quieter, told: Mapping[str, frozenset[int]], now: datetime
    ) -> Due | None:
        credential = stored.credential
        # Asked first with every threshold there is: for most credentials nothing is due, and no rule need be looked up.
        ladder = all_thresholds(self._policy, self._common)
        topic = credential_topic(self._tenant_id, credential.owner_object_id, credential.key_id)
        known = told.get(topic, frozenset())
        tried = stored.last_tried is not None and now - stored.last_tried < STILL_TRIED
        if due(credential.ends, now, ladder, known, starts=credential.starts, still_tried=tried) is None:
            return None
        return due(
            credential.ends,
            now,
            thresholds(self._policy, quieter.rule(stored), self._common),
            known,
            starts=credential.starts,
            still_tried=tried,
            quiet_until=quiet_until(quieter.quietings(stored), now),
        )

    def _recipients(self, transaction: Transaction, quieter: Quieter, stored: StoredCredential) -> Recipients | None:
        if self._translator is None:
            return None
        app_id = stored.credential.app_id
        profile = quieter.profile(self._tenant_id, app_id)
        changer: Person | None = last_to_change(transaction, self._tenant_id, app_id)
        return recipients(profile, quieter.rule(stored), changer)

    def _addresses(
        self, stored: StoredCredential, reached: Due, quieter: Quieter, found: Recipients | None, now: datetime
    ) -> Sequence[Address]:
        return addresses(
            self._policy,
            quieter.rule(stored),
            self._channels,
            self._mail_channels,
            found.people if found is not None else (),
            days_left=reached.threshold_days,
            acknowledged=acknowledged(quieter.quietings(stored), now) is not None,
        )

    def _alert(
        self, stored: StoredCredential, reached: Due, quieter: Quieter, found: Recipients | None, now: datetime
    ) -> Alert:
        credential = stored.credential
        topic = credential_topic(self._tenant_id, credential.owner_object_id, credential.key_id)
        return expiry_alert.written(
            credential,
            reached,
            now,
            key=f"{topic}|{reached.threshold_days}",
            tenant_id=self._tenant_id,
            application=stored.application_name,
            last_used=stored.last_used,
            last_tried=stored.last_tried,
            usage=self._usage(stored, quieter, now) if self._translator is not None else None,
            told=found,
        )

    def _usage(self, stored: StoredCredential, quieter: Quieter, now: datetime) -> expiry_alert.Usage:
        credential = stored.credential
        seen = [
            item
            for item in quieter.usage(self._tenant_id, credential.app_id)
            if item.credential_key_id == credential.key_id
        ]
        since = quieter.counted_since(self._tenant_id)
        return expiry_alert.Usage(
            sign_ins=sum(item.count for item in seen),
            days=LOOKED_BACK.days,
            resources=tuple(dict.fromkeys(self._resource(quieter, item.resource_id) for item in seen)),
            known=since is not None and since <= now - LOOKED_BACK,
            users_sign_in=quieter.profile(self._tenant_id, credential.app_id).users_sign_in,
        )

    def _resource(self, quieter: Quieter, resource_id: str) -> str:
        return quieter.profile(self._tenant_id, resource_id).name or resource_id or "an API that the log does not name"

    def _clear(self, transaction: Transaction, quieter: Quieter, now: datetime) -> None:
        """End the warnings about credentials that are gone, or that a successor made harmless, and say so."""
        standing = [alert for alert in transaction.topics.standing(self._tenant_id) if alert.kind in _OF_CREDENTIALS]
        for alert in standing:
            _, owner, key_id = alert.topic.split("|", 2)
            held = next(
                (
                    stored
                    for stored in quieter.of_application(self._tenant_id, alert.app_id)
                    if (stored.credential.owner_object_id, stored.credential.key_id) == (owner, key_id)
                ),
                None,
            )
            why = "The credential was removed from the registration."
            if held is not None:
                reason = quieter.reason(held)
                if reason is None or reason.code not in ("superseded", "inactive"):
                    continue
                why = reason.because
            told = transaction.topics.close(self._tenant_id, alert.topic, now, why)
            transaction.alerts.add([expiry_alert.all_clear(alert, why, now)], told, now)


def _told(keys: frozenset[str]) -> dict[str, frozenset[int]]:
    """Thresholds told already, by ``tenant|object|key id``."""
    told: dict[str, set[int]] = defaultdict(set)
    for key in keys:
        subject, _, days = key.rpartition("|")
        if days.removeprefix("-").isdigit():
            told[subject].add(int(days))
    return {subject: frozenset(days) for subject, days in told.items()}
