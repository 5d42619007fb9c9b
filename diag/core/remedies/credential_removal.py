"""Removing secrets and certificates by their key IDs."""

from collections.abc import Iterable

from msgspec import Struct

from diag.core.credentials import Credential
from diag.core.facts import Facts
from diag.core.remedies import certificates, client_secrets, fixing, graph
from diag.core.remedies.arguments import NoArgs
from diag.core.remedies.quoting import az, plain, powershell
from diag.core.remedies.subject import Subject, guid, placeholder, subject_of, value
from diag.core.remedy import Commands, Fix, GraphRequest, Rollback, Unavailable, remedy

_NO_BICEP = Unavailable("Microsoft Graph Bicep cannot remove one secret or certificate")
_NO_TERRAFORM = Unavailable(
    "Terraform removes only what it created: delete the azuread_application_password or "
    "azuread_application_certificate resource from its files"
)


class RemoveCredential(Struct, frozen=True, forbid_unknown_fields=True):
    key_id: str
    kind: str = "secret"


@remedy("remove_credential", effect="removes", args=RemoveCredential)
@fixing.own_registration
def remove_credential(facts: Facts, args: RemoveCredential) -> Fix:
    """Removes one secret (or certificate) by key ID; the key ID enters a command only if the application was seen to
    hold it."""
    subject = subject_of(facts)
    certificate = args.kind == "certificate"
    held = value(facts.application.certificates if certificate else facts.application.client_secrets) or ()
    wanted = guid(args.key_id)
    known = next((one for one in held if wanted and guid(one.key_id) == wanted), None)
    key_id = wanted if known is not None and wanted else placeholder("key-id")
    what = "certificate" if certificate else "client secret"
    named = f" “{plain(known.display_name, 80)}”" if known is not None and known.display_name else ""
    commands = (certificates if certificate else client_secrets).removal_commands(subject, key_id)
    seen = "" if known is not None or not args.key_id else f" The key ID “{plain(args.key_id, 60)}” was not seen there."
    return fixing.fix(
        subject,
        do=f"Remove the {what}{named} with key ID {key_id} from {subject.name}, once nothing uses it any more.{seen}",
        effect="removes",
        before=(
            f"Look in the sign-in log for successes with this key ID in the last 30 days: every client that still "
            f"uses this "
            f"{what} fails at its next token request.",
            "Make sure that another credential is in use, and ask the owner of the application to approve.",
        ),
        commands=commands,
        caution=f"A removed {what} cannot be brought back with the same value."
        if not certificate
        else "The certificate itself stays valid elsewhere; only this application stops accepting it.",
        rollback=Rollback(
            "Add a new client secret and give it to the clients that failed.", client_secrets.secret_commands(subject)
        )
        if not certificate
        else Rollback("Upload the same public certificate again.", certificates.added_commands(subject)),
        verify=f"The {what} is gone from Certificates & secrets, and no failure with 7000215, 7000222 or 700027 "
        f"begins.",
    )


class RemoveCredentials(Struct, frozen=True, forbid_unknown_fields=True):
    secret_keys: str = ""
    """Key IDs, a line each; only those that the application was seen to hold enter a command."""
    certificate_keys: str = ""


@remedy("remove_credentials", effect="removes", args=RemoveCredentials)
@fixing.own_registration
def remove_credentials(facts: Facts, args: RemoveCredentials) -> Fix:
    """Removes several secrets and certificates, each by its key ID; only key IDs that the application was seen to hold
    enter a command."""
    subject = subject_of(facts)
    secrets = _held(args.secret_keys, value(facts.application.client_secrets) or ())
    keys = _held(args.certificate_keys, value(facts.application.certificates) or ())
    portal = f"{fixing.PORTAL} > {subject.name} > Manage > Certificates & secrets > the lines with these IDs > Delete."
    commands = (
        _removals(subject, secrets, keys, portal)
        if secrets or keys
        else fixing.nowhere("none of the key IDs was read among this application's credentials", portal)
    )
    return fixing.fix(
        subject,
        do=f"Remove {_counted(secrets, keys)} from {subject.name}, once nothing uses them any more.",
        effect="removes",
        before=(
            "Look in the sign-in log for successes with these key IDs in the last 30 days: every client that still "
            "uses one of them fails at its next token request. One that has ended opens nothing any more.",
            "Ask the owner of the application to approve.",
        ),
        commands=commands,
        caution="A removed secret cannot be brought back with the same value."
        + (
            " removeKey works only while another valid certificate proves the caller; else use the portal." * bool(keys)
        ),
        rollback=Rollback("Add a new credential and give it to the clients that failed."),
        verify="Certificates & secrets no longer lists them, and no failures with 7000215, 7000222 or 700027 begin.",
    )


