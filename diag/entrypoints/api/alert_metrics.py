"""Figures about alerts, their deliveries and the channels; labels are kinds, states and configured names only."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import get_args

from msgspec import Struct
from prometheus_client.core import GaugeMetricFamily, Metric

from diag.core.alerts import ChannelState, DeliveryState
from diag.workflows.ports import Transaction
from diag.workflows.ports_alerts import OutboxFigure

_STATES: tuple[DeliveryState, ...] = get_args(DeliveryState)
_UNSENT = ("pending", "sending")


class AlertFigures(Struct, frozen=True):
    """What was read for the figures."""

    standing: Counter[tuple[str, str]]
    """Alerts that stand, by tenant and kind."""
    outbox: Sequence[OutboxFigure]
    channels: Sequence[ChannelState]


def read(transaction: Transaction, tenant_ids: Sequence[str]) -> AlertFigures:
    """The figures' values, all of one transaction."""
    standing: Counter[tuple[str, str]] = Counter(
        (tenant_id, alert.kind) for tenant_id in tenant_ids for alert in transaction.topics.standing(tenant_id)
    )
    return AlertFigures(standing, transaction.channels.outbox(), transaction.channels.all())


def figures(found: AlertFigures, configured: Sequence[str], now: datetime) -> Iterator[Metric]:
    """``configured``: names of the channels of today; what is left of others is not shown."""
    standing = GaugeMetricFamily(
        "diag_alerts_standing", "Alerts about what is not over yet", labels=("tenant_id", "kind")
    )
    for key, number in sorted(found.standing.items()):
        standing.add_metric(key, float(number))
    deliveries = GaugeMetricFamily(
        "diag_deliveries", "Deliveries kept, by what became of them", labels=("channel", "state")
    )
    oldest = GaugeMetricFamily(
        "diag_outbox_oldest_age_seconds", "Age of the oldest alert that is not out yet", labels=("channel",)
    )
    disabled = GaugeMetricFamily("diag_channel_disabled", "1 while a channel is disabled", labels=("channel",))
    failures = GaugeMetricFamily("diag_channel_failures", "Failed attempts since the last success", labels=("channel",))
    numbers = {(item.channel, item.state): item.number for item in found.outbox}
    states = {state.name: state for state in found.channels}
    for name in configured:
        for state in _STATES:
            deliveries.add_metric((name, state), float(numbers.get((name, state), 0)))
        waiting = [item.oldest for item in found.outbox if item.channel == name and item.state in _UNSENT]
        oldest.add_metric((name,), max(0.0, (now - min(waiting)).total_seconds()) if waiting else 0.0)
        how = states.get(name, ChannelState(name=name))
        disabled.add_metric((name,), float(how.disabled_at is not None))
        failures.add_metric((name,), float(how.failures))
    yield from (standing, deliveries, oldest, disabled, failures)
