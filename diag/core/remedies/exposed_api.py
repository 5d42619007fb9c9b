"""What an API calls itself, what it offers, and which clients belong to it."""

import re

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.remedies import fixing, graph
from diag.core.remedies.addresses import parsed
from diag.core.remedies.api_registration import Api, api_registration
from diag.core.remedies.quoting import jmespath, plain, posix, powershell, quoted
from diag.core.remedies.string_lists import IDENTIFIER_URIS, KNOWN_CLIENTS, Edit, edit_commands, read_note
from diag.core.remedies.subject import Subject, guid, placeholder, subject_of, value
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy

_SCOPE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,118}")


class AddIdentifierUri(Struct, frozen=True, forbid_unknown_fields=True):
    uri: str


class AddKnownClient(Struct, frozen=True, forbid_unknown_fields=True):
    client_id: str


class ExposeScope(Struct, frozen=True, forbid_unknown_fields=True):
    value: str


@remedy("add_identifier_uri", effect="adds", args=AddIdentifierUri)
def add_identifier_uri(facts: Facts, args: AddIdentifierUri) -> Fix:
    """Gives the API one more name (App ID URI) by which clients may ask for tokens."""
    api = api_registration(facts, args.uri)
    subject = api.subject
    known = not api.closed and _is_own_name(api.facts, subject, args.uri)
    shown = quoted(args.uri, "the name it sent")
    edit = Edit(IDENTIFIER_URIS, add=(args.uri if known else placeholder("app-id-uri"),))
    page = f"{fixing.PORTAL} > {subject.name} > Manage > Expose an API > Application ID URI"
    return fixing.fix(
        subject,
        do=f"Add the App ID URI {shown} to {subject.name}, in the API's own registration and not the client's."
        if known
        else f"Is {subject.name} the API that the client means with {shown}? If not, correct the "
        "client. If it is, give the API that name in its own registration, not in the client's; simplest is api:// "
        "followed by its application ID.",
        effect="adds",
        before=(
            "Make sure that no other application of the tenant has this name, and that the client's name is no typo.",
        ),
        commands=api.commands(edit_commands(api.facts, subject, (edit,), f"{page} > Add (or Edit) > Save.")),
        caution=" ".join(
            part
            for part in (
                "With version 1 access tokens the audience is the name the client asked for: the API must accept it.",
                read_note(api.facts, (edit,)),
            )
            if part
        ),
        rollback=Rollback(
            "Take the name off again; clients that ask by it fail from then on.",
            api.undo(edit_commands(api.facts, subject, (edit.reverse(),), f"{page}: delete it, Save.", undo=True)),
        ),
        verify="The client's request for the API gets past AADSTS500011, and the token's aud claim is accepted.",
    )


@remedy("add_known_client", effect="widens", args=AddKnownClient)
def add_known_client(facts: Facts, args: AddKnownClient) -> Fix:
    """Names a client in the API's knownClientApplications, so that one consent covers both."""
    client = guid(args.client_id)
    is_client = client is not None and client == guid(value(facts.application.app_id))
    # Where the client is another one, the application that was read is the API: the one in the middle, which calls on.
    owner = api_registration(facts) if is_client else Api(subject_of(facts), facts, fixing.not_ours(facts))
    api = owner.subject
    entry = client if is_client and client else placeholder("client-application-id")
    edits = (Edit(KNOWN_CLIENTS, add=(entry,)),)
    page = (
        f"{fixing.PORTAL} > {api.name} > Manage > Manifest > Microsoft Graph App Manifest: api > "
        "knownClientApplications"
    )
    return fixing.fix(
        api,
        do=f"In the registration of the API ({api.name}), name the client ({plain(args.client_id, 60) or 'not named'}) "
        f"as a "
        "known client, so that its users see one consent for both. Only do this if both applications are yours.",
        effect="widens",
        before=(
            "Check that the client is yours and asks for the API's permissions with /.default: consent to it then also "
            "covers what the API itself asks for, for every user who consents.",
            "Ask the API's owner to approve.",
        ),
        commands=owner.commands(
            edit_commands(owner.facts, api, edits, f"{page}: add the client's application ID, Save.")
        ),
        caution="It changes what a consent covers, not who must give it; permissions for administrators stay theirs "
        "to grant.",
        rollback=Rollback(
            "Take the client off the list again.",
            owner.undo(edit_commands(owner.facts, api, (edits[0].reverse(),), f"{page}: delete it, Save.", undo=True)),
        ),
        verify="A user without consent signs in to the client and sees one consent page that names both applications.",
    )


