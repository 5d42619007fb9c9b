"""Adding a client secret beside those that are there."""

from diag.core.facts import Facts
from diag.core.remedies import fixing, graph
from diag.core.remedies.arguments import NoArgs
from diag.core.remedies.quoting import powershell
from diag.core.remedies.resources import application_path, terraform_resource
from diag.core.remedies.subject import Subject, placeholder, subject_of
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy

_NAME = "added after a failed sign-in"

DAYS = 180
"""How long a new secret lives, in every tool: the longest that is sensible for one that people must carry over."""


@remedy("add_client_secret", effect="adds", args=NoArgs)
@fixing.own_registration
def add_client_secret(facts: Facts, args: NoArgs) -> Fix:
    """Adds one client secret; the existing ones stay valid until each is removed by its key ID."""
    subject = subject_of(facts)
    return fixing.fix(
        subject,
        do="Does the client run in Azure? Use a managed identity. Can its platform issue tokens (GitHub Actions, "
        "Kubernetes, another cloud)? Use a federated credential. Can it keep a certificate? Use that. Only if none "
        "of these "
        f"is possible: add a client secret that lives {DAYS} days to {subject.name}, copy its Value (not its Secret "
        "ID) once, straight into the client's secret store, and restart the client.",
        effect="adds",
        commands=secret_commands(subject),
        caution="The value is shown only once; keep it out of chat, tickets and source code. A client in a browser "
        "or on a "
        "person's device must not have a secret. Removing the old secret is a step of its own, by key ID, after the "
        "new one "
        "is seen in use.",
        rollback=Rollback("Remove the new secret by its key ID.", removal_commands(subject, placeholder("key-id"))),
        verify="The client gets a token; the sign-in log shows the new key ID as the credential that was used.",
    )


def secret_commands(subject: Subject) -> Commands:
    url = f"{graph.application_url(subject)}/addPassword"
    credential = {"displayName": _NAME, "endDateTime": placeholder("end-date")}
    return fixing.commands(
        az=lambda: _az(subject),
        graph=lambda: (graph.request("POST", url, {"passwordCredential": credential}),),
        powershell=lambda: graph.connected(
            *graph.one_application(subject),
            "Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential "
            f"@{{ DisplayName = {powershell(_NAME)}; EndDateTime = (Get-Date).ToUniversalTime().AddDays({DAYS}) }}",
        ),
        bicep=Unavailable("Microsoft Graph Bicep cannot create passwords"),
        terraform=lambda: terraform_resource(
            "azuread_application_password",
            {"application_id": application_path(subject), "display_name": _NAME, "end_date": placeholder("end-date")},
            "Terraform keeps the secret's value in its state: whoever reads the state has the secret.",
        ),
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Certificates & secrets > Client secrets > New client "
        f"secret > Expires: {DAYS} days > Add.",
    )


def _az(subject: Subject) -> str:
    """The end is computed where the script runs: GNU date first, then the date of macOS and the BSDs."""
    reset = graph.az_app(subject, "credential", "reset", display_name=_NAME)
    return graph.guarded(
        f"end=$(date -u -d '+{DAYS} days' +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -v+{DAYS}d +%Y-%m-%dT%H:%M:%SZ)",
        # Without --append this command would remove every other secret and certificate.
        f'{reset} --end-date "$end" --append',
    )


def removal_commands(subject: Subject, key_id: str) -> Commands:
    """Removing one secret by key ID."""
    url = f"{graph.application_url(subject)}/removePassword"
    return fixing.commands(
        az=lambda: graph.az_app(subject, "credential", "delete", key_id=key_id),
        graph=lambda: (graph.request("POST", url, {"keyId": key_id}),),
        powershell=lambda: graph.connected(
            *graph.one_application(subject),
            f"Remove-MgApplicationPassword -ApplicationId $app.Id -KeyId {powershell(key_id)}",
        ),
        bicep=Unavailable("Microsoft Graph Bicep cannot remove one secret"),
        terraform=Unavailable(
            "Terraform removes only secrets it created: delete that azuread_application_password resource from its "
            "files"
        ),
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Certificates & secrets > Client secrets > the line whose "
        f"Secret ID is {key_id} > Delete.",
    )
