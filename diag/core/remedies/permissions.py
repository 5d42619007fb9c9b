"""Which permission of which API a remedy is about, as far as it was read."""

import re
from typing import Literal

import msgspec
from msgspec import Struct

from diag.core.facts import Facts
from diag.core.read import Found
from diag.core.registration import ServicePrincipal
from diag.core.remedies.quoting import plain
from diag.core.remedies.subject import api_of, guid, guid_or, placeholder, value

MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"
_GRAPH_NAMES = (MICROSOFT_GRAPH, "microsoft graph", "https://graph.microsoft.com", "graph.microsoft.com")

_NOT_ONE_NAME = re.compile(r"[\s\"\\]")
"""What would make one name several, or end the JSON string that a script puts it in."""


class Permission(Struct, frozen=True):
    """One permission of one API. What was not read is a placeholder; ``refused`` says why it cannot be granted at
    all."""

    api_app_id: str
    api_object_id: str
    api_name: str
    """For sentences, in quotation marks."""
    name: str
    id: str
    kind: Literal["delegated", "application"]
    shown: str
    """The permission for sentences: as read, or as the failure names it."""
    was_read: bool
    """Whether the API was seen to expose it."""
    admin_only: bool = False
    refused: str = ""

    @property
    def type(self) -> str:
        """Graph's word for the kind in requiredResourceAccess."""
        return "Scope" if self.kind == "delegated" else "Role"


def permission_of(facts: Facts, resource: str, permission: str, kind: str) -> Permission:
    """The permission that an entry names, looked up among those the API was seen to expose."""
    wanted: Literal["delegated", "application"] = "application" if kind == "application" else "delegated"
    is_graph = resource.strip().lower().rstrip("/") in _GRAPH_NAMES
    api = api_of(facts, resource)
    if api is None and is_graph and value(facts.resource.app_id) == MICROSOFT_GRAPH:
        api = facts.resource
    name = permission.strip()
    unknown = Permission(
        api_app_id=MICROSOFT_GRAPH if is_graph else placeholder("api-application-id"),
        api_object_id=placeholder("api-object-id"),
        api_name="“Microsoft Graph”" if is_graph else f"“{plain(resource, 120)}”" if resource else "the API",
        name=placeholder("permission-name"),
        id=placeholder("permission-id"),
        kind=wanted,
        shown=f"“{plain(name, 120)}”" if name else "that the client needs",
        was_read=False,
    )
    return unknown if api is None else _as_read(api, name, wanted, unknown)


def _as_read(
    api: ServicePrincipal, name: str, kind: Literal["delegated", "application"], unknown: Permission
) -> Permission:
    offered = api.scopes if kind == "delegated" else api.app_roles
    app_id = guid(value(api.app_id))
    label = value(api.display_name)
    object_id = guid_or(value(api.object_id), "api-object-id")
    known = msgspec.structs.replace(
        unknown,
        api_app_id=app_id or unknown.api_app_id,
        api_object_id=object_id,
        api_name=f"“{plain(str(label), 120)}”" if label else unknown.api_name,
    )
    for one in value(offered) or ():
        if name and name in (one.value, one.id):
            if _NOT_ONE_NAME.search(one.value):
                return msgspec.structs.replace(
                    known, refused="the API gave this permission a name that is unsafe to use"
                )
            return msgspec.structs.replace(
                known,
                name=one.value,
                id=guid(one.id) or placeholder("permission-id"),
                shown=f"“{plain(one.value, 120)}”",
                was_read=True,
                admin_only=bool(getattr(one, "admin_only", True)),
                refused="" if one.enabled else "the API has disabled this permission",
            )
    if name and isinstance(offered, Found) and offered.complete and offered.source == "registration":
        why = f"the API exposes no {kind} permission of this name, as far as its service principal shows"
        return msgspec.structs.replace(known, refused=why)
    return known
