"""What a program without a user needs besides, or in place of, a registration: an identity, and a permission."""

from diag.core.remedies import fixing, graph
from diag.core.remedies.quoting import az, powershell
from diag.core.remedies.resources import bicep_resource, terraform_resource
from diag.core.remedies.settings import hashtable
from diag.core.remedies.subject import placeholder
from diag.core.remedy import Fix, Rollback, Unavailable

_AZURE = "Contributor or Managed Identity Contributor on the resource group"


def managed_identity() -> Fix:
    """Creating the identity that a workload inside Azure uses."""
    name, group = placeholder("identity-name"), placeholder("resource-group")
    location = placeholder("location")
    return fixing.fix(
        None,
        do="Create a user-assigned managed identity and assign it to the resource that runs the code. It needs no "
        "application registration.",
        effect="adds",
        commands=fixing.commands(
            az=lambda: az(["identity", "create"], {"--name": name, "--resource-group": group}),
            graph=Unavailable("a managed identity is an Azure resource: Azure Resource Manager makes it, not Graph"),
            powershell=lambda: (
                f"New-AzUserAssignedIdentity -Name {powershell(name)} -ResourceGroupName {powershell(group)} "
                f"-Location {powershell(location)}"
            ),
            bicep=lambda: bicep_resource(
                "identity",
                "Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31",
                {"name": name, "location": location},
            ),
            terraform=lambda: terraform_resource(
                "azurerm_user_assigned_identity",
                {"name": name, "resource_group_name": group, "location": location},
            ),
            portal="Azure portal > Managed Identities > Create; then the resource > Identity > User assigned > Add.",
        ),
        caution="Every program on that resource can get the identity's tokens: one identity for one purpose.",
        who=_AZURE,
        rollback=Rollback("Delete the managed identity; what used it gets no more tokens."),
        verify="The identity is listed under Enterprise apps, with the type Managed Identities.",
    )


def application_permission() -> Fix:
    """Giving it one application permission of one API."""
    principal, api = placeholder("service-principal-object-id"), placeholder("api-object-id")
    body = {"principalId": principal, "resourceId": api, "appRoleId": placeholder("permission-id")}
    url = f"{graph.GRAPH}/servicePrincipals/{api}/appRoleAssignedTo"
    return fixing.fix(
        None,
        do="Grant it the application permission it needs, and no more: this is the administrator's consent.",
        effect="adds",
        before=("Choose the narrowest permission of the API that serves; without a user nothing else limits it.",),
        commands=fixing.commands(
            az=lambda: graph.rest("POST", url, body),
            graph=lambda: (graph.request("POST", url, body),),
            powershell=lambda: graph.connected(
                f"New-MgServicePrincipalAppRoleAssignedTo -ServicePrincipalId {powershell(api)} "
                f"-BodyParameter {hashtable(body)}",
                scopes=("AppRoleAssignment.ReadWrite.All", "Application.Read.All"),
            ),
            bicep=lambda: bicep_resource("granted", "Microsoft.Graph/appRoleAssignedTo@v1.0", body),
            terraform=lambda: terraform_resource(
                "azuread_app_role_assignment",
                {
                    "principal_object_id": principal,
                    "resource_object_id": api,
                    "app_role_id": placeholder("permission-id"),
                },
            ),
            portal=f"{fixing.PORTAL} > the new application > API permissions > Add a permission > Application "
            "permissions > Grant admin consent. The portal has no page for this on a managed identity.",
        ),
        caution="An application permission reaches the data of the whole tenant, not of one user.",
        who="Privileged Role Administrator for Microsoft Graph, Cloud Application Administrator for other APIs",
        rollback=Rollback("Delete the assignment under the application's Permissions page."),
        verify="A token for the API carries the permission in its roles claim.",
    )
