"""The story is the same every time, and what the log shows agrees with the registrations and their history."""

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sample_tenant.conftest import KINDS, NOW, ROOT, Running, Start

START = datetime(2026, 11, 22, 10, tzinfo=UTC)

# Application, code, kind of sign-in, activity that came before (None: nothing in the directory changed).
STORIES = (
    ("Warehouse Portal", 50011, "interactiveUser", "Update application"),
    ("Nightly Invoice Export", 7000222, "servicePrincipal", None),
    ("Payroll Sync", 7000215, "servicePrincipal", "Certificates and secrets management"),
    ("Expense Reports", 65001, "interactiveUser", "Update application"),
    ("Fleet Telemetry Collector", 7000112, "servicePrincipal", "Update service principal"),
    ("Website Deploy Pipeline", 700213, "servicePrincipal", "Update application"),
    ("Partner Extranet", 50020, "interactiveUser", "Update application"),
    ("HR Self Service", 50105, "interactiveUser", "Update service principal"),
    ("Document Archive Connector", 700027, "servicePrincipal", "Certificates and secrets management"),
    ("Sales Mobile", 700082, "nonInteractiveUser", None),
    ("Finance Dashboard", 53003, "interactiveUser", None),
)


def _failures(tenant: Running, kind: str, code: int) -> list[dict[str, Any]]:
    return tenant.sign_ins(kind, f"status/errorCode eq {code}")


def _audits(tenant: Running, object_id: str) -> list[dict[str, Any]]:
    return tenant.rows("v1.0/auditLogs/directoryAudits", filter=f"targetResources/any(t:t/id eq '{object_id}')")


def _edit(audit: dict[str, Any], name: str) -> tuple[Any, Any]:
    (found,) = (each for each in audit["targetResources"][0]["modifiedProperties"] if each["displayName"] == name)
    return tuple(None if each is None else json.loads(each) for each in (found["oldValue"], found["newValue"]))


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")[:26].rstrip("+") if "." in text else text).replace(
        tzinfo=UTC
    )


@pytest.mark.parametrize(("name", "code", "kind", "activity"), STORIES)
def test_story_is_told_by_one_application_and_began_with_what_changed(
    tenant: Running, name: str, code: int, kind: str, activity: str | None
) -> None:
    rows = _failures(tenant, kind, code)
    assert {row["appDisplayName"] for row in rows} == {name}
    assert len(rows) >= 30
    app, principal = tenant.application(name), tenant.principal(name)
    assert {row["appId"] for row in rows} == {app["appId"]}
    if kind == "servicePrincipal":
        assert {row["servicePrincipalId"] for row in rows} == {principal["id"]}
        assert {row["userPrincipalName"] for row in rows} == {""}
    if activity is not None:
        audits = _audits(tenant, app["id"]) + _audits(tenant, principal["id"])
        changes = [each for each in audits if activity in each["activityDisplayName"]]
        first_failure = min(row["createdDateTime"] for row in rows)
        assert any(each["activityDateTime"] < first_failure for each in changes)


def test_redirect_story_shows_the_old_address_in_the_history_alone(tenant: Running) -> None:
    app = tenant.application("Warehouse Portal")
    (audit,) = _audits(tenant, app["id"])
    (before,), (after,) = _edit(audit, "AppAddress")
    assert [after["Address"]] == app["web"]["redirectUris"]
    assert before["Address"] == "https://warehouse-portal.contoso-sample.example/signin-oidc"
    sibling = _audits(tenant, tenant.principal("Warehouse Portal")["id"])[0]
    assert sibling["correlationId"] == audit["correlationId"]
    assert "contoso-sample.example/signin-oidc" not in json.dumps(_failures(tenant, "interactiveUser", 50011))


def test_rotation_story_names_the_removed_key(tenant: Running) -> None:
    app = tenant.application("Payroll Sync")
    (new,) = app["passwordCredentials"]
    (presented,) = {row["servicePrincipalCredentialKeyId"] for row in _failures(tenant, "servicePrincipal", 7000215)}
    assert presented != new["keyId"]
    events = _audits(tenant, app["id"])
    telling = [each for each in events if each["targetResources"][0]["modifiedProperties"]]
    silent = [each for each in events if not each["targetResources"][0]["modifiedProperties"]]
    assert {each["correlationId"] for each in telling} == {each["correlationId"] for each in silent}
    removed_last, added_first = telling
    assert added_first["activityDisplayName"] == "Update application – Certificates and secrets management "
    before, after = _edit(added_first, "KeyDescription")
    assert (len(before), len(after)) == (1, 2)
    before, after = _edit(removed_last, "KeyDescription")
    assert presented in before[0]
    assert new["keyId"] in after[0]
    assert presented not in json.dumps(after)


