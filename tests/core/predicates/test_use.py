"""Whether an application is used for something else than it is registered for."""

from typing import Any

import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Missing, absent, present
from diag.core.registration import Application, DelegatedPermission
from diag.core.sign_in import Attempts, SignInActivity
from diag.core.verdict import No, Unknown, Verdict, Yes
from tests.core.test_likely_kind import AT, SECRET, registered

WEB = {"web_redirect_uris": ("https://orders.contoso.example/cb",)}
SPA = {"spa_redirect_uris": ("https://orders.contoso.example/",)}
NATIVE = {"public_client_redirect_uris": ("http://localhost",)}
HELD = {"client_secrets": (SECRET,)}
LAST, NEVER = present(AT), Missing()


def asked(application: Application, itself: Any = UNREAD, users: Any = UNREAD) -> Verdict:
    facts = Facts(application=application, sign_in_activity=SignInActivity(as_itself=itself, for_users=users))
    return REGISTRY["application.is_used_unlike_registered"].ask(facts, NoArgs())


@pytest.mark.parametrize(
    ("application", "itself", "users", "expected"),
    [
        (SPA, LAST, LAST, Yes),
        (NATIVE, LAST, UNREAD, Yes),
        (WEB, LAST, NEVER, Yes),
        (HELD, LAST, LAST, Yes),
        (WEB, LAST, LAST, No),
        (WEB, NEVER, LAST, No),
        (SPA, NEVER, LAST, No),
        (HELD, LAST, NEVER, No),
        ({**HELD, "scopes": (DelegatedPermission("1", "read"),)}, LAST, LAST, No),
        ({"is_fallback_public_client": True}, NEVER, LAST, No),
        (WEB, LAST, UNREAD, Unknown),
        (WEB, UNREAD, LAST, Unknown),
        (HELD, LAST, UNREAD, Unknown),
        (WEB, UNREAD, UNREAD, Unknown),
    ],
)
def test_registration_and_tokens_are_compared(
    application: dict[str, Any], itself: Any, users: Any, expected: type
) -> None:
    verdict = asked(registered(**application), itself, users)
    assert isinstance(verdict, expected)
    if isinstance(verdict, Unknown):
        assert verdict.needs
    if isinstance(verdict, Yes):
        assert verdict.gives.keys() == {"registered", "used"}
        assert len(verdict.evidence) > 1


def test_what_was_not_read_is_asked_for_and_what_is_not_there_is_no_mismatch() -> None:
    unread = asked(Application(), LAST, LAST)
    assert isinstance(unread, Unknown)
    assert [need.fact for need in unread.needs] == ["application"]
    partly = asked(Application(exists=present(True)), LAST, LAST)
    assert isinstance(partly, Unknown)
    assert [need.fact for need in partly.needs] == ["application.web_redirect_uris"]
    assert isinstance(asked(absent(Application), LAST, LAST), No)


def test_failed_attempts_prove_no_use() -> None:
    failed = Attempts(event_type="servicePrincipal", protocol="", count=99, last=AT)
    activity = SignInActivity(as_itself=NEVER, for_users=LAST, attempts=present((failed,)))
    facts = Facts(application=registered(**SPA), sign_in_activity=activity)
    assert isinstance(REGISTRY["application.is_used_unlike_registered"].ask(facts, NoArgs()), No)
