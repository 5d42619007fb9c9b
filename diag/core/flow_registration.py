"""How a flow's client is registered, from nothing, in every tool; and how it gets each of the credentials it may have.

What is made here is new, so that whole resources are declared. ``az ad app create`` is not used: where an application
of the same name exists, it changes that one (azure-cli, command_modules/role/custom.py, checked 2026-11-22).
"""

from collections.abc import Mapping
from typing import Any

from diag.core.flow_identity import application_permission, managed_identity
from diag.core.flows import Calls, CredentialOption, Flow, Registration
from diag.core.registration import Platform
from diag.core.remedies import certificates, client_secrets, federated_credentials, fixing, graph
from diag.core.remedies.quoting import bicep, hcl, powershell
from diag.core.remedies.resources import terraform_resource
from diag.core.remedies.settings import hashtable
from diag.core.remedies.subject import Subject, placeholder
from diag.core.remedy import Commands, Fix, Rollback, Unavailable

_AUDIENCE = "AzureADMyOrg"
_SCOPE = "access_as_user"
_PLATFORMS: Mapping[Platform, tuple[str, str, str]] = {
    "web": ("web", "web", "Web"),
    "spa": ("spa", "single_page_application", "Single-page application"),
    "public_client": ("publicClient", "public_client", "Mobile and desktop applications"),
}
"""Platform → Graph's property, Terraform's block, the portal's word."""


def new_subject() -> Subject:
    """The application that is about to be made: nothing of it is known yet."""
    return Subject(
        app_id=placeholder("application-id"),
        object_id=placeholder("application-object-id"),
        service_principal_id=placeholder("service-principal-object-id"),
        name="the new application",
        claimed_app_id="",
    )


def registration_steps(flow: Flow, calls: Calls | None = None) -> tuple[Fix, ...]:
    """What to do in order, before the client can ask for a token; ``calls``: the API, where it is known.

    Azure's own APIs know no consent: there, rights come from role assignments.
    """
    wanted = flow.register
    steps = [managed_identity() if wanted.creates == "managed_identity" else _application(wanted)]
    if wanted.exposes_scope:
        steps.append(_identifier_uri())
    if flow.fits.get("user") == (False,) and calls != "azure":
        steps.append(application_permission())
    return tuple(steps)


def credential_step(option: CredentialOption) -> Fix | None:
    """How the application gets this credential; None where the platform holds it and there is nothing to add."""
    subject = new_subject()
    if option.trust is not None:
        name = placeholder("credential-name")
        trust = option.trust
        return fixing.fix(
            subject,
            do="Let the application trust the workload's own tokens: add a federated credential.",
            effect="adds",
            commands=federated_credentials.added_commands(
                subject, name, trust.issuer, trust.subject, federated_credentials.DEFAULT_AUDIENCE
            ),
            caution="Issuer, subject and audience are compared character by character, case included.",
            rollback=Rollback(
                "Remove the federated credential.", federated_credentials.removal_commands(subject, name)
            ),
            verify="The workload gets a token without any secret.",
        )
    match option.kind:
        case "certificate":
            return fixing.fix(
                subject,
                do="Upload the public half of a certificate whose private key stays where the code runs.",
                effect="adds",
                commands=certificates.added_commands(subject),
                caution="Give the public certificate alone, never a file with a private key.",
                rollback=Rollback(
                    "Remove the certificate by its key ID.",
                    certificates.removal_commands(subject, placeholder("key-id")),
                ),
                verify="Its thumbprint is listed under Certificates & secrets.",
            )
        case "secret":
            return fixing.fix(
                subject,
                do=f"Add a client secret that lives {client_secrets.DAYS} days, and put its Value straight into a "
                "secret store.",
                effect="adds",
                commands=client_secrets.secret_commands(subject),
                caution="The value is shown once. Keep it out of source code, chat and tickets, and note when it ends.",
                rollback=Rollback(
                    "Remove the secret by its key ID.",
                    client_secrets.removal_commands(subject, placeholder("key-id")),
                ),
                verify="The client gets a token.",
            )
        case _:
            return None


def _application(wanted: Registration) -> Fix:
    body = _body(wanted)
    url = f"{graph.GRAPH}/applications"
    principal = {"appId": placeholder("application-id")}
    return fixing.fix(
        None,
        do="Register the application, with a service principal in your own tenant, and note its application ID.",
        effect="adds",
        commands=fixing.commands(
            az=lambda: graph.guarded(
                f"app_id=$({graph.rest('POST', url, body, query='appId', tsv=True)})",
                'az ad sp create --id "$app_id"',
                'echo "$app_id"',
            ),
            graph=lambda: (
                graph.request("POST", url, body),
                graph.request("POST", f"{graph.GRAPH}/servicePrincipals", principal),
            ),
            powershell=lambda: graph.connected(
                f"$app = New-MgApplication -BodyParameter {hashtable(body)}",
                "New-MgServicePrincipal -AppId $app.AppId",
                "$app.AppId",
            ),
            bicep=lambda: _bicep(body),
            terraform=lambda: _terraform(wanted),
            portal=_portal(wanted),
        ),
        caution="Accounts of your own tenant only; open it to others later, when they are really to use it.",
        who="Application Developer, or Cloud Application Administrator",
        rollback=Rollback("Delete the application; for 30 days it can be restored.", _deletion()),
        verify="The application is listed under App registrations, its service principal under Enterprise apps.",
    )


