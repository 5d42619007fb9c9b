"""Stories of applications that sign in as themselves and no longer can."""

from diag.sample_tenant.callers import MANAGED_IDENTITY, NOBODY, SERVICE_PRINCIPAL, Caller, Party
from diag.sample_tenant.catalog import MANAGED_IDENTITIES, Sketch
from diag.sample_tenant.clock import fine_stamp
from diag.sample_tenant.people import BUILD_FARM, PLACES
from diag.sample_tenant.registrations import Properties, application, service_principal
from diag.sample_tenant.stage import Edit, Stage

HOSTS = (PLACES[0]._replace(ip="192.0.2.141"), PLACES[0]._replace(ip="192.0.2.142"))


def expired_secret(stage: Stage) -> None:
    """A client secret ended last night, nobody has renewed it, and two batch hosts keep trying."""
    name = "Nightly Invoice Export"
    key = stage.application(name)["passwordCredentials"][0]
    for number, host in enumerate(HOSTS):
        stage.calls(stage.daemon(name, 0, key, place=host), -29.9, -0.375, 240, f"export {number}")
        failing = stage.daemon(name, 7000222, key, place=host)
        stage.calls(failing, -0.375, 0, 12, f"export fails {number}")
        stage.goes_on(failing, weight=3)


def stale_secret(stage: Stage) -> None:
    """A secret was rotated by hand yesterday: new one added, old one removed, one of two hosts forgotten."""
    name = "Payroll Sync"
    app = stage.application(name)
    new = app["passwordCredentials"][0]
    old = stage.secret(app["appId"], "payroll 2026", -364, 1.2)
    owner = stage.crowd.person(3)
    stage.audit_credentials(-1.15, owner, app, [old], [old, new])
    stage.audit_credentials(-1.1, owner, app, [old, new], [new])
    for number, host in enumerate(HOSTS):
        stage.calls(stage.daemon(name, 0, old, place=host), -29.9, -1.1, 300, f"payroll {number}")
    stage.calls(stage.daemon(name, 0, new, place=HOSTS[0]), -1.1, 0, 60, "payroll new")
    failing = stage.daemon(name, 7000215, old, place=HOSTS[1])
    stage.calls(failing, -1.1, 0, 30, "payroll old")
    stage.goes_on(failing, weight=3)
    stage.goes_on(stage.daemon(name, 0, new, place=HOSTS[0]))


def disabled_principal(stage: Stage) -> None:
    """An administrator switched an enterprise application off three days ago; its collector goes on."""
    name = "Fleet Telemetry Collector"
    key = stage.application(name)["passwordCredentials"][0]
    principal = stage.principal(name)
    principal["accountEnabled"] = False
    stage.audit_edit(-3.2, stage.crowd.person(0), principal, Edit("AccountEnabled", [True], [False]))
    stage.calls(stage.daemon(name, 0, key), -29.9, -3.2, 180, "fleet")
    failing = stage.daemon(name, 7000112, key)
    stage.calls(failing, -3.2, 0, 60, "fleet fails")
    stage.goes_on(failing, weight=2)


def changed_subject(stage: Stage) -> None:
    """The federated credential was moved from a branch to an environment, but the workflow still runs on the branch."""
    name = "Website Deploy Pipeline"
    app = stage.application(name)
    credential = {
        "id": stage.mint.guid("federated", name),
        "name": "github-website",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": "repo:contoso-sample/website:environment:production",
        "description": None,
        "audiences": ["api://AzureADTokenExchange"],
    }
    stage.directory.federated[app["id"]] = [credential]
    before = _federated_value(credential | {"subject": "repo:contoso-sample/website:ref:refs/heads/main"})
    stage.audit_edit(
        -2.6, stage.crowd.person(6), app,
        Edit("FederatedIdentityCredentials", [before], [_federated_value(credential)]),
    )  # fmt: skip
    management = stage.resource("Windows Azure Service Management API")
    fine = stage.daemon(
        name, 0, place=BUILD_FARM, federated_id=credential["id"],
        kind_of_credential="federatedIdentityCredential", resource=management,
    )  # fmt: skip
    failing = fine._replace(error=700213, federated_id="")
    stage.calls(fine, -29.9, -2.6, 700, "deploys")
    stage.calls(failing, -2.6, 0, 110, "deploys fail")
    stage.goes_on(failing, weight=2)


def _federated_value(credential: Properties) -> Properties:
    return {
        "Id": credential["id"], "Name": credential["name"], "Issuer": credential["issuer"],
        "Subject": credential["subject"], "Audiences": credential["audiences"],
    }  # fmt: skip


