"""Bringing a deleted application back, with its service principal."""

from datetime import timedelta

from diag.core.facts import Facts
from diag.core.remedies import fixing, graph
from diag.core.remedies.arguments import NoArgs
from diag.core.remedies.quoting import odata, percent_encoded, posix, powershell
from diag.core.remedies.subject import guid, guid_or, placeholder, subject_of, value
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy

KEPT = timedelta(days=30)
"""How long a deleted application can be restored."""


@remedy("restore_application", effect="changes", args=NoArgs)
def restore_application(facts: Facts, args: NoArgs) -> Fix:
    """Restores a deleted registration within 30 days, then its service principal, which is deleted and restored on
    its own."""
    deleted = facts.deleted_application
    subject = subject_of(facts)
    app_id = guid(value(deleted.app_id)) or subject.app_id
    object_id = guid_or(value(deleted.object_id), "deleted-application-object-id")
    at = value(deleted.deleted_at)
    until = f" It was deleted at {at:%Y-%m-%d %H:%M} UTC and can be restored until {at + KEPT:%Y-%m-%d}." if at else ""
    return fixing.fix(
        subject,
        do=f"Restore the deleted application, then look at its service principal, which was deleted with it.{until}",
        effect="changes",
        before=(
            "Find out in the audit log who deleted the application and why, and ask that person.",
            "Affected: its credentials, permissions and users' access come back as they were; ask the owner to "
            "approve, and "
            "look for a registration that was made to replace it.",
        ),
        commands=_restoring(app_id, object_id),
        caution="Restoring fails where an App ID URI of the application has been given to another one meanwhile. "
        "Policies and "
        "some assignments may have to be made again.",
        who="Cloud Application Administrator or Application Administrator, or a former owner of the application",
        rollback=Rollback(
            "Delete the application again; it can then be restored for another 30 days.", _deleting(app_id)
        ),
        verify="The application is under App registrations, its service principal under Enterprise apps, and the "
        "client gets "
        "a token.",
    )


def _restoring(app_id: str, object_id: str) -> Commands:
    items = f"{graph.GRAPH}/directory/deletedItems"
    principals = f"{items}/microsoft.graph.servicePrincipal?$filter=appId%20eq%20%27{percent_encoded(app_id)}%27"
    principal = placeholder("deleted-service-principal-object-id")
    return fixing.commands(
        az=lambda: graph.guarded(
            graph.rest("POST", f"{items}/{object_id}/restore"),
            f"principals={posix(principals)}",
            'principal=$(az rest --method GET --url "$principals" --query "value[0].id" --output tsv)',
            'if [ -n "$principal" ]; then',
            f'  az rest --method POST --url "{items}/$principal/restore"',
            "else",
            '  echo "No deleted service principal: look under Enterprise apps whether there is a live one."',
            "fi",
        ),
        graph=lambda: (
            graph.request("POST", f"{items}/{object_id}/restore"),
            graph.request("GET", principals),
            graph.request("POST", f"{items}/{principal}/restore"),
        ),
        powershell=lambda: graph.connected(
            f"Restore-MgDirectoryDeletedItem -DirectoryObjectId {powershell(object_id)}",
            f"$deleted = @(Get-MgDirectoryDeletedItemAsServicePrincipal -All | Where-Object {{ $_.AppId -eq "
            f"{powershell(app_id)} }})",
            "if ($deleted.Count -eq 1) { Restore-MgDirectoryDeletedItem -DirectoryObjectId $deleted[0].Id }",
        ),
        bicep=Unavailable("Microsoft Graph Bicep cannot restore deleted objects"),
        terraform=Unavailable("Terraform cannot restore deleted objects"),
        portal=f"{fixing.PORTAL.removesuffix(' > All applications')} > Deleted applications > choose the application "
        f"> Restore "
        "app registration; then Enterprise apps: check that its service principal is there.",
    )


def _deleting(app_id: str) -> Commands:
    return fixing.commands(
        az=lambda: f"az ad app delete --id {posix(app_id)}",
        graph=lambda: (graph.request("DELETE", f"{graph.GRAPH}/applications(appId={odata(app_id)})"),),
        powershell=lambda: graph.connected(
            f"Remove-MgApplicationByAppId -AppId {powershell(app_id)}",
        ),
        bicep=Unavailable("Microsoft Graph Bicep cannot delete an application"),
        terraform=Unavailable("an application that was restored is not managed by Terraform"),
        portal=f"{fixing.PORTAL} > the application > Overview > Delete.",
    )
