"""Stories of people who want to sign in to an application and cannot."""

import base64

from diag.sample_tenant.callers import INTERACTIVE, NON_INTERACTIVE, Caller
from diag.sample_tenant.clock import stamp
from diag.sample_tenant.people import ABROAD, DEVICES, PHONE, PLACES, Person
from diag.sample_tenant.registrations import GRAPH_APP_ID, USER_READ, required_access
from diag.sample_tenant.stage import Edit, Stage, applied

CALENDARS_READ = "465a38f9-76ea-45b9-9f34-9e8b0d4b0b42"
"""Id of the delegated permission Calendars.Read of Microsoft Graph."""
GRAPH_SCOPES = ("openid", "profile", "User.Read")


def _user(stage: Stage, name: str, error: int, number: int) -> Caller:
    """Gives a user of the company who signs in interactively to an application."""
    return Caller(
        INTERACTIVE, stage.party(name), stage.resource(), error, person=stage.crowd.person(number),
        place=PLACES[number % len(PLACES)], device=DEVICES[number % len(DEVICES)], protocol="oAuth2",
    )  # fmt: skip


def _address(uri: str) -> dict[str, object]:
    return {
        "AddressType": 0, "Address": uri, "ReplyAddressClientType": 1, "ReplyAddressIndex": None,
        "IsReplyAddressDefault": False,
    }  # fmt: skip


def broken_redirect(stage: Stage) -> None:
    """A deployment replaced the redirect URI by that of the new host while people still use the old one."""
    name = "Warehouse Portal"
    app, principal = stage.application(name), stage.principal(name)
    old = app["web"]["redirectUris"][0]
    new = "https://warehouse.contoso-sample.example/signin-oidc"
    app["web"]["redirectUris"] = [new]
    app["web"]["redirectUriSettings"] = [{"uri": new, "index": None}]
    principal["replyUrls"] = [new]
    together = "deployment of the warehouse portal"
    edit = Edit("AppAddress", [_address(old)], [_address(new)])
    listed = Edit("Included Updated Properties", None, "AppAddress")
    details = [("AppId", app["appId"])]
    pipeline = "Platform Release Pipeline"
    stage.audit(-1.9, "Update application", pipeline, app, (edit, listed), together=together, details=details)
    stage.audit(-1.9, "Update service principal", pipeline, principal, (edit, listed), together=together)
    stage.visits([_user(stage, name, 0, n) for n in range(12)], -29.9, -1.9, 160, "warehouse")
    failing = [_user(stage, name, 50011, number) for number in range(12)]
    stage.visits(failing, -1.9, 0, 64, "warehouse fails")
    stage.goes_on(*failing[:3])


def missing_consent(stage: Stage) -> None:
    """A release asks for a permission that nobody has consented to since."""
    name = "Expense Reports"
    app = stage.application(name)
    before = app["requiredResourceAccess"]
    after = [required_access(GRAPH_APP_ID, (USER_READ, "Scope"), (CALENDARS_READ, "Scope"))]
    app["requiredResourceAccess"] = after
    stage.audit_edit(
        -3.4, stage.crowd.person(4), app, Edit("RequiredResourceAccess", _required(before), _required(after))
    )
    stage.visits([_user(stage, name, 0, n) for n in range(5, 15)], -29.9, -3.3, 120, "expenses")
    failing = [_user(stage, name, 65001, number) for number in range(5, 15)]
    stage.visits(failing, -3.3, 0, 48, "expenses fail")
    stage.goes_on(*failing[:2])


def _required(access: list[dict[str, object]]) -> list[dict[str, object]]:
    """Writes required permissions as the audit log does."""
    written: list[dict[str, object]] = []
    for entry in access:
        wanted = entry["resourceAccess"]
        assert isinstance(wanted, list)  # noqa: S101 - made by `required_access`.
        permissions = [
            {
                "EntitlementId": each["id"],
                "DirectAccessGrant": each["type"] == "Role",
                "ImpersonationAccessGrants": [20],
            }
            for each in wanted
        ]
        written.append({
            "ResourceAppId": entry["resourceAppId"], "RequiredAppPermissions": permissions, "EncodingVersion": 1,
        })  # fmt: skip
    return written


def unknown_guest(stage: Stage) -> None:
    """An application was narrowed to one organisation, and partners without a guest account are turned away."""
    name = "Partner Extranet"
    app = stage.application(name)
    stage.audit_edit(-6.2, stage.crowd.person(7), app, Edit("AvailableToOtherTenants", [True], [False]))
    partners = [stage.crowd.partner(number) for number in range(5)]
    for days, error, count, label in ((-29.9, 0, 50, "extranet"), (-6.2, 50020, 34, "extranet fails")):
        callers = [_guest(stage, name, error, person) for person in partners]
        stage.visits(callers, days, -6.2 if error == 0 else 0, count, label)
    stage.goes_on(_guest(stage, name, 50020, partners[0]))


def _guest(stage: Stage, name: str, error: int, person: Person) -> Caller:
    return Caller(
        INTERACTIVE, stage.party(name), stage.resource(), error, person=person, place=PLACES[5], device=DEVICES[2],
        protocol="oAuth2",
    )  # fmt: skip


