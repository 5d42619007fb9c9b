"""Questions about user assignment."""

from diag.core.facts import Facts
from diag.core.identifiers import ObjectId
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, present
from diag.core.registration import RoleAssignment, ServicePrincipal
from diag.core.verdict import No, Unknown, Verdict, Yes


def ask(name: str, facts: Facts) -> Verdict:
    return REGISTRY[name].ask(facts, NoArgs())


def assigned(*kinds: str, complete: bool = True) -> Facts:
    items = tuple(
        RoleAssignment(ObjectId(f"p{number}"), ObjectId("app"), "0", kind, f"{kind} {number}")
        for number, kind in enumerate(kinds)
    )
    return Facts(assigned_principals=Found(items, complete=complete))


def demanding(required: bool) -> Facts:
    return Facts(service_principal=ServicePrincipal(assignment_required=present(required)))


def test_required_assignment_is_told_from_none_and_from_an_unread_service_principal() -> None:
    assert isinstance(ask("assignment.is_required", demanding(True)), Yes)
    assert isinstance(ask("assignment.is_required", demanding(False)), No)
    missing = Facts(service_principal=ServicePrincipal(assignment_required=Missing()))
    assert isinstance(ask("assignment.is_required", missing), No)
    assert isinstance(ask("assignment.is_required", Facts()), Unknown)


def test_assigned_groups_are_named() -> None:
    verdict = ask("assignment.includes_group", assigned("User", "Group"))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"assigned": "“Group 1”"}
    assert isinstance(ask("assignment.includes_group", assigned("User")), No)
    assert isinstance(ask("assignment.includes_anyone", assigned("User")), Yes)


def test_nobody_assigned_is_told_from_a_list_that_was_cut_or_not_read() -> None:
    for name in ("assignment.includes_group", "assignment.includes_anyone"):
        assert isinstance(ask(name, assigned()), No)
        assert isinstance(ask(name, Facts(assigned_principals=Missing())), No)
        assert isinstance(ask(name, assigned(complete=False)), Unknown)
        assert isinstance(ask(name, Facts()), Unknown)


def test_a_principal_of_unknown_kind_may_be_a_group() -> None:
    assert isinstance(ask("assignment.includes_group", assigned("")), Unknown)


def test_a_long_list_is_cut_in_the_sentence() -> None:
    verdict = ask("assignment.includes_anyone", assigned(*["User"] * 8))
    assert isinstance(verdict, Yes)
    assert verdict.gives["assigned"].endswith("and 3 more")
