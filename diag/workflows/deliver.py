"""The outbox to one channel: claimed with a lease, sent, recorded. Nothing is lost; a repeat carries the same id.

What is due for one reader goes into one message. A message that failed is repeated as it was, with its id; what comes
meanwhile waits for it and then goes together, so that a channel that was down is not stormed when it is back.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from diag.core.alert_text import text, urgent_first
from diag.core.alerts import Action, Alert, ChannelState, Content, Delivery, Fact, Message
from diag.core.errors import NotifyError
from diag.workflows.ports import Clock, Database, Notifier, Transaction

RETRY_AFTER = (5, 60, 300, 900)
"""Seconds between the first attempts; then the last of them again and again."""
GIVE_UP_AFTER = timedelta(hours=75)
"""From when an alert was written, or replayed; then its letter is dead."""
LEAST_ATTEMPTS = 10
"""Before a letter is dead, however much time has passed: the process may have been off."""
LONGEST_WAIT = GIVE_UP_AFTER.total_seconds()
"""Seconds; a receiver that asks for more is asked again after this."""
LEASE_SECONDS = 120
SEND_WITHIN = 90
"""Seconds a channel has for one message; less than the lease, so that nobody else takes it up meanwhile."""
AT_ONCE = 20
"""Messages in one round."""
TOGETHER = 1000
"""Alerts in one message at most; a channel shows what it has room for and links to the rest."""
APART = timedelta(0)

_log = logging.getLogger(__name__)

Links = Callable[[Alert, str], tuple[Action, ...]]
"""What a reader may do straight from a message about one alert; the text names the reader."""


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
        apart: timedelta = APART,
        zone: str = "UTC",
        configured: str = "",
        others: Sequence[str] = (),
        links: Links | None = None,
    ) -> None:
        """``others``: channels that are told when this one has to be disabled."""
        self._channel = channel
        self._database = database
        self._clock = clock
        self._owner = owner
        self._public_url = public_url
        self._sample = sample
        self._send_within = send_within
        self._apart = apart
        self._zone = zone
        self._configured = configured
        self._others = tuple(name for name in others if name != channel.name)
        self._links = links

    async def run(self) -> int:
        """Send what is due, one message after the other; how many alerts were delivered.

        The round ends at the first failure that may pass: the others wait for the next one instead of storming a
        receiver that is down.
        """
        delivered = 0
        for _ in range(AT_ONCE):
            letter = await asyncio.to_thread(self._claim)
            if not letter:
                break
            problem = await self._send(letter)
            if problem is None:
                delivered += len(letter)
            elif not problem.permanent or _disables(problem, letter):
                break
        return delivered

    def _claim(self) -> Sequence[Delivery]:
        # One at a time: the lease of a message that waits behind a slow one would run out.
        now = self._clock.now()
        with self._database.write() as transaction:
            state = self._state(transaction)
            if state.disabled_at is not None or (state.retry_at is not None and now < state.retry_at):
                return ()
            return transaction.alerts.claim(self._channel.name, self._owner, now, LEASE_SECONDS, TOGETHER, self._apart)

    def _state(self, transaction: Transaction) -> ChannelState:
        """How the channel is doing; a changed configuration begins anew, for it may have mended what was wrong."""
        state = transaction.channels.get(self._channel.name)
        if state.configured == self._configured:
            return state
        fresh = ChannelState(name=self._channel.name, configured=self._configured, delivered_at=state.delivered_at)
        transaction.channels.save(fresh)
        return fresh

    async def _send(self, letter: Sequence[Delivery]) -> NotifyError | None:
        message = self._message(letter)
        try:
            async with asyncio.timeout(self._send_within):
                answer = await self._channel.send(message)
        except NotifyError as error:
            problem = error
        except TimeoutError:
            problem = NotifyError(f"The receiver took more than {self._send_within:g} seconds.", permanent=False)
        else:
            await asyncio.to_thread(self._delivered, letter, answer)
            return None
        _log.warning("delivery failed", extra={"channel": self._channel.name, "problem": str(problem)})
        await asyncio.to_thread(self._failed, letter, problem)
        return problem

    def _message(self, letter: Sequence[Delivery]) -> Message:
        alerts = urgent_first([delivery.alert for delivery in letter])
        recipient = letter[0].recipient
        single = len(alerts) == 1 and self._links is not None
        return Message(
            id=letter[0].letter,
            alerts=alerts,
            recipient=recipient,
            actions=self._links(alerts[0], recipient or self._channel.name) if single and self._links else (),
            public_url=self._public_url,
            sample=self._sample,
            zone=self._zone,
        )

    def _delivered(self, letter: Sequence[Delivery], answer: str) -> None:
        now = self._clock.now()
        with self._database.write() as transaction:
            self._finish(transaction, letter, now, "delivered", answer, None)
            state = replace(self._state(transaction), failures=0, retry_at=None, answer=answer, delivered_at=now)
            transaction.channels.save(state)

    def _failed(self, letter: Sequence[Delivery], problem: NotifyError) -> None:
        now = self._clock.now()
        answer = f"{problem} {problem.hint}"
        with self._database.write() as transaction:
            state = self._state(transaction)
            failed = replace(state, failures=state.failures + 1, answer=answer, failed_at=now)
            if _disables(problem, letter):
                # What waits is not lost: it goes out when somebody has mended the channel and enabled it again.
                self._finish(transaction, letter, now, "pending", answer, now)
                transaction.channels.save(replace(failed, disabled_at=now, disabled_because=answer))
                self._say_disabled(transaction, letter[0].alert.tenant_id, answer, now)
                return
            if problem.permanent:
                # A word about this message; the channel itself may be well.
                self._finish(transaction, letter, now, "dead", answer, None)
                transaction.channels.save(failed)
                return
            asked = min(problem.retry_after or 0.0, LONGEST_WAIT)
            given_up = [delivery for delivery in letter if _exhausted(delivery, now)]
            again = [delivery for delivery in letter if not _exhausted(delivery, now)]
            step = RETRY_AFTER[min(letter[0].attempts, len(RETRY_AFTER)) - 1]
            self._finish(transaction, given_up, now, "dead", answer, None)
            retry_at = now + timedelta(seconds=max(step, asked))
            self._finish(transaction, again, now, "pending", answer, retry_at)
            # Others on this channel wait as long as the receiver asked, or as its failures in a row suggest.
            pause = RETRY_AFTER[min(failed.failures, len(RETRY_AFTER)) - 1]
            transaction.channels.save(replace(failed, retry_at=now + timedelta(seconds=max(pause, asked))))

    def _finish(
        self,
        transaction: Transaction,
        letter: Sequence[Delivery],
        now: datetime,
        state: str,
        answer: str,
        retry_at: datetime | None,
    ) -> None:
        for delivery in letter:
            if not transaction.alerts.finish(delivery, now, state=state, answer=answer, retry_at=retry_at):
                _log.warning("a claim had run out", extra={"channel": self._channel.name, "problem": "possible repeat"})

    def _say_disabled(self, transaction: Transaction, tenant_id: str, answer: str, now: datetime) -> None:
        """Tell the other channels; the pages say it in any case."""
        topic = channel_topic(tenant_id, self._channel.name)
        if any(alert.topic == topic for alert in transaction.topics.standing(tenant_id)):
            return
        content = Content(
            facts=(Fact(label="Channel", text=self._channel.name), Fact(label="It answered", text=answer)),
            steps=(
                "Correct the channel in the configuration file, or have its receiver mended.",
                "Send a test on the page Alerts; one that is taken enables the channel again.",
            ),
            note="Alerts for this channel are kept and go out once it is enabled again.",
        )
        alert = Alert(
            key=f"{topic}|{now.isoformat()}",
            tenant_id=tenant_id,
            kind="channel",
            app_id="",
            app_name="",
            subject=f"Alerts no longer reach the channel {self._channel.name}",
            body=text(content),
            link="/alerts",
            due_at=now,
            topic=topic,
            severity="critical",
            content=content,
        )
        transaction.alerts.add([alert], self._others, now)


def _disables(problem: NotifyError, letter: Sequence[Delivery]) -> bool:
    """Whether the channel itself is no use any more. One person's refused address says nothing about the others."""
    return problem.disables and not letter[0].recipient


def channel_topic(tenant_id: str, name: str) -> str:
    """The topic of a channel that had to be disabled."""
    return f"{tenant_id}|channel|{name}"


def _exhausted(delivery: Delivery, now: datetime) -> bool:
    """Whether the time is over; attempts alone do not tell, for a process that died made some too."""
    since = delivery.queued_at or delivery.alert.created_at
    waited = since is None or now - since >= GIVE_UP_AFTER
    return waited and delivery.attempts >= LEAST_ATTEMPTS
