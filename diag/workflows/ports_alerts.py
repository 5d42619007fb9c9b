"""The stores around alerts: what was told to whom, what is quiet and why, and how channels are doing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from diag.core.alerts import Address, Alert, AlertStanding, ChannelState, Delivery, DeliveryState, Quieting


class OutboxFigure(Struct, frozen=True, kw_only=True):
    """How many deliveries of one channel are in one state."""

    channel: str
    state: DeliveryState
    number: int
    oldest: datetime
    """When the alert of the oldest was written."""


class AlertStore(Protocol):
    def add(self, alerts: Sequence[Alert], channels: Sequence[str | Address], at: datetime) -> int:
        """Write alerts whose key is new, with one outbox row per address, in this transaction; how many were new.

        A channel's bare name is its own recipients. What waits at an address about the same topic is withdrawn.
        """

    def get(self, alert_id: str) -> Alert | None: ...
    def find(
        self,
        tenant_id: str | None,
        before: str | None,
        limit: int,
        *,
        kind: str | None = None,
        app_id: str | None = None,
        standing: AlertStanding | None = None,
    ) -> Sequence[Alert]:
        """Newest first; ``standing`` as ``core.alerts.standing`` says it."""

    def deliveries(
        self,
        before: str | None,
        limit: int,
        tenant_id: str | None = None,
        state: str | None = None,
        *,
        delivery_id: str | None = None,
        channel: str | None = None,
    ) -> Sequence[Delivery]: ...
    def claim(
        self,
        channel: str,
        owner: str,
        now: datetime,
        lease_seconds: int,
        limit: int,
        apart: timedelta = timedelta(0),
    ) -> Sequence[Delivery]:
        """Take one message for a while: all of its deliveries, which share ``letter``; empty when nothing is due.

        First one that was tried before, with what it held then; else at most ``limit`` new ones for one reader, who
        was sent nothing within ``apart``. A claim that is not finished in time may be taken again.
        """

    def finish(
        self, delivery: Delivery, now: datetime, *, state: str, answer: str, retry_at: datetime | None = None
    ) -> bool:
        """Record the outcome; False when the claim was lost meanwhile."""

    def replay(self, delivery_ids: Sequence[str], at: datetime) -> int:
        """Let dead deliveries be tried again from ``at``, under the ids they had; how many were dead."""

    def delivered_keys(self, tenant_id: str, prefix: str) -> frozenset[str]:
        """Keys of alerts that exist already, by key prefix."""


class TopicStore(Protocol):
    """What alerts are about: which warnings stand, who was told, and what is to be left alone."""

    def standing(self, tenant_id: str) -> Sequence[Alert]:
        """The latest alert of every topic that is not over, by topic; all-clears and digests are none."""

    def close(self, tenant_id: str, topic: str, at: datetime, why: str) -> Sequence[Address]:
        """End a topic: withdraw what was not sent yet; the addresses that were told and so want an all-clear."""

    def acknowledge(self, tenant_id: str, topic: str, at: datetime, by: str) -> int:
        """Mark the standing alerts of a topic as looked after; how many there were."""

    def put(self, quieting: Quieting) -> None:
        """Keep a snooze or an acknowledgement; a newer one about the same topic replaces it."""

    def end(self, tenant_id: str, topic: str) -> int:
        """Take back every snooze and acknowledgement of a topic; how many there were."""

    def quietings(self, tenant_id: str | None, now: datetime) -> Sequence[Quieting]:
        """Those in force or over by now for less than a year, by topic and action."""

    def use_link(self, link_id: str, at: datetime) -> bool:
        """Use a signed link up; False when it was used before."""


class ChannelStore(Protocol):
    def get(self, name: str) -> ChannelState:
        """How the channel is doing; a new state when nothing is known."""

    def save(self, state: ChannelState) -> None: ...
    def all(self) -> Sequence[ChannelState]:
        """By name."""

    def waiting(self, name: str) -> int:
        """Deliveries of the channel that wait or are being sent."""

    def outbox(self) -> Sequence[OutboxFigure]:
        """Every channel and state that has deliveries, by channel and state."""


class Usage(Struct, frozen=True, kw_only=True):
    """Successful sign-ins of one application with one credential to one API."""

    credential_key_id: str
    """Empty: the records named none."""
    resource_id: str
    count: int
    last_hour: datetime


class UsageStore(Protocol):
    def of(self, tenant_id: str, app_id: str, since: datetime) -> Sequence[Usage]:
        """What was counted from ``since`` on, most used first."""

    def failures_by_hour(self, tenant_id: str, since: datetime) -> Mapping[str, Mapping[datetime, int]]:
        """Failures, interrupts not counted, by application and hour; hours without one are absent."""
