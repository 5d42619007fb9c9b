"""The rules in force, in sentences: what is told when, to whom, and what is left alone."""

from collections.abc import Sequence

from msgspec import Struct

from diag.core.alert_policy import Escalation, Policy, Rule


class RuleLine(Struct, frozen=True):
    name: str
    fits: str
    does: str


class Rules(Struct, frozen=True):
    """``facts``: pairs of a label and a sentence; ``lines``: the rules of the configuration, in their order."""

    facts: tuple[tuple[str, str], ...]
    lines: tuple[RuleLine, ...]


def rules(policy: Policy, common: Sequence[int]) -> Rules:
    """What the configuration says; ``common``: thresholds in days where no rule names others."""
    digest = policy.digest
    facts = [
        ("Credentials", f"{_ladder(common)}, once each."),
        (
            "Together",
            f"What is due for one reader comes in one message, at most one in {policy.minutes_apart} minutes."
            if policy.minutes_apart
            else "What is due for one reader at once comes in one message.",
        ),
        (
            "Unused",
            f"A credential without a counted sign-in for {policy.unused_days} days raises no alert."
            if policy.unused_days
            else "Unused credentials raise alerts like all others.",
        ),
        (
            "Owners",
            f"Written to by {_and(policy.tell_owners_by)}."
            if policy.tell_owners_by
            else "Not written to; the channels' own recipients are.",
        ),
        ("Escalation", _steps(policy.escalation) or "None."),
        (
            "Weekly digest",
            f"{digest.day.capitalize()}s at {digest.hour}:00"
            + (f" by {_and(digest.channels)}." if digest.channels else ".")
            if digest
            else "None.",
        ),
        (
            "Incidents",
            f"New or come back, from {policy.incidents.at_least} failures within {policy.incidents.within_hours} hours."
            if policy.incidents.enabled
            else "No alerts.",
        ),
        (
            "Spikes",
            f"From {policy.spikes.at_least} failures an hour and {policy.spikes.times_normal:g} times an application's "
            f"normal, learnt over {policy.spikes.weeks} weeks."
            if policy.spikes.enabled
            else "No alerts.",
        ),
        (
            "Coverage",
            "When a source can no longer be read, and when it can again." if policy.coverage else "No alerts.",
        ),
        ("Times in messages", policy.zone),
    ]
    return Rules(tuple(facts), tuple(_line(rule) for rule in policy.rules))


def threshold(days: int) -> str:
    """For example ``30 days before the end``."""
    if days == 0:
        return "at the end"
    amount = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return f"{amount} {'before' if days > 0 else 'after'} the end"


def _line(rule: Rule) -> RuleLine:
    conditions = [
        ("kind", rule.kinds),
        ("application", rule.app_ids),
        ("tag", rule.tags),
        ("owner", rule.owners),
        ("service management reference", rule.service_management_references),
        ("notes with", rule.notes_contain),
    ]
    fits = "; ".join(f"{label} {' or '.join(values)}" for label, values in conditions if values) or "everything"
    does = []
    if rule.quiet_because:
        does.append(f"no alert: {rule.quiet_because.rstrip('.')}")
    if rule.thresholds_days is not None:
        does.append(_ladder(rule.thresholds_days) if rule.thresholds_days else "no alert before the end")
    if rule.channels is not None:
        does.append(f"by {_and(rule.channels)}" if rule.channels else "by no channel")
    if rule.recipients:
        does.append(f"to {_and(rule.recipients)}")
    if rule.escalation is not None:
        does.append(_steps(rule.escalation) or "no escalation")
    return RuleLine(rule.name, fits, "; ".join(part.rstrip(".") for part in does) or "as all others")


def _ladder(days: Sequence[int]) -> str:
    ahead = [str(one) for one in sorted(set(days), reverse=True) if one > 0]
    parts = [f"{_and(ahead)} days before the end"] if ahead else []
    parts += ["at the end"] if 0 in days else []
    parts += [threshold(one).removesuffix(" the end") + " it" for one in sorted(set(days), reverse=True) if one < 0]
    return ", ".join(parts) or "never"


def _steps(steps: Sequence[Escalation]) -> str:
    told = [
        f"{threshold(step.within_days).capitalize()} also {_and((*step.channels, *step.recipients))}." for step in steps
    ]
    return " ".join(told)


def _and(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} and {values[-1]}" if values else ""
