"""Every setting, read once from the environment, ``.env`` and the file ``DIAG_CONFIG`` names.

All problems are reported together, each with the setting's name. An unknown ``DIAG_`` name is a problem too: a typo in
``DIAG_TENANT_ID`` must never start the sample tenant in production.
"""

import difflib
import ipaddress
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from msgspec import Struct

from diag.config_file import ConfigFile, named_secrets, read_config_file
from diag.core.errors import SettingsError
from diag.core.identifiers import is_guid
from diag.core.places import problems as place_problems
from diag.core.tenants import PUBLIC_AUTHORITY, PUBLIC_GRAPH, Tenant, TenantEntry, apart, contradictions, resolved

MASK = "(set)"
SAMPLE_POLL_SECONDS = 20
"""The sample tenant is polled at least this often: somebody is looking at it."""


class Settings(Struct, frozen=True, kw_only=True):
    tenant_id: str = ""
    """Empty: the built-in sample tenant."""
    client_id: str = ""
    client_secret: str = ""
    client_certificate: Path | None = None
    managed_identity: bool = False
    federated_token_file: str = ""
    static_token: str = ""
    graph_url: str = PUBLIC_GRAPH
    authority: str = PUBLIC_AUTHORITY
    graph_api_version: Literal["beta", "v1.0"] = "beta"
    data_dir: Path = Path("data")
    database_url: str = ""
    """Empty: a SQLite file in ``data_dir``, of its own for the sample tenant."""
    bind: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    auth: Literal["none", "entra"] = "none"
    allowed_hosts: tuple[str, ...] = ()
    retention_days: int = 90
    history_days: int = 400
    pseudonymize_users: bool = False
    poll_seconds: int = 60
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    kb_overlay: Path | None = None
    config: ConfigFile = ConfigFile()
    secrets: Mapping[str, str] = {}
    """Values of the environment variables that the configuration file names."""

    @property
    def sample(self) -> bool:
        """Whether this process speaks of the built-in sample tenant."""
        return not self.tenant_id and not self.config.tenants

    @property
    def tenants(self) -> tuple[Tenant, ...]:
        """The tenants to watch, that of DIAG_TENANT_ID first; none for the sample tenant, known once it runs."""
        own = self._own_tenant()
        listed = tuple(resolved(entry, own, self.secrets) for entry in self.config.tenants)
        return (own, *listed) if self.tenant_id else listed

    @property
    def pace_seconds(self) -> int:
        """Seconds between two looks at the sign-in log, as this process really does it."""
        return min(SAMPLE_POLL_SECONDS, self.poll_seconds) if self.sample else self.poll_seconds

    def _own_tenant(self) -> Tenant:
        return Tenant(
            tenant_id=self.tenant_id,
            client_id=self.client_id,
            managed_identity=self.managed_identity,
            federated_token_file=self.federated_token_file,
            certificate_path=str(self.client_certificate or ""),
            client_secret=self.client_secret,
            static_token=self.static_token,
            graph_url=self.graph_url,
            authority=self.authority,
            graph_api_version=self.graph_api_version,
            poll_seconds=self.poll_seconds,
        )

    @property
    def database(self) -> str:
        """The database's URL."""
        if self.database_url:
            return self.database_url
        name = "sample-tenant.db" if self.sample else "diag.db"
        return f"sqlite:///{self.data_dir.resolve() / name}"

    @property
    def origin(self) -> str:
        """Where people reach the pages, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://{_bracketed(self.bind)}:{self.port}"


class Setting(Struct, frozen=True):
    """One environment variable: where it goes, how it is read, and what it is for."""

    name: str
    field: str
    parse: Callable[[str], Any]
    help: str
    secret: bool = False


def _text(value: str) -> str:
    return value


def _guid_or_domain(value: str) -> str:
    cleaned = value.strip().lower()
    strange = any(character.isspace() or character in "/\\\"'{}<>" for character in cleaned)
    if strange or not (is_guid(cleaned) or "." in cleaned):
        raise ValueError("must be a tenant's GUID or domain")
    return cleaned


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not least <= number <= most:
            raise ValueError(f"must be between {least} and {most}")
        return number

    return parse


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return parse


def _yes_or_no(value: str) -> bool:
    if value.lower() not in ("yes", "no", "true", "false", "1", "0"):
        raise ValueError("must be yes or no")
    return value.lower() in ("yes", "true", "1")


def _service_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address such as https://graph.microsoft.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must use https; plain http is accepted on loopback only")
    return value.rstrip("/")


def _sqlite_url(value: str) -> str:
    # The address may hold a password, so the message does not repeat it.
    path = value.removeprefix("sqlite:///")
    if path == value or not path or path == ":memory:" or "?" in path:
        raise ValueError("must be sqlite:/// and the path of a file; this version keeps its data in SQLite only")
    return value


def _hosts(value: str) -> tuple[str, ...]:
    return tuple(host.strip().lower() for host in value.split(",") if host.strip())


SETTINGS: tuple[Setting, ...] = (
    Setting("DIAG_TENANT_ID", "tenant_id", _guid_or_domain, "Tenant to watch; without it the built-in sample tenant."),
    Setting("DIAG_CLIENT_ID", "client_id", _text, "Application ID this service signs in with."),
    Setting(
        "DIAG_CLIENT_SECRET",
        "client_secret",
        _text,
        "Client secret; the last choice after managed identity, workload identity and certificate.",
        secret=True,
    ),
    Setting("DIAG_MANAGED_IDENTITY", "managed_identity", _yes_or_no, "yes: sign in as the host's managed identity."),
    Setting(
        "AZURE_FEDERATED_TOKEN_FILE",
        "federated_token_file",
        _text,
        "Token file of a workload identity; set by the platform.",
    ),
    Setting("DIAG_CLIENT_CERTIFICATE", "client_certificate", Path, "PEM or PFX file of the client certificate."),
    Setting(
        "DIAG_STATIC_TOKEN",
        "static_token",
        _text,
        "Bearer token for a test server; accepted only when DIAG_GRAPH_URL is a loopback address.",
        secret=True,
    ),
    Setting("DIAG_GRAPH_URL", "graph_url", _service_url, "Microsoft Graph's address; another one for national clouds."),
    Setting("DIAG_AUTHORITY", "authority", _service_url, "Sign-in host; another one for national clouds."),
    Setting(
        "DIAG_GRAPH_API_VERSION",
        "graph_api_version",
        _one_of("beta", "v1.0"),
        "Version for the sign-in log; v1.0 sees interactive user sign-ins only.",
    ),
    Setting("DIAG_DATA_DIR", "data_dir", Path, "Folder of the database file."),
    Setting(
        "DIAG_DATABASE_URL",
        "database_url",
        _sqlite_url,
        "SQLite file, as sqlite:///path, when it shall lie elsewhere than in DIAG_DATA_DIR.",
        secret=True,
    ),
    Setting("DIAG_BIND", "bind", _text, "Address to listen on; other than loopback only with DIAG_AUTH=entra."),
    Setting("PORT", "port", _whole(0, 65535), "Port to listen on; 0 takes a free one."),
    Setting("DIAG_PUBLIC_URL", "public_url", _service_url, "Address people use, for links in alerts."),
    Setting("DIAG_AUTH", "auth", _one_of("none", "entra"), "Who may see the pages: none is for loopback only."),
    Setting(
        "DIAG_ALLOWED_HOSTS", "allowed_hosts", _hosts, "Further Host header values to answer to, separated by commas."
    ),
    Setting("DIAG_RETENTION_DAYS", "retention_days", _whole(1, 3650), "Days that single failed sign-ins are kept."),
    Setting(
        "DIAG_HISTORY_DAYS",
        "history_days",
        _whole(1, 3650),
        "Days that hourly counts, incidents, changes, alerts and earlier versions of registrations are kept.",
    ),
    Setting(
        "DIAG_PSEUDONYMIZE_USERS",
        "pseudonymize_users",
        _yes_or_no,
        "yes: store people who sign in under pseudonyms, what is stored already too; see docs/decisions.",
    ),
    Setting(
        "DIAG_POLL_SECONDS",
        "poll_seconds",
        _whole(10, 3600),
        f"Seconds between two looks at the sign-in log; at most {SAMPLE_POLL_SECONDS} for the sample tenant.",
    ),
    Setting("DIAG_LOG_LEVEL", "log_level", _one_of("debug", "info", "warning", "error"), "How much to log."),
    Setting(
        "DIAG_KB_OVERLAY", "kb_overlay", Path, "Folder of your organisation's own notes, links, contacts and causes."
    ),
    Setting("DIAG_CONFIG", "config", Path, "YAML file with further tenants, channels and thresholds."),
)


def read_settings(environment: Mapping[str, str], folder: Path) -> Settings:
    """The settings of this process; ``SettingsError`` names every problem at once.

    ``environment`` wins over ``folder/.env``. Values are stripped; an empty one counts as not set, but an empty
    DIAG_TENANT_ID is a problem: who writes it means a tenant.
    """
    problems: list[str] = []
    given = {**_dotenv(folder / ".env", problems), **environment}
    known = {setting.name: setting for setting in SETTINGS}
    named = {name: value.strip() for name, value in given.items() if name in known and value.strip()}
    for name in sorted(given):
        if name.startswith("DIAG_") and name not in known:
            problems.append(_unknown(name, list(known)))
    if "DIAG_TENANT_ID" in given and "DIAG_TENANT_ID" not in named:
        problems.append("DIAG_TENANT_ID is empty; leave it out to look at the built-in sample tenant")
    values: dict[str, Any] = {}
    for name, value in named.items():
        try:
            values[known[name].field] = known[name].parse(value)
        except ValueError as error:
            problems.append(f"{name} {error}")
    if "config" in values:
        values["config"] = read_config_file(values["config"], problems)
        values["secrets"] = named_secrets(values["config"], given, problems)
    if problems:
        raise SettingsError(problems)
    settings = Settings(**values)
    problems.extend(_contradictions(settings, named))
    if problems:
        raise SettingsError(problems)
    return settings


def shown(settings: Settings) -> dict[str, str]:
    """Each setting as ``diag settings`` shows it; secrets are masked."""
    return {
        setting.name: (MASK if getattr(settings, setting.field) else "")
        if setting.secret
        else _plain(getattr(settings, setting.field))
        for setting in SETTINGS
    }


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _plain(value: Any) -> str:
    if isinstance(value, ConfigFile):
        tenants = f"{len(value.tenants)} tenants, " if value.tenants else ""
        return f"{tenants}{len(value.channels)} channels, thresholds {', '.join(map(str, value.thresholds_days))} days"
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _dotenv(file: Path, problems: list[str]) -> dict[str, str]:
    if not file.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        return {name: value for name, value in dotenv_values(file, interpolate=False).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f".env cannot be read: {error}")
        return {}


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else "; the README lists them all")


_OF_A_TENANT = (
    "DIAG_CLIENT_ID",
    "DIAG_CLIENT_SECRET",
    "DIAG_CLIENT_CERTIFICATE",
    "DIAG_MANAGED_IDENTITY",
    "DIAG_STATIC_TOKEN",
    "DIAG_GRAPH_URL",
    "DIAG_AUTHORITY",
    "DIAG_DATABASE_URL",
)
"""What nobody sets for the sample tenant. AZURE_FEDERATED_TOKEN_FILE is not among them: platforms set it unasked."""

_OF_ALL_TENANTS = ("DIAG_GRAPH_URL", "DIAG_AUTHORITY", "DIAG_DATABASE_URL")
"""What the tenants of DIAG_CONFIG share as long as they do not say otherwise."""


def _of_listed(settings: Settings) -> list[str]:
    """What is wrong with the tenants of the configuration file, each with the tenant's name."""
    entries = settings.config.tenants
    problems = [f"DIAG_CONFIG {text}" for text in contradictions(entries, settings.tenant_id)]
    for entry, tenant in zip(entries, settings.tenants[-len(entries) :] if entries else (), strict=True):
        problems += [f"DIAG_CONFIG tenant {tenant.label}: {text}" for text in _of_surroundings(entry, tenant)]
    if settings.tenant_id and apart(settings.graph_url, settings.authority):
        problems.append("DIAG_GRAPH_URL and DIAG_AUTHORITY belong to two different clouds")
    return problems


