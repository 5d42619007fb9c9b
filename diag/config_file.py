"""What the file named by DIAG_CONFIG may hold: what is too long or too nested for an environment variable.

Secrets never stand in it: it names environment variables that hold them.
"""

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct

from diag.core.alert_policy import LADDER, Policy
from diag.core.calendar import CalendarReader
from diag.core.calendar import problems as calendar_problems
from diag.core.channels import Channel, EmailChannel, secret_names
from diag.core.errors import KnowledgeBaseError
from diag.core.places import BlobPlace, Place
from diag.core.tenants import TenantEntry


class ConfigFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file named by DIAG_CONFIG may hold; its JSON Schema is generated from this class."""

    tenants: tuple[TenantEntry, ...] = ()
    """Tenants to watch beside the one of DIAG_TENANT_ID, or instead of it."""
    watched: tuple[Place, ...] = ()
    """Folders and blob containers into which another system writes sign-ins and audit records."""
    channels: tuple[Channel, ...] = ()
    calendar: tuple[CalendarReader, ...] = ()
    """Who may subscribe to the calendar of credential ends; nobody by default."""
    thresholds_days: tuple[int, ...] = LADDER
    """Days before a credential's end at which an alert is due; 0 is the end itself, -7 a week after it."""
    resolve_hosts: bool = True
    """Whether the DNS is asked, once a day, for the hosts of redirect URIs that lie under Azure's own domains: one that
    is gone can be taken by others. The sample tenant's are never asked for."""
    alerts: Policy = Policy()
    """Who is told of what, how often, and what is left alone."""


def read_config_file(file: Path, problems: list[str]) -> ConfigFile:
    """The file's content; what is wrong with it is added to ``problems``, and the defaults come back."""
    from diag.adapters.kb_files.yaml_reader import read_file

    try:
        # Read as strictly as the knowledge base: of `channels` written twice YAML would silently keep the second.
        content = read_file(file, str(file), may_be_empty=True).value
        config = msgspec.convert({} if content is None else content, ConfigFile, strict=True)
    except KnowledgeBaseError as error:
        problems.append(f"DIAG_CONFIG {error}")
    except msgspec.ValidationError as error:
        problems.append(f"DIAG_CONFIG {file}: {error}")
    else:
        names = [channel.name for channel in config.channels]
        problems.extend(
            f"DIAG_CONFIG names the channel {name} twice" for name in {n for n in names if names.count(n) > 1}
        )
        problems.extend(f"DIAG_CONFIG {problem}" for problem in calendar_problems(config.calendar))
        problems.extend(f"DIAG_CONFIG {problem}" for problem in policy_problems(config))
        return config
    return ConfigFile()


def policy_problems(config: ConfigFile) -> list[str]:
    """What is wrong with the rules: names that no channel has, hours and zones that do not exist."""
    policy = config.alerts
    problems = []
    ladders = {"thresholds_days": config.thresholds_days}
    ladders |= {f"alerts, rule {rule.name}: thresholds_days": rule.thresholds_days or () for rule in policy.rules}
    for name, days in ladders.items():
        if any(not -30 <= one <= 3650 for one in days):
            problems.append(f"{name} must lie between -30 (after the end) and 3650")
    try:
        ZoneInfo(policy.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(f"alerts: zone {policy.zone} is not known; give one such as Europe/Zurich")
    problems += _unknown_channels(config)
    steps = [("alerts", step) for step in policy.escalation]
    steps += [(f"alerts, rule {rule.name}", step) for rule in policy.rules for step in rule.escalation or ()]
    problems += [
        f"{where}: an escalation names neither channels nor recipients"
        for where, step in steps
        if not step.channels and not step.recipients
    ]
    least = {
        "alerts: minutes_apart": (policy.minutes_apart, 0, 1440),
        "alerts: unused_days": (policy.unused_days, 0, 3650),
        "alerts: links_valid_days": (policy.links_valid_days, 1, 90),
        "alerts: incidents at_least": (policy.incidents.at_least, 1, 10**9),
        "alerts: incidents within_hours": (policy.incidents.within_hours, 1, 24 * 30),
        "alerts: spikes at_least": (policy.spikes.at_least, 1, 10**9),
        "alerts: spikes times_normal": (policy.spikes.times_normal, 1.5, 1000),
        "alerts: spikes weeks": (policy.spikes.weeks, 2, 26),
        "alerts: digest hour": (policy.digest.hour if policy.digest else 0, 0, 23),
    }
    problems += [
        f"{name} must lie between {low} and {high}"
        for name, (value, low, high) in least.items()
        if not low <= value <= high
    ]
    return problems


def _unknown_channels(config: ConfigFile) -> list[str]:
    policy = config.alerts
    known = {channel.name: channel for channel in config.channels}
    named = {"alerts: tell_owners_by": policy.tell_owners_by}
    named["alerts: escalation"] = tuple(name for step in policy.escalation for name in step.channels)
    if policy.digest:
        named["alerts: digest"] = policy.digest.channels
    for rule in policy.rules:
        steps = tuple(name for step in rule.escalation or () for name in step.channels)
        named[f"alerts, rule {rule.name}"] = (*(rule.channels or ()), *steps)
    problems = [
        f"{where} names the channel {name}, which is not configured"
        for where, names in named.items()
        for name in dict.fromkeys(names)
        if name not in known
    ]
    problems += [
        f"alerts: tell_owners_by names {name}, which is no e-mail channel"
        for name in policy.tell_owners_by
        if name in known and not isinstance(known[name], EmailChannel)
    ]
    return problems


def named_secrets(config: ConfigFile, given: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """Values of the environment variables that the file names; one that is not set is a problem."""
    secrets: dict[str, str] = {}
    for channel in config.channels:
        for variable in secret_names(channel):
            value = given.get(variable, "").strip()
            if value:
                secrets[variable] = value
            else:
                problems.append(f"DIAG_CONFIG: the channel {channel.name} names {variable}, which is not set")
    for tenant in config.tenants:
        for variable in tenant.variables:
            if given.get(variable):
                secrets[variable] = given[variable]
            else:
                called = tenant.name or tenant.tenant_id
                problems.append(f"DIAG_CONFIG: the tenant {called} names {variable}, which is not set")
    for place in config.watched:
        for variable in place.variables if isinstance(place, BlobPlace) else ():
            if given.get(variable):
                secrets[variable] = given[variable]
            else:
                problems.append(f"DIAG_CONFIG: the watched place {place.name} names {variable}, which is not set")
    return secrets
