"""Scope strings, permission values and the names of APIs: splitting, comparing, finding what is nearly equal.

Nothing here knows a directory: what an API exposes comes in as an argument. The table of first-party APIs is small on
purpose: those that people name in requests. Their ids are the same in every tenant.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

GRAPH = "00000003-0000-0000-c000-000000000000"
AZURE_AD_GRAPH = "00000002-0000-0000-c000-000000000000"
AZURE_MANAGEMENT = "797f4846-ba00-4fd7-ba43-dac1f8f63013"

OPENID_SCOPES = frozenset({"openid", "profile", "email", "offline_access", "address", "phone"})
"""Scopes of OpenID Connect itself; they belong to no API and need no prefix."""

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.IGNORECASE)
_GUID_ANYWHERE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class KnownApi(Struct, frozen=True):
    """An API of Microsoft's whose application ID is the same in every tenant."""

    app_id: str
    name: str
    uris: tuple[str, ...] = ()
    """Names a request may give it, without a final slash, in lower case."""
    licensed: bool = False
    """Its service principal appears with a subscription to the service rather than in every tenant."""
    retired: bool = False


KNOWN_APIS = (
    KnownApi(GRAPH, "Microsoft Graph", ("https://graph.microsoft.com",)),
    KnownApi(AZURE_AD_GRAPH, "Azure AD Graph", ("https://graph.windows.net",), retired=True),
    KnownApi(
        AZURE_MANAGEMENT,
        "Azure Resource Manager",
        ("https://management.azure.com", "https://management.core.windows.net"),
    ),
    KnownApi("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Azure Key Vault", ("https://vault.azure.net",)),
    KnownApi("e406a681-f3d4-42a8-90b6-c2b029497af1", "Azure Storage", ("https://storage.azure.com",)),
    KnownApi("022907d3-0f1b-48f7-badc-1ba6abab6d66", "Azure SQL Database", ("https://database.windows.net",)),
    KnownApi("499b84ac-1321-427f-aa17-267ca6975798", "Azure DevOps", ("https://app.vssps.visualstudio.com",)),
    KnownApi("ca7f3f0b-7d91-482c-8e09-c5d840d0eac5", "Log Analytics", ("https://api.loganalytics.io",)),
    KnownApi("2746ea77-4702-4b45-80ca-3c97e680e8b7", "Azure Data Explorer"),
    KnownApi(
        "00000009-0000-0000-c000-000000000000",
        "Power BI",
        ("https://analysis.windows.net/powerbi/api", "https://api.powerbi.com"),
        licensed=True,
    ),
    KnownApi("00000007-0000-0000-c000-000000000000", "Dataverse (Dynamics 365)", licensed=True),
    KnownApi("00000015-0000-0000-c000-000000000000", "Dynamics 365 ERP", licensed=True),
    KnownApi("996def3d-b36c-4153-8607-a6fd3c01b89f", "Dynamics 365 Business Central", licensed=True),
    KnownApi(
        "00000002-0000-0ff1-ce00-000000000000",
        "Exchange Online",
        ("https://outlook.office365.com", "https://outlook.office.com"),
        licensed=True,
    ),
    KnownApi("00000003-0000-0ff1-ce00-000000000000", "SharePoint Online", licensed=True),
    KnownApi("c161e42e-d4df-4a3d-9b42-e7a3c31f59d4", "Microsoft Intune API", licensed=True),
    KnownApi(
        "c5393580-f805-4401-95e8-94b7a6ef2fc2",
        "Office 365 Management APIs",
        ("https://manage.office.com",),
        licensed=True,
    ),
    KnownApi("475226c6-020e-4fb2-8a90-7a972cbfc1d4", "Power Apps", ("https://service.powerapps.com",), licensed=True),
    KnownApi(
        "7df0a125-d3be-4c96-aa54-591f83ff541c",
        "Power Automate",
        ("https://service.flow.microsoft.com",),
        licensed=True,
    ),
)

