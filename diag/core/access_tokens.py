"""What the claims of an access token say about itself: version, tenant and the names of its audience."""

import re
from typing import Literal

from diag.core.permissions import GRAPH, plain_name

Version = Literal["1.0", "2.0"]

GRAPH_AUDIENCES = frozenset(
    {
        GRAPH,
        "https://graph.microsoft.com",
        "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us",
        "https://microsoftgraph.chinacloudapi.cn",
    }
)
"""Audiences of Microsoft Graph's tokens in every cloud, without a final slash."""

_TENANT = re.compile(
    r"https://(?:sts\.windows\.net|sts\.chinacloudapi\.cn|login\.microsoftonline\.(?:com|us)|login\.partner\."
    r"microsoftonline\.cn|login\.chinacloudapi\.cn|[a-z0-9-]{1,63}\.ciamlogin\.com)/([^/]{1,255})(/v2\.0)?/?",
    re.IGNORECASE,
)


def issuer_version(issuer: str) -> Version | None:
    """The token version that an issuer of Entra ID stands for; None for another issuer.

    v1.0 tokens come from ``sts.windows.net``, v2.0 tokens from the login host with ``/v2.0``
    (learn.microsoft.com/entra/identity-platform/access-tokens, checked 2026-11-22).
    """
    match = _TENANT.fullmatch(issuer.strip())
    if match is None:
        return None
    return "2.0" if match[2] else "1.0"


def issuer_tenant(issuer: str) -> str | None:
    """The tenant an issuer names, in lower case; None for another issuer or a template such as ``{tenantid}``."""
    match = _TENANT.fullmatch(issuer.strip())
    tenant = match[1].casefold() if match else ""
    return tenant if tenant and not tenant.startswith(("{", "%7b")) else None


def is_graph(audience: str) -> bool:
    """Whether an audience is Microsoft Graph's."""
    return plain_name(audience) in GRAPH_AUDIENCES
