"""Reading and writing the one string of scopes that a delegated grant for everybody holds, in every tool."""

from diag.core.facts import Facts
from diag.core.registration import DelegatedGrant
from diag.core.remedies import graph
from diag.core.remedies.permissions import Permission
from diag.core.remedies.quoting import az, percent_encoded, posix, powershell
from diag.core.remedies.resources import bicep_resource, terraform_resource
from diag.core.remedies.subject import Subject, placeholder, whole
from diag.core.remedy import GraphRequest, Unavailable

_EVERYONE = "AllPrincipals"


def existing_grant(facts: Facts, subject: Subject, wanted: Permission) -> DelegatedGrant | Unavailable | None:
    """The grant for everybody as read, None when there is none, or why it is not known."""
    found = whole(facts.grants, "scopes of the grant")
    if isinstance(found, Unavailable):
        return found
    for grant in found.value:
        if (
            grant.client_object_id == subject.service_principal_id
            and grant.resource_object_id == wanted.api_object_id
            and grant.consent_type == _EVERYONE
        ):
            return grant if isinstance(grant, DelegatedGrant) else None
    return None


def undo_requests(
    subject: Subject, wanted: Permission, existing: DelegatedGrant | Unavailable | None
) -> tuple[GraphRequest, ...] | Unavailable:
    """The grant as it was read: the same scopes, or no grant."""
    if isinstance(existing, Unavailable):
        return existing
    url = f"{graph.GRAPH}/oauth2PermissionGrants"
    if existing is None:
        return (graph.request("DELETE", f"{url}/{placeholder('grant-id')}"),)
    grant_id = percent_encoded(existing.id) if existing.id else placeholder("grant-id")
    return (graph.request("PATCH", f"{url}/{grant_id}", {"scope": " ".join(existing.scopes)}),)


def _scopes(wanted: Permission, existing: DelegatedGrant | None) -> list[str]:
    held = list(existing.scopes) if existing else []
    return held if wanted.name in held else [*held, wanted.name]


def requests(
    subject: Subject, wanted: Permission, existing: DelegatedGrant | Unavailable | None
) -> tuple[GraphRequest, ...] | Unavailable:
    if isinstance(existing, Unavailable):
        return existing
    url = f"{graph.GRAPH}/oauth2PermissionGrants"
    scope = " ".join(_scopes(wanted, existing))
    if existing is not None:
        grant_id = percent_encoded(existing.id) if existing.id else placeholder("grant-id")
        return (
            graph.request("GET", f"{url}/{grant_id}"),
            graph.request("PATCH", f"{url}/{grant_id}", {"scope": scope}),
        )
    return (
        graph.request(
            "POST",
            url,
            {
                "clientId": subject.service_principal_id,
                "consentType": _EVERYONE,
                "resourceId": wanted.api_object_id,
                "scope": scope,
            },
        ),
    )


def declared(
    subject: Subject, wanted: Permission, existing: DelegatedGrant | Unavailable | None, tool: str
) -> str | Unavailable:
    if isinstance(existing, Unavailable):
        return existing
    scopes = _scopes(wanted, existing)
    note = "All scopes of this grant: the resource owns the whole string."
    if tool == "bicep":
        return bicep_resource(
            "added",
            "Microsoft.Graph/oauth2PermissionGrants@v1.0",
            {
                "clientId": subject.service_principal_id,
                "consentType": _EVERYONE,
                "resourceId": wanted.api_object_id,
                "scope": " ".join(scopes),
            },
            note,
        )
    return terraform_resource(
        "azuread_service_principal_delegated_permission_grant",
        {
            "service_principal_object_id": subject.service_principal_id,
            "resource_service_principal_object_id": wanted.api_object_id,
            "claim_values": scopes,
        },
        note,
        import_id=(existing.id or placeholder("grant-id")) if existing else "",
    )


