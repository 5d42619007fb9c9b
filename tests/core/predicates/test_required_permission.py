"""Questions about the list of API permissions as a whole."""

from diag.core.facts import Facts
from diag.core.identifiers import AppId
from diag.core.permissions import AZURE_AD_GRAPH, GRAPH
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, absent
from diag.core.registration import Application, RequiredPermission
from diag.core.verdict import No, Unknown, Verdict, Yes

USER_READ = RequiredPermission(AppId(GRAPH), "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "delegated")
OLD_USER_READ = RequiredPermission(AppId(AZURE_AD_GRAPH), "311a71cc-e848-46a1-bdf8-97ff7156d8e6", "delegated")
ORDERS = RequiredPermission(AppId("2c4e6a8b-0d1f-4b3c-9e5a-7f8d6c5b4a39"), USER_READ.permission_id, "delegated")


def ask(name: str, facts: Facts) -> Verdict:
    return REGISTRY[f"required_permission.{name}"].ask(facts, NoArgs())


def listing(*listed: RequiredPermission, complete: bool = True) -> Facts:
    return Facts(application=Application(required_permissions=Found(listed, complete=complete)))


def test_a_list_with_one_permission_is_told_from_an_empty_one() -> None:
    verdict = ask("exists", listing(USER_READ, ORDERS))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"listed": "Microsoft Graph, 2c4e6a8b-0d1f-4b3c-9e5a-7f8d6c5b4a39"}
    assert isinstance(ask("exists", listing()), No)
    assert isinstance(ask("exists", Facts(application=Application(required_permissions=Missing()))), No)


def test_only_graphs_own_permissions_let_a_user_sign_in() -> None:
    assert isinstance(ask("allows_sign_in", listing(ORDERS, USER_READ)), Yes)
    assert isinstance(ask("allows_sign_in", listing(OLD_USER_READ)), Yes)
    assert isinstance(ask("allows_sign_in", listing(ORDERS)), No)
    assert isinstance(ask("allows_sign_in", listing()), No)


def test_a_list_cut_short_or_unread_or_of_another_tenant_proves_nothing() -> None:
    for name in ("exists", "allows_sign_in"):
        assert isinstance(ask(name, listing(complete=False)), Unknown)
        assert isinstance(ask(name, Facts(application=absent(Application))), Unknown)
        blind = ask(name, Facts())
        assert isinstance(blind, Unknown)
        assert [need.fact for need in blind.needs] == ["application.required_permissions"]
    assert isinstance(ask("allows_sign_in", listing(ORDERS, complete=False)), Unknown)
