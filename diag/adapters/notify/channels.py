"""The channels by kind; the registry of what a configuration may name."""

from collections.abc import Mapping

from diag.adapters.notify.email import Email
from diag.adapters.notify.webhook import Webhook
from diag.core.channels import Channel, EmailChannel
from diag.workflows.ports import Clock, Notifier


def build(channel: Channel, secrets: Mapping[str, str], sample: bool, clock: Clock) -> Notifier:
    """The notifier for a configured channel; ``NotifyError`` when its configuration cannot work."""
    if isinstance(channel, EmailChannel):
        return Email(channel, secrets.get(channel.password_env, ""), sample=sample)
    return Webhook(channel, secrets.get(channel.secret_env, ""), clock, sample=sample)
