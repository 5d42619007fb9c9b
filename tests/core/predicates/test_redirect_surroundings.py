"""Questions about other applications, recent edits and library defaults around a redirect URI."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from diag.core.directory import Change, Neighbour, PropertyChange
from diag.core.facts import Facts
from diag.core.identifiers import AppId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, Missing, present
from diag.core.registration import Application, RedirectUri
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
URI = "https://orders.contoso.example/signin-oidc"
OURS = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"
THEIRS = "5a9e2d4b-7c63-4f1a-8b8e-3d6f9c2a7b02"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def edited(before: timedelta, *names: str, activity: str = "Update application") -> Facts:
    change = Change(AT - before, activity, properties=tuple(PropertyChange(name, "", "") for name in names))
    return Facts(failure=Failure(observed_at=present(AT, "text")), changes=present((change,), "history"))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(0), Yes),
        (timedelta(minutes=10), Yes),
        (timedelta(minutes=10, seconds=1), No),
        (timedelta(seconds=-1), No),
    ],
)
def test_an_edit_counts_up_to_the_minutes_before_the_failure(before: timedelta, expected: type) -> None:
    assert isinstance(ask("redirect_uri.was_changed_within", edited(before, "AppAddress"), minutes=10), expected)


def test_an_edit_of_something_else_does_not_count_and_one_without_properties_does() -> None:
    assert isinstance(ask("redirect_uri.was_changed_within", edited(timedelta(0), "DisplayName"), minutes=10), No)
    assert isinstance(ask("redirect_uri.was_changed_within", edited(timedelta(0)), minutes=10), Yes)
    facts = edited(timedelta(0), activity="Add owner to application")
    assert isinstance(ask("redirect_uri.was_changed_within", facts, minutes=10), No)


def test_without_audit_log_or_instant_an_edit_is_unknown() -> None:
    unread = Facts(failure=Failure(observed_at=present(AT, "text")))
    verdict = ask("redirect_uri.was_changed_within", unread, minutes=10)
    assert isinstance(verdict, Unknown)
    assert verdict.needs[0].fact == "changes"
    no_instant = Facts(changes=present((), "history"))
    assert isinstance(ask("redirect_uri.was_changed_within", no_instant, minutes=10), Unknown)


def test_an_audit_log_cut_short_proves_no_absence() -> None:
    facts = Facts(failure=Failure(observed_at=present(AT, "text")), changes=Found((), "history", complete=False))
    assert isinstance(ask("redirect_uri.was_changed_within", facts, minutes=10), Unknown)


def taken_out(old: str, new: str, sent: str | None = None, before: timedelta = timedelta(days=1)) -> Facts:
    change = Change(AT - before, "Update application", "pat", properties=(PropertyChange("AppAddress", old, new),))
    failure = Failure(observed_at=present(AT, "text"), **({"redirect_uri": present(sent, "text")} if sent else {}))
    return Facts(failure=failure, changes=present((change,), "history"))


OLD = '[{"Address":"https://orders.contoso.example/signin-oidc"},{"Address":"https://orders.contoso.example/auth"}]'
NEW = '[{"Address":"https://orders.contoso.example/auth"}]'


def test_an_address_taken_out_lately_explains_a_row_that_names_none() -> None:
    verdict = ask("redirect_uri.was_removed_within", taken_out(OLD, NEW), days=7)
    assert isinstance(verdict, Yes)
    assert verdict.gives["removal"] == f"“{URI}” was taken out of the registration by pat on 2026-11-19 09:30 UTC."


def test_the_address_that_was_taken_out_is_given_for_the_fix() -> None:
    unknown = ask("redirect_uri.was_removed_within", taken_out(OLD, NEW), days=7)
    assert isinstance(unknown, Yes)
    assert unknown.gives["removed_uri"] == URI
    assert "sent" not in unknown.gives
    known = ask("redirect_uri.was_removed_within", taken_out(OLD, NEW, sent=URI), days=7)
    assert isinstance(known, Yes)
    assert known.gives["sent"] == URI
    assert known.evidence[0].source == "history"


@pytest.mark.parametrize(
    ("days", "expected"), [(timedelta(days=7), No), (timedelta(days=7, seconds=1), Yes), (timedelta(seconds=-1), Yes)]
)
def test_an_address_that_was_itself_listed_until_lately_does_not_differ_from_another(
    days: timedelta, expected: type
) -> None:
    near = Application(redirect_uris=present((RedirectUri(URI.replace("://", "://other."), "web"),)))
    facts = msgspec.structs.replace(taken_out(OLD, NEW, sent=URI, before=days), application=near)
    verdict = ask("redirect_uri.differs_only_in", facts, part="host")
    assert isinstance(verdict, expected)
    blind = msgspec.structs.replace(facts, changes=Facts().changes)
    assert isinstance(ask("redirect_uri.differs_only_in", blind, part="host"), Yes)
    assert isinstance(ask("redirect_uri.looks_like", facts, shapes=("sign_in_path",), unless_removed=True), expected)
    assert isinstance(ask("redirect_uri.looks_like", facts, shapes=("sign_in_path",)), Yes)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (taken_out(OLD, NEW, sent=URI), Yes),
        (taken_out(OLD, NEW, sent=URI + "/"), No),
        (taken_out(NEW, OLD), No),
        (taken_out(OLD, NEW, before=timedelta(days=7)), Yes),
        (taken_out(OLD, NEW, before=timedelta(days=7, seconds=1)), No),
        (taken_out(OLD, NEW, before=timedelta(seconds=-1)), No),
        (Facts(failure=Failure(observed_at=present(AT, "text"))), Unknown),
        (Facts(changes=present((), "history")), Unknown),
    ],
)
def test_only_the_sent_address_taken_out_before_the_failure_counts(facts: Facts, expected: type) -> None:
    assert isinstance(ask("redirect_uri.was_removed_within", facts, days=7), expected)


def test_an_address_that_is_back_was_not_removed() -> None:
    facts = taken_out(OLD, NEW)
    back = Application(redirect_uris=present((RedirectUri(URI, "web"),)))
    facts = msgspec.structs.replace(facts, application=back)
    assert isinstance(ask("redirect_uri.was_removed_within", facts, days=7), No)


def test_a_neighbour_that_holds_the_address_is_named() -> None:
    held = Neighbour(AppId(THEIRS), "Order Desk (test)", "redirect_uri")
    facts = Facts(failure=Failure(redirect_uri=present(URI, "text")), neighbours=present((held,)))
    verdict = ask("redirect_uri.is_held_by_other_application", facts)
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"other_application": "“Order Desk (test)”"}


def test_neighbours_that_hold_other_values_do_not_count() -> None:
    other = Neighbour(AppId(THEIRS), "Order Desk (test)", "key_id")
    assert isinstance(ask("redirect_uri.is_held_by_other_application", Facts(neighbours=present((other,)))), No)
    assert isinstance(ask("redirect_uri.is_held_by_other_application", Facts()), Unknown)
    cut = Facts(neighbours=Found((), complete=False))
    assert isinstance(ask("redirect_uri.is_held_by_other_application", cut), Unknown)


@pytest.mark.parametrize(("client", "expected"), [(THEIRS, Yes), (OURS, No), (OURS.upper(), No), ("xxxx", No)])
def test_the_application_that_was_read_is_another_one_when_the_request_names_another_client(
    client: str, expected: type
) -> None:
    facts = Facts(
        failure=Failure(redirect_uri=present(URI, "text"), app_id=present(client, "text")),
        application=Application(app_id=present(OURS), redirect_uris=present((RedirectUri(URI, "web"),))),
    )
    assert isinstance(ask("redirect_uri.is_held_by_other_application", facts), expected)


def test_another_library_default_is_found_among_the_native_addresses() -> None:
    default = "https://login.microsoftonline.com/common/oauth2/nativeclient"
    application = Application(public_client_redirect_uris=present((default,)))
    none_sent = Facts(failure=Failure(redirect_uri=Missing("request")), application=application)
    verdict = ask("redirect_uri.differs_from_registered_default", none_sent)
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"registered_default": f"“{default}”"}
    same = Facts(failure=Failure(redirect_uri=present(default, "request")), application=application)
    assert isinstance(ask("redirect_uri.differs_from_registered_default", same), No)
    assert isinstance(ask("redirect_uri.differs_from_registered_default", Facts()), Unknown)
