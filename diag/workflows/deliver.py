"""The outbox to one channel: claimed with a lease, sent, recorded. Nothing is lost; a repeat carries the same id."""

import asyncio
import logging
from datetime import timedelta

from diag.core.alerts import Delivery, Message
from diag.core.errors import NotifyError
from diag.workflows.ports import Clock, Database, Notifier

RETRY_AFTER = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""Seconds between attempts, by the Standard Webhooks specification: 75 hours in all, then the letter is dead."""
LEASE_SECONDS = 120
SEND_WITHIN = 90
"""Seconds a channel has for one message; less than the lease, so that nobody else takes it up meanwhile."""
AT_ONCE = 20
"""Messages in one round."""
LONGEST_WAIT = sum(RETRY_AFTER)
"""Seconds; a receiver that asks for more is asked again after this."""

_log = logging.getLogger(__name__)


class Deliverer:
    """Sends what is due on one channel."""

    def __init__(
        self,
        channel: Notifier,
        database: Database,
        clock: Clock,
        owner: str,
        public_url: str,
        sample: bool,
        *,
        send_within: float = SEND_WITHIN,
    ) -> None:
        self._channel = channel
        self._database = database
        self._clock = clock
        self._owner = owner
        self._public_url = public_url
        self._sample = sample
        self._send_within = send_within

    async def run(self) -> int:
        """Send what is due, one after the other; how many were delivered.

        The round ends at the first failure that may pass: the others wait for the next one instead of storming a
        receiver that is down.
        """
        delivered = 0
        for _ in range(AT_ONCE):
            delivery = await asyncio.to_thread(self._claim)
            if delivery is None:
                break
            problem = await self._send(delivery)
            if problem is None:
                delivered += 1
            elif not problem.permanent:
                break
        return delivered

    def _claim(self) -> Delivery | None:
        # One at a time: the lease of a message that waits behind a slow one would run out.
        with self._database.write() as transaction:
            claimed = transaction.alerts.claim(self._channel.name, self._owner, self._clock.now(), LEASE_SECONDS, 1)
        return claimed[0] if claimed else None

    async def _send(self, delivery: Delivery) -> NotifyError | None:
        message = Message(id=delivery.id, alert=delivery.alert, public_url=self._public_url, sample=self._sample)
        try:
            async with asyncio.timeout(self._send_within):
                answer = await self._channel.send(message)
        except NotifyError as error:
            problem = error
        except TimeoutError:
            problem = NotifyError(f"The receiver took more than {self._send_within:g} seconds.", permanent=False)
        else:
            await asyncio.to_thread(self._finish, delivery, "delivered", answer, None)
            return None
        _log.warning("delivery failed", extra={"channel": self._channel.name, "problem": str(problem)})
        await asyncio.to_thread(self._failed, delivery, problem)
        return problem

    def _failed(self, delivery: Delivery, problem: NotifyError) -> None:
        answer = f"{problem} {problem.hint}"
        if problem.permanent or self._exhausted(delivery):
            self._finish(delivery, "dead", answer, None)
            return
        asked = min(problem.retry_after or 0.0, LONGEST_WAIT)
        step = min(delivery.attempts, len(RETRY_AFTER)) - 1
        self._finish(delivery, "pending", answer, max(RETRY_AFTER[step], asked))

    def _exhausted(self, delivery: Delivery) -> bool:
        """Whether the whole schedule has passed; attempts alone do not tell, for a process that died made some too."""
        since = delivery.alert.created_at
        waited = since is None or self._clock.now() - since >= timedelta(seconds=LONGEST_WAIT)
        return waited and delivery.attempts > len(RETRY_AFTER)

    def _finish(self, delivery: Delivery, state: str, answer: str, wait: float | None) -> None:
        now = self._clock.now()
        retry_at = None if wait is None else now + timedelta(seconds=wait)
        with self._database.write() as transaction:
            kept = transaction.alerts.finish(delivery, now, state=state, answer=answer, retry_at=retry_at)
        if not kept:
            _log.warning("a claim had run out", extra={"channel": self._channel.name, "problem": "possible repeat"})
