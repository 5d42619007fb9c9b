"""Consent, service principals, credentials and settings: what their remedies never do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from diag.core.directory import Change, PropertyChange
from diag.core.facts import Facts
from diag.core.identifiers import AppId
from diag.core.read import Found, Unread, absent, present
from diag.core.registration import ApplicationPermission, FederatedCredential, ServicePrincipal
from diag.core.remedy import REGISTRY, Commands, Unavailable
from diag.core.sign_in import Failure, Token
from tests.core.remedies import recording_az
from tests.core.remedies.given import (
    APP,
    APP_OBJECT,
    CALLS,
    CERTIFICATE,
    CLUSTER,
    GRAPH_API,
    GRAPH_OBJECT,
    NOTHING_READ,
    PRINCIPAL,
    SECRET,
    TENANT,
    USER_READ,
    USER_READ_ALL,
    application,
    claim,
    every_commands,
    facts,
    render,
    texts,
)

TOOLS = ("az", "graph", "powershell", "bicep", "terraform")
CONSENT = {"resource": "Microsoft Graph", "permission": "User.Read"}


def shown(name: str, given: Facts, **args: str) -> Commands:
    commands = render(name, given, args).commands
    assert commands is not None
    return commands


def closed(commands: Commands) -> bool:
    return all(isinstance(getattr(commands, tool), Unavailable) for tool in TOOLS)


def principal(**changed: Any) -> ServicePrincipal:
    known: dict[str, Any] = {
        "exists": present(True),
        "app_id": present(APP),
        "object_id": present(PRINCIPAL),
        "owner_tenant_id": present(TENANT),
    }
    return ServicePrincipal(**(known | changed))


def test_consent_is_shown_only_for_an_application_read_in_the_directory() -> None:
    assert closed(shown("grant_admin_consent", NOTHING_READ, **CONSENT))
    claimed = facts(
        application=application(exists=claim("yes")), service_principal=ServicePrincipal(exists=claim("yes"))
    )
    assert closed(shown("grant_admin_consent", claimed, **CONSENT))
    assert not closed(shown("grant_admin_consent", facts(), **CONSENT))


def test_consent_shows_publisher_tenant_and_permission_before_anything_else() -> None:
    fix = render("grant_admin_consent", facts(), CONSENT)
    first = " ".join(fix.before[:2])
    assert TENANT in first
    assert APP in first
    assert "not verified" in first
    assert "“User.Read” of “Microsoft Graph”" in first
    assert fix.do.startswith("Look at who asks")
    verified = facts(application=application(verified_publisher=present("Contoso")))
    assert "“Contoso” (verified)" in render("grant_admin_consent", verified, CONSENT).before[0]


def test_consent_keeps_the_scopes_that_are_granted() -> None:
    commands = shown("grant_admin_consent", facts(), **CONSENT)
    assert not isinstance(commands.graph, Unavailable)
    assert commands.graph[-1].url.endswith("/oauth2PermissionGrants/grant-1")
    assert commands.graph[-1].body == {"scope": "openid profile User.Read"}
    assert isinstance(commands.terraform, str)
    assert "import {" in commands.terraform
    assert '"openid",\n    "profile",\n    "User.Read",' in commands.terraform


def test_consent_without_the_grants_read_withholds_the_static_forms() -> None:
    commands = shown("grant_admin_consent", facts(grants=Unread("Directory.Read.All is not granted")), **CONSENT)
    for form in (commands.graph, commands.bicep, commands.terraform):
        assert isinstance(form, Unavailable)
        assert "Directory.Read.All" in form.unavailable
    assert isinstance(commands.az, str)
    assert '"$held $scope' in commands.az or "$held $scope" in commands.az


def test_a_first_grant_is_posted_with_the_one_scope() -> None:
    commands = shown("grant_admin_consent", facts(grants=present(())), **CONSENT)
    assert not isinstance(commands.graph, Unavailable)
    assert commands.graph[0].method == "POST"
    assert commands.graph[0].body == {
        "clientId": PRINCIPAL,
        "consentType": "AllPrincipals",
        "resourceId": GRAPH_OBJECT,
        "scope": "User.Read",
    }


def test_an_application_permission_is_one_role_assignment() -> None:
    commands = shown("grant_admin_consent", facts(), resource=GRAPH_API, permission="User.Read.All", kind="application")
    assert not isinstance(commands.graph, Unavailable)
    body = {"principalId": PRINCIPAL, "resourceId": GRAPH_OBJECT, "appRoleId": USER_READ_ALL}
    assert [(part.method, part.body) for part in commands.graph] == [("POST", body)]
    fix = render("grant_admin_consent", facts(), {**CONSENT, "permission": "User.Read.All", "kind": "application"})
    assert fix.who.startswith("Privileged Role Administrator")


def test_a_permission_the_api_does_not_expose_is_not_granted() -> None:
    for name in ("grant_admin_consent", "add_required_permission"):
        fix = render(name, facts(), {"resource": GRAPH_API, "permission": "User.Raed"})
        assert fix.commands is not None
        assert closed(fix.commands)
        assert "exposes no delegated permission" in fix.do


def test_a_permission_of_an_unread_api_stays_a_placeholder() -> None:
    commands = shown("grant_admin_consent", facts(resource=ServicePrincipal()), **CONSENT)
    assert all("User.Read" not in text for tool, text in texts(commands).items() if tool != "portal")
    assert "<permission-name>" in str(commands.az)


def test_a_required_permission_is_added_to_the_whole_list() -> None:
    commands = shown(
        "add_required_permission", facts(), resource=GRAPH_API, permission="User.Read.All", kind="application"
    )
    assert not isinstance(commands.graph, Unavailable)
    assert commands.graph[-1].body == {
        "requiredResourceAccess": [
            {
                "resourceAppId": GRAPH_API,
                "resourceAccess": [{"id": USER_READ, "type": "Scope"}, {"id": USER_READ_ALL, "type": "Role"}],
            }
        ]
    }
    assert str(commands.az).count(f"{USER_READ_ALL}=Role") == 1


@pytest.mark.parametrize("app_id", ["", "not a guid", "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"])
def test_a_service_principal_is_created_only_for_the_application_that_was_read(app_id: str) -> None:
    fix = render("create_service_principal", facts(), {"app_id": app_id})
    assert fix.commands is not None
    assert closed(fix.commands)
    assert fix.do.startswith("Is “" if app_id else "Is the application named in the error an")
    claimed = facts(application=application(app_id=claim(APP)), service_principal=ServicePrincipal())
    assert closed(shown("create_service_principal", claimed, app_id=APP))
    assert shown("create_service_principal", facts(), app_id=APP.upper()).az == f"az ad sp create --id {APP}"


def test_what_microsoft_disabled_cannot_be_enabled() -> None:
    for given in (
        facts(service_principal=principal(disabled_by_microsoft=present("DisabledDueToViolationOfServicesAgreement"))),
        facts(application=application(disabled_by_microsoft=Found("DisabledDueToViolationOfServicesAgreement"))),
    ):
        fix = render("enable_service_principal", given, {})
        assert fix.commands is not None
        assert closed(fix.commands)
        assert "Microsoft" in fix.who
    assert not closed(shown("enable_service_principal", facts(service_principal=principal())))
    allowed = facts(service_principal=principal(disabled_by_microsoft=present("NotDisabled")))
    assert not closed(shown("enable_service_principal", allowed))


def test_enabling_first_asks_who_disabled_it_and_names_whom_the_history_names() -> None:
    change = Change(
        datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        "Update service principal",
        actor="Adele Vance",
        properties=(PropertyChange("AccountEnabled", "[true]", "[false]"),),
    )
    fix = render("enable_service_principal", facts(changes=present((change,))), {})
    assert fix.do.startswith("First find out who disabled")
    assert "2026-11-20 09:30 UTC by “Adele Vance”" in fix.do
    assert "audit log" in render("enable_service_principal", facts(), {}).do


def test_secrets_are_appended_and_removed_by_key_id_alone() -> None:
    fix = render("add_client_secret", facts(), {})
    assert fix.commands is not None
    assert " --append" in str(fix.commands.az)
    assert not isinstance(fix.commands.graph, Unavailable)
    assert fix.commands.graph[0].url.endswith("/addPassword")
    assert isinstance(fix.commands.bicep, Unavailable)
    assert "state" in str(fix.commands.terraform)
    order = [fix.do.index(word) for word in ("managed identity", "federated", "certificate", "client secret")]
    assert order == sorted(order)
    removal = shown("remove_credential", facts(), key_id=SECRET)
    assert removal.az == f"az ad app credential delete --id {APP} --key-id {SECRET}"
    assert isinstance(removal.bicep, Unavailable)
    assert isinstance(removal.terraform, Unavailable)


def test_a_new_secret_lives_180_days_in_every_tool_and_in_the_text(tmp_path: Path) -> None:
    fix = render("add_client_secret", facts(), {})
    assert fix.commands is not None
    assert "lives 180 days" in fix.do
    assert "<end-date>: the instant 180 days from now" in fix.do
    assert "AddDays(180)" in str(fix.commands.powershell)
    assert "<end-date>" in str(fix.commands.graph)
    assert 'end_date = "<end-date>"' in str(fix.commands.terraform)
    assert "180 days" in fix.commands.portal
    before = datetime.now(UTC)
    (call,) = recording_az.run(str(fix.commands.az), recording_az.install(tmp_path), tmp_path)
    ends = datetime.fromisoformat(call[call.index("--end-date") + 1])
    assert timedelta(days=180, seconds=-2) <= ends - before <= timedelta(days=180, minutes=5)
    assert call[-1] == "--append"
    assert "--years" not in call


def test_a_key_id_that_the_application_was_not_seen_to_hold_stays_a_placeholder() -> None:
    for key_id, kind in (("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "secret"), (SECRET, "certificate"), ("x", "secret")):
        commands = shown("remove_credential", facts(), key_id=key_id, kind=kind)
        assert "<key-id>" in str(commands.az)
        assert key_id not in str(commands.az).split()
    assert f'"keyId":"{CERTIFICATE}"' in str(
        shown("remove_credential", facts(), key_id=CERTIFICATE, kind="certificate").az
    )


SHARED = "https://token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    ("issuer", "subject", "known"),
    [
        (CLUSTER, "system:serviceaccount:other:other", True),
        (CLUSTER + "/", "system:serviceaccount:a:b", True),
        ("https://oidc.cluster.contoso.example/8", "system:serviceaccount:a:b", False),
        (SHARED, "repo:contoso/orders:environment:prod", True),
        (SHARED, "repo:contoso/orders-evil:environment:prod", False),
        (SHARED, "repo:evil/orders:environment:prod", False),
        (SHARED, "repo:contoso/orders", False),
        (CLUSTER, "*", False),
        ("", "", False),
    ],
)
def test_a_federated_subject_enters_a_command_only_from_a_source_already_trusted(
    issuer: str, subject: str, known: bool
) -> None:
    held = (
        FederatedCredential("1", "cluster", CLUSTER, "system:serviceaccount:a:b"),
        FederatedCredential("2", "orders", SHARED, "repo:contoso/orders:ref:refs/heads/main"),
    )
    given = facts(application=application(federated_credentials=present(held)))
    fix = render("add_federated_credential", given, {"issuer": issuer, "subject": subject})
    assert fix.commands is not None
    assert ("<subject>" not in str(fix.commands.az)) is known
    if not known and issuer:
        assert fix.do.startswith("Is the workload")


def test_twenty_federated_credentials_are_the_most() -> None:
    held = tuple(FederatedCredential(str(n), f"n{n}", CLUSTER, f"s{n}") for n in range(20))
    full = facts(application=application(federated_credentials=present(held)))
    assert "20 of at most 20" in render("add_federated_credential", full, {}).do
    one_less = facts(application=application(federated_credentials=present(held[:19])))
    assert "at most 20" not in render("add_federated_credential", one_less, {}).do


def test_version_two_first_needs_apis_that_accept_both() -> None:
    api = facts(token=Token(audience=present(f"api://{APP}", "text")))
    fix = render("set_access_token_version", api, {"version": "2"})
    assert fix.do.startswith("First let every instance")
    assert shown("set_access_token_version", api, version="2").az == (
        f"az ad app update --id {APP} --requested-access-token-version 2"
    )


def test_restoring_looks_at_the_service_principal_as_well() -> None:
    fix = render("restore_application", facts(), {})
    assert fix.commands is not None
    assert "microsoft.graph.servicePrincipal" in str(fix.commands.az)
    assert "2026-12-22" in fix.do
    assert isinstance(fix.commands.bicep, Unavailable)
    assert isinstance(fix.commands.terraform, Unavailable)


def test_undoing_the_implicit_grant_never_brings_access_tokens_back() -> None:
    fix = render("disable_implicit_grant", facts(), {})
    assert fix.rollback is not None
    assert fix.rollback.commands is not None
    assert not isinstance(fix.rollback.commands.graph, Unavailable)
    assert fix.rollback.commands.graph[-1].body == {"web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}}
    unread = facts(application=application(implicit_id_tokens=Unread()))
    rollback = render("disable_implicit_grant", unread, {}).rollback
    assert rollback is not None
    assert rollback.commands is None


def test_the_audience_is_set_back_to_what_was_read() -> None:
    rollback = render("set_sign_in_audience", facts(), {"audience": "AzureADMultipleOrgs"}).rollback
    assert rollback is not None
    assert rollback.commands is not None
    assert rollback.commands.az == f"az ad app update --id {APP} --sign-in-audience AzureADMyOrg"
    assert "<audience-value>" in str(shown("set_sign_in_audience", facts(), audience="Everybody").az)


def test_who_is_assigned_comes_from_a_person() -> None:
    fix = render("assign_principal", facts(), {"principal": "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"})
    assert "aaaaaaaa" not in str(fix.commands)
    assert "<user-or-group-object-id>" in str(fix.commands)
    assert "00000000-0000-0000-0000-000000000000" in str(fix.commands)
    roles = present((ApplicationPermission(USER_READ, "Orders.Reader", allowed_member_types=("User",)),))
    with_roles = render("assign_principal", facts(service_principal=principal(app_roles=roles)), {})
    assert "<app-role-id>" in str(with_roles.commands)
    assert "“Orders.Reader”" in with_roles.do


def test_a_scope_is_not_added_to_an_api_of_another_tenant() -> None:
    foreign = facts(
        resource=ServicePrincipal(
            exists=present(True), app_id=present(AppId(GRAPH_API)), owner_tenant_id=present("another")
        ),
        home_tenant_id=present(TENANT),
    )
    assert closed(shown("expose_scope", foreign, value="access_as_user"))
    assert "<scope-name>" in str(shown("expose_scope", facts(), value="a b").az)


def test_an_app_id_uri_is_known_by_the_applications_own_id_or_host() -> None:
    assert f"api://{APP}/v2" in str(shown("add_identifier_uri", facts(), uri=f"api://{APP}/v2").az)
    assert "<app-id-uri>" in str(shown("add_identifier_uri", asked(APP), uri="api://evil").az)
    held = asked(
        "https://contoso.example/orders",
        application=application(identifier_uris=present(("https://contoso.example/orders",))),
    )
    assert "https://contoso.example/v2" in str(shown("add_identifier_uri", held, uri="https://contoso.example/v2").az)
    assert "<app-id-uri>" in str(shown("add_identifier_uri", held, uri="https://evil.example/v2").az)


API = "abababab-abab-4bab-8bab-abababababab"
FOR_AN_API: tuple[tuple[str, dict[str, str]], ...] = (
    ("add_identifier_uri", {"uri": f"api://{API}"}),
    ("expose_scope", {"value": "access_as_user"}),
    ("add_known_client", {"client_id": APP}),
    ("set_access_token_version", {"version": "2"}),
)


def asked(name: str, **changed: Any) -> Facts:
    """A client's failure that names the API as ``name``."""
    return facts(failure=Failure(resource=present(name, "text")), **changed)


