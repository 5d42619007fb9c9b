"""Why a credential raises no alert, decided beside all that is stored of its application; for pages and the watcher."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from diag.core.alert_policy import Policy, Rule, rule_for
from diag.core.alerts import Quieting, application_topic, credential_topic
from diag.core.noise import Quiet, Sight, Used, quiet
from diag.core.profile import Profile, about
from diag.core.windows import Window, gaps
from diag.workflows.ports import CredentialQuery, StoredCredential, Transaction, Translator
from diag.workflows.ports_alerts import Usage
from diag.workflows.read_window import SUCCESSES

LOOKED_BACK = timedelta(days=30)
"""How far back use is looked at for a message."""
COUNTED_LATELY = timedelta(hours=3)
"""Successes count as counted until now when they were read this recently."""
_OF_ONE_APPLICATION = 500
_NEAR = timedelta(days=120)


class Quieter:
    """Reads what it needs of each application once; made anew for every transaction."""

    def __init__(self, transaction: Transaction, translator: Translator | None, policy: Policy, now: datetime) -> None:
        self._transaction = transaction
        self._translator = translator
        self._policy = policy
        self._now = now
        self._profiles: dict[tuple[str, str], Profile] = {}
        self._siblings: dict[tuple[str, str], Sequence[StoredCredential]] = {}
        self._usage: dict[tuple[str, str], Sequence[Usage]] = {}
        self._counted: dict[str, datetime | None] = {}
        self._quietings: dict[str, Mapping[str, list[Quieting]]] = {}

    def reason(self, stored: StoredCredential) -> Quiet | None:
        """Why no alert is due for it; None when alerts are."""
        credential = stored.credential
        tenant_id, app_id = stored.tenant_id, credential.app_id
        rule = self.rule(stored)
        told = self._counted_for(stored)
        siblings = self.of_application(tenant_id, app_id) if told or not credential.active else ()
        looked_at = told or credential.owner_kind == "service_principal"
        return quiet(
            _used(stored),
            [_used(other) for other in siblings if other.credential.owner_object_id == credential.owner_object_id],
            self._now,
            application=stored.application_name,
            profile=self.profile(tenant_id, app_id) if looked_at else None,
            sight=self._sight(tenant_id, app_id) if told else None,
            unused_days=self._policy.unused_days,
            rule=(rule.name, rule.quiet_because) if rule is not None else ("", ""),
            quietings=self.quietings(stored),
        )

    def _counted_for(self, stored: StoredCredential) -> bool:
        """Whether its use is worth looking at: an end is near enough for an alert, and use was counted."""
        ends = stored.credential.ends
        return ends is not None and ends <= self._now + _NEAR and self.counted_since(stored.tenant_id) is not None

    def rule(self, stored: StoredCredential) -> Rule | None:
        """The first rule that fits the credential."""
        if not self._policy.rules:
            return None
        credential = stored.credential
        profile = self.profile(stored.tenant_id, credential.app_id)
        return rule_for(self._policy, about(profile, credential.kind, credential.app_id))

    def quietings(self, stored: StoredCredential) -> Sequence[Quieting]:
        """Snoozes and acknowledgements of the credential and of its application."""
        credential = stored.credential
        return [
            *self.quietings_of(
                stored.tenant_id, credential_topic(stored.tenant_id, credential.owner_object_id, credential.key_id)
            ),
            *self.quietings_of(stored.tenant_id, application_topic(stored.tenant_id, credential.app_id)),
        ]

    def quietings_of(self, tenant_id: str, topic: str) -> Sequence[Quieting]:
        """Snoozes and acknowledgements of one topic."""
        if tenant_id not in self._quietings:
            by_topic: dict[str, list[Quieting]] = {}
            for item in self._transaction.topics.quietings(tenant_id, self._now):
                by_topic.setdefault(item.topic, []).append(item)
            self._quietings[tenant_id] = by_topic
        return self._quietings[tenant_id].get(topic, [])

    def profile(self, tenant_id: str, app_id: str) -> Profile:
        """Who looks after the application, and what rules look at."""
        key = (tenant_id, app_id)
        if key not in self._profiles:
            objects = self._transaction.registrations.as_of(tenant_id, app_id, None) if self._translator else {}
            self._profiles[key] = self._translator.profile(objects) if self._translator else Profile()
        return self._profiles[key]

    def usage(self, tenant_id: str, app_id: str) -> Sequence[Usage]:
        """Successful sign-ins of the application in the time that messages tell of."""
        key = (tenant_id, app_id)
        if key not in self._usage:
            self._usage[key] = self._transaction.usage.of(tenant_id, app_id, self._now - LOOKED_BACK)
        return self._usage[key]

    def counted_since(self, tenant_id: str) -> datetime | None:
        """Since when all successes of applications were counted until now; None: they were not."""
        if tenant_id not in self._counted:
            self._counted[tenant_id] = self._counted_of(tenant_id)
        return self._counted[tenant_id]

    def _counted_of(self, tenant_id: str) -> datetime | None:
        # Where the log cannot filter failures, their pages bring the successes along.
        failures = self._transaction.progress.get(tenant_id, "sign_ins:service")
        source = SUCCESSES if failures.failure_filter else failures.source
        newest = self._transaction.progress.get(tenant_id, source).newest
        if newest is None or self._now - newest > COUNTED_LATELY:
            return None
        span = Window(self._looked_back(), newest)
        read = self._transaction.windows.find(tenant_id, source, since=span.start)
        missing = gaps((Window(item.start, item.end) for item in read), span)
        return missing[-1].end if missing else span.start

    def _looked_back(self) -> datetime:
        return self._now - max(LOOKED_BACK, timedelta(days=self._policy.unused_days))

    def _sight(self, tenant_id: str, app_id: str) -> Sight:
        since = self.counted_since(tenant_id)
        if since is None:
            return Sight()
        seen = self._transaction.usage.of(tenant_id, app_id, self._looked_back())
        nameless = any(not item.credential_key_id for item in seen)
        return Sight(counted_since=since, nameless=nameless)

    def of_application(self, tenant_id: str, app_id: str) -> Sequence[StoredCredential]:
        """All credentials of the application and its service principal."""
        key = (tenant_id, app_id)
        if key not in self._siblings:
            query = CredentialQuery(tenant_id=tenant_id, app_id=app_id, limit=_OF_ONE_APPLICATION)
            self._siblings[key] = self._transaction.credentials.find(query)
        return self._siblings[key]


def _used(stored: StoredCredential) -> Used:
    return Used(credential=stored.credential, last_used=stored.last_used, last_tried=stored.last_tried)
