"""Assigning a user or group to an application that admits only those assigned."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.read import Found
from diag.core.remedies import fixing, graph
from diag.core.remedies.quoting import plain, powershell
from diag.core.remedies.resources import bicep_resource, terraform_resource
from diag.core.remedies.subject import Subject, placeholder, subject_of, value, was_read
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy

DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
"""The app role id of an assignment to an application that has no roles for users."""


class AssignPrincipal(Struct, frozen=True, forbid_unknown_fields=True):
    principal: str = ""


@remedy("assign_principal", effect="widens", args=AssignPrincipal)
def assign_principal(facts: Facts, args: AssignPrincipal) -> Fix:
    """Assigns a user, a group or a client to the application; who it is comes from a person, never from the failure."""
    subject = subject_of(facts)
    role, roles = _role(facts)
    who = (
        f" The failure names “{plain(args.principal, 120)}”: that somebody was refused does not mean that they "
        f"should get in."
        if args.principal
        else ""
    )
    return fixing.fix(
        subject,
        do=f"Decide with the application's owner who is meant to use {subject.name}, and assign that user or, "
        f"better, their "
        f"group.{who}{roles}",
        effect="widens",
        before=(
            "Ask the owner of the application to approve: the assigned users and, for a group, all its direct "
            "members get "
            "in from then on.",
        ),
        commands=_commands(subject, role),
        caution="Members of nested groups are not included. Assigning groups needs Entra ID P1 or P2.",
        who=fixing.SERVICE_PRINCIPAL_OWNER + ", or User Administrator",
        rollback=Rollback("Take the assignment away again.", _removal(subject)),
        verify="The user is listed under Users and groups (alone or by the group) and signs in.",
    )


def _role(facts: Facts) -> tuple[str, str]:
    """The app role to assign, and a sentence on the choice where there is one."""
    offered = facts.service_principal.app_roles
    if not was_read(offered) or (isinstance(offered, Found) and not offered.complete):
        return placeholder(
            "app-role-id"
        ), f" If the application has no roles for users, the role id is {DEFAULT_ACCESS}."
    for_users = [one for one in value(offered) if one.enabled and "User" in one.allowed_member_types]
    if not for_users:
        return DEFAULT_ACCESS, ""
    listed = ", ".join(f"“{plain(one.value, 60)}” ({plain(one.id, 40)})" for one in for_users[:8])
    return placeholder("app-role-id"), f" Its roles for users are {listed}."


def _commands(subject: Subject, role: str) -> Commands:
    url = f"{graph.service_principal_url(subject.app_id)}/appRoleAssignedTo"
    principal = placeholder("user-or-group-object-id")
    body = {"principalId": principal, "resourceId": subject.service_principal_id, "appRoleId": role}
    return fixing.commands(
        az=lambda: graph.rest("POST", url, body),
        graph=lambda: (graph.request("POST", url, body),),
        powershell=lambda: graph.connected(
            *graph.one_service_principal(subject.app_id),
            "New-MgServicePrincipalAppRoleAssignedTo -ServicePrincipalId $principal.Id "
            f"-PrincipalId {powershell(principal)} -ResourceId $principal.Id -AppRoleId {powershell(role)}",
            scopes=("Application.Read.All", "AppRoleAssignment.ReadWrite.All"),
        ),
        bicep=lambda: bicep_resource("added", "Microsoft.Graph/appRoleAssignedTo@v1.0", body),
        terraform=lambda: terraform_resource(
            "azuread_app_role_assignment",
            {
                "app_role_id": role,
                "principal_object_id": principal,
                "resource_object_id": subject.service_principal_id,
            },
        ),
        portal=f"{fixing.ENTERPRISE} > {subject.name} > Manage > Users and groups > Add user/group > Assign.",
    )


def _removal(subject: Subject) -> Commands:
    assignment = placeholder("assignment-id")
    url = f"{graph.service_principal_url(subject.app_id)}/appRoleAssignedTo/{assignment}"
    return fixing.commands(
        az=lambda: graph.rest("DELETE", url),
        graph=lambda: (graph.request("DELETE", url),),
        powershell=lambda: graph.connected(
            *graph.one_service_principal(subject.app_id),
            "Remove-MgServicePrincipalAppRoleAssignedTo -ServicePrincipalId $principal.Id "
            f"-AppRoleAssignmentId {powershell(assignment)}",
            scopes=("Application.Read.All", "AppRoleAssignment.ReadWrite.All"),
        ),
        bicep=Unavailable(
            "Bicep does not delete what is no longer declared: take it out of the file and delete it with az"
        ),
        terraform=Unavailable("delete the azuread_app_role_assignment resource from the files and apply"),
        portal=f"{fixing.ENTERPRISE} > {subject.name} > Manage > Users and groups > tick the line > Remove assignment.",
    )
