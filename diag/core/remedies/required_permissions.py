"""Listing one more permission among those an application asks for."""

from typing import Any

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.read import Found
from diag.core.registration import RequiredPermission
from diag.core.remedies import fixing, graph
from diag.core.remedies.permissions import Permission, permission_of
from diag.core.remedies.quoting import powershell
from diag.core.remedies.string_lists import bicep_fragment, terraform_fragment
from diag.core.remedies.subject import Subject, moment, subject_of, whole
from diag.core.remedy import Commands, Fix, GraphRequest, Rollback, Unavailable, remedy


class AddRequiredPermission(Struct, frozen=True, forbid_unknown_fields=True):
    resource: str
    permission: str
    kind: str = "delegated"


@remedy("add_required_permission", effect="adds", args=AddRequiredPermission)
@fixing.own_registration
def add_required_permission(facts: Facts, args: AddRequiredPermission) -> Fix:
    """Adds one permission to the list the application asks for; it grants nothing by itself."""
    subject = subject_of(facts)
    wanted = permission_of(facts, args.resource, args.permission, args.kind)
    portal = (
        f"{fixing.PORTAL} > {subject.name} > Manage > API permissions > Add a permission > {wanted.api_name} > "
        f"{'Delegated' if wanted.kind == 'delegated' else 'Application'} permissions > {wanted.shown} > Add "
        f"permissions."
    )
    if wanted.refused:
        given, undo = fixing.nowhere(wanted.refused, portal), None
    else:
        given = _commands(facts, subject, wanted, portal)
        undo = _removal(facts, subject, wanted)
    return fixing.fix(
        subject,
        do=f"List the {wanted.kind} permission {wanted.shown} of {wanted.api_name} among those that {subject.name} "
        f"asks for" + (f"; but {wanted.refused}: correct its name first." if wanted.refused else "."),
        effect="adds",
        before=(
            "Check that this is the narrowest permission that does the work, and delegated where a user is signed in.",
        ),
        commands=given,
        caution="Listing a permission grants nothing: users or an administrator consent to it in a step of their own."
        + (
            " The Graph, Bicep and Terraform forms carry the whole list "
            f"{moment(facts.application.required_permissions.as_of)}."
            if isinstance(facts.application.required_permissions, Found)
            else ""
        ),
        rollback=Rollback("Take the permission off the list again.", undo),
        verify="The permission is listed under API permissions with the status the next consent gives it.",
    )


def _commands(facts: Facts, subject: Subject, wanted: Permission, portal: str) -> Commands:
    choice = f"{wanted.id}={wanted.type}"
    return fixing.commands(
        # This az command reads the list, adds to it and writes it back.
        az=lambda: graph.guarded(
            graph.az_app(subject, "permission", "add", api=wanted.api_app_id, api_permissions=choice),
            graph.az_app(subject, "permission", "list"),
        ),
        graph=lambda: _requests(facts, subject, wanted, add=True),
        powershell=lambda: _powershell(subject, wanted, add=True),
        bicep=lambda: _declared(facts, wanted, "bicep"),
        terraform=lambda: _declared(facts, wanted, "terraform"),
        portal=portal,
    )


def _removal(facts: Facts, subject: Subject, wanted: Permission) -> Commands:
    return fixing.commands(
        az=lambda: graph.az_app(subject, "permission", "delete", api=wanted.api_app_id, api_permissions=wanted.id),
        graph=lambda: _requests(facts, subject, wanted, add=False),
        powershell=lambda: _powershell(subject, wanted, add=False),
        bicep=Unavailable("take the lines that were added out of the file again and deploy it"),
        terraform=Unavailable("take the lines that were added out of the configuration again and apply"),
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > API permissions > the permission > Remove permission.",
    )


def _list(facts: Facts, wanted: Permission, add: bool) -> tuple[list[dict[str, Any]], Found[Any]] | Unavailable:
    """requiredResourceAccess as Graph wants it, with the permission or as it was read."""
    found = whole(facts.application.required_permissions, "required permissions")
    if isinstance(found, Unavailable):
        return found
    entries: list[RequiredPermission] = list(found.value)
    apis: dict[str, list[dict[str, str]]] = {}
    for one in entries:
        kind = "Scope" if one.kind == "delegated" else "Role"
        apis.setdefault(str(one.resource_app_id), []).append({"id": one.permission_id, "type": kind})
    own = apis.setdefault(wanted.api_app_id, []) if add else []
    if add and not any(entry["id"] == wanted.id for entry in own):
        own.append({"id": wanted.id, "type": wanted.type})
    return [{"resourceAppId": api, "resourceAccess": access} for api, access in apis.items()], found


def _requests(facts: Facts, subject: Subject, wanted: Permission, add: bool) -> tuple[GraphRequest, ...] | Unavailable:
    listed = _list(facts, wanted, add)
    if isinstance(listed, Unavailable):
        return listed
    url = graph.application_url(subject)
    return (graph.request("GET", url), graph.request("PATCH", url, {"requiredResourceAccess": listed[0]}))


def _declared(facts: Facts, wanted: Permission, tool: str) -> str | Unavailable:
    listed = _list(facts, wanted, True)
    if isinstance(listed, Unavailable):
        return listed
    entries, found = listed
    note = f" The list is {moment(found.as_of)}."
    if tool == "bicep":
        return bicep_fragment({"requiredResourceAccess": entries}, note)
    blocks = [{"resource_app_id": one["resourceAppId"], "resource_access": one["resourceAccess"]} for one in entries]
    return terraform_fragment({"": {"required_resource_access": blocks}}, note)


def _powershell(subject: Subject, wanted: Permission, add: bool) -> str:
    access = f"@{{ Id = $permission; Type = {powershell(wanted.type)} }}"
    mine = f"@($kept) + {access}" if add else "@($kept)"
    return graph.connected(
        *graph.one_application(subject),
        f"$api = {powershell(wanted.api_app_id)}",
        f"$permission = {powershell(wanted.id)}",
        "$others = @($app.RequiredResourceAccess | Where-Object { $_ -and $_.ResourceAppId -ne $api })",
        "$kept = @($app.RequiredResourceAccess | Where-Object { $_.ResourceAppId -eq $api } | "
        "ForEach-Object { $_.ResourceAccess } | Where-Object { $_ -and $_.Id -ne $permission })",
        f"$mine = {mine}",
        "$all = $others",
        "if ($mine.Count -gt 0) { $all = $others + @{ ResourceAppId = $api; ResourceAccess = $mine } }",
        "Update-MgApplication -ApplicationId $app.Id -RequiredResourceAccess $all",
        "$after = Get-MgApplication -ApplicationId $app.Id",
        "$present = @($after.RequiredResourceAccess | ForEach-Object { $_.ResourceAccess } | Where-Object { $_ })",
        "$wanted = @($others | ForEach-Object { $_.ResourceAccess } | Where-Object { $_ }).Count + $mine.Count",
        "if ($present.Count -ne $wanted) { throw 'The directory holds something else than was written: look at it "
        "before "
        "you go on.' }",
    )