def test_expired_secret_story_fails_from_the_end_on(tenant: Running) -> None:
    (key,) = tenant.application("Nightly Invoice Export")["passwordCredentials"]
    rows = _failures(tenant, "servicePrincipal", 7000222)
    assert {row["servicePrincipalCredentialKeyId"] for row in rows} == {key["keyId"]}
    assert min(row["createdDateTime"] for row in rows) >= key["endDateTime"]
    chosen = f"appId eq '{rows[0]['appId']}' and status/errorCode eq 0"
    fine = tenant.sign_ins("servicePrincipal", chosen)
    assert len(fine) > 100
    assert max(row["createdDateTime"] for row in fine) < key["endDateTime"]


def test_other_stories_are_visible_in_the_registration(tenant: Running) -> None:
    assert tenant.principal("Fleet Telemetry Collector")["accountEnabled"] is False
    pipeline = tenant.application("Website Deploy Pipeline")
    (credential,) = tenant.get(f"v1.0/applications/{pipeline['id']}/federatedIdentityCredentials")["value"]
    assert credential["subject"].endswith(":environment:production")
    (before,), (after,) = _edit(_audits(tenant, pipeline["id"])[0], "FederatedIdentityCredentials")
    assert before["Subject"].endswith(":ref:refs/heads/main")
    assert after["Subject"] == credential["subject"]
    expenses = tenant.application("Expense Reports")
    (wanted,) = expenses["requiredResourceAccess"]
    assert len(wanted["resourceAccess"]) == 2
    principal = tenant.principal("Expense Reports")
    (grant,) = tenant.get(f"v1.0/servicePrincipals/{principal['id']}/oauth2PermissionGrants")["value"]
    assert grant["scope"] == "openid profile User.Read"
    thumbprints = {row["servicePrincipalCredentialThumbprint"] for row in _failures(tenant, "servicePrincipal", 700027)}
    (certificate,) = tenant.application("Document Archive Connector")["keyCredentials"]
    assert len(thumbprints) == 1
    assert base64.b64decode(certificate["customKeyIdentifier"]).hex().upper() not in thumbprints


def test_assignment_story_lets_in_who_is_assigned(tenant: Running) -> None:
    principal = tenant.principal("HR Self Service")
    assert principal["appRoleAssignmentRequired"] is True
    assigned = {
        each["principalId"]
        for each in tenant.get(f"v1.0/servicePrincipals/{principal['id']}/appRoleAssignedTo")["value"]
    }
    refused = {row["userId"] for row in _failures(tenant, "interactiveUser", 50105)}
    assert assigned
    assert refused
    assert not assigned & refused


def test_policy_story_names_the_policy_that_blocked(tenant: Running) -> None:
    policies = {each["id"]: each for each in tenant.rows("v1.0/identity/conditionalAccess/policies")}
    for row in _failures(tenant, "interactiveUser", 53003):
        assert row["conditionalAccessStatus"] == "failure"
        (blocking,) = (each for each in row["appliedConditionalAccessPolicies"] if each["result"] == "failure")
        assert policies[blocking["id"]]["grantControls"]["builtInControls"] == ["block"]
        assert row["location"]["countryOrRegion"] == "SG"


def test_guest_story_comes_from_another_tenant(tenant: Running) -> None:
    rows = _failures(tenant, "interactiveUser", 50020)
    assert {row["userType"] for row in rows} == {"guest"}
    assert tenant.tenant_id not in {row["homeTenantId"] for row in rows}
    assert {row["resourceTenantId"] for row in rows} == {tenant.tenant_id}


def test_deleted_application_story_leaves_only_its_id(tenant: Running) -> None:
    rows = _failures(tenant, "servicePrincipal", 700016)
    (gone,) = tenant.rows("v1.0/directory/deletedItems/microsoft.graph.application")
    assert {row["appId"] for row in rows} == {gone["appId"]}
    assert {(row["appDisplayName"], row["servicePrincipalId"]) for row in rows} == {("", "")}
    assert gone["deletedDateTime"] < min(row["createdDateTime"] for row in rows)
    tenant.get(f"v1.0/applications/{gone['id']}", status=404)


