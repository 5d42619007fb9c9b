"""Questions about the account that signs in."""

from typing import Any

import msgspec
import pytest

from diag.core import predicates as _predicates  # noqa: F401  registers every predicate
from diag.core.facts import UNREAD, Facts, Failure, User, absent, present
from diag.core.predicate import REGISTRY
from diag.core.verdict import No, Unknown, Verdict, Yes

HERE = "0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a"
THERE = "5e7a9c1b-3d5f-4a7c-9e1b-4c6d8e0f2a3b"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


@pytest.mark.parametrize(
    ("provider", "kind"),
    [
        ("live.com", "personal"),
        (f"https://sts.windows.net/{PERSONAL}/", "personal"),
        (f"https://sts.windows.net/{THERE}/", "other_organisation"),
        ("google.com", "other_provider"),
    ],
)
def test_the_identity_provider_in_the_message_tells_the_kind_of_account(provider: str, kind: str) -> None:
    facts = Facts(failure=Failure(identity_provider=present(provider, "text")))
    assert isinstance(ask("account.comes_from", facts, kinds=[kind]), Yes)
    others = {"personal", "other_organisation", "other_provider"} - {kind}
    assert isinstance(ask("account.comes_from", facts, kinds=sorted(others)), No)


def test_the_tenants_of_the_record_tell_the_kind_too() -> None:
    outside = Failure(home_tenant_id=present(THERE, "sign_in"), resource_tenant_id=present(HERE, "sign_in"))
    assert isinstance(ask("account.comes_from", Facts(failure=outside), kinds=["other_organisation"]), Yes)
    inside = Failure(home_tenant_id=present(HERE, "sign_in"), resource_tenant_id=present(HERE, "sign_in"))
    assert isinstance(ask("account.comes_from", Facts(failure=inside), kinds=["other_organisation", "personal"]), No)
    personal = Failure(home_tenant_id=present(PERSONAL, "sign_in"))
    assert isinstance(ask("account.comes_from", Facts(failure=personal), kinds=["personal"]), Yes)


def test_a_home_tenant_alone_or_nothing_leaves_the_account_unknown() -> None:
    half = Failure(home_tenant_id=present(THERE, "sign_in"))
    assert isinstance(ask("account.comes_from", Facts(failure=half), kinds=["other_organisation"]), Unknown)
    assert isinstance(ask("account.comes_from", Facts(), kinds=["personal"]), Unknown)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (absent(User), Yes),
        (User(exists=present(True), external_state=present("PendingAcceptance")), Yes),
        (User(exists=present(True), external_state=present("Accepted")), No),
        (User(exists=present(True), external_state=UNREAD), Unknown),
        (User(), Unknown),
    ],
)
def test_a_guest_is_awaited_until_the_invitation_is_accepted(user: User, expected: type) -> None:
    assert isinstance(ask("account.awaits_invitation", Facts(user=user)), expected)
