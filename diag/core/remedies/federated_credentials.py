"""Trusting tokens of another issuer in place of a secret."""

import re

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.registration import FederatedCredential
from diag.core.remedies import fixing, graph
from diag.core.remedies.quoting import json, percent_encoded, powershell, quoted, refusal
from diag.core.remedies.resources import application_path, bicep_resource, terraform_resource
from diag.core.remedies.settings import hashtable
from diag.core.remedies.subject import Subject, placeholder, subject_of, value
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy

MOST = 20
"""Federated credentials that one application may have."""

DEFAULT_AUDIENCE = "api://AzureADTokenExchange"

_AUDIENCES = (DEFAULT_AUDIENCE, "api://AzureADTokenExchangeUSGov", "api://AzureADTokenExchangeChina")

# Issuers that serve everybody: there the subject alone tells whose workload it is, by the part up to what varies.
_SHARED = (
    ("https://token.actions.githubusercontent.com", re.compile(r"repo:[^:/]{1,100}/[^:/]{1,100}:")),
    ("https://gitlab.com", re.compile(r"project_path:[^:]{1,200}:")),
    ("https://app.terraform.io", re.compile(r"organization:[^:]{1,100}:project:[^:]{1,100}:")),
    ("https://accounts.google.com", re.compile(r".{1,255}")),
    ("https://vstoken.dev.azure.com", re.compile(r"sc://[^/]{1,100}/[^/]{1,100}/")),
)
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


class AddFederatedCredential(Struct, frozen=True, forbid_unknown_fields=True):
    issuer: str = ""
    subject: str = ""
    audience: str = ""


@remedy("add_federated_credential", effect="adds", args=AddFederatedCredential)
@fixing.own_registration
def add_federated_credential(facts: Facts, args: AddFederatedCredential) -> Fix:
    """Adds a federated credential for one issuer and subject; an existing one with a wrong subject stays until it is
    removed.

    Issuer and subject of a failed request enter a command only where the application already trusts the same source
    (for
    shared issuers the same repository or project).
    """
    subject = subject_of(facts)
    known = _is_known_source(value(facts.application.federated_credentials) or (), args.issuer, args.subject)
    issuer = args.issuer if known else placeholder("issuer")
    claim = args.subject if known else placeholder("subject")
    audience = args.audience or DEFAULT_AUDIENCE
    if audience not in _AUDIENCES:
        audience = placeholder("audience")
    name = (_NOT_IN_NAMES.sub("-", claim).strip("-")[:80] if known else "") or placeholder("credential-name")
    if len(name) < 3:
        name = placeholder("credential-name")
    shown = f"{_quoted('issuer', args.issuer)}, {_quoted('subject', args.subject)}"
    if known:
        do = f"Add a federated credential to {subject.name}: {shown}. The application already trusts the same source."
    elif args.issuer or args.subject:
        do = (
            f"Is the workload with {shown} yours? If not, do nothing: whoever controls it would sign in as the "
            f"application. "
            f"If it is, add a federated credential for it to {subject.name}."
        )
    else:
        do = (
            "Read iss, sub and aud in the token your workload presents, and add a federated credential for them to "
            f"{subject.name}."
        )
    held = value(facts.application.federated_credentials)
    full = (
        f" The application already has {len(held)} of at most {MOST}: remove one that nothing uses first."
        if held and len(held) >= MOST
        else ""
    )
    return fixing.fix(
        subject,
        do=do + full,
        effect="adds",
        before=("Make sure that you control the repository, cluster or account which the subject names.",),
        commands=added_commands(subject, name, issuer, claim, audience),
        caution="Issuer, subject and audience are compared character by character, case included; a trailing slash "
        "counts. "
        "It can take some minutes until a new credential works everywhere.",
        rollback=Rollback("Remove the federated credential.", removal_commands(subject, name)),
        verify="Run the workload again: it gets a token without a secret.",
    )


def _quoted(what: str, text: str) -> str:
    return f"{what} {quoted(text, 'not known here')}"


def _is_known_source(held: tuple[FederatedCredential, ...], issuer: str, subject: str) -> bool:
    """Whether the application already trusts the source that a token with this issuer and subject comes from."""
    if not issuer or not subject or "*" in subject or refusal(issuer) or refusal(subject):
        return False
    same = [one for one in held if one.issuer.rstrip("/") == issuer.rstrip("/")]
    for shared, owner in _SHARED:
        if issuer.lower().startswith(shared):
            begins = owner.match(subject)
            return begins is not None and any(one.subject.startswith(begins.group()) for one in same)
    return bool(same)


def added_commands(subject: Subject, name: str, issuer: str, claim: str, audience: str) -> Commands:
    """Adding one federated credential; the values are taken as they are."""
    url = f"{graph.application_url(subject)}/federatedIdentityCredentials"
    body = {"name": name, "issuer": issuer, "subject": claim, "audiences": [audience]}
    return fixing.commands(
        az=lambda: graph.az_app(subject, "federated-credential", "create", parameters=json(body)),
        graph=lambda: (graph.request("POST", url, body),),
        powershell=lambda: graph.connected(
            *graph.one_application(subject),
            f"New-MgApplicationFederatedIdentityCredential -ApplicationId $app.Id -BodyParameter {hashtable(body)}",
        ),
        bicep=lambda: bicep_resource(
            "added",
            "federatedIdentityCredentials@v1.0",
            {**body, "name": f"{placeholder('unique-name')}/{name}"},
            "Goes inside the braces of the existing Microsoft.Graph/applications resource for this application.",
        ),
        terraform=lambda: terraform_resource(
            "azuread_application_federated_identity_credential",
            {
                "application_id": application_path(subject),
                "display_name": name,
                "issuer": issuer,
                "subject": claim,
                "audiences": [audience],
            },
        ),
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Certificates & secrets > Federated credentials > Add "
        f"credential.",
    )


def removal_commands(subject: Subject, name: str) -> Commands:
    """Removing the federated credential of this name."""
    url = f"{graph.application_url(subject)}/federatedIdentityCredentials/{percent_encoded(name)}"
    return fixing.commands(
        az=lambda: graph.az_app(subject, "federated-credential", "delete", federated_credential_id=name),
        graph=lambda: (graph.request("DELETE", url),),
        powershell=lambda: graph.connected(
            *graph.one_application(subject),
            f"$credential = @(Get-MgApplicationFederatedIdentityCredential -ApplicationId $app.Id -All | "
            f"Where-Object {{ $_.Name -ceq {powershell(name)} }})",
            "if ($credential.Count -ne 1) { throw 'Expected exactly one federated credential of this name.' }",
            "Remove-MgApplicationFederatedIdentityCredential -ApplicationId $app.Id "
            "-FederatedIdentityCredentialId $credential[0].Id",
        ),
        bicep=Unavailable(
            "Bicep does not delete what is no longer declared: take it out of the file and delete it with az"
        ),
        terraform=Unavailable(
            "delete the azuread_application_federated_identity_credential resource from the files and apply"
        ),
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Certificates & secrets > Federated credentials > Delete.",
    )
