"""The outbox to one channel: claimed with a lease, sent, recorded. Nothing is lost; a repeat carries the same id."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from diag.core.alerts import Delivery, Message
from diag.core.errors import NotifyError
from diag.workflows.ports import Clock, Database, Notifier

RETRY_AFTER = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""Seconds between attempts, by the Standard Webhooks specification: 75 hours in all, then the letter is dead."""
LEASE_SECONDS = 120
AT_ONCE = 20

_log = logging.getLogger(__name__)


class Deliverer:
    """Sends what is due on one channel."""

    def __init__(
        self, channel: Notifier, database: Database, clock: Clock, owner: str, public_url: str, sample: bool
    ) -> None:
        self._channel = channel
        self._database = database
        self._clock = clock
        self._owner = owner
        self._public_url = public_url
        self._sample = sample

    async def run(self) -> int:
        """Send what is due; how many were delivered."""
        delivered = 0
        for delivery in await asyncio.to_thread(self._claim):
            delivered += await self._send(delivery)
        return delivered

    def _claim(self) -> Sequence[Delivery]:
        with self._database.write() as transaction:
            return transaction.alerts.claim(self._channel.name, self._owner, self._clock.now(), LEASE_SECONDS, AT_ONCE)

    async def _send(self, delivery: Delivery) -> int:
        message = Message(id=delivery.id, alert=delivery.alert, public_url=self._public_url, sample=self._sample)
        try:
            answer = await self._channel.send(message)
        except NotifyError as error:
            await asyncio.to_thread(self._failed, delivery, error)
            _log.warning("delivery failed", extra={"channel": self._channel.name, "problem": str(error)})
            return 0
        await asyncio.to_thread(self._finish, delivery, "delivered", answer, None)
        return 1

    def _failed(self, delivery: Delivery, error: NotifyError) -> None:
        if error.permanent or delivery.attempts > len(RETRY_AFTER):
            self._finish(delivery, "dead", f"{error} {error.hint}", None)
            return
        wait = max(RETRY_AFTER[delivery.attempts - 1], error.retry_after or 0)
        self._finish(delivery, "pending", f"{error} {error.hint}", wait)

    def _finish(self, delivery: Delivery, state: str, answer: str, wait: float | None) -> None:
        now = self._clock.now()
        retry_at = None if wait is None else now + timedelta(seconds=wait)
        with self._database.write() as transaction:
            transaction.alerts.finish(delivery, now, state=state, answer=answer, retry_at=retry_at)
