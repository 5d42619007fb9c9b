"""Questions about application permissions of a program that acts as itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from diag.core.directory import Change
from diag.core.facts import Facts
from diag.core.identifiers import AppId, ObjectId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, absent, present
from diag.core.registration import (
    Application,
    ApplicationPermission,
    RequiredPermission,
    RoleAssignment,
    ServicePrincipal,
)
from diag.core.sign_in import Failure, Token
from diag.core.verdict import No, Unknown, Verdict, Yes

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
GRAPH, OLD_GRAPH = "00000003-0000-0000-c000-000000000000", "00000002-0000-0000-c000-000000000000"
ROLE, OTHER_ROLE = "df021288-bdef-4463-88db-98f22de89214", "7ab1d382-f21e-4acd-a863-ba3e13f7da61"
SCOPE = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
CLIENT, API = ObjectId("b2d4f6a8-1c3e-4a5b-8d7f-4e6a8b0c2d04"), ObjectId("c7e9adbf-4f6b-4d8e-9cce-9dbf3a5b7c04")


def ask(name: str, facts: Facts) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert({}, question.args))


def required(permission: str, kind: Any = "application", api: str = GRAPH) -> RequiredPermission:
    return RequiredPermission(AppId(api), permission, kind)


def assigned(role: str, name: str = "Microsoft Graph") -> RoleAssignment:
    return RoleAssignment(CLIENT, API, role, "ServicePrincipal", "Night Reports", name)


def facts(
    *listed: RequiredPermission,
    granted: tuple[RoleAssignment, ...] | None = None,
    api: str | None = "https://graph.microsoft.com",
    complete: bool = True,
    token: Token | None = None,
) -> Facts:
    given = Facts(
        failure=Failure(resource=present(api, "request")) if api else Failure(),
        application=Application(required_permissions=Found(listed, complete=complete)),
        token=token or Token(),
    )
    if granted is None:
        return given
    return msgspec.structs.replace(given, app_role_assignments=Found(granted, complete=complete))


def test_an_application_permission_is_sought_when_it_is_listed_or_granted() -> None:
    name = "app_permission.is_sought"
    assert isinstance(ask(name, facts(required(ROLE))), Yes)
    assert isinstance(ask(name, facts(required(SCOPE, "delegated"), granted=(assigned(ROLE),))), Yes)
    assert isinstance(ask(name, facts(required(SCOPE, "delegated"))), No)
    assert isinstance(ask(name, facts(required(ROLE), api="https://graph.windows.net")), No)
    assert isinstance(ask(name, facts(required(ROLE), api=None)), Yes)
    assert isinstance(ask(name, facts(complete=False)), Unknown)
    assert isinstance(ask(name, Facts()), Unknown)


def test_the_default_access_is_no_permission() -> None:
    nothing = "00000000-0000-0000-0000-000000000000"
    assert isinstance(ask("app_permission.is_granted", facts(granted=(assigned(nothing),))), No)


def test_a_delegated_permission_is_listed_on_the_api_that_is_called() -> None:
    name = "delegated_permission.is_listed"
    assert isinstance(ask(name, facts(required(SCOPE, "delegated"))), Yes)
    assert isinstance(ask(name, facts(required(ROLE))), No)
    assert isinstance(ask(name, facts(required(SCOPE, "delegated", OLD_GRAPH))), No)
    assert isinstance(ask(name, facts(complete=False)), Unknown)
    assert isinstance(ask(name, Facts()), Unknown)


def test_permissions_on_another_api_only_are_told_with_its_name() -> None:
    name = "app_permission.is_on_other_api_only"
    verdict = ask(name, facts(required(ROLE), granted=(assigned(ROLE),), api="https://graph.windows.net"))
    assert isinstance(verdict, Yes)
    assert verdict.gives["other_api"] == "Microsoft Graph"
    assert isinstance(ask(name, facts(required(ROLE))), No)
    assert isinstance(ask(name, facts()), No)
    assert isinstance(ask(name, facts(required(ROLE), api=None)), Unknown)
    assert isinstance(ask(name, Facts(failure=Failure(resource=present(GRAPH)))), Unknown)


def test_a_listed_permission_that_nobody_granted_awaits_consent() -> None:
    name = "app_permission.awaits_consent"
    api = ServicePrincipal(app_roles=present((ApplicationPermission(ROLE, "User.Read.All"),)))
    verdict = ask(name, msgspec.structs.replace(facts(required(ROLE), granted=()), resource=api))
    assert isinstance(verdict, Yes)
    assert verdict.gives["permission"] == "User.Read.All"
    assert verdict.gives["resource"] == GRAPH
    assert isinstance(ask(name, facts(required(ROLE), required(OTHER_ROLE), granted=(assigned(ROLE),))), Yes)
    assert isinstance(ask(name, facts(required(ROLE), granted=(assigned(ROLE.upper()),))), No)
    assert isinstance(ask(name, facts(required(SCOPE, "delegated"), granted=())), No)


def test_consent_is_not_awaited_only_because_nobody_could_look() -> None:
    name = "app_permission.awaits_consent"
    assert isinstance(ask(name, facts(required(ROLE))), Unknown)
    assert isinstance(ask(name, facts(required(ROLE), granted=(), complete=False)), Unknown)
    assert isinstance(ask(name, Facts()), Unknown)


def test_a_permission_is_granted_by_role_in_the_token_or_by_assignment() -> None:
    name = "app_permission.is_granted"
    carrying = Token(exists=present(True), roles=present(("User.Read.All",), "token"))
    assert isinstance(ask(name, facts(token=carrying)), Yes)
    assert isinstance(ask(name, facts(granted=(assigned(ROLE),))), Yes)
    assert isinstance(ask(name, facts(granted=(assigned(ROLE, "Order API"),))), No)
    by_object = msgspec.structs.replace(
        facts(granted=(assigned(ROLE, "Order API"),)), resource=ServicePrincipal(object_id=present(API))
    )
    assert isinstance(ask(name, by_object), Yes)
    assert isinstance(ask(name, facts(granted=(), complete=False)), Unknown)
    assert isinstance(ask(name, facts()), Unknown)


def test_a_token_precedes_a_grant_that_the_audit_log_dates_later() -> None:
    name = "token.precedes_grant"
    token = Token(exists=present(True), issued_at=present(NOON, "token"))
    grant = Change(NOON + timedelta(seconds=1), "Add app role assignment to service principal")
    later = msgspec.structs.replace(facts(token=token), changes=Found((grant,), "history"))
    assert isinstance(ask(name, later), Yes)
    same = msgspec.structs.replace(grant, at=NOON)
    assert isinstance(ask(name, msgspec.structs.replace(later, changes=Found((same,), "history"))), No)
    assert isinstance(ask(name, facts(token=token)), Unknown)
    assert isinstance(ask(name, Facts()), Unknown)


def test_a_shown_token_without_roles_that_are_granted_is_an_older_one() -> None:
    name = "token.precedes_grant"
    shown = Token(exists=present(True), roles=Missing("token"))
    assert isinstance(ask(name, facts(granted=(assigned(ROLE),), token=shown)), Yes)
    assert isinstance(ask(name, facts(granted=(assigned(ROLE),), token=absent(Token))), Unknown)