_BY_ID = {api.app_id: api for api in KNOWN_APIS}
_BY_URI = {uri: api for api in KNOWN_APIS for uri in api.uris}


class RequestedScope(Struct, frozen=True):
    """One element of a scope parameter."""

    resource: str
    """What stands before the last slash; empty for a bare value, which Entra ID takes for Microsoft Graph's."""
    value: str


def is_guid(text: str) -> bool:
    return _GUID.match(text.strip()) is not None


def split_scopes(scope: str) -> tuple[RequestedScope, ...]:
    """The elements of a scope parameter in order. A prefix is kept as sent, without the slash that ends it."""
    found: list[RequestedScope] = []
    for element in scope.split():
        prefix, slash, value = element.rpartition("/")
        if slash and ("://" in element or is_guid(prefix.strip("/"))):
            found.append(RequestedScope(prefix, value))
        else:
            found.append(RequestedScope("", element))
    return tuple(found)


def api_values(scope: str) -> tuple[str, ...]:
    """The permissions a scope parameter asks of APIs: no OpenID scopes, no ``.default``; order kept, no repeats."""
    of_no_api = OPENID_SCOPES | {".default", ""}
    values = [part.value for part in split_scopes(scope) if part.value.casefold() not in of_no_api]
    return tuple(dict.fromkeys(values))


def resources_asked(scope: str) -> tuple[str, ...]:
    """The APIs a scope parameter names, as sent; a bare permission counts as Microsoft Graph's. No repeats."""
    names: list[str] = []
    for part in split_scopes(scope):
        if part.resource:
            names.append(part.resource)
        elif part.value.casefold() not in OPENID_SCOPES:
            names.append(GRAPH)
    return tuple(dict.fromkeys(names))


def known_api(name: str) -> KnownApi | None:
    """The first-party API by application ID or URI; a final slash and case do not matter."""
    plain = plain_name(name)
    return _BY_ID.get(plain) or _BY_URI.get(plain)


def plain_name(name: str) -> str:
    """An API's name for comparison: lower case, no final slashes, ``api://<guid>`` and ``spn:<guid>`` as the GUID."""
    text = name.strip().casefold().rstrip("/")
    for prefix in ("api://", "spn:"):
        if text.startswith(prefix) and is_guid(text.removeprefix(prefix)):
            return text.removeprefix(prefix)
    return text


def same_api(one: str, other: str) -> bool:
    """Whether two names mean the same API, as far as names tell."""
    left, right = plain_name(one), plain_name(other)
    if left == right:
        return True
    known = known_api(left)
    return known is not None and known is known_api(right)


def app_id_in(name: str) -> str | None:
    """The application ID an API's name consists of (``<guid>``, ``api://<guid>``, ``api://<guid>/…``), else None."""
    plain = plain_name(name)
    if is_guid(plain):
        return plain
    if plain.startswith("api://"):
        first = plain.removeprefix("api://").partition("/")[0]
        return first if is_guid(first) else None
    return None


def shown_api(name: str) -> str:
    """An API for a sentence: its well-known name beside the value, else the value alone."""
    known = known_api(name)
    return f"{known.name} (“{name}”)" if known and known.name.casefold() != name.casefold() else f"“{name}”"


def guids_after(marker: str, text: str) -> tuple[str, ...]:
    """The GUIDs of the list that follows ``marker`` in a text, up to the sentence's end; empty when it is not there."""
    text = " ".join(text.split())
    start = text.casefold().find(marker.casefold())
    if start < 0:
        return ()
    rest = text[start + len(marker) : start + len(marker) + 4096]
    listed = re.match(r"[\s:]*((?:[0-9a-f-]{36}[\s,;]{0,3}){1,100})", rest, re.IGNORECASE)
    return tuple(match.lower() for match in _GUID_ANYWHERE.findall(listed.group(1))) if listed else ()