def own_api(**changed: Any) -> ServicePrincipal:
    known: dict[str, Any] = {
        "exists": present(True),
        "app_id": present(AppId(API)),
        "display_name": present("Stock API"),
        "owner_tenant_id": present(TENANT),
    }
    return ServicePrincipal(**(known | changed))


@pytest.mark.parametrize(("name", "args"), FOR_AN_API)
def test_a_remedy_for_an_api_changes_the_api_and_never_the_client_that_asks_for_it(
    name: str, args: dict[str, str]
) -> None:
    given = asked(f"api://{API}", resource=own_api(), home_tenant_id=present(TENANT))
    fix = render(name, given, args)
    assert "“Stock API”" in fix.do
    for commands in every_commands(fix):
        for tool in ("az", "powershell"):
            text = str(getattr(commands, tool))
            assert API in text
            assert f"applications(appId='{APP}')" not in text
            assert f"--id {APP}" not in text
            assert f"appId eq ''{APP}''" not in text
        for tool, text in texts(commands).items():
            assert APP_OBJECT not in text, tool
            assert "Orders" not in text, tool


@pytest.mark.parametrize(("name", "args"), FOR_AN_API)
def test_an_api_that_was_not_read_or_is_another_tenants_is_not_changed_from_here(
    name: str, args: dict[str, str]
) -> None:
    unread = asked(f"api://{API}", resource=ServicePrincipal())
    foreign = asked(
        f"api://{API}", resource=own_api(owner_tenant_id=present("another")), home_tenant_id=present(TENANT)
    )
    for given, why in ((unread, "the API was not read"), (foreign, "the API belongs to another tenant")):
        fix = render(name, given, args)
        assert fix.commands is not None
        assert closed(fix.commands)
        assert isinstance(fix.commands.az, Unavailable)
        assert why in fix.commands.az.unavailable
        assert fix.rollback is not None
        assert fix.rollback.commands is None


