"""Creating an application's service principal in this tenant, and letting a disabled one sign in again."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.read import Found
from diag.core.remedies import fixing, graph
from diag.core.remedies.arguments import NoArgs
from diag.core.remedies.quoting import az, plain, powershell, quoted
from diag.core.remedies.resources import bicep_resource, terraform_resource
from diag.core.remedies.subject import guid, identity, subject_of, value
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy


class CreateServicePrincipal(Struct, frozen=True, forbid_unknown_fields=True):
    app_id: str


@remedy("create_service_principal", effect="adds", args=CreateServicePrincipal)
def create_service_principal(facts: Facts, args: CreateServicePrincipal) -> Fix:
    """Creates the service principal of an application in this tenant; as a command only for an application read in
    the directory."""
    wanted = guid(args.app_id)
    read = (
        bool(value(facts.application.exists)) and wanted is not None and wanted == guid(value(facts.application.app_id))
    )
    subject = subject_of(facts)
    app_id = wanted if read and wanted else ""
    portal = f"{fixing.PORTAL} > {subject.name} > Overview > Create service principal."
    if not app_id:
        return fixing.fix(
            None,
            do=f"Is {quoted(args.app_id, 'the application named in the error', 80)} an application you know, and "
            "from a publisher you trust? If not, do nothing. Ask its publisher for the application ID and the way to "
            "set it up, and compare both before you let it into this tenant.",
            effect="adds",
            before=(
                "The application was not read in this directory: its publisher, its owning tenant and what it asks "
                "for are "
                "unknown here.",
            ),
            commands=fixing.nowhere(
                "the application was not read in this directory, so no command is shown for an ID that only the "
                "failure names",
                f"{fixing.ENTERPRISE} > New application: search for it by its publisher, not by an ID from an error "
                f"text.",
            ),
            who="Cloud Application Administrator or Application Administrator",
            rollback=Rollback("Nothing was changed."),
            verify="The application appears under Enterprise apps with the publisher you expect.",
        )
    return fixing.fix(
        subject,
        do=f"Create the service principal of {subject.name} in this tenant. First check that this is the application "
        f"you "
        f"mean: {identity(facts)}.",
        effect="adds",
        before=(f"Check publisher and owning tenant: {identity(facts)}.",),
        commands=_creation(app_id, portal),
        caution="A service principal lets users of this tenant sign in to the application (unless assignment is "
        "required); it "
        "grants no permission.",
        who="Cloud Application Administrator or Application Administrator, or an owner of the application",
        rollback=Rollback("Delete the service principal; its grants and assignments go with it.", _deletion(app_id)),
        verify="The application appears under Enterprise apps, and the failed request gets past this error.",
    )


@remedy("enable_service_principal", effect="changes", args=NoArgs)
def enable_service_principal(facts: Facts, args: NoArgs) -> Fix:
    """Lets a service principal that somebody disabled sign in again; impossible where Microsoft disabled it."""
    subject = subject_of(facts)
    portal = f"{fixing.ENTERPRISE} > {subject.name} > Manage > Properties > Enabled for users to sign in? > Yes > Save."
    for status in (facts.service_principal.disabled_by_microsoft, facts.application.disabled_by_microsoft):
        if isinstance(status, Found) and status.value and status.value != "NotDisabled":
            return fixing.fix(
                subject,
                do=f"Microsoft disabled {subject.name} ({plain(status.value, 80)}): nobody in this tenant can enable "
                f"it. "
                "Open a support request with Microsoft, and stop relying on the application until it is answered.",
                effect="changes",
                before=("Treat the application as possibly malicious: look at what it was granted.",),
                commands=fixing.nowhere("Microsoft disabled the application; only Microsoft can enable it", portal),
                who="Microsoft, asked by an administrator of the owning tenant",
                rollback=Rollback("Nothing was changed."),
                verify="disabledByMicrosoftStatus is NotDisabled or empty.",
            )
    return fixing.fix(
        subject,
        do=f"First find out who disabled {subject.name} and why{_who_did(facts)}. Enable it only with that person's "
        f"consent.",
        effect="changes",
        before=(
            "Ask whoever disabled it for the reason: it may have been a security incident.",
            "Affected: every user and client of the application in this tenant gets tokens again. Ask the "
            "application's "
            "owner and whoever answers for security to approve.",
        ),
        commands=_enabled(subject.app_id, True, portal),
        caution="Its grants and assignments are as they were: look at them before, not after.",
        who=fixing.SERVICE_PRINCIPAL_OWNER,
        rollback=Rollback("Disable it again.", _enabled(subject.app_id, False, portal.replace("> Yes >", "> No >"))),
        verify="accountEnabled is true, and the failed request gets a token within some minutes.",
    )


def _who_did(facts: Facts) -> str:
    """Who the history names as the one that disabled it; empty when nothing is known."""
    for change in value(facts.changes) or ():
        for part in change.properties:
            if part.name.lower() == "accountenabled" and "false" in part.new.lower():
                actor = f" by “{plain(change.actor, 120)}”" if change.actor else ""
                return f" (the history shows it disabled at {change.at:%Y-%m-%d %H:%M} UTC{actor})"
    return " (the audit log of Entra ID shows it under Update service principal)"


def _creation(app_id: str, portal: str) -> Commands:
    return fixing.commands(
        az=lambda: az(["ad", "sp", "create"], {"--id": app_id}),
        graph=lambda: (graph.request("POST", f"{graph.GRAPH}/servicePrincipals", {"appId": app_id}),),
        powershell=lambda: graph.connected(f"New-MgServicePrincipal -AppId {powershell(app_id)}"),
        bicep=lambda: bicep_resource("added", "Microsoft.Graph/servicePrincipals@v1.0", {"appId": app_id}),
        terraform=lambda: terraform_resource("azuread_service_principal", {"client_id": app_id}),
        portal=portal,
    )


def _deletion(app_id: str) -> Commands:
    return fixing.commands(
        az=lambda: az(["ad", "sp", "delete"], {"--id": app_id}),
        graph=lambda: (graph.request("DELETE", graph.service_principal_url(app_id)),),
        powershell=lambda: graph.connected(
            *graph.one_service_principal(app_id),
            "Remove-MgServicePrincipal -ServicePrincipalId $principal.Id",
        ),
        bicep=Unavailable(
            "Bicep does not delete what is no longer declared: take it out of the file and delete it with az"
        ),
        terraform=Unavailable("delete the azuread_service_principal resource from the files and apply"),
        portal=f"{fixing.ENTERPRISE} > the application > Manage > Properties > Delete.",
    )


def _enabled(app_id: str, enabled: bool, portal: str) -> Commands:
    url = graph.service_principal_url(app_id)
    body = {"accountEnabled": enabled}
    word = "true" if enabled else "false"
    return fixing.commands(
        az=lambda: graph.guarded(graph.rest("PATCH", url, body), graph.rest("GET", url, query="accountEnabled")),
        graph=lambda: (graph.request("GET", url), graph.request("PATCH", url, body)),
        powershell=lambda: graph.connected(
            *graph.one_service_principal(app_id),
            f"Update-MgServicePrincipal -ServicePrincipalId $principal.Id -AccountEnabled:${word}",
        ),
        bicep=f"// A fragment for the existing Microsoft.Graph/servicePrincipals resource of this application.\n"
        f"accountEnabled: {word}",
        terraform=f"# A fragment for the existing azuread_service_principal resource of this application.\n"
        f"account_enabled = {word}",
        portal=portal,
    )
