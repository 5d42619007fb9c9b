"""Questions that compare the sent redirect URI with the registered ones."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, Missing, Unread, present
from diag.core.registration import Application, RedirectUri, ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

BASE = "https://orders.contoso.example/signin-oidc"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def facts_of(sent: Any, *web: str, complete: bool = True, **failure: Any) -> Facts:
    listed = Found(tuple(RedirectUri(uri, "web") for uri in web), complete=complete)
    redirect_uri = present(sent, "request") if isinstance(sent, str) else sent
    return Facts(failure=Failure(redirect_uri=redirect_uri, **failure), application=Application(redirect_uris=listed))


def test_a_difference_in_one_part_is_found_and_named_in_the_evidence() -> None:
    verdict = ask(
        "redirect_uri.differs_only_in", facts_of("http://orders.contoso.example/signin-oidc", BASE), part="scheme"
    )
    assert isinstance(verdict, Yes)
    assert verdict.gives == {
        "sent": "http://orders.contoso.example/signin-oidc",
        "registered": BASE,
        "platform": "web",
        "platform_name": "Web",
    }
    assert verdict.evidence[0].statement == (
        "The redirect URI sent, “http://orders.contoso.example/signin-oidc”, differs from the registered "
        "“https://orders.contoso.example/signin-oidc” only in its scheme."
    )


def test_a_second_difference_counts_only_where_it_is_allowed() -> None:
    facts = facts_of("http://orders.contoso.example:8080/signin-oidc", BASE)
    assert isinstance(ask("redirect_uri.differs_only_in", facts, part="scheme"), No)
    assert isinstance(ask("redirect_uri.differs_only_in", facts, part="scheme", also=["port"]), Yes)


def test_only_the_nearest_registered_address_is_compared() -> None:
    facts = facts_of(BASE + "/", "https://shop.contoso.example/signin-oidc/", BASE)
    assert isinstance(ask("redirect_uri.differs_only_in", facts, part="trailing_slash"), Yes)
    assert isinstance(ask("redirect_uri.differs_only_in", facts, part="host"), No)


def test_an_exact_entry_rules_every_difference_out() -> None:
    facts = facts_of(BASE, BASE, BASE + "/")
    assert isinstance(ask("redirect_uri.differs_only_in", facts, part="trailing_slash"), No)


def test_a_list_cut_short_proves_no_absence() -> None:
    facts = facts_of("https://new.fabrikam.example/x", BASE, complete=False)
    assert isinstance(ask("redirect_uri.differs_only_in", facts, part="scheme"), Unknown)
    assert isinstance(ask("redirect_uri.is_registered", facts), Unknown)


def test_a_difference_within_a_list_cut_short_is_still_seen() -> None:
    facts = facts_of(BASE + "/", BASE, complete=False)
    assert isinstance(ask("redirect_uri.differs_only_in", facts, part="trailing_slash"), Yes)


def test_another_port_of_http_localhost_stays_unknown_and_keeps_its_evidence() -> None:
    verdict = ask(
        "redirect_uri.differs_only_in", facts_of("http://localhost:4200/", "http://localhost:3000/"), part="port"
    )
    assert isinstance(verdict, Unknown)
    assert verdict.evidence
    assert verdict.needs[0].fact == "failure.redirect_uri"


def test_another_port_of_https_is_a_difference() -> None:
    facts = facts_of("https://localhost:4200/", "https://localhost:3000/")
    assert isinstance(ask("redirect_uri.differs_only_in", facts, part="port"), Yes)


def test_addresses_of_a_shape_may_be_left_to_another_cause() -> None:
    facts = facts_of("http://orders.contoso.example/signin-oidc", BASE)
    verdict = ask("redirect_uri.differs_only_in", facts, part="scheme", unless=["plain_http"])
    assert isinstance(verdict, No)


@pytest.mark.parametrize(
    ("part", "wording"), [("case", "differs-in-case"), ("trailing_slash", "differs-in-trailing-slash")]
)
def test_the_message_answers_where_the_registration_is_unread(part: str, wording: str) -> None:
    facts = Facts(failure=Failure(wordings=present((wording,), "text")))
    assert isinstance(ask("redirect_uri.differs_only_in", facts, part=part), Yes)
    assert isinstance(ask("redirect_uri.differs_only_in", facts, part="scheme"), Unknown)


def test_without_registration_or_address_the_answer_names_what_is_lacking() -> None:
    no_registration = Facts(failure=Failure(redirect_uri=present(BASE, "text")))
    verdict = ask("redirect_uri.differs_only_in", no_registration, part="scheme")
    assert isinstance(verdict, Unknown)
    assert verdict.needs[0].fact == "application.redirect_uris"
    verdict = ask("redirect_uri.differs_only_in", facts_of(UNREAD, BASE), part="scheme")
    assert isinstance(verdict, Unknown)
    assert verdict.needs[0].fact == "failure.redirect_uri"


def test_an_empty_list_and_a_request_without_address_are_answers() -> None:
    assert isinstance(ask("redirect_uri.differs_only_in", facts_of(BASE), part="scheme"), No)
    assert isinstance(ask("redirect_uri.differs_only_in", facts_of(Missing("request"), BASE), part="scheme"), No)
    assert isinstance(ask("redirect_uri.is_registered", facts_of(Missing("request"), BASE)), No)
    assert isinstance(ask("redirect_uri.is_registered", facts_of(UNREAD)), No)


def test_the_service_principals_reply_urls_stand_in_for_a_foreign_registration() -> None:
    facts = Facts(
        failure=Failure(redirect_uri=present(BASE + "/", "text")),
        application=Application(redirect_uris=Missing()),
        service_principal=ServicePrincipal(reply_urls=present((BASE,))),
    )
    verdict = ask("redirect_uri.differs_only_in", facts, part="trailing_slash")
    assert isinstance(verdict, Yes)
    assert verdict.gives["platform"] == ""
    assert verdict.evidence[0].fact == "service_principal.reply_urls"


def test_an_address_is_registered_only_in_exactly_this_spelling() -> None:
    assert isinstance(ask("redirect_uri.is_registered", facts_of(BASE, BASE)), Yes)
    assert isinstance(ask("redirect_uri.is_registered", facts_of(BASE + "/", BASE)), No)
    assert isinstance(ask("redirect_uri.is_registered", facts_of(Unread("not asked"), BASE)), Unknown)


def test_an_address_shows_its_shapes_without_any_registration() -> None:
    facts = Facts(failure=Failure(redirect_uri=present("http://localhost:5000/cb", "text")))
    verdict = ask("redirect_uri.looks_like", facts, shapes=["plain_http", "loopback_with_port"])
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"sent": "http://localhost:5000/cb"}
    assert isinstance(ask("redirect_uri.looks_like", facts, shapes=["plain_http"]), No)
    assert isinstance(ask("redirect_uri.looks_like", Facts(), shapes=["plain_http"]), Unknown)


def test_a_request_without_address_has_the_shape_absent_alone() -> None:
    facts = Facts(failure=Failure(redirect_uri=Missing("request")))
    assert isinstance(ask("redirect_uri.looks_like", facts, shapes=["absent", "native_default"]), Yes)
    assert isinstance(ask("redirect_uri.looks_like", facts, shapes=["native_default"]), No)


def test_a_list_with_an_address_exists_and_an_empty_whole_one_does_not() -> None:
    assert isinstance(ask("redirect_uri.exists", facts_of(UNREAD, BASE)), Yes)
    assert isinstance(ask("redirect_uri.exists", facts_of(UNREAD)), No)
    assert isinstance(ask("redirect_uri.exists", facts_of(UNREAD, complete=False)), Unknown)
    assert isinstance(ask("redirect_uri.exists", Facts()), Unknown)
    replies = Facts(service_principal=ServicePrincipal(reply_urls=present((BASE,))))
    assert isinstance(ask("redirect_uri.exists", replies), Yes)


def test_an_address_that_no_entry_of_a_whole_list_fits_is_missing_from_it() -> None:
    name = "redirect_uri.is_missing_from_registration"
    other = "https://orders.contoso.example/other"
    verdict = ask(name, facts_of(other, BASE))
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"sent": other}
    assert isinstance(ask(name, facts_of(BASE, BASE)), No)
    assert isinstance(ask(name, facts_of("http://localhost:5000/", "http://localhost/")), No)
    assert isinstance(ask(name, facts_of(Missing(), BASE)), No)
    assert isinstance(ask(name, facts_of(UNREAD, BASE)), Unknown)
    partly = ask(name, facts_of(other, BASE, complete=False))
    assert isinstance(partly, Unknown)
    assert partly.gives == {"sent": other}
    unread = ask(name, Facts(failure=Failure(redirect_uri=present(other, "request"))))
    assert isinstance(unread, Unknown)
    assert unread.gives == {"sent": other}
