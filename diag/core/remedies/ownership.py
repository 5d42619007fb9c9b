"""Giving a registration an owner."""

from diag.core.facts import Facts
from diag.core.remedies import fixing, graph
from diag.core.remedies.arguments import NoArgs
from diag.core.remedies.quoting import powershell
from diag.core.remedies.resources import application_path, terraform_resource
from diag.core.remedies.subject import Subject, placeholder, subject_of
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy


@remedy("add_owner", effect="widens", args=NoArgs)
@fixing.own_registration
def add_owner(facts: Facts, args: NoArgs) -> Fix:
    """Makes one more person (or program) an owner of the registration; those it has stay owners."""
    subject = subject_of(facts)
    return fixing.fix(
        subject,
        do=f"Find out who answers for {subject.name}, and make that person an owner; two people are better than one.",
        effect="widens",
        before=(
            "Affected: everybody who relies on the application, for an owner can add credentials to it and so act "
            "with all its permissions. Choose a member of this organisation, not a guest.",
            "Ask that person, and whoever runs the service, to approve.",
        ),
        commands=_commands(subject),
        caution="For an application with far-reaching permissions an owner is as powerful as those permissions: "
        "protect the account as an administrator's.",
        who="An owner of the application, or Cloud Application Administrator, or Application Administrator",
        rollback=Rollback("Take the owner away again.", _removal(subject)),
        verify="The person is listed under Owners.",
    )


def _commands(subject: Subject) -> Commands:
    owner = placeholder("owner-object-id")
    url = f"{graph.application_url(subject)}/owners/$ref"
    body = {"@odata.id": f"{graph.GRAPH}/directoryObjects/{owner}"}
    return fixing.commands(
        az=lambda: graph.az_app(subject, "owner", "add", owner_object_id=owner),
        graph=lambda: (graph.request("POST", url, body),),
        powershell=lambda: graph.connected(
            *graph.one_application(subject),
            f"New-MgApplicationOwnerByRef -ApplicationId $app.Id -OdataId {powershell(body['@odata.id'])}",
        ),
        bicep=Unavailable("whether Bicep can name owners depends on the extension's version: use az or the portal"),
        terraform=lambda: terraform_resource(
            "azuread_application_owner",
            {"application_id": application_path(subject), "owner_object_id": owner},
        ),
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Owners > Add owners.",
    )


def _removal(subject: Subject) -> Commands:
    owner = placeholder("owner-object-id")
    url = f"{graph.application_url(subject)}/owners/{owner}/$ref"
    return fixing.commands(
        az=lambda: graph.az_app(subject, "owner", "remove", owner_object_id=owner),
        graph=lambda: (graph.request("DELETE", url),),
        powershell=lambda: graph.connected(
            *graph.one_application(subject),
            "Remove-MgApplicationOwnerDirectoryObjectByRef -ApplicationId $app.Id "
            f"-DirectoryObjectId {powershell(owner)}",
        ),
        bicep=Unavailable("whether Bicep can name owners depends on the extension's version: use az or the portal"),
        terraform=Unavailable("delete the azuread_application_owner resource from the files and apply"),
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Owners > tick the line > Remove owners.",
    )