def test_an_application_is_its_own_api_only_where_the_failure_names_it() -> None:
    given = facts(resource=ServicePrincipal())
    assert closed(shown("set_access_token_version", given, version="2"))
    token = facts(resource=ServicePrincipal(), token=Token(audience=present(APP, "request")))
    assert f"--id {APP}" in str(shown("set_access_token_version", token, version="2").az)
    other = facts(
        resource=ServicePrincipal(),
        failure=Failure(resource=present(API, "text")),
        token=Token(audience=present(APP, "request")),
    )
    assert closed(shown("set_access_token_version", other, version="2"))


def test_the_api_in_the_middle_is_the_application_that_was_read_when_the_client_is_another() -> None:
    given = asked(f"api://{API}", resource=own_api())
    assert f"applications(appId='{APP}')" in str(shown("add_known_client", given, client_id="").az)


CHANGES_THE_REGISTRATION = (
    "add_redirect_uri",
    "move_redirect_uri",
    "add_saml_reply_url",
    "add_client_secret",
    "add_certificate",
    "remove_credential",
    "add_federated_credential",
    "add_required_permission",
    "set_sign_in_audience",
    "allow_public_client_flows",
    "forbid_public_client_flows",
    "disable_implicit_grant",
    "remove_redirect_uris",
    "remove_credentials",
    "lock_instance_properties",
    "add_owner",
)


