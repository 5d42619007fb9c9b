"""Facts and calls for tests of remedies: an application of which everything was read, and one of which nothing was."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from diag.core.facts import Facts
from diag.core.identifiers import AppId, KeyId, ObjectId
from diag.core.read import Found, present
from diag.core.registration import (
    Application,
    ApplicationPermission,
    Certificate,
    ClientSecret,
    DelegatedGrant,
    DelegatedPermission,
    FederatedCredential,
    Platform,
    RedirectUri,
    RequiredPermission,
    RoleAssignment,
    ServicePrincipal,
)
from diag.core.remedies import every as _remedies  # noqa: F401  registers every remedy
from diag.core.remedy import REGISTRY, Commands, Fix, Unavailable

APP = "11111111-1111-4111-8111-111111111111"
APP_OBJECT = "22222222-2222-4222-8222-222222222222"
PRINCIPAL = "33333333-3333-4333-8333-333333333333"
TENANT = "44444444-4444-4444-8444-444444444444"
GRAPH_API = "00000003-0000-0000-c000-000000000000"
GRAPH_OBJECT = "55555555-5555-4555-8555-555555555555"
USER_READ = "66666666-6666-4666-8666-666666666666"
USER_READ_ALL = "77777777-7777-4777-8777-777777777777"
SECRET = "88888888-8888-4888-8888-888888888888"
CERTIFICATE = "99999999-9999-4999-8999-999999999999"
PRINCIPAL_SECRET = "aaaaaaaa-0001-4aaa-8aaa-aaaaaaaaaaaa"
ROLE_MANAGEMENT = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"
ALL_MAIL = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
READ_AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
CLUSTER = "https://oidc.cluster.contoso.example/7"
HOME = "https://orders.contoso.example/signin-oidc"
SECOND = "https://orders.contoso.example/second"


def redirects(web: tuple[str, ...], spa: tuple[str, ...] = (), native: tuple[str, ...] = ()) -> dict[str, Any]:
    """The redirect URI facts of an application, all read."""
    lists: dict[Platform, tuple[str, ...]] = {"web": web, "spa": spa, "public_client": native}
    return {
        "redirect_uris": present(
            tuple(RedirectUri(uri, platform) for platform, uris in lists.items() for uri in uris), as_of=READ_AT
        ),
        "web_redirect_uris": present(web, as_of=READ_AT),
        "spa_redirect_uris": present(spa, as_of=READ_AT),
        "public_client_redirect_uris": present(native, as_of=READ_AT),
    }


def application(**changed: Any) -> Application:
    known: dict[str, Any] = {
        "exists": present(True),
        "app_id": present(APP),
        "object_id": present(APP_OBJECT),
        "display_name": present("Orders"),
        "sign_in_audience": present("AzureADMyOrg"),
        "implicit_id_tokens": present(True),
        "identifier_uris": present((f"api://{APP}",), as_of=READ_AT),
        "known_clients": present((), as_of=READ_AT),
        "required_permissions": present((RequiredPermission(AppId(GRAPH_API), USER_READ, "delegated"),)),
        "client_secrets": present((ClientSecret(KeyId(SECRET), None, None),)),
        "certificates": present((Certificate(KeyId(CERTIFICATE), None, None),)),
        "federated_credentials": present((FederatedCredential("1", "cluster", CLUSTER, "system:serviceaccount:a:b"),)),
        **redirects((HOME, SECOND)),
    }
    return Application(**(known | changed))


def facts(**changed: Any) -> Facts:
    """Everything about one application that a remedy may read, as read in the directory."""
    known: dict[str, Any] = {
        "application": application(),
        "service_principal": ServicePrincipal(
            exists=present(True),
            app_id=present(APP),
            object_id=present(PRINCIPAL),
            owner_tenant_id=present(TENANT),
            app_roles=present(()),
            client_secrets=present((ClientSecret(KeyId(PRINCIPAL_SECRET), None, None),)),
            certificates=present(()),
        ),
        "app_role_assignments": present(
            (
                RoleAssignment(ObjectId(PRINCIPAL), ObjectId(GRAPH_OBJECT), ROLE_MANAGEMENT),
                RoleAssignment(ObjectId(PRINCIPAL), ObjectId(GRAPH_OBJECT), ALL_MAIL),
            )
        ),
        "deleted_application": Application(
            exists=present(True), app_id=present(APP), object_id=present(APP_OBJECT), deleted_at=present(READ_AT)
        ),
        "resource": ServicePrincipal(
            exists=present(True),
            app_id=present(GRAPH_API),
            object_id=present(GRAPH_OBJECT),
            display_name=present("Microsoft Graph"),
            scopes=present((DelegatedPermission(USER_READ, "User.Read"),)),
            app_roles=present((ApplicationPermission(USER_READ_ALL, "User.Read.All"),)),
        ),
        "grants": present(
            (
                DelegatedGrant(
                    ObjectId(PRINCIPAL), ObjectId(GRAPH_OBJECT), "AllPrincipals", ("openid", "profile"), id="grant-1"
                ),
            )
        ),
    }
    return Facts(**(known | changed))


NOTHING_READ = Facts()

CALLS: tuple[tuple[str, dict[str, str]], ...] = (
    ("add_redirect_uri", {"uri": "https://orders.contoso.example/new", "platform": "web"}),
    ("add_redirect_uri", {"uri": "http://localhost:8400/", "platform": "public_client"}),
    ("add_redirect_uri", {"uri": "https://elsewhere.example/new", "platform": "spa"}),
    ("add_redirect_uri", {"uri": "", "platform": ""}),
    ("move_redirect_uri", {"uri": HOME, "from_platform": "web", "to_platform": "spa"}),
    ("add_saml_reply_url", {"uri": "https://orders.contoso.example/saml/acs"}),
    ("add_client_secret", {}),
    ("add_certificate", {}),
    ("remove_credential", {"key_id": SECRET}),
    ("remove_credential", {"key_id": CERTIFICATE, "kind": "certificate"}),
    ("add_federated_credential", {"issuer": CLUSTER, "subject": "system:serviceaccount:a:c"}),
    ("add_required_permission", {"resource": "Microsoft Graph", "permission": "User.Read"}),
    ("add_required_permission", {"resource": GRAPH_API, "permission": "User.Read.All", "kind": "application"}),
    ("grant_admin_consent", {"resource": "Microsoft Graph", "permission": "User.Read"}),
    ("grant_admin_consent", {"resource": GRAPH_API, "permission": "User.Read.All", "kind": "application"}),
    ("create_service_principal", {"app_id": APP}),
    ("enable_service_principal", {}),
    ("assign_principal", {"principal": "someone@contoso.example"}),
    ("set_sign_in_audience", {"audience": "AzureADandPersonalMicrosoftAccount"}),
    ("allow_public_client_flows", {}),
    ("forbid_public_client_flows", {}),
    ("disable_implicit_grant", {}),
    ("set_access_token_version", {"version": "2"}),
    ("restore_application", {}),
    ("add_identifier_uri", {"uri": f"api://{APP}/v2"}),
    ("add_known_client", {"client_id": APP}),
    ("expose_scope", {"value": "access_as_user"}),
    ("change_client_code", {"do": "Send the registered address.", "topic": "send-registered-uri"}),
    ("by_hand", {"do": "Sign in again."}),
    ("remove_redirect_uris", {"uris": f"{HOME}\nhttps://elsewhere.example/not-listed"}),
    ("remove_credentials", {"secret_keys": SECRET, "certificate_keys": CERTIFICATE}),
    ("remove_principal_secrets", {}),
    ("revoke_app_permissions", {"reach": "control"}),
    ("revoke_app_permissions", {"reach": "data"}),
    ("lock_instance_properties", {}),
    ("add_owner", {}),
)

HOSTILE = (
    "it's",
    'say "hi"',
    "$(touch canary)",
    "`touch canary`",
    "${HOME}",
    "$HOME",
    "%{ if true }x%{ endif }",
    "$${a}",
    "%%{a}",
    "\\",
    "a\\' + $x",
    "'; Remove-MgApplication -ApplicationId 1 #",
    "\u2019; Remove-MgApplication -ApplicationId 1 #",
    "\u2018\u2019\u201a\u201b",
    "\u201c\u201d",
    "-rf",
    "--all",
    "@/etc/passwd",
    "@(1)",
    "; touch canary;",
    "| touch canary",
    "&& touch canary",
    "> canary",
    "*",
    "!history",
    "'${x}'",
    "a`]) || `b",
    "{{7*7}}",
    "EOF",
    "<redirect-uri>",
    "naïve ☕",
)
"""Values that mean something to one of the languages; each must come out as itself."""

REFUSED = (
    "two\nlines",
    "two\rlines",
    "tab\there",
    "nul\x00",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\U000e0041",
    "x" * 5000,
)
"""Values that no renderer takes."""


def render(name: str, given: Facts, args: dict[str, str]) -> Fix:
    named = REGISTRY[name]
    return named.render(given, msgspec.convert(args, named.args))


def every_commands(fix: Fix) -> list[Commands]:
    """The commands of the fix and those of its rollback."""
    both = [fix.commands, fix.rollback.commands if fix.rollback else None]
    return [commands for commands in both if commands is not None]


def texts(commands: Commands) -> dict[str, str]:
    """What each tool shows, as text; tools that are closed are left out."""
    shown = {
        tool: text
        for tool in ("az", "powershell", "bicep", "terraform", "portal")
        if isinstance(text := getattr(commands, tool), str)
    }
    if not isinstance(commands.graph, Unavailable):
        shown["graph"] = msgspec.json.encode(commands.graph).decode()
    return shown


def claim(text: str) -> Found[str]:
    return Found(text, "text")
