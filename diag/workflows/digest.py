"""The weekly digest: once a week, for the whole tenant on each channel, and for each person about what is theirs."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from diag.core.alert_policy import Policy
from diag.core.alerts import Address
from diag.core.digest_alert import Ending, State, written
from diag.core.profile import recipients
from diag.core.routing import everyday
from diag.core.weekly import latest
from diag.workflows.all_credentials import all_credentials
from diag.workflows.ports import Clock, CredentialQuery, Database, IncidentQuery, Transaction, Translator
from diag.workflows.quieting import Quieter

AHEAD = timedelta(days=60)
STILL_NEWS = timedelta(hours=36)
"""A digest that could not be written within this time is left out: the next one tells the same."""
_PAGE = 500


class DigestWriter:
    """Writes one tenant's digests."""

    def __init__(
        self,
        tenant_id: str,
        name: str,
        database: Database,
        clock: Clock,
        channels: Sequence[str],
        *,
        policy: Policy,
        zone: tzinfo,
        translator: Translator | None = None,
    ) -> None:
        """``name``: how people call the tenant; ``zone``: the policy's, in which its hour is meant."""
        self._tenant_id = tenant_id
        self._name = name
        self._database = database
        self._clock = clock
        self._policy = policy
        self._zone = zone
        self._translator = translator
        chosen = policy.digest.channels if policy.digest else ()
        self._channels = [name for name in channels if name in chosen] or everyday(policy, channels)

    async def run(self) -> int:
        """Write the digests that are due now; how many."""
        if self._policy.digest is None:
            return 0
        due_at = latest(self._clock.now(), self._policy.digest.day, self._policy.digest.hour, self._zone)
        if self._clock.now() - due_at > STILL_NEWS:
            return 0
        return await asyncio.to_thread(self._write, due_at)

    def _write(self, due_at: datetime) -> int:
        now = self._clock.now()
        topic = f"{self._tenant_id}|digest"
        week = f"{due_at:%Y-%m-%d}"
        with self._database.write() as transaction:
            if transaction.alerts.delivered_keys(self._tenant_id, f"{topic}|whole|{week}"):
                return 0
            quieter = Quieter(transaction, self._translator, self._policy, now)
            endings, theirs, ownerless = self._endings(transaction, quieter, now)
            state = self._state(transaction, ownerless)
            whole = written(self._tenant_id, self._name, due_at, now, endings, state, f"{topic}|whole|{week}")
            new = transaction.alerts.add([whole], [Address(channel) for channel in self._channels], now)
            writing = [name for name in self._channels if name in self._policy.tell_owners_by]
            for person, own in sorted(theirs.items()) if writing else ():
                key = f"{topic}|{person}|{week}"
                alert = written(self._tenant_id, self._name, due_at, now, own, None, key)
                new += transaction.alerts.add([alert], [Address(channel, person) for channel in writing], now)
            return new

    def _endings(
        self, transaction: Transaction, quieter: Quieter, now: datetime
    ) -> tuple[list[Ending], dict[str, list[Ending]], list[str]]:
        """All that ends ahead, the same by person, and applications that have no owner who can be told."""
        endings: list[Ending] = []
        theirs: dict[str, list[Ending]] = defaultdict(list)
        ownerless: dict[str, None] = {}
        query = CredentialQuery(tenant_id=self._tenant_id, ends_after=now, ends_before=now + AHEAD)
        for stored in all_credentials(transaction, query):
            reason = quieter.reason(stored)
            ending = Ending(
                application=stored.application_name,
                credential=stored.credential,
                quiet=reason.because if reason is not None else "",
            )
            endings.append(ending)
            if reason is not None or self._translator is None:
                continue
            profile = quieter.profile(self._tenant_id, stored.credential.app_id)
            found = recipients(profile, quieter.rule(stored))
            for person in found.people:
                theirs[person].append(ending)
            if found.ownerless:
                ownerless.setdefault(stored.application_name or stored.credential.app_id)
        return endings, theirs, list(ownerless)

    def _state(self, transaction: Transaction, ownerless: Sequence[str]) -> State:
        query = IncidentQuery(tenant_id=self._tenant_id, state="open", interrupts=False, limit=_PAGE)
        return State(
            open_incidents=len(transaction.incidents.find(query)),
            ownerless=ownerless,
            dead_deliveries=len(transaction.alerts.deliveries(None, _PAGE, self._tenant_id, "dead")),
            disabled_channels=[state.name for state in transaction.channels.all() if state.disabled_at is not None],
        )