@pytest.mark.parametrize(("name", "args"), [call for call in CALLS if call[0] in CHANGES_THE_REGISTRATION])
def test_a_registration_of_another_tenant_or_none_at_all_is_not_changed_from_here(
    name: str, args: dict[str, str]
) -> None:
    elsewhere = Facts(service_principal=principal(), home_tenant_id=present("another"))
    managed = Facts(service_principal=principal(type=present("ManagedIdentity")))
    for given, why in ((elsewhere, TENANT), (managed, "managed identity")):
        fix = render(name, given, args)
        assert fix.commands is not None
        assert closed(fix.commands)
        assert why in fix.do
    here = Facts(service_principal=principal(), home_tenant_id=present(TENANT))
    assert not render(name, here, args).do.startswith("Ask whoever owns")


def test_every_remedy_of_the_registration_is_among_those_that_are_closed_elsewhere() -> None:
    others = {"change_client_code", "by_hand", "grant_admin_consent", "create_service_principal"}
    others |= {
        "enable_service_principal",
        "assign_principal",
        "restore_application",
        "add_known_client",
        "expose_scope",
        "set_access_token_version",
        "add_identifier_uri",
        "revoke_app_permissions",
        "remove_principal_secrets",
    }
    assert set(REGISTRY) == set(CHANGES_THE_REGISTRATION) | others


def test_an_application_that_is_not_there_has_no_static_forms() -> None:
    missing = Facts(application=absent(type(application())))
    commands = shown("add_redirect_uri", missing, uri="https://orders.contoso.example/", platform="web")
    for form in (commands.graph, commands.bicep, commands.terraform):
        assert isinstance(form, Unavailable)
