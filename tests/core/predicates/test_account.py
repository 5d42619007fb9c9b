"""Questions about the account that signs in."""

from typing import Any

import msgspec
import pytest

from diag.core.directory import Domain, Identity, User
from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, Missing, Read, absent, present
from diag.core.sign_in import Failure
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


def test_a_member_without_guest_state_was_looked_up_at_home_and_says_nothing() -> None:
    member = User(exists=present(True), user_type=present("Member"), external_state=Missing())
    verdict = ask("account.awaits_invitation", Facts(user=member))
    assert isinstance(verdict, Unknown)
    assert "tenant that was asked" in verdict.needs[0].how


@pytest.mark.parametrize(
    ("user", "expected"), [(User(exists=present(True)), Yes), (absent(User), No), (User(), Unknown)]
)
def test_an_account_is_in_the_tenant_when_its_user_object_was_found(user: User, expected: type) -> None:
    assert isinstance(ask("account.is_in_tenant", Facts(user=user)), expected)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (User(user_type=present("Guest")), Yes),
        (User(user_type=present("Member")), No),
        (User(exists=present(True), user_type=Missing()), No),
        (absent(User), No),
        (User(), Unknown),
    ],
)
def test_the_type_of_the_user_object_makes_a_guest(user: User, expected: type) -> None:
    assert isinstance(ask("account.is_guest", Facts(user=user)), expected)


LOCAL, OUTSIDE, OWN = (
    Identity("emailAddress", "contosocustomers.onmicrosoft.com"),
    Identity("federated", "MicrosoftAccount"),
    Identity("userPrincipalName", "contoso.onmicrosoft.com"),
)


@pytest.mark.parametrize(
    ("identities", "kind", "expected"),
    [
        (present((OWN, LOCAL)), "local", Yes),
        (present((OWN, LOCAL)), "external", No),
        (present((OWN, OUTSIDE)), "external", Yes),
        (present((OWN,)), "local", No),
        (Found((OWN,), complete=False), "local", Unknown),
        (Missing(), "local", No),
        (UNREAD, "external", Unknown),
    ],
)
def test_the_identities_tell_local_and_outside_sign_in_names_apart(
    identities: Read[tuple[Identity, ...]], kind: str, expected: type
) -> None:
    assert isinstance(ask("account.signs_in_by", Facts(user=User(identities=identities)), kind=kind), expected)


def test_a_guest_signs_in_elsewhere_even_when_the_identities_were_not_read() -> None:
    guest = User(user_type=present("Guest"))
    assert isinstance(ask("account.signs_in_by", Facts(user=guest), kind="external"), Yes)
    assert isinstance(ask("account.signs_in_by", Facts(user=guest), kind="local"), Unknown)


@pytest.mark.parametrize(
    ("provider", "identities", "expected"),
    [
        (f"https://sts.windows.net/{THERE}/", present((OUTSIDE,)), Yes),
        ("live.com", present((OUTSIDE,)), No),
        (f"https://sts.windows.net/{THERE}/", present((Identity("federated", "ExternalAzureAD"),)), Unknown),
        ("live.com", present((Identity("federated", "ExternalAzureAD"),)), Yes),
        ("live.com", present((Identity("federated", "google.com"),)), Yes),
        (None, present((OUTSIDE,)), Unknown),
        ("live.com", present((OWN,)), No),
        ("live.com", Found((OWN,), complete=False), Unknown),
        ("live.com", UNREAD, Unknown),
    ],
)
def test_a_guest_object_is_tied_elsewhere_when_its_provider_is_of_another_kind(
    provider: str | None, identities: Read[tuple[Identity, ...]], expected: type
) -> None:
    failure = Failure(identity_provider=present(provider, "text")) if provider else Failure()
    user = User(user_type=present("Guest"), identities=identities)
    assert isinstance(ask("account.is_tied_elsewhere", Facts(failure=failure, user=user)), expected)


def test_a_members_own_object_leaves_open_what_a_guest_object_is_tied_to() -> None:
    user = User(user_type=present("Member"), identities=present((OWN,)))
    facts = Facts(failure=Failure(identity_provider=present("live.com", "text")), user=user)
    assert isinstance(ask("account.is_tied_elsewhere", facts), Unknown)


def test_a_federated_user_who_was_not_found_was_sent_under_another_immutable_id() -> None:
    user = User(exists=present(True), immutable_id=present("abc=="))
    federated = Domain(authentication_type=present("Federated"))
    managed = Domain(authentication_type=present("Managed"))
    name = "account.differs_from_immutable_id"
    assert isinstance(ask(name, Facts(failure=Failure(code=51004), user=user, domain=federated)), Yes)
    assert isinstance(ask(name, Facts(failure=Failure(code=51004), user=user, domain=managed)), Unknown)
    assert isinstance(ask(name, Facts(failure=Failure(code=50034), user=user, domain=federated)), Unknown)
    same = Failure(code=51004, account=present("abc==", "text"))
    assert isinstance(ask(name, Facts(failure=same, user=user, domain=federated)), No)


@pytest.mark.parametrize(
    ("sent", "user", "expected"),
    [
        ("abc==", User(immutable_id=present("abc==")), No),
        ("abc==", User(immutable_id=present("ABC==")), Yes),
        (None, User(immutable_id=present("abc==")), Unknown),
        (None, User(exists=present(True), immutable_id=Missing()), Yes),
        ("abc==", absent(User), No),
        ("abc==", User(), Unknown),
    ],
)
def test_the_immutable_id_is_compared_letter_by_letter(sent: str | None, user: User, expected: type) -> None:
    failure = Failure(account=present(sent, "text")) if sent else Failure()
    assert isinstance(ask("account.differs_from_immutable_id", Facts(failure=failure, user=user)), expected)
