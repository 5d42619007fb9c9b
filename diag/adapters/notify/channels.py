"""The channels by kind; the registry of what a configuration may name."""

from collections.abc import Mapping
from typing import assert_never

from diag.adapters.notify.email import Email
from diag.adapters.notify.long_tail import LongTail
from diag.adapters.notify.pagerduty import PagerDuty
from diag.adapters.notify.slack import Slack
from diag.adapters.notify.teams import Teams
from diag.adapters.notify.webhook import Webhook
from diag.core.channels import (
    AppriseChannel,
    Channel,
    EmailChannel,
    PagerDutyChannel,
    SlackChannel,
    TeamsChannel,
    WebhookChannel,
)
from diag.workflows.ports import Clock, Notifier


def build(channel: Channel, secrets: Mapping[str, str], sample: bool, clock: Clock) -> Notifier:
    """The notifier for a configured channel; ``NotifyError`` when its configuration cannot work."""
    match channel:
        case EmailChannel():
            return Email(channel, secrets.get(channel.password_env, ""), sample=sample)
        case WebhookChannel():
            return Webhook(channel, secrets.get(channel.secret_env, ""), clock, sample=sample)
        case TeamsChannel():
            return Teams(channel, secrets.get(channel.url_env, ""), clock, sample=sample)
        case SlackChannel():
            return Slack(channel, secrets, clock, sample=sample)
        case PagerDutyChannel():
            return PagerDuty(channel, secrets.get(channel.routing_key_env, ""), clock, sample=sample)
        case AppriseChannel():
            return LongTail(channel, secrets.get(channel.url_env, ""), sample=sample)
        case _:
            assert_never(channel)