@remedy("expose_scope", effect="adds", args=ExposeScope)
def expose_scope(facts: Facts, args: ExposeScope) -> Fix:
    """Lets the API offer one more delegated permission (scope)."""
    owner = api_registration(facts)
    api = owner.subject
    name = args.value if _SCOPE_NAME.fullmatch(args.value) else placeholder("scope-name")
    page = f"{fixing.PORTAL} > {api.name} > Manage > Expose an API"
    return fixing.fix(
        api,
        do=f"If {api.name} is yours and is meant to offer the scope {quoted(args.value, 'asked for', 120)}, add "
        f"it; if the "
        "name is a typo, correct the client instead.",
        effect="adds",
        before=("Compare the name with the scopes that the API already exposes, case included.",),
        commands=owner.commands(_exposed(api, name, page)),
        caution="A new scope does nothing until the API checks for it in scp, and until somebody consents to it.",
        rollback=Rollback(
            "Disable the scope, then delete it; that order is required.", owner.undo(_withdrawn(api, name, page))
        ),
        verify="The scope is listed under Expose an API, and a client that asks for it gets a token that carries it.",
    )


def _is_own_name(facts: Facts, subject: Subject, uri: str) -> bool:
    """Whether the name is made of the API's own application ID, or lies on the host of a name it already has."""
    wanted = parsed(uri)
    if wanted is None or wanted.scheme not in ("api", "https"):
        return False
    if wanted.scheme == "api" and wanted.host == subject.app_id:
        return True
    held = [parsed(name) for name in value(facts.application.identifier_uris) or ()]
    return any(one is not None and one.host and (one.scheme, one.host) == (wanted.scheme, wanted.host) for one in held)


def _exposed(api: Subject, name: str, page: str) -> Commands:
    """Adds the scope with an id made at the moment of running."""
    url = graph.application_url(api)
    closed = Unavailable(
        "this form replaces all scopes with their descriptions, which are not kept here, so it is withheld rather "
        "than shown "
        "incomplete"
    )
    texts = (
        f'adminConsentDisplayName: {jmespath(name)}, adminConsentDescription: {jmespath(name)}, type: `"User"`, '
        f"isEnabled: `true`, value: {jmespath(name)}"
    )
    listed = "api.oauth2PermissionScopes"
    return fixing.commands(
        az=lambda: graph.guarded(
            f"url={posix(url)}",
            "id=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)",
            f"kept={posix(f'{listed}[?value!={jmespath(name)}] || `[]`')}",
            f"texts={posix(texts)}",
            'body=$(az rest --method GET --url "$url" --output json '
            "--query \"{api: {oauth2PermissionScopes: [${kept}, [{id: '$id', ${texts}}]][]}}\")",
            f'az rest --method PATCH --url "$url" {graph.JSON_HEADER} --body "$body"',
            f"az rest --method GET --url \"$url\" --output json --query '{listed}[].value'",
        ),
        graph=closed,
        powershell=lambda: graph.connected(
            *graph.one_application(api),
            f"$name = {powershell(name)}",
            "$kept = @($app.Api.Oauth2PermissionScopes | Where-Object { $_ -and $_.Value -cne $name })",
            "$new = @{ Id = [guid]::NewGuid().ToString(); Value = $name; Type = 'User'; IsEnabled = $true; "
            "AdminConsentDisplayName = $name; AdminConsentDescription = $name }",
            "Update-MgApplication -ApplicationId $app.Id -Api @{ Oauth2PermissionScopes = $kept + $new }",
            "$after = @((Get-MgApplication -ApplicationId $app.Id).Api.Oauth2PermissionScopes | Where-Object { $_ })",
            "if ($after.Count -ne $kept.Count + 1) { throw 'The directory holds something else than was written: "
            "look at it "
            "before you go on.' }",
        ),
        bicep=closed,
        terraform=closed,
        portal=f"{page} > Add a scope > Scope name, Who can consent?, descriptions > Add scope.",
    )


def _withdrawn(api: Subject, name: str, page: str) -> Commands:
    """Disables the scope; it can be deleted afterwards."""
    url = graph.application_url(api)
    closed = Unavailable("this form replaces all scopes with their descriptions, which are not kept here")
    disabled = "merge(@, {isEnabled: `false`})"
    wanted = jmespath(name)
    return fixing.commands(
        az=lambda: graph.guarded(
            f"url={posix(url)}",
            f"kept={posix(f'api.oauth2PermissionScopes[?value!={wanted}] || `[]`')}",
            f"mine={posix(f'api.oauth2PermissionScopes[?value=={wanted}].{disabled}')}",
            'body=$(az rest --method GET --url "$url" --output json '
            '--query "{api: {oauth2PermissionScopes: [${kept}, ${mine}][]}}")',
            f'az rest --method PATCH --url "$url" {graph.JSON_HEADER} --body "$body"',
        ),
        graph=closed,
        powershell=lambda: graph.connected(
            *graph.one_application(api),
            f"$name = {powershell(name)}",
            "$scopes = @($app.Api.Oauth2PermissionScopes | Where-Object { $_ })",
            "$scopes | Where-Object { $_.Value -ceq $name } | ForEach-Object { $_.IsEnabled = $false }",
            "Update-MgApplication -ApplicationId $app.Id -Api @{ Oauth2PermissionScopes = $scopes }",
        ),
        bicep=closed,
        terraform=closed,
        portal=f"{page}: the scope > Edit a scope > Disabled; then Delete.",
    )