def _of_surroundings(entry: TenantEntry, tenant: Tenant) -> list[str]:
    problems = []
    for name in ("graph_url", "authority"):
        try:
            _service_url(getattr(tenant, name))
        except ValueError as error:
            problems.append(f"{name} {error}")
    if apart(tenant.graph_url, tenant.authority):
        problems.append(f"{tenant.graph_url} and {tenant.authority} belong to two different clouds")
    if entry.workload_identity and not tenant.federated_token_file:
        problems.append("workload_identity needs AZURE_FEDERATED_TOKEN_FILE, which is not set")
    if entry.certificate and not Path(entry.certificate).is_file():
        problems.append(f"certificate {entry.certificate} is not a file")
    if entry.static_token_env and not is_loopback(urlsplit(tenant.graph_url).hostname or ""):
        problems.append("static_token_env is accepted only when graph_url is a loopback address")
    return problems


def _contradictions(settings: Settings, given: Collection[str]) -> list[str]:
    problems = []
    graph_host = urlsplit(settings.graph_url).hostname or ""
    if settings.auth == "entra":
        problems.append("DIAG_AUTH=entra is not available in this version; listen on loopback with DIAG_AUTH=none")
    elif not is_loopback(settings.bind):
        problems.append(
            f"DIAG_BIND={settings.bind} would show tenant data to the network; without sign-in only 127.0.0.1 or ::1"
        )
    if "DIAG_HISTORY_DAYS" in given and settings.history_days < settings.retention_days:
        problems.append("DIAG_HISTORY_DAYS must not be less than DIAG_RETENTION_DAYS: counts outlive what they count")
    if settings.static_token and not is_loopback(graph_host):
        problems.append("DIAG_STATIC_TOKEN is accepted only when DIAG_GRAPH_URL is a loopback address")
    if settings.tenant_id and not settings.client_id and settings.client_secret:
        problems.append("DIAG_CLIENT_SECRET needs DIAG_CLIENT_ID")
    told = [name for name in _OF_A_TENANT if name in given]
    if not settings.managed_identity and "DIAG_MANAGED_IDENTITY" in told:
        told.remove("DIAG_MANAGED_IDENTITY")
    if settings.config.tenants:
        told = [name for name in told if name not in _OF_ALL_TENANTS]
    if not settings.tenant_id and told:
        problems.append(
            f"DIAG_TENANT_ID is missing although {', '.join(told)} {'is' if len(told) == 1 else 'are'} set; "
            + ("a tenant of DIAG_CONFIG" if settings.config.tenants else "without it the sample tenant would start")
            + (" brings a credential of its own" if settings.config.tenants else "")
        )
    problems.extend(_of_listed(settings))
    problems.extend(place_problems(settings.config.watched, tuple(tenant.tenant_id for tenant in settings.tenants)))
    if settings.sample and settings.config.watched:
        problems.append(
            "DIAG_CONFIG names watched places, but no tenant is set: they would fill the sample tenant's database"
        )
    if settings.kb_overlay and not settings.kb_overlay.is_dir():
        problems.append(f"DIAG_KB_OVERLAY {settings.kb_overlay} is not a folder")
    if settings.client_certificate and not settings.client_certificate.is_file():
        problems.append(f"DIAG_CLIENT_CERTIFICATE {settings.client_certificate} is not a file")
    return problems
