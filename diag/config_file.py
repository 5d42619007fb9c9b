"""What the file named by DIAG_CONFIG may hold: what is too long or too nested for an environment variable.

Secrets never stand in it: it names environment variables that hold them.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from diag.core.channels import Channel, secret_names
from diag.core.tenants import TenantEntry


class ConfigFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file named by DIAG_CONFIG may hold; its JSON Schema is generated from this class."""

    tenants: tuple[TenantEntry, ...] = ()
    """Tenants to watch beside the one of DIAG_TENANT_ID, or instead of it."""
    channels: tuple[Channel, ...] = ()
    thresholds_days: tuple[int, ...] = (60, 30, 14, 7, 3, 1, 0)
    """Days before a credential's end at which an alert is due; 0 is the end itself."""


def read_config_file(file: Path, problems: list[str]) -> ConfigFile:
    """The file's content; what is wrong with it is added to ``problems``, and the defaults come back."""
    import yaml

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        config = msgspec.convert(content or {}, ConfigFile, strict=True)
    except OSError as error:
        problems.append(f"DIAG_CONFIG {file} cannot be read: {error.strerror}")
    except yaml.YAMLError as error:
        problems.append(f"DIAG_CONFIG {file} is not YAML: {str(error).splitlines()[0]}")
    except msgspec.ValidationError as error:
        problems.append(f"DIAG_CONFIG {file}: {error}")
    else:
        names = [channel.name for channel in config.channels]
        problems.extend(
            f"DIAG_CONFIG names the channel {name} twice" for name in {n for n in names if names.count(n) > 1}
        )
        if any(days < 0 or days > 3650 for days in config.thresholds_days):
            problems.append("DIAG_CONFIG thresholds_days must lie between 0 and 3650")
        return config
    return ConfigFile()


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
    return secrets