def wrong_certificate(stage: Stage) -> None:
    """A certificate was replaced in the registration two days ago; the connector still signs with the old one."""
    name = "Document Archive Connector"
    app = stage.application(name)
    new = app["keyCredentials"][0]
    old = stage.certificate(app["appId"], "CN=archive-connector", -363, 2.4)
    stage.audit_credentials(-2.2, stage.crowd.person(10), app, [old], [new])
    stage.calls(stage.daemon(name, 0, old), -29.9, -2.2, 360, "archive")
    failing = stage.daemon(name, 700027, old)
    stage.calls(failing, -2.2, 0, 45, "archive fails")
    stage.goes_on(failing, weight=2)


def deleted_application(stage: Stage) -> None:
    """An application was deleted in a clean-up five days ago, and a forgotten job still uses it."""
    sketch = Sketch("Legacy Reporting Job", "daemon", 16, "Nobody knew who used this.")
    app_id, object_id = stage.mint.guid("app id", sketch.name), stage.mint.guid("app", sketch.name)
    app = application(stage.mint, sketch, object_id, app_id, stage.starts)
    app["passwordCredentials"] = [stage.secret(app_id, "report", -210, 155)]
    principal = service_principal(stage.mint, app, stage.mint.guid("sp", sketch.name), stage.directory.tenant_id)
    gone = fine_stamp(stage.at(-5.3))
    app["deletedDateTime"] = principal["deletedDateTime"] = gone
    stage.directory.deleted_applications.append(app)
    stage.directory.deleted_service_principals.append(principal)
    together, by = "clean-up of the reporting job", stage.crowd.person(0)
    stage.audit(-5.3, "Delete application", by, app, operation="Delete", together=together)
    stage.audit(-5.3, "Remove service principal", by, principal, operation="Delete", together=together)
    fine = Caller(
        SERVICE_PRINCIPAL, Party(app_id, sketch.name, principal["id"], stage.directory.tenant_id), stage.resource(), 0,
        protocol="clientCredentials", credential="clientSecret", key_id=app["passwordCredentials"][0]["keyId"],
    )  # fmt: skip
    stage.calls(fine, -29.9, -5.3, 480, "reporting")
    # Without an application there is no principal, no owner and no key that the log could name.
    failing = fine._replace(client=Party(app_id, "", "", ""), error=700016, key_id="", credential="none")
    stage.calls(failing, -5.3, 0, 240, "reporting fails")
    stage.goes_on(failing)


def missing_resource(stage: Stage) -> None:
    """A managed identity asks for an API whose service principal was removed from the tenant."""
    number = stage.directory.identities_at
    name = MANAGED_IDENTITIES[0]
    principal = service_principal(
        stage.mint, {"appId": stage.mint.guid("app id", "old orders api"), "displayName": "Orders API (old)"},
        stage.mint.guid("sp", "old orders api"), stage.directory.tenant_id,
    )  # fmt: skip
    principal["deletedDateTime"] = fine_stamp(stage.at(-4.1))
    principal["servicePrincipalNames"] = ["api://orders-old.contoso-sample.example", principal["appId"]]
    stage.directory.deleted_service_principals.append(principal)
    stage.audit(-4.1, "Remove service principal", stage.crowd.person(24), principal, operation="Delete")
    client = stage.population.party(number)
    old = Party(principal["appId"], principal["displayName"], principal["id"], stage.directory.tenant_id)
    fine = Caller(
        MANAGED_IDENTITY, client, old, 0, credential="managedIdentity", identity=stage.population.identity(name),
    )  # fmt: skip
    stage.calls(fine, -29.9, -4.1, 360, "orders identity")
    failing = fine._replace(resource=NOBODY, error=500011)
    stage.calls(failing, -4.1, 0, 120, "orders identity fails")
    stage.goes_on(failing)


def endings(stage: Stage) -> None:
    """The credentials with special ends are in use, except where being unused is the point."""
    for name in (
        "Customer Newsletter", "Stock Level API", "Badge Printer Service", "Meeting Room Display",
        "Parcel Tracking Webhook", "Data Lake Loader", "Legacy Scanner Gateway", "Supplier Onboarding",
        "Shift Planner", "ConnectSyncProvisioning_AADC01_8f2c41d7a6b0",
    ):  # fmt: skip
        app = stage.application(name)
        key = (app["keyCredentials"] or app["passwordCredentials"])[-1]
        caller = stage.daemon(name, 0, key)
        stage.calls(caller, -29.4, 0, 480, name)
        if name in ("Parcel Tracking Webhook", "Badge Printer Service"):
            stage.goes_on(caller)
    app = stage.application("Data Lake Loader")
    new = app["keyCredentials"][0]
    stage.audit_credentials(
        -29.5, stage.crowd.person(16), app, app["passwordCredentials"], [*app["passwordCredentials"], new]
    )
