"""Questions about the platform a redirect URI is registered under."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, Missing, Read, absent, present
from diag.core.registration import Application, ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

URI = "https://orders.contoso.example/signin-oidc"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def listing(uris: tuple[str, ...] | None) -> Read[tuple[str, ...]]:
    return UNREAD if uris is None else present(uris)


def facts_of(
    sent: str | None = None,
    web: tuple[str, ...] | None = (),
    spa: tuple[str, ...] | None = (),
    public: tuple[str, ...] | None = (),
    code: int | None = None,
) -> Facts:
    return Facts(
        failure=Failure(code=code, redirect_uri=present(sent, "request") if sent else UNREAD),
        application=Application(
            exists=present(True),
            web_redirect_uris=listing(web),
            spa_redirect_uris=listing(spa),
            public_client_redirect_uris=listing(public),
        ),
    )


def test_an_address_is_found_under_its_platform_alone() -> None:
    facts = facts_of(URI, web=(URI,), spa=("https://other.contoso.example",))
    verdict = ask("redirect_uri.is_registered_under", facts, platform="web")
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"sent": URI, "platform": "web"}
    assert isinstance(ask("redirect_uri.is_registered_under", facts, platform="spa"), No)


def test_the_port_of_http_localhost_does_not_count() -> None:
    facts = facts_of("http://localhost:53111/cb", public=("http://localhost/cb",))
    verdict = ask("redirect_uri.is_registered_under", facts, platform="public_client")
    assert isinstance(verdict, Yes)
    assert "whose port does not count" in verdict.evidence[0].statement


def test_an_empty_list_answers_without_the_address() -> None:
    assert isinstance(ask("redirect_uri.is_registered_under", facts_of(web=()), platform="web"), No)


def test_an_unknown_address_is_under_the_only_platform_that_lists_any() -> None:
    facts = facts_of(web=(URI,))
    verdict = ask("redirect_uri.is_registered_under", facts, platform="web")
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"sent": URI, "platform": "web"}


@pytest.mark.parametrize("spa", [None, ("https://other.contoso.example",)])
def test_an_unknown_address_stays_open_while_another_platform_may_hold_it(spa: tuple[str, ...] | None) -> None:
    verdict = ask("redirect_uri.is_registered_under", facts_of(web=(URI,), spa=spa), platform="web")
    assert isinstance(verdict, Unknown)
    assert verdict.needs[0].fact == "failure.redirect_uri"


def test_a_registration_that_is_not_in_this_directory_says_nothing_of_its_platforms() -> None:
    facts = Facts(failure=Failure(redirect_uri=present(URI, "text")), application=absent(Application))
    assert isinstance(ask("redirect_uri.is_registered_under", facts, platform="web"), Unknown)


@pytest.mark.parametrize(("code", "expected"), [(9002325, Yes), (9002327, Yes), (9002326, Unknown), (None, Unknown)])
def test_two_codes_prove_the_single_page_platform(code: int | None, expected: type) -> None:
    verdict = ask("redirect_uri.is_registered_under", facts_of(URI, spa=None, code=code), platform="spa")
    assert isinstance(verdict, expected)


def test_a_registration_that_was_read_outweighs_the_code() -> None:
    facts = facts_of(URI, web=(URI,), spa=(), code=9002325)
    assert isinstance(ask("redirect_uri.is_registered_under", facts, platform="spa"), No)


def test_nothing_on_the_host_is_unlike_and_one_address_there_is_not() -> None:
    assert isinstance(ask("redirect_uri.is_unlike_registered", facts_of(URI, web=()), platform="web"), Yes)
    near = facts_of(URI, web=("https://orders.contoso.example/other",))
    assert isinstance(ask("redirect_uri.is_unlike_registered", near, platform="web"), No)
    far = facts_of(URI, web=("https://shop.contoso.example/signin-oidc",))
    assert isinstance(ask("redirect_uri.is_unlike_registered", far, platform="web"), Yes)
    assert isinstance(ask("redirect_uri.is_unlike_registered", facts_of(URI, web=None), platform="web"), Unknown)
    assert isinstance(ask("redirect_uri.is_unlike_registered", facts_of(web=(URI,)), platform="web"), Unknown)


def test_a_list_cut_short_does_not_prove_that_nothing_is_like_it() -> None:
    application = Application(exists=present(True), web_redirect_uris=Found(("https://a.example",), complete=False))
    facts = Facts(failure=Failure(redirect_uri=present(URI, "text")), application=application)
    assert isinstance(ask("redirect_uri.is_unlike_registered", facts, platform="web"), Unknown)
    assert isinstance(ask("redirect_uri.is_registered_under", facts, platform="web"), Unknown)


def test_reply_urls_stand_in_for_a_foreign_registration() -> None:
    facts = Facts(
        failure=Failure(redirect_uri=present(URI, "text")),
        application=absent(Application),
        service_principal=ServicePrincipal(reply_urls=present(("https://vendor.example/cb",))),
    )
    assert isinstance(ask("redirect_uri.is_unlike_registered", facts, platform="spa"), Yes)


def test_a_request_without_address_is_not_unlike_what_is_registered() -> None:
    facts = facts_of(web=(URI,))
    facts = msgspec.structs.replace(facts, failure=Failure(redirect_uri=Missing("request")))
    assert isinstance(ask("redirect_uri.is_unlike_registered", facts, platform="web"), No)


def test_localhost_entries_that_differ_in_the_port_are_twins() -> None:
    facts = facts_of("http://localhost:3000/", web=("http://localhost:5000/",), spa=("http://localhost:3000/",))
    verdict = ask("redirect_uri.has_localhost_twin", facts)
    assert isinstance(verdict, Yes)
    assert verdict.gives["shadowing"] == "http://localhost:5000/"
    assert verdict.gives["shadowed_platform"] == "Single-page application"


@pytest.mark.parametrize(
    ("web", "spa"),
    [
        (("http://localhost:5000/web",), ("http://localhost:3000/spa",)),
        (("https://localhost:5000/",), ("https://localhost:3000/",)),
        ((), ("http://localhost:3000/",)),
        (("http://localhost:5000/",), ()),
    ],
)
def test_other_paths_https_or_one_platform_alone_are_no_twins(web: tuple[str, ...], spa: tuple[str, ...]) -> None:
    assert isinstance(ask("redirect_uri.has_localhost_twin", facts_of(None, web=web, spa=spa)), No)


def test_twins_stay_open_while_a_platform_is_unread() -> None:
    assert isinstance(ask("redirect_uri.has_localhost_twin", facts_of(None, web=None)), Unknown)
    facts = facts_of(None, web=("http://localhost:5000/",), spa=None)
    assert isinstance(ask("redirect_uri.has_localhost_twin", facts), Unknown)
