"""What every tenant has besides trouble: policies, grants, and an audit log of ordinary work."""

from typing import Any

from diag.sample_tenant.catalog import READER, STORY_SIZE, sketch
from diag.sample_tenant.clock import fine_stamp
from diag.sample_tenant.registrations import GRAPH_APP_ID, Properties, required_access
from diag.sample_tenant.stage import Edit, Stage

# Application permissions of Microsoft Graph that the reader holds: their ids are the same in every tenant.
READER_ROLES = (
    ("AuditLog.Read.All", "b0afded3-3588-46d8-8b3d-9842eff778da"),
    ("Application.Read.All", "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"),
    ("Directory.Read.All", "7ab1d382-f21e-4acd-a863-ba3e13f7da61"),
    ("Policy.Read.All", "246dd0d5-5bd0-4def-940b-0421030a5b68"),
)


def policies(stage: Stage) -> None:
    """Lays down three Conditional Access policies: a block, a demand for MFA, one in report-only mode."""
    finance = [stage.party("Finance Dashboard").app_id]
    abroad = {"includeLocations": ["All"], "excludeLocations": [stage.mint.guid("location", "home countries")]}
    stage.policies += [
        _policy(stage, "Block finance from abroad", "enabled", finance, "block", abroad, -1.4),
        _policy(stage, "MFA for finance and administration", "enabled", [*finance, "MicrosoftAdminPortals"], "mfa"),
        _policy(
            stage, "Compliant device for everything", "enabledForReportingButNotEnforced", ["All"], "compliantDevice"
        ),
    ]


def _policy(
    stage: Stage, name: str, state: str, applications: list[str], control: str,
    locations: dict[str, Any] | None = None, modified: float | None = None,
) -> Properties:  # fmt: skip
    return {
        "id": stage.mint.guid("policy", name),
        "templateId": None,
        "displayName": name,
        "createdDateTime": fine_stamp(stage.at(-410)),
        "modifiedDateTime": None if modified is None else fine_stamp(stage.at(modified)),
        "state": state,
        "sessionControls": None,
        "conditions": {
            "clientAppTypes": ["all"],
            "signInRiskLevels": [],
            "userRiskLevels": [],
            "platforms": None,
            "locations": locations,
            "devices": None,
            "applications": {
                "includeApplications": applications, "excludeApplications": [], "includeUserActions": [],
                "includeAuthenticationContextClassReferences": [],
            },
            "users": {
                "includeUsers": ["All"], "excludeUsers": [stage.crowd.person(0).object_id], "includeGroups": [],
                "excludeGroups": [], "includeRoles": [], "excludeRoles": [],
            },
        },
        "grantControls": {
            "operator": "OR", "builtInControls": [control], "customAuthenticationFactors": [], "termsOfUse": [],
        },
    }  # fmt: skip


def assignments(stage: Stage) -> None:
    """Gives daemons the application permission they use, and some people a place in ordinary applications."""
    graph = stage.directory.first_party_at
    role = "332a536c-c7ef-4017-ab91-336970924f0d"
    applications = min(stage.directory.size, 400)
    for number in range(applications):
        shape = sketch(number).shape
        if sketch(number).name == READER:
            for _, permission in READER_ROLES:
                stage.directory.assign(number, graph, permission, days=-31)
        elif shape == "daemon":
            stage.directory.assign(number, graph, role, days=-380)
        elif shape == "web" and number >= STORY_SIZE and number % 4 == 0:
            for person in range(number, number + 3):
                stage.directory.assign(stage.crowd.person(person), number)
    graph_principal = stage.directory.service_principals.edit(graph)
    graph_principal["appRoles"] = [
        {
            "allowedMemberTypes": ["Application"], "description": f"{value}, as the application itself.",
            "displayName": value, "id": permission, "isEnabled": True, "origin": "Application", "value": value,
        }
        for value, permission in (("Sites.Read.All", role), *READER_ROLES)
    ]  # fmt: skip
    reader = stage.application(READER)
    wanted = [(permission, "Role") for _, permission in READER_ROLES]
    reader["requiredResourceAccess"] = [required_access(GRAPH_APP_ID, *wanted)]
    graph_principal["oauth2PermissionScopes"] = [
        {
            "adminConsentDescription": f"{value} as the signed-in user.", "adminConsentDisplayName": value,
            "id": permission, "isEnabled": True, "type": "User", "userConsentDescription": None,
            "userConsentDisplayName": None, "value": value,
        }
        for value, permission in (
            ("User.Read", "e1fe6dd8-ba31-4d61-89e7-88639da4683d"),
            ("Calendars.Read", "465a38f9-76ea-45b9-9f34-9e8b0d4b0b42"),
        )
    ]  # fmt: skip
    graph_principal["servicePrincipalNames"] = [GRAPH_APP_ID, "https://graph.microsoft.com"]


def ordinary_work(stage: Stage) -> None:
    """Lays down audit events that explain nothing: notes, owners, consents, users and groups."""
    for number in range(90):
        days = -29.5 + 29.4 * stage.mint.share("work", number)
        by = stage.crowd.person(number)
        position = STORY_SIZE + number % max(1, stage.directory.size - STORY_SIZE)
        kind = number % 6
        if stage.directory.size <= STORY_SIZE or kind in (0, 1):
            group = (stage.mint.guid("group", number % 7), f"Team {number % 7 + 1}", "Group")
            stage.audit(
                days, "Add member to group", by, group, [Edit("Group.DisplayName", None, group[1])],
                category="GroupManagement", operation="Assign",
            )  # fmt: skip
        elif kind == 2:
            user = stage.crowd.person(number * 3)
            stage.audit(
                days, "Update user", "Entra Connect Sync", (user.object_id, user.name, "User"),
                [Edit("Department", ["Sales"], ["Sales Europe"])], category="UserManagement",
            )  # fmt: skip
        elif kind == 3:
            app = stage.directory.applications.at(position)
            assert app is not None  # noqa: S101 - ordinary applications are never removed before the start.
            owner = Edit("Application.DisplayName", None, app["displayName"])
            stage.audit(days, "Add owner to application", by, app, [owner], operation="Assign")
        elif kind == 4:
            principal = stage.directory.service_principals.at(position)
            assert principal is not None  # noqa: S101 - as above.
            _consent(stage, days, number, principal)
        else:
            app = stage.directory.applications.at(position)
            assert app is not None  # noqa: S101 - as above.
            stage.audit_edit(days, by, app, Edit("Notes", None, ["reviewed"]))


def _consent(stage: Stage, days: float, number: int, principal: Properties) -> None:
    grant = (
        f"[[Id: {stage.mint.opaque('consent', number)}, ClientId: {principal['id']}, PrincipalId: , "
        f"ResourceId: {stage.resource().principal_id}, ConsentType: AllPrincipals, Scope: User.Read, "
        "CreatedDateTime: , LastModifiedDateTime ]]"
    )
    by, together = stage.crowd.person(0), f"consent {number}"
    edits = [
        Edit("ConsentContext.IsAdminConsent", None, "True"),
        Edit("ConsentAction.Permissions", None, f"[] => {grant}; "),
    ]
    stage.audit(days, "Consent to application", by, principal, edits, operation="Assign", together=together)
    stage.audit(
        days, "Add delegated permission grant", by, principal,
        [Edit("DelegatedPermissionGrant.Scope", None, "User.Read")], operation="Assign", together=together,
    )  # fmt: skip
