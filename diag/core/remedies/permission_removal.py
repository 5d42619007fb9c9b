"""Taking back application permissions that were granted to a client."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.powerful_permissions import BY_ID, Reach
from diag.core.remedies import fixing, graph
from diag.core.remedies.quoting import jmespath, posix, powershell_list
from diag.core.remedies.subject import Subject, guid, placeholder, subject_of, value
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy

_SCOPES = ("Application.Read.All", "AppRoleAssignment.ReadWrite.All")


class RevokeAppPermissions(Struct, frozen=True, forbid_unknown_fields=True):
    reach: str
    """``control`` or ``data``: which of the granted far-reaching permissions."""


@remedy("revoke_app_permissions", effect="removes", args=RevokeAppPermissions)
def revoke_app_permissions(facts: Facts, args: RevokeAppPermissions) -> Fix:
    """Takes back the far-reaching application permissions that were seen to be granted; others stay."""
    subject = subject_of(facts)
    reach: Reach = "control" if args.reach.strip() == "control" else "data"
    held = {guid(item.app_role_id) for item in value(facts.app_role_assignments) or ()}
    wanted = [role_id for role_id in BY_ID if role_id in held and BY_ID[role_id].reach == reach]
    names = ", ".join(BY_ID[role_id].name for role_id in wanted) or "the far-reaching permissions"
    portal = f"{fixing.ENTERPRISE} > {subject.name} > Security > Permissions > Admin consent > the permission > Revoke."
    commands = (
        _commands(subject, wanted, portal)
        if wanted
        else fixing.nowhere("which application permissions are granted was not read", portal)
    )
    return fixing.fix(
        subject,
        do=f"Grant {subject.name} the smallest permissions its calls need, see it work with them, then take back "
        f"{names}.",
        effect="removes",
        before=(
            "Find out which calls the program makes (its code, or the Microsoft Graph activity logs): every call that "
            "needs the permission fails as soon as its current token ends, after about an hour.",
            "Ask the application's owner to approve.",
        ),
        commands=commands,
        caution="Take the permission off the API permissions of the registration as well, or the next admin consent "
        "grants it again.",
        who="Privileged Role Administrator, or Cloud Application Administrator for APIs other than Microsoft Graph",
        rollback=Rollback("Grant the permission again by admin consent."),
        verify="The permission is no longer listed for the service principal, and a new token's roles claim is without "
        "it.",
    )


def _commands(subject: Subject, role_ids: list[str], portal: str) -> Commands:
    url = f"{graph.service_principal_url(subject.app_id)}/appRoleAssignments"
    query = f"value[?contains({jmespath(role_ids)}, appRoleId)].id"
    removal = f"{url}/{placeholder('assignment-id')}"
    return fixing.commands(
        az=lambda: graph.guarded(
            f"url={posix(url)}",
            f'ids=$(az rest --method GET --url "$url" --query {posix(query)} --output tsv)',
            'for id in $ids; do az rest --method DELETE --url "$url/$id"; done',
        ),
        graph=lambda: (graph.request("GET", url), graph.request("DELETE", removal)),
        powershell=lambda: graph.connected(
            *graph.one_service_principal(subject.app_id),
            f"$roles = {powershell_list(role_ids)}",
            "Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -All |",
            "  Where-Object { $_.AppRoleId -in $roles } |",
            "  ForEach-Object { Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id "
            "-AppRoleAssignmentId $_.Id }",
            scopes=_SCOPES,
        ),
        bicep=Unavailable(
            "Bicep does not delete what is no longer declared: take it out of the file and delete it with az"
        ),
        terraform=Unavailable("delete the azuread_app_role_assignment resource from the files and apply"),
        portal=portal,
    )
