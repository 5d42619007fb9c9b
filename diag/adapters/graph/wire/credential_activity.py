"""Graph's ``appCredentialSignInActivity`` → last use of credentials; and what was looked up of hosts.

Source: https://learn.microsoft.com/graph/api/resources/appcredentialsigninactivity (beta, checked 2026-11-22).
"""

from collections.abc import Mapping

from diag.adapters.graph.wire.common import Node, Unusable, essential, flag, mapping, optional_instant
from diag.core.identifiers import KeyId
from diag.core.read import Found, Read
from diag.core.registration import CredentialUse, CredentialUses


def credential_uses(node: Node, name: str) -> Read[CredentialUses]:
    """Last use by key ID; an activity without an instant means that the credential was never seen in use."""
    read = node.items(name, _use)
    if not isinstance(read, Found):
        return read
    return node.found(CredentialUses(read.value), complete=read.complete)


def hosts(node: Node, name: str) -> Read[Mapping[str, bool]]:
    """``{"app.contoso.example": true}``: whether the DNS knows each host."""
    return node.read(name, _hosts)


def _use(element: object) -> CredentialUse:
    given = mapping(element)
    activity = given.get("signInActivity")
    last = optional_instant(activity, "lastSignInDateTime") if isinstance(activity, Mapping) else None
    return CredentialUse(KeyId(essential(given, "keyId")), last)


def _hosts(value: object) -> Mapping[str, bool]:
    found: dict[str, bool] = {}
    for host, exists in mapping(value).items():
        if not isinstance(host, str):
            raise Unusable("names a host that is no text")
        found[host.lower().rstrip(".")] = flag(exists)
    return found
