"""Which addresses an alert goes to: the rule's channels, the people found, and who is called in near the end."""

from collections.abc import Sequence

from diag.core.alert_policy import Escalation, Policy, Rule, escalations
from diag.core.alerts import Address


def addresses(
    policy: Policy,
    rule: Rule | None,
    channels: Sequence[str],
    mail_channels: Sequence[str],
    people: Sequence[str],
    *,
    days_left: int | None = None,
    acknowledged: bool = False,
) -> tuple[Address, ...]:
    """Where an alert goes, without doubles, in the order of the configuration.

    ``days_left``: the threshold reached, for escalations; None where there is no end to come nearer. A channel that is
    named in escalations only is called in by them only.
    """
    steps = escalations(policy, rule)
    chosen = rule.channels if rule is not None and rule.channels is not None else everyday(policy, channels)
    found: list[Address] = []
    for channel in channels:
        if channel in chosen:
            writes_to_people = channel in policy.tell_owners_by and bool(people)
            found += [Address(channel, person) for person in people] if writes_to_people else [Address(channel)]
    if days_left is not None and not acknowledged:
        for step in steps:
            if days_left <= step.within_days:
                found += _called_in(step, policy, channels, mail_channels)
    return tuple(dict.fromkeys(found))


def everyday(policy: Policy, channels: Sequence[str]) -> list[str]:
    """The channels that are not kept for escalations; all of them where that would leave none."""
    kept = {name for step in policy.escalation for name in step.channels}
    kept |= {name for rule in policy.rules for step in rule.escalation or () for name in step.channels}
    return [channel for channel in channels if channel not in kept] or list(channels)


def _called_in(
    step: Escalation, policy: Policy, channels: Sequence[str], mail_channels: Sequence[str]
) -> list[Address]:
    found = [Address(channel) for channel in channels if channel in step.channels]
    if step.recipients:
        named = [name for name in step.channels if name in mail_channels]
        by = named or list(policy.tell_owners_by) or list(mail_channels[:1])
        # A channel that is named with recipients writes to them, not to its own.
        found = [where for where in found if where.channel not in named]
        found += [Address(channel, person) for channel in by for person in step.recipients]
    return found
