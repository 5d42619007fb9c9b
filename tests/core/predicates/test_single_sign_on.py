"""Questions about the kind of single sign-on an enterprise application is set up for."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Missing, Read, absent, present
from diag.core.registration import ServicePrincipal
from diag.core.verdict import No, Unknown, Verdict, Yes


def ask(facts: Facts, *modes: Any) -> Verdict:
    question = REGISTRY["service_principal.signs_on_by"]
    return question.ask(facts, msgspec.convert({"modes": modes}, question.args))


@pytest.mark.parametrize(("mode", "name"), [(present("saml"), "saml"), (present("oidc"), "oidc"), (Missing(), "unset")])
def test_the_chosen_mode_is_told_from_the_others(mode: Read[str], name: str) -> None:
    facts = Facts(service_principal=ServicePrincipal(single_sign_on_mode=mode))
    assert isinstance(ask(facts, name), Yes)
    assert isinstance(ask(facts, *({"saml", "oidc", "password", "unset"} - {name})), No)


def test_an_unread_mode_and_an_absent_principal_leave_it_open() -> None:
    assert isinstance(ask(Facts(), "saml"), Unknown)
    assert isinstance(ask(Facts(service_principal=absent(ServicePrincipal)), "unset"), Unknown)