@remedy("remove_principal_secrets", effect="removes", args=NoArgs)
def remove_principal_secrets(facts: Facts, args: NoArgs) -> Fix:
    """Removes the client secrets that a service principal holds by itself; the registration's own stay."""
    subject = subject_of(facts)
    held = value(facts.service_principal.client_secrets) or ()
    twins = {key.key_id for key in value(facts.service_principal.certificates) or () if key.usage == "Sign"}
    keys = [key for one in held if one.key_id not in twins and (key := guid(one.key_id)) is not None]
    portal = f"{fixing.ENTERPRISE} > {subject.name}: the portal does not list these secrets; use az or Graph."
    url = f"{graph.service_principal_url(subject.app_id)}/removePassword"
    commands = fixing.commands(
        az=lambda: graph.az_lines(*(az(["ad", "sp", "credential", "delete"], _named(subject, key)) for key in keys)),
        graph=lambda: tuple(graph.request("POST", url, {"keyId": key}) for key in keys),
        powershell=lambda: graph.connected(
            *graph.one_service_principal(subject.app_id),
            *(
                f"Remove-MgServicePrincipalPassword -ServicePrincipalId $principal.Id -KeyId {powershell(key)}"
                for key in keys
            ),
        ),
        bicep=_NO_BICEP,
        terraform=Unavailable(
            "Terraform removes only what it created: delete the azuread_service_principal_password resource from its "
            "files"
        ),
        portal=portal,
    )
    if not keys:
        commands = fixing.nowhere("the service principal's secrets were not read", portal)
    return fixing.fix(
        subject,
        do=f"Find out who added the secrets to the service principal of {subject.name} and why; move their users to a "
        "credential of the registration, then remove them.",
        effect="removes",
        before=(
            "Look in the sign-in log for successes with these key IDs: whoever uses one of them fails at the next "
            "token request. If nobody knows them, treat them as planted and call whoever handles incidents first.",
            "Ask the owner of the application to approve.",
        ),
        commands=commands,
        caution="A removed secret cannot be brought back with the same value.",
        who=fixing.SERVICE_PRINCIPAL_OWNER,
        rollback=Rollback("Add a credential to the registration and give it to the clients that failed."),
        verify="`az ad sp credential list` no longer lists them.",
    )


def _named(subject: Subject, key_id: str) -> dict[str, str]:
    return {"--id": subject.app_id, "--key-id": key_id}


def _held(keys: str, listed: Iterable[Credential]) -> list[str]:
    """The key IDs among ``keys`` that the application holds, as GUIDs."""
    known = {guid(one.key_id) for one in listed}
    return [key for line in keys.split("\n") if (key := guid(line)) is not None and key in known]


def _counted(secrets: list[str], keys: list[str]) -> str:
    parts = [
        f"{len(ids)} {what}{'s' if len(ids) > 1 else ''} ({', '.join(ids[:5])}{' and more' if len(ids) > 5 else ''})"
        for ids, what in ((secrets, "client secret"), (keys, "certificate"))
        if ids
    ]
    return " and ".join(parts) or "the credentials"


def _removals(subject: Subject, secrets: list[str], keys: list[str], portal: str) -> Commands:
    base = graph.application_url(subject)
    proof = placeholder("proof")

    def requests() -> tuple[GraphRequest, ...]:
        return (
            *(graph.request("POST", f"{base}/removePassword", {"keyId": key}) for key in secrets),
            *(graph.request("POST", f"{base}/removeKey", {"keyId": key, "proof": proof}) for key in keys),
        )

    return fixing.commands(
        az=lambda: graph.az_lines(
            *(graph.az_app(subject, "credential", "delete", key_id=key) for key in secrets),
            *(graph.rest("POST", f"{base}/removeKey", {"keyId": key, "proof": proof}) for key in keys),
        ),
        graph=requests,
        powershell=lambda: graph.connected(
            *graph.one_application(subject),
            *(f"Remove-MgApplicationPassword -ApplicationId $app.Id -KeyId {powershell(key)}" for key in secrets),
            *(
                f"Remove-MgApplicationKey -ApplicationId $app.Id -KeyId {powershell(key)} -Proof {powershell(proof)}"
                for key in keys
            ),
        ),
        bicep=_NO_BICEP,
        terraform=_NO_TERRAFORM,
        portal=portal,
    )
