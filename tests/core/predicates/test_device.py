"""Questions about the device of a sign-in."""

from typing import Any

import msgspec
import pytest

from diag.core.directory import Device
from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, absent, present
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

NAMED = "7b1f0c52-3d4e-4a6b-8c9d-0e1f2a3b4c5d"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def record(**device: Any) -> Facts:
    """A sign-in record; ``None`` stands for an empty value in it."""
    reads = {f"device_{name}": Missing("sign_in") if v is None else present(v, "sign_in") for name, v in device.items()}
    return Facts(failure=Failure(**reads))


def directory(**device: Any) -> Facts:
    return Facts(device=Device(exists=present(True), **{name: present(value) for name, value in device.items()}))


def both(seen: Facts, held: Facts) -> Facts:
    return Facts(failure=seen.failure, device=held.device)


NO_DEVICE = record(id=None, is_compliant=False, is_managed=False, trust_type=None)
GONE = Facts(device=absent(Device))


def test_a_record_that_names_a_device_presents_it() -> None:
    verdict = ask("device.is_presented", record(id=NAMED))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"device_id": f"“{NAMED}”"}
    assert isinstance(ask("device.is_presented", record(trust_type="Azure AD joined")), Yes)


def test_an_empty_device_in_the_record_means_that_none_was_presented() -> None:
    assert isinstance(ask("device.is_presented", NO_DEVICE), No)
    assert isinstance(ask("device.is_presented", record(trust_type=None)), No)


def test_a_page_that_prints_an_unregistered_state_shows_no_device() -> None:
    page = record(trust_type="Unregistered", is_managed=False)
    assert isinstance(ask("device.is_presented", page), No)
    assert isinstance(ask("device.is_managed", page), Unknown)
    assert isinstance(ask("device.is_joined", both(page, directory(trust_type="ServerAd")), kinds=["hybrid"]), Yes)


def test_without_a_record_nobody_knows_whether_a_device_was_presented() -> None:
    assert isinstance(ask("device.is_presented", directory()), Unknown)


def test_a_device_is_registered_when_directory_or_record_know_it() -> None:
    assert isinstance(ask("device.is_registered", directory()), Yes)
    assert isinstance(ask("device.is_registered", record(id=NAMED)), Yes)
    assert isinstance(ask("device.is_registered", GONE), No)


def test_a_sign_in_without_a_device_does_not_prove_that_none_is_registered() -> None:
    assert isinstance(ask("device.is_registered", NO_DEVICE), Unknown)
    assert isinstance(ask("device.is_registered", Facts()), Unknown)


@pytest.mark.parametrize("name", ["is_compliant", "is_managed"])
def test_the_record_counts_before_the_directory(name: str) -> None:
    asked = f"device.{name}"
    then_no, then_yes = record(id=NAMED, **{name: False}), record(id=NAMED, **{name: True})
    assert isinstance(ask(asked, both(then_no, directory(**{name: True}))), No)
    assert isinstance(ask(asked, both(then_yes, directory(**{name: False}))), Yes)


@pytest.mark.parametrize("name", ["is_compliant", "is_managed"])
def test_a_flag_of_a_record_without_a_device_says_nothing_of_the_machine(name: str) -> None:
    assert isinstance(ask(f"device.{name}", NO_DEVICE), Unknown)
    assert isinstance(ask(f"device.{name}", both(NO_DEVICE, directory(**{name: True}))), Yes)
    assert isinstance(ask(f"device.{name}", record(trust_type=None, **{name: False})), Unknown)


@pytest.mark.parametrize("name", ["is_compliant", "is_managed"])
def test_a_flag_alone_counts_where_the_device_was_not_told(name: str) -> None:
    assert isinstance(ask(f"device.{name}", record(**{name: False})), No)


@pytest.mark.parametrize("name", ["is_compliant", "is_managed"])
def test_the_directory_answers_where_there_is_no_record(name: str) -> None:
    asked = f"device.{name}"
    assert isinstance(ask(asked, directory(**{name: True})), Yes)
    assert isinstance(ask(asked, directory(**{name: False})), No)
    assert isinstance(ask(asked, GONE), No)
    assert isinstance(ask(asked, directory()), Unknown)


@pytest.mark.parametrize(
    ("trust", "kind"),
    [
        ("ServerAd", "hybrid"),
        ("AzureAd", "entra"),
        ("Workplace", "registered"),
        ("Hybrid Azure AD joined", "hybrid"),
        ("Microsoft Entra hybrid joined", "hybrid"),
        ("Domain joined", "hybrid"),
        ("Azure AD joined", "entra"),
        ("Microsoft Entra registered", "registered"),
    ],
)
def test_a_join_is_recognised_in_the_directorys_and_in_the_records_words(trust: str, kind: str) -> None:
    others = [other for other in ("hybrid", "entra", "registered") if other != kind]
    for facts in (directory(trust_type=trust), record(trust_type=trust)):
        assert isinstance(ask("device.is_joined", facts, kinds=[kind]), Yes)
        assert isinstance(ask("device.is_joined", facts, kinds=others), No)


def test_a_join_nobody_has_named_before_is_unknown() -> None:
    assert isinstance(ask("device.is_joined", directory(trust_type="Moon"), kinds=["hybrid"]), Unknown)
    assert isinstance(ask("device.is_joined", NO_DEVICE, kinds=["hybrid"]), Unknown)


def test_a_device_the_directory_does_not_hold_is_joined_in_no_way() -> None:
    assert isinstance(ask("device.is_joined", GONE, kinds=["hybrid", "entra", "registered"]), No)


def test_the_record_names_the_join_before_the_directory() -> None:
    facts = both(record(trust_type="Azure AD registered"), directory(trust_type="ServerAd"))
    assert isinstance(ask("device.is_joined", facts, kinds=["hybrid"]), No)
    assert isinstance(facts.device.trust_type, Found)
