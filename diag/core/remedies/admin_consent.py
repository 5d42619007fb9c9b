"""Granting one permission to an application for everybody, or to the application itself."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.remedies import delegated_grants, fixing, graph
from diag.core.remedies.permissions import MICROSOFT_GRAPH, Permission, permission_of
from diag.core.remedies.quoting import powershell
from diag.core.remedies.resources import bicep_resource, terraform_resource
from diag.core.remedies.subject import (
    Subject,
    exists_in_directory,
    identity,
    placeholder,
    subject_of,
)
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy


class GrantAdminConsent(Struct, frozen=True, forbid_unknown_fields=True):
    resource: str
    permission: str
    kind: str = "delegated"


@remedy("grant_admin_consent", effect="widens", args=GrantAdminConsent)
def grant_admin_consent(facts: Facts, args: GrantAdminConsent) -> Fix:
    """Grants one named permission, and nothing else that the application asks for; only for an application read
    here."""
    subject = subject_of(facts)
    wanted = permission_of(facts, args.resource, args.permission, args.kind)
    portal = f"{fixing.ENTERPRISE} > {subject.name} > Security > Permissions: read what is granted and asked for"
    before = _before(facts, wanted)
    application = wanted.kind == "application"
    who = (
        "Privileged Role Administrator (for application permissions of Microsoft Graph)"
        if application and wanted.api_app_id == MICROSOFT_GRAPH
        else "Cloud Application Administrator or Application Administrator"
    )
    if not exists_in_directory(facts):
        reason = (
            "the application was not read in this directory, so no command or link is shown for one that only a "
            "failure names"
        )
        return fixing.fix(
            subject,
            do=f"Do not grant anything yet. Find the application under Enterprise apps and compare its publisher, "
            f"its owning "
            f"tenant and the permission {wanted.shown} of {wanted.api_name} with what you expect; an error text or a "
            f"link "
            "from somebody else is no reason to consent.",
            effect="widens",
            before=before,
            commands=fixing.nowhere(reason, f"{portal}."),
            who=who,
            rollback=Rollback("Nothing was changed."),
            verify="You know the publisher and need the application.",
        )
    given = fixing.nowhere(wanted.refused, f"{portal}.") if wanted.refused else _grant(facts, subject, wanted, portal)
    undo = None if wanted.refused else _revocation(facts, subject, wanted, portal)
    return fixing.fix(
        subject,
        do=f"Look at who asks: {identity(facts)}. If you trust it and it needs the {wanted.kind} permission "
        f"{wanted.shown} of "
        f"{wanted.api_name}, grant that permission alone" + (f"; but {wanted.refused}." if wanted.refused else "."),
        effect="widens",
        before=before,
        commands=given,
        caution="“Grant admin consent” in the portal grants everything that the application asks for, not only this "
        "permission: take off the list first what it must not have."
        + (" An application permission reaches the data of all users, with nobody signed in." if application else ""),
        who=who,
        rollback=Rollback("Take this permission away again; tokens already issued stay valid for about an hour.", undo),
        verify="The permission is listed as granted, and a new token carries it in "
        + ("roles." if application else "scp."),
    )


def _before(facts: Facts, wanted: Permission) -> tuple[str, ...]:
    affected = (
        "Affected: all data the permission covers, because the application then acts as itself."
        if wanted.kind == "application"
        else "Affected: every user of this tenant, because the application may then act as any of them who signs in "
        "to it."
    )
    return (
        f"Publisher and owner: {identity(facts)}.",
        f"Permission: {wanted.shown} of {wanted.api_name}, {wanted.kind}"
        + (", for administrators to grant." if wanted.was_read and wanted.admin_only else "."),
        f"{affected} Ask the owner of that data to approve.",
    )


def _grant(facts: Facts, subject: Subject, wanted: Permission, portal: str) -> Commands:
    path = f"{portal}, then Grant admin consent only if the whole list is wanted."
    if wanted.kind == "application":
        return _role_commands(subject, wanted, path)
    existing = delegated_grants.existing_grant(facts, subject, wanted)
    return fixing.commands(
        az=lambda: delegated_grants.az_script(subject, wanted, add=True),
        graph=lambda: delegated_grants.requests(subject, wanted, existing),
        powershell=lambda: delegated_grants.powershell_script(subject, wanted, add=True),
        bicep=lambda: delegated_grants.declared(subject, wanted, existing, "bicep"),
        terraform=lambda: delegated_grants.declared(subject, wanted, existing, "terraform"),
        portal=path,
    )


def _revocation(facts: Facts, subject: Subject, wanted: Permission, portal: str) -> Commands:
    if wanted.kind == "application":
        return _role_removal(subject, portal)
    existing = delegated_grants.existing_grant(facts, subject, wanted)
    return fixing.commands(
        az=lambda: delegated_grants.az_script(subject, wanted, add=False),
        graph=lambda: delegated_grants.undo_requests(subject, wanted, existing),
        powershell=lambda: delegated_grants.powershell_script(subject, wanted, add=False),
        bicep=Unavailable("take the scope out of the file again and deploy it"),
        terraform=Unavailable("take the scope out of the configuration again and apply"),
        portal=f"{portal}: the permission > Revoke permission.",
    )


def _role_commands(subject: Subject, wanted: Permission, portal: str) -> Commands:
    url = f"{graph.GRAPH}/servicePrincipals/{wanted.api_object_id}/appRoleAssignedTo"
    body = {
        "principalId": subject.service_principal_id,
        "resourceId": wanted.api_object_id,
        "appRoleId": wanted.id,
    }
    return fixing.commands(
        az=lambda: graph.rest("POST", url, body),
        graph=lambda: (graph.request("POST", url, body),),
        powershell=lambda: graph.connected(
            *graph.one_service_principal(subject.app_id),
            *graph.one_service_principal(wanted.api_app_id, "$api"),
            "New-MgServicePrincipalAppRoleAssignedTo -ServicePrincipalId $api.Id -PrincipalId $principal.Id "
            f"-ResourceId $api.Id -AppRoleId {powershell(wanted.id)}",
            scopes=("Application.Read.All", "AppRoleAssignment.ReadWrite.All"),
        ),
        bicep=lambda: bicep_resource("added", "Microsoft.Graph/appRoleAssignedTo@v1.0", body),
        terraform=lambda: terraform_resource(
            "azuread_app_role_assignment",
            {
                "app_role_id": wanted.id,
                "principal_object_id": subject.service_principal_id,
                "resource_object_id": wanted.api_object_id,
            },
        ),
        portal=portal,
    )


def _role_removal(subject: Subject, portal: str) -> Commands:
    assignment = placeholder("assignment-id")
    url = f"{graph.GRAPH}/servicePrincipals/{subject.service_principal_id}/appRoleAssignments/{assignment}"
    return fixing.commands(
        az=lambda: graph.rest("DELETE", url),
        graph=lambda: (graph.request("DELETE", url),),
        powershell=lambda: graph.connected(
            *graph.one_service_principal(subject.app_id),
            "Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id "
            f"-AppRoleAssignmentId {powershell(assignment)}",
            scopes=("Application.Read.All", "AppRoleAssignment.ReadWrite.All"),
        ),
        bicep=Unavailable(
            "Bicep does not delete what is no longer declared: take it out of the file and delete it with az"
        ),
        terraform=Unavailable("delete the azuread_app_role_assignment resource from the files and apply"),
        portal=f"{portal}: the permission > Revoke permission.",
    )
