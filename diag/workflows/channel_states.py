"""A channel that was disabled is enabled again: by somebody's word, or because a test message was taken."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from diag.core.expiry_alert import all_clear
from diag.workflows.deliver import channel_topic
from diag.workflows.ports import Transaction

_WHY = "The channel was enabled again; what waited for it goes out now."


def enable(transaction: Transaction, name: str, tenant_ids: Sequence[str], now: datetime, answer: str = "") -> bool:
    """Let the channel try again at once, and tell those who were told that it was disabled; False when it was not.

    ``answer``: what it said to a test message that it took.
    """
    state = transaction.channels.get(name)
    enabled = replace(state, disabled_at=None, disabled_because="", failures=0, retry_at=None)
    if answer:
        enabled = replace(enabled, answer=answer, delivered_at=now)
    transaction.channels.save(enabled)
    for tenant_id in tenant_ids:
        topic = channel_topic(tenant_id, name)
        for alert in transaction.topics.standing(tenant_id):
            if alert.topic == topic:
                told = transaction.topics.close(tenant_id, topic, now, _WHY)
                transaction.alerts.add([all_clear(alert, _WHY, now)], told, now)
    return state.disabled_at is not None
