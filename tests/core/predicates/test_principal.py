"""Questions about a service principal's state and whose application it is."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Missing, absent, present
from diag.core.registration import Application, ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

BLOCKED = "DisabledDueToViolationOfServicesAgreement"
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
HOME, OTHER = "0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a", "e5a7c9db-4f6b-4d8e-9aac-7b9d1e3f5a02"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (ServicePrincipal(account_enabled=present(True)), Yes),
        (ServicePrincipal(account_enabled=present(False)), No),
        (absent(ServicePrincipal), Yes),
        (ServicePrincipal(), Unknown),
    ],
)
def test_only_a_switch_that_was_read_as_off_is_off(principal: ServicePrincipal, expected: type) -> None:
    assert isinstance(ask("service_principal.is_enabled", Facts(service_principal=principal)), expected)


@pytest.mark.parametrize(
    ("application", "principal", "expected"),
    [
        (present(BLOCKED), UNREAD, Yes),
        (UNREAD, present(BLOCKED), Yes),
        (Missing(), present(BLOCKED), Yes),
        (present("NotDisabled"), UNREAD, No),
        (UNREAD, Missing(), No),
        (UNREAD, UNREAD, Unknown),
    ],
)
def test_a_block_by_microsoft_shows_on_either_object(application: Any, principal: Any, expected: type) -> None:
    facts = Facts(
        application=Application(disabled_by_microsoft=application),
        service_principal=ServicePrincipal(disabled_by_microsoft=principal),
    )
    assert isinstance(ask("application.is_blocked_by_microsoft", facts), expected)


def test_microsoft_s_own_are_known_by_owner_or_by_id() -> None:
    owned = Facts(service_principal=ServicePrincipal(owner_tenant_id=present(MICROSOFT.upper())))
    assert isinstance(ask("application.is_microsofts_own", owned), Yes)
    other = Facts(service_principal=ServicePrincipal(owner_tenant_id=present(OTHER)))
    assert isinstance(ask("application.is_microsofts_own", other), No)
    cli = ask(
        "application.is_microsofts_own",
        Facts(failure=Failure(app_id=present("04B07795-8ddb-461a-bbee-02f9e1bf7b46", "text"))),
    )
    assert isinstance(cli, Yes)
    assert cli.gives["product"] == "Microsoft Azure CLI"
    api = Facts(failure=Failure(app_id=present("00000003-0000-0000-c000-000000000000", "text")))
    assert isinstance(ask("application.is_microsofts_own", api), Yes)


def test_an_unknown_id_is_nobody_s_until_somebody_looked() -> None:
    unknown = Facts(failure=Failure(app_id=present("7cbf4f6d-9e85-4b3c-8da0-5f8b1e4c9d04", "text")))
    assert isinstance(ask("application.is_microsofts_own", unknown), Unknown)
    registered = msgspec.structs.replace(unknown, application=Application(exists=present(True)))
    assert isinstance(ask("application.is_microsofts_own", registered), No)


@pytest.mark.parametrize(
    ("application", "owner", "home", "expected"),
    [
        (Application(exists=present(True)), UNREAD, UNREAD, No),
        (absent(Application), UNREAD, UNREAD, Yes),
        (absent(Application), present(OTHER), present(HOME), Yes),
        (absent(Application), present(HOME), present(HOME.upper()), No),
        (Application(), present(OTHER), present(HOME), Yes),
        (Application(), present(OTHER), UNREAD, Unknown),
        (Application(), UNREAD, UNREAD, Unknown),
    ],
)
def test_an_application_is_registered_elsewhere_when_it_is_not_here(
    application: Application, owner: Any, home: Any, expected: type
) -> None:
    facts = Facts(
        application=application, service_principal=ServicePrincipal(owner_tenant_id=owner), home_tenant_id=home
    )
    assert isinstance(ask("application.is_registered_elsewhere", facts), expected)
