"""The tenants one instance watches: as a configuration names them, and with their credentials at hand.

Secrets are named by environment variable, never written in the file.
"""

from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from diag.core.identifiers import is_guid

PUBLIC_GRAPH = "https://graph.microsoft.com"
PUBLIC_AUTHORITY = "https://login.microsoftonline.com"
_AUTHORITIES = {
    "graph.microsoft.com": ("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"),
    "graph.microsoft.us": ("login.microsoftonline.us",),
    "dod-graph.microsoft.us": ("login.microsoftonline.us",),
    "microsoftgraph.chinacloudapi.cn": ("login.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
}
"""Sign-in hosts by Graph host, the usual one first
(https://learn.microsoft.com/graph/deployments, checked 2026-11-22)."""
_CREDENTIALS = (
    "managed_identity",
    "workload_identity",
    "certificate",
    "client_secret_env",
    "static_token_env",
    "az_login",
)


class TenantEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tenant of the list ``tenants``; exactly one kind of credential is given."""

    tenant_id: str
    """Its GUID; a domain could name a tenant twice."""
    name: str = ""
    """How pages and commands call it; without one its GUID."""
    client_id: str = ""
    """Application ID this service signs in with there; may be left out for the host's own managed identity."""
    managed_identity: bool = False
    workload_identity: bool = False
    """By the token file that the platform names in AZURE_FEDERATED_TOKEN_FILE."""
    certificate: str = ""
    """Path of a PEM or PFX file."""
    certificate_password_env: str = ""
    """Name of the environment variable that holds the file's password."""
    client_secret_env: str = ""
    """Name of the environment variable that holds the client secret."""
    static_token_env: str = ""
    """Name of the environment variable that holds a token for a test server on loopback."""
    az_login: bool = False
    """As the person who is signed in with the Azure CLI; for a developer's machine."""
    graph_url: str = ""
    """Microsoft Graph's address, for a national cloud; without it that of DIAG_GRAPH_URL."""
    authority: str = ""
    """Sign-in host; without it the one that belongs to ``graph_url``, else that of DIAG_AUTHORITY."""
    graph_api_version: Literal["beta", "v1.0"] | None = None
    poll_seconds: int | None = None
    """Seconds between two looks at this tenant's sign-in log; without it those of DIAG_POLL_SECONDS."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Environment variables the entry names."""
        named = (self.certificate_password_env, self.client_secret_env, self.static_token_env)
        return tuple(name for name in named if name)


class Tenant(Struct, frozen=True, kw_only=True):
    """One watched tenant, with everything that reaching it takes; the first credential that is given is used."""

    tenant_id: str
    name: str = ""
    client_id: str = ""
    managed_identity: bool = False
    federated_token_file: str = ""
    certificate_path: str = ""
    certificate_password: str = ""
    client_secret: str = ""
    static_token: str = ""
    graph_url: str = PUBLIC_GRAPH
    authority: str = PUBLIC_AUTHORITY
    graph_api_version: Literal["beta", "v1.0"] = "beta"
    poll_seconds: int = 60

    @property
    def label(self) -> str:
        """How people call it."""
        return self.name or self.tenant_id


def resolved(entry: TenantEntry, defaults: Tenant, secrets: Mapping[str, str]) -> Tenant:
    """The tenant of an entry; where it is silent on the surroundings, those of ``defaults``.

    A credential of ``defaults`` is never taken over, but for the token file, which the platform gives to the process.
    """
    graph_url = entry.graph_url.rstrip("/") or defaults.graph_url
    belonging = usual_authority(graph_url) if entry.graph_url else ""
    return Tenant(
        tenant_id=entry.tenant_id.strip().lower(),
        name=entry.name.strip(),
        client_id=entry.client_id.strip(),
        managed_identity=entry.managed_identity,
        federated_token_file=defaults.federated_token_file if entry.workload_identity else "",
        certificate_path=entry.certificate,
        certificate_password=secrets.get(entry.certificate_password_env, ""),
        client_secret=secrets.get(entry.client_secret_env, ""),
        static_token=secrets.get(entry.static_token_env, ""),
        graph_url=graph_url,
        authority=entry.authority.rstrip("/") or belonging or defaults.authority,
        graph_api_version=entry.graph_api_version or defaults.graph_api_version,
        poll_seconds=entry.poll_seconds or defaults.poll_seconds,
    )


def usual_authority(graph_url: str) -> str:
    """The sign-in host that belongs to a cloud's Graph; empty for a Graph that is no cloud's."""
    hosts = _AUTHORITIES.get((urlsplit(graph_url).hostname or "").lower())
    return f"https://{hosts[0]}" if hosts else ""


def apart(graph_url: str, authority: str) -> bool:
    """Whether Graph and sign-in host are of two different clouds: no token of one is good for the other."""
    own = _AUTHORITIES.get((urlsplit(graph_url).hostname or "").lower())
    host = (urlsplit(authority).hostname or "").lower()
    known = {name for hosts in _AUTHORITIES.values() for name in hosts}
    return own is not None and host in known and host not in own


def contradictions(entries: Sequence[TenantEntry], own_tenant: str) -> list[str]:
    """What cannot be meant, each in one sentence that names the tenant; ``own_tenant`` is that of DIAG_TENANT_ID."""
    problems: list[str] = []
    ids = [entry.tenant_id.strip().lower() for entry in entries]
    names = [entry.name.strip().lower() for entry in entries if entry.name.strip()]
    problems += [f"names the tenant {tenant_id} twice" for tenant_id in _twice(ids)]
    problems += [f"calls two tenants {name}" for name in _twice(names)]
    if own_tenant in ids:
        problems.append(f"names the tenant {own_tenant}, which DIAG_TENANT_ID names already; keep it in one place")
    elif own_tenant and entries and not is_guid(own_tenant):
        problems.append(f"names further tenants, so DIAG_TENANT_ID must be a GUID too: {own_tenant} may be one of them")
    for entry in entries:
        problems += [
            f"tenant {entry.name or entry.tenant_id or '(without tenant_id)'}: {text}" for text in _wrong(entry)
        ]
    return problems


def _wrong(entry: TenantEntry) -> list[str]:
    problems: list[str] = []
    if not is_guid(entry.tenant_id.strip().lower()):
        problems.append("tenant_id must be the tenant's GUID")
    given = [name for name in _CREDENTIALS if getattr(entry, name)]
    if len(given) > 1:
        problems.append(f"{' and '.join(given)} are given; keep one credential")
    elif not given:
        problems.append(f"no credential is given; name one of {', '.join(_CREDENTIALS)}")
    if not entry.client_id and given and given[0] not in ("managed_identity", "static_token_env", "az_login"):
        problems.append(f"{given[0]} needs client_id")
    if entry.certificate_password_env and not entry.certificate:
        problems.append("certificate_password_env is given without certificate")
    if entry.poll_seconds is not None and not 10 <= entry.poll_seconds <= 3600:
        problems.append("poll_seconds must be between 10 and 3600")
    return problems


def _twice(values: Sequence[str]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})
