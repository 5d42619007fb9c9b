"""Questions about the client secret that was sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from diag.core.directory import Neighbour
from diag.core.facts import Facts
from diag.core.identifiers import AppId, KeyId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, present
from diag.core.registration import Application, ClientSecret
from diag.core.sign_in import Failure, SecretShape
from diag.core.verdict import No, Unknown, Verdict, Yes

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = KeyId("7b9d1f3e-5a6c-4d8e-9f0a-1b2c3d4e5f01")


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def sent(
    kind: str = "opaque", length: int | None = None, hint: str | None = None, special: bool | None = None
) -> Failure:
    return Failure(secret_shape=present(SecretShape(kind, length, hint, special), "request"))


def registered(*hints: str, complete: bool = True) -> Application:
    secrets = tuple(ClientSecret(KeyId(f"k{n}"), None, None, hint=hint) for n, hint in enumerate(hints))
    return Application(exists=present(True), client_secrets=Found(secrets, complete=complete))


@pytest.mark.parametrize("kind", ["guid", "placeholder", "reference"])
def test_the_form_of_the_secret_is_told(kind: str) -> None:
    assert isinstance(ask("client_secret.looks_like", Facts(failure=sent(kind)), kind=kind), Yes)
    assert isinstance(ask("client_secret.looks_like", Facts(failure=sent()), kind=kind), No)
    verdict = ask("client_secret.looks_like", Facts(), kind=kind)
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.secret_shape"]


@pytest.mark.parametrize(("length", "expected"), [(39, Yes), (40, No), (41, Yes), (None, Unknown)])
def test_the_length_is_unusual_when_it_is_not_forty(length: int | None, expected: type) -> None:
    assert isinstance(ask("client_secret.has_unusual_length", Facts(failure=sent(length=length))), expected)


@pytest.mark.parametrize(("special", "expected"), [(True, Yes), (False, No), (None, Unknown)])
def test_special_characters_are_told(special: bool | None, expected: type) -> None:
    assert isinstance(ask("client_secret.has_special_characters", Facts(failure=sent(special=special))), expected)


def test_the_hint_is_compared_with_all_registered_ones() -> None:
    hinted = sent(hint="q3X")
    assert isinstance(
        ask("client_secret.hint_is_registered", Facts(failure=hinted, application=registered("a1B", "q3X"))), Yes
    )
    assert isinstance(ask("client_secret.hint_is_registered", Facts(failure=hinted, application=registered("q3x"))), No)
    assert isinstance(ask("client_secret.hint_is_registered", Facts(failure=hinted, application=registered())), No)


def test_a_registered_secret_without_hint_or_a_cut_list_leaves_the_hint_open() -> None:
    hinted = sent(hint="q3X")
    for application in (registered("a1B", ""), registered("a1B", complete=False), Application()):
        assert isinstance(
            ask("client_secret.hint_is_registered", Facts(failure=hinted, application=application)), Unknown
        )
    assert isinstance(ask("client_secret.hint_is_registered", Facts(application=registered("q3X"))), Unknown)
    assert isinstance(
        ask("client_secret.hint_is_registered", Facts(failure=sent(), application=registered("q3X"))), Unknown
    )


def recorded(*secrets: ClientSecret, complete: bool = True, key_id: str = KEY, at: bool = True) -> Facts:
    failure = Failure(credential_key_id=present(key_id, "sign_in"))
    if at:
        failure = msgspec.structs.replace(failure, observed_at=present(NOON))
    application = Application(exists=present(True), client_secrets=Found(secrets, complete=complete))
    return Facts(failure=failure, application=application)


def test_a_recorded_secret_is_gone_when_it_is_not_listed_or_has_ended() -> None:
    assert isinstance(ask("client_secret.used_is_gone", recorded()), Yes)
    assert isinstance(ask("client_secret.used_is_gone", recorded(ClientSecret(KEY, None, NOON))), Yes)
    live = ClientSecret(KEY, None, NOON + timedelta(seconds=1))
    assert isinstance(ask("client_secret.used_is_gone", recorded(live)), No)


def test_a_recorded_secret_is_not_gone_only_because_nobody_could_look() -> None:
    assert isinstance(ask("client_secret.used_is_gone", recorded(complete=False)), Unknown)
    assert isinstance(ask("client_secret.used_is_gone", recorded(ClientSecret(KEY, None, NOON), at=False)), Unknown)
    assert isinstance(ask("client_secret.used_is_gone", Facts(application=registered("q3X"))), Unknown)
    assert isinstance(
        ask("client_secret.used_is_gone", Facts(failure=Failure(credential_key_id=present(KEY)))), Unknown
    )


def test_a_neighbour_that_holds_the_recorded_secret_is_named() -> None:
    failure = Failure(credential_key_id=present(KEY, "sign_in"))
    other = Neighbour(AppId("5a9e2d4b-7c63-4f1a-8b8e-3d6f9c2a7b02"), "Stock Board", "key_id")
    verdict = ask("client_secret.belongs_to_neighbour", Facts(failure=failure, neighbours=Found((other,))))
    assert isinstance(verdict, Yes)
    assert "Stock Board" in verdict.gives["other_application"]
    elsewhere = msgspec.structs.replace(other, holds="redirect_uri")
    assert isinstance(
        ask("client_secret.belongs_to_neighbour", Facts(failure=failure, neighbours=Found((elsewhere,)))), No
    )
    assert isinstance(ask("client_secret.belongs_to_neighbour", Facts(failure=failure, neighbours=Missing())), No)
    cut = Facts(failure=failure, neighbours=Found((), complete=False))
    assert isinstance(ask("client_secret.belongs_to_neighbour", cut), Unknown)
    assert isinstance(ask("client_secret.belongs_to_neighbour", Facts(failure=failure)), Unknown)
    assert isinstance(ask("client_secret.belongs_to_neighbour", Facts(neighbours=Found((other,)))), Unknown)


def test_the_key_id_behind_a_hint_is_given_only_when_one_secret_fits() -> None:
    hinted, one = sent(hint="q3X"), registered("q3X")
    alone = ask("client_secret.hint_is_registered", Facts(failure=hinted, application=one))
    assert isinstance(alone, Yes)
    assert isinstance(one.client_secrets, Found)
    assert alone.gives["hinted_key_id"] == one.client_secrets.value[0].key_id
    both = ask("client_secret.hint_is_registered", Facts(failure=hinted, application=registered("q3X", "q3X")))
    assert isinstance(both, Yes)
    assert "hinted_key_id" not in both.gives
