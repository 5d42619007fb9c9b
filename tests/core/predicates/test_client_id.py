"""Questions about the client ID as it was sent."""

from typing import Any

import msgspec
import pytest

from diag.core.directory import Neighbour
from diag.core.facts import Facts
from diag.core.identifiers import AppId, KeyId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, present
from diag.core.registration import Application, Certificate, ClientSecret, ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

OURS = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"
OBJECT = "a1c3e5f7-0b2d-4f6a-8c1e-3d5f7a9b1c01"
KEY = "7b9d1f3e-5a6c-4d8e-9f0a-1b2c3d4e5f01"
QUESTIONS = ["client_id.is_object_id", "client_id.is_key_id", "client_id.is_nearly_registered", "client_id.is_retired"]


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def facts_of(sent: str, neighbours: Any = None) -> Facts:
    return Facts(
        failure=Failure(app_id=present(sent, "request")),
        application=Application(
            app_id=present(OURS),
            object_id=present(OBJECT),
            client_secrets=present((ClientSecret(KeyId(KEY), None, None),)),
            certificates=present((Certificate(KeyId("8" + KEY[1:]), None, None),)),
        ),
        service_principal=ServicePrincipal(object_id=present("b" + OBJECT[1:])),
        neighbours=present(()) if neighbours is None else neighbours,
    )


def test_the_shape_of_the_client_id_is_compared_with_those_asked_for() -> None:
    verdict = ask("client_id.looks_like", facts_of("YOUR_CLIENT_ID"), shapes=["placeholder"])
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"sent_id": "YOUR_CLIENT_ID"}
    assert isinstance(ask("client_id.looks_like", facts_of(OURS), shapes=["placeholder", "malformed"]), No)
    assert isinstance(ask("client_id.looks_like", Facts(), shapes=["guid"]), Unknown)


def test_a_masked_client_id_says_nothing() -> None:
    assert isinstance(ask("client_id.looks_like", facts_of("************"), shapes=["malformed"]), Unknown)


def test_a_request_without_client_id_has_no_shape() -> None:
    facts = Facts(failure=Failure(app_id=Missing("request")))
    assert isinstance(ask("client_id.looks_like", facts, shapes=["malformed"]), No)


@pytest.mark.parametrize("sent", [OBJECT, "b" + OBJECT[1:], OBJECT.upper()])
def test_an_object_id_is_recognised_and_the_right_id_given(sent: str) -> None:
    verdict = ask("client_id.is_object_id", facts_of(sent))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"right_id": OURS}


@pytest.mark.parametrize("sent", [KEY, "8" + KEY[1:]])
def test_the_id_of_a_secret_or_certificate_is_recognised(sent: str) -> None:
    assert isinstance(ask("client_id.is_key_id", facts_of(sent)), Yes)


@pytest.mark.parametrize(("sent", "expected"), [(OURS[:-1] + "7", Yes), (OURS, No), (OBJECT, No)])
def test_a_few_wrong_characters_are_recognised(sent: str, expected: type) -> None:
    assert isinstance(ask("client_id.is_nearly_registered", facts_of(sent)), expected)


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("client_id.is_object_id", "object_id"),
        ("client_id.is_key_id", "key_id"),
        ("client_id.is_nearly_registered", "similar_app_id"),
    ],
)
def test_a_neighbour_that_owns_the_value_is_named(name: str, holds: Any) -> None:
    neighbour = Neighbour(AppId("5a9e2d4b-7c63-4f1a-8b8e-3d6f9c2a7b02"), "Stock Board", holds)
    verdict = ask(name, facts_of("c" + OBJECT[1:], present((neighbour,))))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"right_id": "5a9e2d4b-7c63-4f1a-8b8e-3d6f9c2a7b02", "owner": "“Stock Board”"}


@pytest.mark.parametrize("name", QUESTIONS[:3])
def test_without_all_neighbours_it_may_be_the_id_of_something_else(name: str) -> None:
    assert isinstance(ask(name, facts_of("c" + OBJECT[1:])), No)
    assert isinstance(ask(name, facts_of("c" + OBJECT[1:], Found((), complete=False))), Unknown)


@pytest.mark.parametrize("name", QUESTIONS)
def test_without_the_client_id_the_answer_is_unknown(name: str) -> None:
    verdict = ask(name, Facts())
    assert isinstance(verdict, Unknown)
    assert verdict.needs[0].fact == "failure.app_id"


def test_a_withdrawn_shared_application_is_known_by_its_id() -> None:
    verdict = ask("client_id.is_retired", facts_of("D1DDF0E4-D672-4DAE-B554-9D5BDFD93547"))
    assert isinstance(verdict, Yes)
    assert isinstance(ask("client_id.is_retired", facts_of(OURS)), No)