def nearest(value: str, candidates: Iterable[str], *, within: int = 2) -> str | None:
    """The candidate that differs from ``value`` by the fewest edits (at most ``within``), or by case alone; None when
    one is equal or none is near. Short values need to be nearer: a quarter of their length."""
    best: tuple[int, str] | None = None
    limit = min(within, max(1, len(value) // 4))
    for candidate in candidates:
        if candidate == value:
            return None
        distance = edits(value.casefold(), candidate.casefold(), limit)
        if distance <= limit and (best is None or distance < best[0]):
            best = (distance, candidate)
    return best[1] if best else None


def edits(one: str, other: str, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two texts; ``limit + 1`` means more."""
    if abs(len(one) - len(other)) > limit or max(len(one), len(other)) > 512:
        return limit + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, left in enumerate(one, start=1):
        current = [row]
        for column, right in enumerate(other, start=1):
            cost = min(above[column] + 1, current[-1] + 1, above[column - 1] + (left != right))
            if row > 1 and column > 1 and left == other[column - 2] and one[row - 2] == right:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, above = above, current
    return min(above[-1], limit + 1)


GRAPH_FOR_USERS = frozenset(
    {
        "User.Read",
        "User.ReadWrite",
        "User.ReadBasic.All",
        "Mail.Read",
        "Mail.ReadBasic",
        "Mail.ReadWrite",
        "Mail.Send",
        "Calendars.Read",
        "Calendars.ReadWrite",
        "Contacts.Read",
        "Contacts.ReadWrite",
        "Files.Read",
        "Files.Read.All",
        "Files.ReadWrite",
        "Files.ReadWrite.All",
        "Sites.Read.All",
        "Sites.ReadWrite.All",
        "Notes.Read",
        "Notes.ReadWrite",
        "Tasks.Read",
        "Tasks.ReadWrite",
        "People.Read",
        "Presence.Read",
        "Chat.Read",
        "Chat.ReadWrite",
        "Team.ReadBasic.All",
        "Channel.ReadBasic.All",
        "OnlineMeetings.ReadWrite",
    }
)
"""Delegated permissions of Microsoft Graph that people ask for most and users may grant; not all of them."""

GRAPH_FOR_ADMINS = frozenset(
    {
        "Application.Read.All",
        "Application.ReadWrite.All",
        "AuditLog.Read.All",
        "ChannelMessage.Read.All",
        "DeviceManagementConfiguration.Read.All",
        "DeviceManagementManagedDevices.Read.All",
        "DeviceManagementManagedDevices.ReadWrite.All",
        "Directory.AccessAsUser.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
        "GroupMember.Read.All",
        "GroupMember.ReadWrite.All",
        "Policy.Read.All",
        "Reports.Read.All",
        "RoleManagement.Read.Directory",
        "RoleManagement.ReadWrite.Directory",
        "Sites.FullControl.All",
        "User.Read.All",
        "User.ReadWrite.All",
    }
)
"""Delegated permissions of Microsoft Graph that people ask for most and only an administrator may grant; not all."""

GRAPH_SCOPES = frozenset(value.casefold() for value in GRAPH_FOR_USERS | GRAPH_FOR_ADMINS)
"""Both, in lower case. A grant of one is Graph's in practice: the APIs that shared these names are retired."""

NOT_GRAPHS = frozenset(
    {
        "user_impersonation",
        "access_as_user",
        "impersonation",
        "allsites.read",
        "allsites.write",
        "allsites.manage",
        "allsites.fullcontrol",
        "myfiles.read",
        "myfiles.write",
        "dataset.read.all",
        "dataset.readwrite.all",
        "report.read.all",
        "report.readwrite.all",
        "workspace.read.all",
        "workspace.readwrite.all",
        "xboxlive.signin",
    }
)
"""Permissions of other APIs (by habit, of SharePoint, Power BI, Xbox) that Graph does not have; lower case."""