def test_managed_identity_story_asks_for_a_resource_that_is_gone(tenant: Running) -> None:
    rows = _failures(tenant, "managedIdentity", 500011)
    assert {row["appDisplayName"] for row in rows} == {"mi-orders-processor"}
    assert {row["resourceId"] for row in rows} == {""}
    deleted = tenant.rows("v1.0/directory/deletedItems/graph.servicePrincipal")
    assert "Orders API (old)" in {each["displayName"] for each in deleted}


def test_saml_certificate_is_three_entries_with_one_identifier(tenant: Running) -> None:
    principal = tenant.principal("Travel Booking")
    keys, passwords = principal["keyCredentials"], principal["passwordCredentials"]
    assert sorted((each["usage"], each["type"]) for each in keys) == [
        ("Sign", "X509CertAndPassword"),
        ("Verify", "AsymmetricX509Cert"),
    ]
    (identifier,) = {each["customKeyIdentifier"] for each in [*keys, *passwords]}
    assert base64.b64decode(identifier).hex().upper() == principal["preferredTokenSigningKeyThumbprint"]
    (sign,) = (each for each in keys if each["usage"] == "Sign")
    assert passwords[0]["keyId"] == sign["keyId"]
    assert timedelta(days=12) < _when(sign["endDateTime"]) - START < timedelta(days=13)


def test_credentials_end_at_every_step_of_the_ladder(tenant: Running) -> None:
    ends = {
        (_when(key["endDateTime"]) - START).days
        for app in tenant.rows("v1.0/applications")
        for key in [*app["passwordCredentials"], *app["keyCredentials"]]
    }
    assert {60, 30, 14, 7, 3, 1, 0} <= ends
    assert any(days < -30 for days in ends)
    assert any(days > 36_500 for days in ends)


def test_platform_managed_and_odd_credentials_are_there(tenant: Running) -> None:
    applications = {each["displayName"]: each for each in tenant.rows("v1.0/applications")}
    labels = {key["displayName"] for each in applications.values() for key in each["passwordCredentials"]}
    assert {"CWAP_AuthSecret", None} <= labels
    assert any(name.startswith("ConnectSyncProvisioning_") for name in applications)
    assert applications["Store Locator"]["spa"]["redirectUris"]
    assert applications["Store Locator"]["passwordCredentials"]
    assert tenant.get(f"v1.0/applications/{applications['Field Survey']['id']}/owners")["value"] == []
    unused = applications["Prototype Chat"]["appId"]
    assert all(tenant.sign_ins(kind, f"appId eq '{unused}'") == [] for kind in KINDS)


def test_successes_outnumber_failures_and_use_keys_that_were_valid(tenant: Running) -> None:
    rows = tenant.sign_ins("servicePrincipal")
    fine = [row for row in rows if row["status"]["errorCode"] == 0]
    assert len(fine) > 5 * (len(rows) - len(fine))
    keys = {
        key["keyId"]: (key["startDateTime"], key["endDateTime"])
        for app in tenant.rows("v1.0/applications")
        for key in [*app["passwordCredentials"], *app["keyCredentials"]]
    }
    known = [row for row in fine if row["servicePrincipalCredentialKeyId"] in keys]
    assert len(known) > 0.8 * len(fine)
    for row in known:
        begins, ends = keys[row["servicePrincipalCredentialKeyId"]]
        assert begins <= row["createdDateTime"] < ends


def test_interrupt_is_followed_by_success_in_the_same_session(tenant: Running) -> None:
    rows = tenant.sign_ins("interactiveUser")
    asked = [
        row for row in rows
        if row["status"]["errorCode"] == 50140 and row["appDisplayName"] in ("Shift Planner", "Supplier Onboarding")
    ]  # fmt: skip
    assert len(asked) == 40
    for row in asked:
        later = [each for each in rows if each["correlationId"] == row["correlationId"] and each is not row]
        assert [each["status"]["errorCode"] for each in later] == [0]
        assert later[0]["createdDateTime"] > row["createdDateTime"]


def test_every_audit_concerns_something_that_is_or_was_there(tenant: Running) -> None:
    known = {each["id"] for name in ("applications", "servicePrincipals") for each in tenant.rows(f"v1.0/{name}")}
    for kind in ("application", "servicePrincipal"):
        known |= {each["id"] for each in tenant.rows(f"v1.0/directory/deletedItems/graph.{kind}")}
    audits = tenant.rows("v1.0/auditLogs/directoryAudits")
    assert [each["id"] for each in tenant.rows("v1.0/auditLogs/directoryAudits", top="7")] == [
        each["id"] for each in audits
    ]
    concerned = [each for each in audits if each["targetResources"][0]["type"] in ("Application", "ServicePrincipal")]
    assert len(concerned) > 40
    assert {each["targetResources"][0]["id"] for each in concerned} <= known