def blocked_by_policy(stage: Stage) -> None:
    """A Conditional Access policy now blocks sign-ins from outside the usual countries."""
    name = "Finance Dashboard"
    policy = stage.policies[0]
    stage.audit(
        -1.4, "Update Conditional Access policy", stage.crowd.person(0),
        (policy["id"], policy["displayName"], "Policy"),
        [Edit("ConditionalAccessPolicy", {"state": "enabledForReportingButNotEnforced"}, {"state": "enabled"})],
        category="Policy", service="Conditional Access",
    )  # fmt: skip
    for number in range(6, 12):
        person = _user(stage, name, 0, number)._replace(
            policies=(applied(stage.policies[1], "success"),), strong=True, incoming="primaryRefreshToken"
        )
        stage.visits([person], -29.9, 0, 22, f"finance {number}")
    blocked = [
        _user(stage, name, 53003, number)._replace(
            place=ABROAD,
            strong=True,
            policies=(
                applied(policy, "failure", "application,users,location"),
                applied(stage.policies[1], "success"),
                applied(stage.policies[2], "reportOnlyNotApplied", "users"),
            ),
        )
        for number in (6, 8, 21)
    ]
    stage.visits(blocked, -1.4, 0, 31, "finance fails")
    stage.goes_on(blocked[0])


def not_assigned(stage: Stage) -> None:
    """Assignment was made a requirement, and not everybody who used the application has been assigned."""
    name = "HR Self Service"
    principal = stage.principal(name)
    principal["appRoleAssignmentRequired"] = True
    stage.audit_edit(-2.3, stage.crowd.person(0), principal, Edit("AppRoleAssignmentRequired", [False], [True]))
    for number in range(2, 9):
        stage.directory.assign(stage.crowd.person(number), stage.position(name), days=-2.2)
    stage.visits([_user(stage, name, 0, n) for n in range(2, 20)], -29.9, -2.3, 110, "hr")
    stage.visits([_user(stage, name, 0, n) for n in range(2, 9)], -2.3, 0, 30, "hr assigned")
    failing = [_user(stage, name, 50105, number) for number in range(9, 20)]
    stage.visits(failing, -2.3, 0, 40, "hr fails")
    stage.goes_on(failing[0])


def inactive_token(stage: Stage) -> None:
    """People who did not open an app for months come back with a refresh token that has run out."""
    name = "Sales Mobile"
    for number in range(12, 22):
        caller = _user(stage, name, 0, number)._replace(
            kind=NON_INTERACTIVE, device=PHONE, protocol="refreshTokenGrant", incoming="refreshToken",
            scopes=GRAPH_SCOPES,
        )  # fmt: skip
        if number % 2:
            stage.visits([caller], -29.9, 0, 30, f"sales {number}")
            continue
        failing = caller._replace(error=700082, scopes=())
        stage.visits([failing], -12, 0, 7, f"sales fails {number}")
        if number == 12:
            stage.goes_on(failing)


def saml_certificate(stage: Stage) -> None:
    """Sign-on by SAML works, and its signing certificate ends in twelve days."""
    name = "Travel Booking"
    principal = stage.principal(name)
    label = "CN=Microsoft Azure Federated SSO Certificate"
    public = stage.certificate(principal["appId"], label, -1083, 12.2)
    private = public | {
        "keyId": stage.mint.guid("key", name, "sign"), "type": "X509CertAndPassword", "usage": "Sign",
    }  # fmt: skip
    principal["keyCredentials"] = [private, public]
    principal["passwordCredentials"] = [{
        "customKeyIdentifier": public["customKeyIdentifier"], "displayName": None, "hint": None, "secretText": None,
        "keyId": private["keyId"], "startDateTime": public["startDateTime"], "endDateTime": stamp(stage.at(12.2)),
    }]  # fmt: skip
    thumbprint = base64.b64decode(public["customKeyIdentifier"]).hex().upper()
    principal["preferredTokenSigningKeyThumbprint"] = thumbprint
    principal["notificationEmailAddresses"] = [stage.crowd.person(9).upn]
    principal["loginUrl"] = "https://travel.agency.example/sso/start"
    principal["samlSingleSignOnSettings"] = {"relayState": None}
    for number in range(10):
        caller = _user(stage, name, 0, number)._replace(protocol="saml20", resource=stage.party(name))
        stage.visits([caller], -29.9, 0, 12, f"travel {number}")


def interrupted(stage: Stage) -> None:
    """Being asked whether to stay signed in is not a failure: the same session goes on a few seconds later."""
    for number in range(40):
        instant = stage.at(-28 + 27.9 * stage.mint.share("interrupted", number))
        asked = _user(stage, "Supplier Onboarding" if number % 2 else "Shift Planner", 50140, number % 25)
        session = f"interrupted {number}"
        stage.log.add(instant, asked, session)
        stage.log.add(instant + 4 + number % 9, asked._replace(error=0), session)
    stage.goes_on(_user(stage, "Shift Planner", 50126, 17), _user(stage, "Supplier Onboarding", 50053, 19))
    stage.goes_on(*(_user(stage, "Shift Planner", 0, number) for number in range(4)))
