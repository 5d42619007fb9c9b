"""Alerts about what fails: incidents that are new or came back, spikes, and credentials tried after their end."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from diag.core import attention_alert
from diag.core.alert_policy import Policy, rule_for
from diag.core.alerts import Alert, application_topic
from diag.core.expiry_alert import all_clear
from diag.core.incidents import Incident
from diag.core.noise import STILL_TRIED
from diag.core.profile import about, recipients
from diag.core.routing import addresses
from diag.core.spikes import HOUR, QUIET_HOURS, WEEK, over, spike
from diag.core.windows import whole_hour
from diag.workflows.all_credentials import all_credentials
from diag.workflows.ports import (
    Clock,
    CredentialQuery,
    Database,
    FailureQuery,
    IncidentQuery,
    StoredCredential,
    Transaction,
    Translator,
)
from diag.workflows.quieting import Quieter

_INCIDENTS = 1000
"""Open incidents seen last that are looked at in one round."""
_ENDED_WITHIN = timedelta(days=400)
_PAGE = 500
_PLACES = 5


class AttentionWatcher:
    """Writes one tenant's alerts about failures, and the all-clears when they are over."""

    def __init__(
        self,
        tenant_id: str,
        database: Database,
        clock: Clock,
        channels: Sequence[str],
        *,
        policy: Policy,
        mail_channels: Sequence[str] = (),
        translator: Translator | None = None,
    ) -> None:
        self._tenant_id = tenant_id
        self._database = database
        self._clock = clock
        self._channels = tuple(channels)
        self._mail_channels = tuple(mail_channels)
        self._policy = policy
        self._translator = translator

    async def run(self) -> int:
        """Write what is due now; how many alerts were new, all-clears not counted."""
        return await asyncio.to_thread(self._run)

    def _run(self) -> int:
        now = self._clock.now()
        with self._database.write() as transaction:
            quieter = Quieter(transaction, self._translator, self._policy, now)
            standing = {alert.topic: alert for alert in transaction.topics.standing(self._tenant_id)}
            since = _collected_since(transaction, self._tenant_id)
            new = self._incidents(transaction, quieter, standing, since, now)
            new += self._spikes(transaction, quieter, standing, since, now)
            new += self._still_tried(transaction, quieter, now)
            return new

    def _incidents(
        self,
        transaction: Transaction,
        quieter: Quieter,
        standing: dict[str, Alert],
        since: datetime | None,
        now: datetime,
    ) -> int:
        policy = self._policy.incidents
        for topic, alert in standing.items():
            if alert.kind == "incident":
                incident = transaction.incidents.get(topic.rpartition("|")[2])
                if incident is None or incident.state == "resolved":
                    self._end(transaction, alert, "The incident was resolved.", now)
        span = timedelta(hours=policy.within_hours)
        if not policy.enabled or since is None or since > now - 2 * span:
            # While the log is read backwards, what began long ago looks new.
            return 0
        new = 0
        query = IncidentQuery(tenant_id=self._tenant_id, state="open", interrupts=False, limit=_INCIDENTS)
        for incident in transaction.incidents.find(query):
            if incident.last_seen < now - span:
                break
            if attention_alert.incident_topic(incident) not in standing and self._is_news(incident, now - span):
                known = transaction.alerts.delivered_keys(
                    self._tenant_id, f"{attention_alert.incident_topic(incident)}|"
                )
                number = len([key for key in known if not key.count("|all-clear|")])
                new += self._tell(transaction, quieter, attention_alert.of_incident(incident, number, now))
        return new

    def _is_news(self, incident: Incident, since: datetime) -> bool:
        policy = self._policy.incidents
        # Without a diagnosis nobody knows yet whether it is a mistake of the user's own; that takes seconds.
        if incident.count < policy.at_least or incident.diagnosis is None:
            return False
        if not policy.user_errors and incident.diagnosis.kind == "user-error":
            return False
        return incident.regressed or incident.first_seen >= since

    def _spikes(
        self,
        transaction: Transaction,
        quieter: Quieter,
        standing: dict[str, Alert],
        since: datetime | None,
        now: datetime,
    ) -> int:
        policy = self._policy.spikes
        if not policy.enabled or since is None:
            return 0
        hour = whole_hour(now)
        counted = transaction.usage.failures_by_hour(self._tenant_id, hour - policy.weeks * WEEK - 6 * HOUR)
        new = 0
        for alert in standing.values():
            if alert.kind != "spike" or hour - QUIET_HOURS * HOUR < whole_hour(alert.due_at):
                continue
            if over(counted.get(alert.app_id, {}), hour - HOUR, since, policy):
                self._end(transaction, alert, "As many sign-ins fail as usual again.", now)
        for app_id, counts in counted.items():
            topic = attention_alert.spike_topic(self._tenant_id, app_id)
            if not app_id or topic in standing:
                continue
            found = spike(counts, hour, since, policy) or spike(counts, hour - HOUR, since, policy)
            if found is not None:
                name = quieter.profile(self._tenant_id, app_id).name
                alert = attention_alert.of_spike(found, self._tenant_id, app_id, name, now)
                new += self._tell(transaction, quieter, alert)
        return new

    def _still_tried(self, transaction: Transaction, quieter: Quieter, now: datetime) -> int:
        new = 0
        query = CredentialQuery(tenant_id=self._tenant_id, ends_after=now - _ENDED_WITHIN, ends_before=now)
        for stored in all_credentials(transaction, query):
            ends, tried = stored.credential.ends, stored.last_tried
            if ends is None or tried is None or tried < ends or now - tried >= STILL_TRIED:
                continue
            if now - ends < STILL_TRIED:
                # The alert about its end is fresh, and says the same.
                continue
            if quieter.reason(stored) is not None:
                continue
            places = self._places(transaction, stored, ends)
            alert = attention_alert.of_still_tried(
                stored.credential, self._tenant_id, stored.application_name, tried, places, now
            )
            new += self._tell(transaction, quieter, alert)
        return new

    def _places(self, transaction: Transaction, stored: StoredCredential, ends: datetime) -> list[str]:
        """Where the failed attempts came from and what they were for, most frequent first."""
        query = FailureQuery(tenant_id=self._tenant_id, app_id=stored.credential.app_id, since=ends, limit=_PAGE)
        seen = Counter(
            (row.ip_address or "an unknown address", row.resource_display_name or row.resource_id)
            for row in transaction.failures.find(query)
            if row.credential_key_id == stored.credential.key_id
        )
        return [
            f"{count} times from {address}{f' for {resource}' if resource else ''}"
            for (address, resource), count in seen.most_common(_PLACES)
        ]

    def _tell(self, transaction: Transaction, quieter: Quieter, alert: Alert) -> int:
        """Write the alert where nobody keeps it quiet."""
        profile = quieter.profile(self._tenant_id, alert.app_id)
        rule = rule_for(self._policy, about(profile, alert.kind, alert.app_id))
        topics = (alert.topic, application_topic(self._tenant_id, alert.app_id))
        held = [item for topic in topics for item in quieter.quietings_of(self._tenant_id, topic)]
        now = self._clock.now()
        snoozed = any(item.action == "snooze" and (item.until is None or item.until > now) for item in held)
        if snoozed or (rule is not None and rule.quiet_because):
            return 0
        people = recipients(profile, rule).people
        told = addresses(self._policy, rule, self._channels, self._mail_channels, people)
        return transaction.alerts.add([alert], told, now)

    def _end(self, transaction: Transaction, alert: Alert, why: str, now: datetime) -> None:
        told = transaction.topics.close(self._tenant_id, alert.topic, now, why)
        transaction.alerts.add([all_clear(alert, why, now)], told, now)


def _collected_since(transaction: Transaction, tenant_id: str) -> datetime | None:
    """Since when failures are known of every kind that is read at all; None when nothing was read."""
    sources = [transaction.progress.get(tenant_id, f"sign_ins:{group}") for group in ("user", "service")]
    reached = [item.oldest for item in sources if item.oldest is not None]
    return max(reached, default=None)