def _body(wanted: Registration) -> dict[str, Any]:
    api: dict[str, Any] = {"requestedAccessTokenVersion": 2}
    if wanted.exposes_scope:
        api["oauth2PermissionScopes"] = [
            {
                "id": placeholder("new-scope-id"),
                "value": _SCOPE,
                "type": "User",
                "isEnabled": True,
                "adminConsentDisplayName": "Use the API as the user",
                "adminConsentDescription": "Lets the client use this API with the rights of the signed-in user.",
            }
        ]
    body: dict[str, Any] = {
        "displayName": placeholder("application-name"),
        "signInAudience": _AUDIENCE,
        "api": api,
    }
    if wanted.platform is not None:
        body[_PLATFORMS[wanted.platform][0]] = {"redirectUris": list(wanted.redirect_uris)}
    if wanted.public_client_flows:
        body["isFallbackPublicClient"] = True
    return body


def _bicep(body: Mapping[str, Any]) -> str:
    named = {"uniqueName": placeholder("unique-name"), **body}
    return "\n".join(
        [
            "// bicepconfig.json names the extension microsoftGraphV1, as for every Microsoft Graph resource.",
            "extension microsoftGraphV1",
            "",
            f"resource app 'Microsoft.Graph/applications@v1.0' = {bicep(named)}",
            "",
            "resource principal 'Microsoft.Graph/servicePrincipals@v1.0' = {\n  appId: app.appId\n}",
        ]
    )


def _terraform(wanted: Registration) -> str:
    lines = [
        'resource "azuread_application" "app" {',
        f"  display_name = {hcl(placeholder('application-name'))}",
        f"  sign_in_audience = {hcl(_AUDIENCE)}",
    ]
    if wanted.public_client_flows:
        lines.append("  fallback_public_client_enabled = true")
    lines += ["  api {", "    requested_access_token_version = 2"]
    if wanted.exposes_scope:
        scope = {
            "id": placeholder("new-scope-id"),
            "value": _SCOPE,
            "type": "User",
            "enabled": True,
            "admin_consent_display_name": "Use the API as the user",
            "admin_consent_description": "Lets the client use this API with the rights of the signed-in user.",
        }
        lines += [
            "    oauth2_permission_scope {",
            *(f"      {name} = {hcl(part, 6)}" for name, part in scope.items()),
            "    }",
        ]
    lines.append("  }")
    if wanted.platform is not None:
        block = _PLATFORMS[wanted.platform][1]
        lines += [f"  {block} {{", f"    redirect_uris = {hcl(wanted.redirect_uris, 4)}", "  }"]
    lines += [
        "}",
        "",
        'resource "azuread_service_principal" "app" {',
        "  client_id = azuread_application.app.client_id",
        "}",
    ]
    return "\n".join(lines)


def _portal(wanted: Registration) -> str:
    page = "Microsoft Entra admin center > Entra ID > App registrations > New registration"
    if wanted.platform is None:
        page += " > Register, without a redirect URI"
    else:
        uris = ", ".join(wanted.redirect_uris)
        page += f" > Redirect URI: {_PLATFORMS[wanted.platform][2]}, {uris} > Register"
    if wanted.public_client_flows:
        page += "; then Authentication > Settings > Allow public client flows: Yes"
    if wanted.exposes_scope:
        page += f"; then Expose an API > Add a scope > {_SCOPE}"
    return f"{page}."


def _deletion() -> Commands:
    subject = new_subject()
    return fixing.commands(
        az=lambda: graph.az_app(subject, "delete"),
        graph=lambda: (graph.request("DELETE", graph.application_url(subject)),),
        powershell=lambda: graph.connected(
            *graph.one_application(subject), "Remove-MgApplication -ApplicationId $app.Id"
        ),
        bicep=Unavailable("Bicep does not delete what is no longer declared: delete the application with az"),
        terraform=Unavailable("take the resources out of the files and apply"),
        portal=f"{fixing.PORTAL} > the new application > Delete.",
    )


def _identifier_uri() -> Fix:
    subject = new_subject()
    uri = f"api://{subject.app_id}"
    body = {"identifierUris": [uri]}
    return fixing.fix(
        subject,
        do="Give the new API its name (App ID URI), by which clients ask for tokens.",
        effect="adds",
        commands=fixing.commands(
            az=lambda: graph.az_app(subject, "update", identifier_uris=uri),
            graph=lambda: (graph.request("PATCH", graph.application_url(subject), body),),
            powershell=lambda: graph.connected(
                *graph.one_application(subject),
                f"Update-MgApplication -ApplicationId $app.Id -IdentifierUris @({powershell(uri)})",
            ),
            bicep=Unavailable(
                "the name holds the application ID, which exists only after the first deployment: give identifierUris "
                "to the application in the next one"
            ),
            terraform=lambda: terraform_resource(
                "azuread_application_identifier_uri",
                {"application_id": f"/applications/{subject.object_id}", "identifier_uri": uri},
            ),
            portal=f"{fixing.PORTAL} > the new application > Expose an API > Application ID URI > Add > Save.",
        ),
        caution="For the application that was made a moment ago: on an older one this would replace other names.",
        rollback=Rollback("Delete the application that was made for this."),
        verify=f"A client that asks for api://<application-id>/{_SCOPE} gets a token whose scp claim names {_SCOPE}.",
    )
