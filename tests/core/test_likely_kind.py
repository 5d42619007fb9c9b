"""What kind of program a registration belongs to: what is registered, what was issued, and what is only claimed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from diag.core.facts import Facts
from diag.core.likely_kind import FLOWS, likely_kinds
from diag.core.read import UNREAD, Found, Missing, Read, absent, present
from diag.core.registration import (
    Application,
    ApplicationPermission,
    ClientSecret,
    DelegatedPermission,
    ServicePrincipal,
)
from diag.core.sign_in import Attempts, SignInActivity
from tests.core.flow_table import table

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
NEVER: dict[str, Read[Any]] = {"as_itself": Missing(), "for_users": Missing()}
SECRET = ClientSecret(key_id="88888888-8888-4888-8888-888888888888", starts=AT, ends=AT)  # type: ignore[arg-type]


def registered(**changed: Any) -> Application:
    """An application of which everything was read, and nothing is set but what is given."""
    empty: Found[Any] = present(())
    known: dict[str, Any] = {
        "exists": present(True),
        "web_redirect_uris": empty,
        "spa_redirect_uris": empty,
        "public_client_redirect_uris": empty,
        "redirect_uris": empty,
        "is_fallback_public_client": present(False),
        "client_secrets": empty,
        "certificates": empty,
        "federated_credentials": empty,
        "scopes": empty,
        "app_roles": empty,
    }
    return Application(**known | {name: present(value) for name, value in changed.items()})


def kinds(application: Application, activity: SignInActivity | None = None) -> list[tuple[str, str]]:
    facts = Facts(application=application, sign_in_activity=activity or SignInActivity())
    found = likely_kinds(facts).kinds
    assert all(item.evidence for item in found)
    return [(item.kind, item.confidence) for item in found]


@pytest.mark.parametrize(
    ("application", "expected"),
    [
        ({"web_redirect_uris": ("https://orders.contoso.example/cb",)}, [("web_app", "likely")]),
        ({"spa_redirect_uris": ("https://orders.contoso.example/",)}, [("single_page_app", "likely")]),
        ({"public_client_redirect_uris": ("http://localhost",)}, [("native_app", "likely")]),
        ({"is_fallback_public_client": True}, [("native_app", "likely")]),
        ({"client_secrets": (SECRET,)}, [("daemon", "likely")]),
        ({"scopes": (DelegatedPermission("1", "read"),)}, [("api", "likely")]),
        ({"app_roles": (ApplicationPermission("1", "read", True, ("Application",)),)}, [("api", "likely")]),
        ({"app_roles": (ApplicationPermission("1", "read", True, ("User",)),)}, []),
        (
            {"scopes": (DelegatedPermission("1", "read"),), "client_secrets": (SECRET,)},
            [("api", "likely"), ("daemon", "possible")],
        ),
        (
            {"web_redirect_uris": ("https://orders.contoso.example/cb",), "is_fallback_public_client": True},
            [("web_app", "likely"), ("native_app", "possible")],
        ),
        ({}, []),
    ],
)
def test_the_registration_alone_makes_a_kind_likely(application: dict[str, Any], expected: list[Any]) -> None:
    assert kinds(registered(**application)) == expected


def test_one_registration_may_serve_several_kinds() -> None:
    several = registered(web_redirect_uris=("https://a.example/cb",), spa_redirect_uris=("https://a.example/",))
    issued = SignInActivity(for_users=present(AT))
    assert kinds(several, issued) == [("web_app", "likely"), ("single_page_app", "likely")]


def test_a_token_that_only_this_kind_gets_makes_it_certain() -> None:
    web = registered(web_redirect_uris=("https://a.example/cb",))
    assert kinds(web, SignInActivity(for_users=present(AT))) == [("web_app", "certain")]
    daemon = registered(client_secrets=(SECRET,))
    assert kinds(daemon, SignInActivity(as_itself=present(AT))) == [("daemon", "certain")]
    assert kinds(web, SignInActivity(as_itself=present(AT))) == [("web_app", "likely"), ("daemon", "likely")]


def test_failed_attempts_are_a_hint_at_most() -> None:
    failed = Attempts(event_type="servicePrincipal", protocol="", count=3, last=AT)
    by_code = Attempts(event_type="interactiveUser", protocol="deviceCode", count=1, last=AT)
    activity = SignInActivity(attempts=present((failed, by_code)))
    assert kinds(registered(), activity) == [("daemon", "possible"), ("native_app", "possible")]
    plain = Attempts(event_type="interactiveUser", protocol="oAuth2", count=9, last=AT)
    assert kinds(registered(), SignInActivity(attempts=present((plain,)))) == []


def test_what_was_not_read_makes_nothing_and_is_named() -> None:
    nothing = likely_kinds(Facts())
    assert nothing.kinds == ()
    assert [need.fact for need in nothing.needs] == [
        "application",
        "sign_in_activity.as_itself",
        "sign_in_activity.for_users",
    ]
    unread = likely_kinds(Facts(application=Application(exists=present(True), client_secrets=present((SECRET,)))))
    assert unread.kinds == ()
    assert "application.redirect_uris" in [need.fact for need in unread.needs]
    gone = likely_kinds(Facts(application=absent(Application), sign_in_activity=SignInActivity(**NEVER)))
    assert (gone.kinds, gone.needs) == ((), ())


def test_a_list_that_was_cut_short_proves_no_daemon() -> None:
    cut = registered(client_secrets=(SECRET,))
    partly = Application(**{name: getattr(cut, name) for name in cut.__struct_fields__ if name != "web_redirect_uris"})
    import msgspec

    partly = msgspec.structs.replace(partly, web_redirect_uris=Found((), complete=False))
    assert kinds(partly) == []


def test_managed_identities_and_saml_are_told_by_their_service_principal() -> None:
    identity = Facts(service_principal=ServicePrincipal(type=present("ManagedIdentity")))
    assert [(item.kind, item.confidence) for item in likely_kinds(identity).kinds] == [("managed_identity", "certain")]
    saml = Facts(
        application=registered(web_redirect_uris=("https://a.example/saml",)),
        service_principal=ServicePrincipal(type=present("Application"), single_sign_on_mode=present("saml")),
    )
    assert [(item.kind, item.confidence) for item in likely_kinds(saml).kinds] == [("saml_app", "likely")]
    unread = ServicePrincipal(type=UNREAD, single_sign_on_mode=UNREAD)
    assert likely_kinds(Facts(service_principal=unread)).kinds == ()


def test_every_flow_that_a_kind_names_is_in_the_table() -> None:
    known = {flow.id for flow in table().flows}
    assert {name for names in FLOWS.values() for name in names} <= known
