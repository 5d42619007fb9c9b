"""Questions about the implicit grant."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Missing, present
from diag.core.registration import Application
from diag.core.verdict import No, Unknown, Yes


@pytest.mark.parametrize(
    ("read", "expected"), [(present(True), Yes), (present(False), No), (Missing(), No), (UNREAD, Unknown)]
)
def test_each_kind_of_token_has_its_own_switch(read: Any, expected: type) -> None:
    question = REGISTRY["implicit_grant.is_on"]
    access = Facts(application=Application(implicit_access_tokens=read, implicit_id_tokens=present(False)))
    assert isinstance(question.ask(access, msgspec.convert({"token": "access"}, question.args)), expected)
    id_token = Facts(application=Application(implicit_id_tokens=read, implicit_access_tokens=present(False)))
    assert isinstance(question.ask(id_token, msgspec.convert({"token": "id"}, question.args)), expected)