def test_failed_rows_name_no_key_when_told_not_to(start: Start) -> None:
    running = start("--now", NOW, "--story-speed", "0", "--no-throttle", "--without-key-ids")
    named = {True: 0, False: 0}
    for row in running.sign_ins("servicePrincipal"):
        present = bool(row["servicePrincipalCredentialKeyId"] or row["servicePrincipalCredentialThumbprint"])
        named[row["status"]["errorCode"] != 0] += present
    assert named[True] == 0
    assert named[False] > 1000


def _everything(running: Running) -> bytes:
    rows: list[Any] = [running.sign_ins(kind) for kind in KINDS]
    rows += [running.rows(f"v1.0/{name}") for name in ("applications", "servicePrincipals", "oauth2PermissionGrants")]
    rows += [running.rows("v1.0/auditLogs/directoryAudits")]
    return json.dumps(rows).encode()


def test_same_seed_gives_the_same_company_and_another_seed_another(tenant: Running, start: Start) -> None:
    still = ("--now", NOW, "--story-speed", "0", "--no-throttle")
    first, again = start(*still), start(*still)
    assert _everything(first) == _everything(again)
    other = start(*still, "--seed", "2")
    assert other.tenant_id != first.tenant_id
    ours = {row["id"] for row in first.sign_ins("servicePrincipal")}
    assert not ours & {row["id"] for row in other.sign_ins("servicePrincipal")}


def _from_elsewhere(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Leave out the rows of the tokens that the tests take, which are no part of the story."""
    return {row["id"]: row for row in rows if row["ipAddress"] != "127.0.0.1"}


def test_story_that_is_taken_up_again_has_the_same_past(start: Start) -> None:
    began = ("--began", NOW, "--no-throttle")
    sooner = start(*began, "--now", "2026-11-22T11:00:00Z")
    later = start(*began, "--now", "2026-12-02T12:00:00Z")
    # Late rows are up to an hour late here, so what happened in the hour before the first look is not complete.
    settled = "createdDateTime ge 2026-11-14T10:00:00Z and createdDateTime le 2026-11-22T10:00:00Z"
    after = "createdDateTime ge 2026-11-22T10:00:01Z and createdDateTime le 2026-11-22T11:00:00Z"
    arrived = 0
    for kind in KINDS:
        assert (
            _from_elsewhere(sooner.sign_ins(kind, settled)).items()
            <= _from_elsewhere(later.sign_ins(kind, settled)).items()
        )
        first, second = (_from_elsewhere(each.sign_ins(kind, after)) for each in (sooner, later))
        assert first.items() <= second.items()
        arrived += len(first)
    assert arrived > 1000
    changed = {each["id"] for each in sooner.rows("v1.0/auditLogs/directoryAudits")}
    kept = {each["id"] for each in later.rows("v1.0/auditLogs/directoryAudits")}
    assert {each["id"] for each in sooner.rows("v1.0/auditLogs/directoryAudits", filter=f"activityDateTime ge {NOW}")}
    # Ten days later the oldest have left the log; the youngest are there.
    assert len(changed & kept) > len(changed) / 2


def test_new_failures_and_successes_of_every_kind_keep_coming(start: Start) -> None:
    running = start("--began", NOW, "--now", "2026-11-22T12:00:00Z", "--no-throttle")
    for kind in KINDS:
        codes = [row["status"]["errorCode"] for row in running.sign_ins(kind, f"createdDateTime ge {NOW}")]
        assert 0 in codes
        assert any(codes)
    codes = {row["status"]["errorCode"] for row in running.sign_ins("servicePrincipal", f"createdDateTime ge {NOW}")}
    assert {7000222, 7000215, 7000112, 700213, 700027, 700016} <= codes


@pytest.mark.parametrize("began", ["tomorrow", "2026-11-22T10:00:01Z"])
def test_story_cannot_have_begun_in_the_future(began: str) -> None:
    command = [sys.executable, "-m", "diag.sample_tenant", "--now", NOW, "--began", began]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
    assert told.returncode == 2
    assert "--began" in told.stderr