def az_script(subject: Subject, wanted: Permission, add: bool) -> str:
    """Reads the grant, adds the scope to (or takes it out of) its string, writes it and reads it back."""
    grants = f"{graph.GRAPH}/oauth2PermissionGrants"
    show = {"--query": "id", "--output": "tsv"}
    lines = [
        f"scope={posix(wanted.name)}",
        f"client=$({az(['ad', 'sp', 'show'], {'--id': subject.app_id, **show})})",
        f"api=$({az(['ad', 'sp', 'show'], {'--id': wanted.api_app_id, **show})})",
        f"url=\"{grants}?\\$filter=clientId%20eq%20'$client'%20and%20resourceId%20eq%20'$api'%20and%20consentType%20eq%20"
        "'AllPrincipals'\"",
        'grant=$(az rest --method GET --url "$url" --query "value[0].id" --output tsv)',
        'held=$(az rest --method GET --url "$url" --query "value[0].scope" --output tsv)',
    ]
    create = (
        'az rest --method POST --url "' + grants + f'" {graph.JSON_HEADER} --body '
        '"{\\"clientId\\":\\"$client\\",\\"consentType\\":\\"AllPrincipals\\",\\"resourceId\\":\\"$api\\",'
        '\\"scope\\":\\"$scope\\"}"'
    )
    if add:
        lines += [
            'case " $held " in *" $scope "*) echo "It is granted already."; exit 0 ;; esac',
            'if [ -z "$grant" ]; then',
            f"  {create}",
            "else",
            f'  az rest --method PATCH --url "{grants}/$grant" {graph.JSON_HEADER} --body "{{\\"scope\\":\\"$held '
            f'$scope\\"}}"',
            "fi",
            'held=$(az rest --method GET --url "$url" --query "value[0].scope" --output tsv)',
            'case " $held " in *" $scope "*) echo "Granted: $held" ;; *) echo "Not read back yet: $held" >&2; exit 1 '
            ";; esac",
        ]
    else:
        lines += [
            'rest=$(printf "%s\\n" "$held" | tr " " "\\n" | grep -Fvx -e "$scope" | paste -s -d " " -)',
            'if [ -z "$grant" ]; then echo "There is no grant."; exit 0; fi',
            'if [ -z "$rest" ]; then',
            f'  az rest --method DELETE --url "{grants}/$grant"',
            "else",
            f'  az rest --method PATCH --url "{grants}/$grant" {graph.JSON_HEADER} --body '
            f'"{{\\"scope\\":\\"$rest\\"}}"',
            "fi",
        ]
    return graph.guarded(*lines)


def powershell_script(subject: Subject, wanted: Permission, add: bool) -> str:
    change = (
        "@($held | Where-Object { $_ -cne $scope }) + $scope" if add else "@($held | Where-Object { $_ -cne $scope })"
    )
    none = (
        "New-MgOauth2PermissionGrant -ClientId $principal.Id -ResourceId $api.Id -ConsentType 'AllPrincipals' "
        "-Scope $scope"
        if add
        else "throw 'There is no grant for everybody.'"
    )
    lines = [
        *graph.one_service_principal(subject.app_id),
        *graph.one_service_principal(wanted.api_app_id, "$api"),
        f"$scope = {powershell(wanted.name)}",
        "$grant = @(Get-MgServicePrincipalOauth2PermissionGrant -ServicePrincipalId $principal.Id -All | "
        "Where-Object { $_.ResourceId -eq $api.Id -and $_.ConsentType -eq 'AllPrincipals' })",
        "$held = @($grant | ForEach-Object { $_.Scope -split ' ' } | Where-Object { $_ })",
        f"$wanted = {change}",
        f"if ($grant.Count -eq 0) {{ {none} }} "
        "elseif ($wanted.Count -eq 0) { Remove-MgOauth2PermissionGrant -OAuth2PermissionGrantId $grant[0].Id } "
        "else { Update-MgOauth2PermissionGrant -OAuth2PermissionGrantId $grant[0].Id -Scope ($wanted -join ' ') }",
    ]
    lines += [
        "$after = @(Get-MgServicePrincipalOauth2PermissionGrant -ServicePrincipalId $principal.Id -All | "
        "Where-Object { $_.ResourceId -eq $api.Id -and $_.ConsentType -eq 'AllPrincipals' })",
        "$present = @($after | ForEach-Object { $_.Scope -split ' ' } | Where-Object { $_ })",
        "if (Compare-Object -CaseSensitive $wanted $present) { throw 'The directory holds something else than was "
        "written: "
        "look at it before you go on.' }",
    ]
    return graph.connected(*lines, scopes=("Application.Read.All", "DelegatedPermissionGrant.ReadWrite.All"))
