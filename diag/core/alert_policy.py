"""The rules in force: which alerts, to whom, how often and how far ahead. Read from the configuration file, pure data.

Rules are tried in order; the first that fits an alert decides, and what it leaves out is taken from the policy.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

LADDER = (60, 30, 14, 7, 3, 1, 0, -7)
"""Days before the end at which a credential's alert is due; 0 is the end itself, -7 a week after it."""

RuleKind = Literal[
    "secret",
    "certificate",
    "saml_signing",
    "token_encryption",
    "still_tried",
    "incident",
    "spike",
    "coverage",
]
"""A kind of credential for its expiry, or a kind of alert that is about something else."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Escalation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is told besides, once the end is this near and nobody has acknowledged."""

    within_days: int
    """0: at the end."""
    channels: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    """Mail addresses, for e-mail channels."""


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fits when every condition that it gives fits; a condition with several values fits when one of them does."""

    name: str
    kinds: tuple[RuleKind, ...] = ()
    app_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Tags of the application or its service principal, compared without regard to case."""
    owners: tuple[str, ...] = ()
    """Mail addresses or user principal names of owners."""
    service_management_references: tuple[str, ...] = ()
    notes_contain: tuple[str, ...] = ()
    thresholds_days: tuple[int, ...] | None = None
    """Instead of the common ones."""
    channels: tuple[str, ...] | None = None
    """Only these channels; all of them when left out."""
    recipients: tuple[str, ...] = ()
    """Mail addresses of the people who look after it, where the directory names no owner."""
    quiet_because: str = ""
    """A reason to raise no alert, such as: the vendor renews it. Shown on the Credentials page."""
    escalation: tuple[Escalation, ...] | None = None
    """Instead of the common one."""


class Digest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A summary once a week, at this hour of this day in the policy's zone."""

    day: Weekday = "monday"
    hour: int = 8
    channels: tuple[str, ...] = ()
    """Only these channels; all of them when empty."""


class IncidentAlerts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a new incident, or one that came back, is worth an alert."""

    enabled: bool = True
    at_least: int = 20
    """Failures counted in it."""
    within_hours: int = 24
    """Only while it was last seen this recently: a back-fill's old incidents are no news."""
    user_errors: bool = False
    """Also incidents of mistakes that users make themselves, such as a wrong password."""


class SpikeAlerts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When failures of one application stand out from what is normal for it at this hour of the week."""

    enabled: bool = True
    at_least: int = 30
    """Failures in the hour; fewer are never a spike."""
    times_normal: float = 4.0
    """How far above the median, and in robust standard deviations."""
    weeks: int = 4
    """How far back normal is looked up; nothing is said before half of it was collected."""


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told to whom, and how often."""

    zone: str = "UTC"
    """IANA name of the readers' time zone, such as Europe/Zurich."""
    rules: tuple[Rule, ...] = ()
    tell_owners_by: tuple[str, ...] = ()
    """E-mail channels that write to the people found for an application; their own recipients get what finds none."""
    escalation: tuple[Escalation, ...] = ()
    minutes_apart: int = 10
    """Between two messages to one reader on one channel; what comes meanwhile is told together."""
    digest: Digest | None = None
    """None: no weekly summary."""
    unused_days: int = 90
    """A credential without a counted sign-in for this long is listed as unused and raises no alert; 0: never."""
    links_valid_days: int = 14
    """How long the links in a message can acknowledge or snooze."""
    incidents: IncidentAlerts = IncidentAlerts()
    spikes: SpikeAlerts = SpikeAlerts()
    coverage: bool = True
    """Alert when a source can no longer be read, and when it can again."""


class About(Struct, frozen=True, kw_only=True):
    """What rules look at; what nobody could read is empty and fits no condition."""

    kind: str
    app_id: str = ""
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    service_management_reference: str = ""
    notes: str = ""


def rule_for(policy: Policy, about: About) -> Rule | None:
    """The first rule that fits; None when none does."""
    return next((rule for rule in policy.rules if fits(rule, about)), None)


def fits(rule: Rule, about: About) -> bool:
    """Whether every condition of the rule holds. Names and addresses are compared without regard to case."""
    notes = about.notes.casefold()
    return (
        (not rule.kinds or about.kind in rule.kinds)
        and _meets(rule.app_ids, (about.app_id,))
        and _meets(rule.tags, about.tags)
        and _meets(rule.owners, about.owners)
        and _meets(rule.service_management_references, (about.service_management_reference,))
        and (not rule.notes_contain or any(part and part.casefold() in notes for part in rule.notes_contain))
    )


def thresholds(policy: Policy, rule: Rule | None, common: Sequence[int]) -> tuple[int, ...]:
    """The days before the end that count here, the earliest first."""
    chosen = common if rule is None or rule.thresholds_days is None else rule.thresholds_days
    return tuple(sorted(set(chosen), reverse=True))


def all_thresholds(policy: Policy, common: Sequence[int]) -> tuple[int, ...]:
    """Every threshold that some rule or the common ladder names, the earliest first."""
    every = set(common).union(*(rule.thresholds_days or () for rule in policy.rules))
    return tuple(sorted(every, reverse=True))


def escalations(policy: Policy, rule: Rule | None) -> tuple[Escalation, ...]:
    """Who is called in besides as the end comes nearer."""
    return policy.escalation if rule is None or rule.escalation is None else rule.escalation


def _meets(wanted: Sequence[str], given: Sequence[str]) -> bool:
    return not wanted or bool({value.casefold() for value in wanted} & {value.casefold() for value in given if value})
