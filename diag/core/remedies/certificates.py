"""Adding a certificate beside the credentials that are there."""

from diag.core.facts import Facts
from diag.core.remedies import fixing, graph
from diag.core.remedies.arguments import NoArgs
from diag.core.remedies.quoting import posix, powershell
from diag.core.remedies.resources import application_path, terraform_resource
from diag.core.remedies.subject import Subject, placeholder, subject_of
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy


@remedy("add_certificate", effect="adds", args=NoArgs)
@fixing.own_registration
def add_certificate(facts: Facts, args: NoArgs) -> Fix:
    """Adds the public half of a certificate; the private key never leaves the client."""
    subject = subject_of(facts)
    return fixing.fix(
        subject,
        do=f"Upload the public half of the client's certificate to {subject.name}; the private key stays with the "
        f"client. "
        "Where a managed identity or a federated credential is possible, prefer that.",
        effect="adds",
        commands=added_commands(subject),
        caution="Give the public certificate alone, never a file with a private key. addKey works only while the "
        "application has another valid certificate to prove itself with; without one use az or the portal. The old "
        "certificate is removed by key ID in a step of its own, after the new one is seen in use.",
        rollback=Rollback(
            "Remove the new certificate by its key ID.", removal_commands(subject, placeholder("key-id"))
        ),
        verify="The thumbprint under Certificates & secrets equals that of the certificate the client signs with, "
        "and the "
        "client gets a token.",
    )


def added_commands(subject: Subject) -> Commands:
    url = f"{graph.application_url(subject)}/addKey"
    key = placeholder("public-certificate-base64")
    proof = placeholder("proof")
    credential = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": key}
    file = placeholder("public-certificate-file")
    return fixing.commands(
        # Without --append this command would remove every other secret and certificate.
        az=lambda: graph.guarded(
            f"certificate=$(cat {posix(file)})",
            graph.az_app(subject, "credential", "reset") + ' --cert="$certificate" --append',
        ),
        graph=lambda: (
            graph.request("POST", url, {"keyCredential": credential, "passwordCredential": None, "proof": proof}),
        ),
        powershell=lambda: graph.connected(
            *graph.one_application(subject),
            f"$certificate = [Security.Cryptography.X509Certificates.X509Certificate2]::new({powershell(file)})",
            "Add-MgApplicationKey -ApplicationId $app.Id -KeyCredential "
            "@{ Type = 'AsymmetricX509Cert'; Usage = 'Verify'; Key = $certificate.GetRawCertData() } "
            f"-Proof {powershell(proof)}",
        ),
        bicep=Unavailable(
            "Microsoft Graph Bicep declares all certificates at once: one that is not named there would be removed"
        ),
        terraform=lambda: terraform_resource(
            "azuread_application_certificate",
            {
                "application_id": application_path(subject),
                "type": "AsymmetricX509Cert",
                "encoding": "base64",
                "value": key,
            },
        ),
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Certificates & secrets > Certificates > Upload "
        f"certificate.",
    )


def removal_commands(subject: Subject, key_id: str) -> Commands:
    """Removing one certificate by key ID, proved with another that is still valid."""
    url = f"{graph.application_url(subject)}/removeKey"
    body = {"keyId": key_id, "proof": placeholder("proof")}
    return fixing.commands(
        az=lambda: graph.rest("POST", url, body),
        graph=lambda: (graph.request("POST", url, body),),
        powershell=lambda: graph.connected(
            *graph.one_application(subject),
            f"Remove-MgApplicationKey -ApplicationId $app.Id -KeyId {powershell(key_id)} "
            f"-Proof {powershell(placeholder('proof'))}",
        ),
        bicep=Unavailable("Microsoft Graph Bicep cannot remove one certificate"),
        terraform=Unavailable(
            "Terraform removes only certificates it created: delete that azuread_application_certificate resource "
            "from its "
            "files"
        ),
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Certificates & secrets > Certificates > the line with "
        f"key ID "
        f"{key_id} > Delete.",
    )
