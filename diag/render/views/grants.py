"""The permission each source needs, and the exact commands that grant it to this service."""

from urllib.parse import quote

from diag.core.graph_permissions import permission_for
from diag.core.remedies.quoting import posix, powershell
from diag.render.views.fixes import ToolView

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"

ROLE_IDS: dict[str, str] = {
    "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcff3ac06dc",
    "Policy.Read.All": "246dd0d5-5bd0-4def-940b-0421030a5b68",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
}
"""App roles of Microsoft Graph, the same in every tenant
(https://learn.microsoft.com/graph/permissions-reference, checked 2026-11-22)."""


def grant_commands(source: str, client_id: str) -> tuple[ToolView, ...]:
    """How an administrator grants the permission that reading the source takes."""
    return grants(permission_for(source), client_id)


def grants(permission: str, client_id: str) -> tuple[ToolView, ...]:
    """How an administrator grants the application permission, for each tool and by hand; empty for one not known.

    ``client_id`` may be empty: then a named placeholder stands in its place.
    """
    if permission not in ROLE_IDS:
        return ()
    role = ROLE_IDS[permission]
    client = client_id or "<client-id-of-this-service>"
    wanted = f'{{"principalId": "%s", "resourceId": "%s", "appRoleId": "{role}"}}'
    az = "\n".join(
        (
            f"principal=$(az ad sp show --id {posix(client)} --query id --output tsv)",
            f"graph=$(az ad sp show --id {GRAPH_APP_ID} --query id --output tsv)",
            'url="https://graph.microsoft.com/v1.0/servicePrincipals/$principal/appRoleAssignments"',
            f'body=$(printf \'{wanted}\' "$principal" "$graph")',
            'az rest --method POST --url "$url" --headers Content-Type=application/json --body "$body"',
        )
    )
    shell = "\n".join(
        (
            "Connect-MgGraph -Scopes 'AppRoleAssignment.ReadWrite.All', 'Application.Read.All'",
            f"$principal = Get-MgServicePrincipalByAppId -AppId {powershell(client)}",
            f"$graph = Get-MgServicePrincipalByAppId -AppId {powershell(GRAPH_APP_ID)}",
            "New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -PrincipalId $principal.Id "
            f"-ResourceId $graph.Id -AppRoleId {powershell(role)}",
        )
    )
    graph = "\n".join(
        (
            f"GET https://graph.microsoft.com/v1.0/servicePrincipals(appId='{quote(client, safe='<>-')}')?$select=id",
            f"GET https://graph.microsoft.com/v1.0/servicePrincipals(appId='{GRAPH_APP_ID}')?$select=id",
            "POST https://graph.microsoft.com/v1.0/servicePrincipals/<id-from-the-first>/appRoleAssignments",
            wanted % ("<id-from-the-first>", "<id-from-the-second>"),
        )
    )
    portal = (
        "Microsoft Entra admin center > Entra ID > App registrations > this service's application > API permissions > "
        f"Add a permission > Microsoft Graph > Application permissions > {permission} > Add, then Grant admin consent."
    )
    return (
        ToolView("az", "Azure CLI", az, ""),
        ToolView("graph", "Microsoft Graph", graph, ""),
        ToolView("powershell", "PowerShell", shell, ""),
        ToolView("portal", "Portal", portal, ""),
    )
