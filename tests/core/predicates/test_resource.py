"""Questions about the API that is asked for."""

from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.identifiers import AppId
from diag.core.permissions import GRAPH
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import Found, absent, present
from diag.core.registration import Application, RequiredPermission, ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

API = "2c4e6a8b-0d1f-4b3c-9e5a-7f8d6c5b4a39"
CLIENT = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def asks_for(sent: str, **others: Any) -> Facts:
    return Facts(failure=Failure(resource=present(sent, "text")), **others)


NAMES = (
    "resource.is_bare",
    "resource.is_malformed",
    "resource.is_placeholder",
    "resource.belongs_to_other_cloud",
    "resource.is_nearly_named",
    "resource.is_named",
    "resource.is_named_by_application_id",
    "resource.lacks_identifier",
    "resource.is_required",
    "resource.is_retired",
    "resource.is_licensed_service",
    "resource.is_client_itself",
)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_name_every_question_about_it_is_open(name: str) -> None:
    verdict = ask(name, Facts())
    assert isinstance(verdict, Unknown)
    assert [need.fact for need in verdict.needs] == ["failure.resource"]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("resource.is_bare", "api://"),
        ("resource.is_malformed", f"api://api://{API}"),
        ("resource.is_placeholder", "api://<your-api>"),
        ("resource.belongs_to_other_cloud", "https://graph.microsoft.us"),
        ("resource.is_nearly_named", "https://graph.microsof.com"),
        ("resource.is_nearly_named", "https://graph.microsoft.com/v1.0"),
        ("resource.is_nearly_named", "http://graph.microsoft.com"),
        ("resource.is_nearly_named", "https://orders.vault.azure.net"),
    ],
)
def test_what_is_wrong_with_a_name_is_quoted(name: str, sent: str) -> None:
    verdict = ask(name, asks_for(sent))
    assert isinstance(verdict, Yes)
    assert verdict.gives["sent"] == f"“{sent}”"
    assert sent in verdict.evidence[0].statement


@pytest.mark.parametrize("name", NAMES[:5])
def test_nothing_is_wrong_with_a_well_known_name(name: str) -> None:
    assert isinstance(ask(name, asks_for("https://graph.microsoft.com/")), No)


def test_the_scope_names_the_api_too() -> None:
    facts = Facts(failure=Failure(scope=present("openid api:///orders.read", "request")))
    assert isinstance(ask("resource.is_bare", facts), Yes)


def test_an_api_of_the_global_cloud_is_another_clouds_where_the_sign_in_is_national() -> None:
    text = present("https://login.microsoftonline.us/common/oauth2 …", "text")
    facts = Facts(failure=Failure(resource=present("https://graph.microsoft.com", "text"), text=text))
    assert isinstance(ask("resource.belongs_to_other_cloud", facts), Yes)
    national = Facts(failure=Failure(resource=present("https://graph.microsoft.us", "text"), text=text))
    assert isinstance(ask("resource.belongs_to_other_cloud", national), No)


def test_a_registered_uri_that_differs_by_a_slash_is_nearly_named() -> None:
    application = Application(identifier_uris=present(("https://orders.contoso.example/",)))
    verdict = ask("resource.is_nearly_named", asks_for("https://orders.contoso.example", application=application))
    assert isinstance(verdict, Yes)
    assert verdict.gives["registered"] == "“https://orders.contoso.example/”"
    assert isinstance(
        ask("resource.is_nearly_named", asks_for("https://stock.contoso.example", application=application)), No
    )
    assert isinstance(ask("resource.is_nearly_named", asks_for("https://stock.contoso.example")), Unknown)


def test_two_guids_that_differ_in_a_letter_are_not_taken_for_a_slip() -> None:
    application = Application(identifier_uris=present((f"api://{API}",)))
    assert isinstance(ask("resource.is_nearly_named", asks_for(f"api://{API[:-1]}8", application=application)), No)


def test_a_missing_service_principal_is_told_from_one_nobody_looked_for() -> None:
    missing = ask("resource.is_missing_from_tenant", asks_for(f"api://{API}", resource=absent(ServicePrincipal)))
    assert isinstance(missing, Yes)
    assert missing.gives["api_app_id"] == API
    assert isinstance(ask("resource.is_missing_from_tenant", asks_for(API)), Unknown)
    there = ServicePrincipal(exists=present(True))
    assert isinstance(ask("resource.is_missing_from_tenant", asks_for(API, resource=there)), No)


def test_an_api_without_the_uri_lacks_it() -> None:
    sent = f"api://{API}"
    none = Application(app_id=present(API), identifier_uris=present(()))
    verdict = ask("resource.lacks_identifier", asks_for(sent, application=none))
    assert isinstance(verdict, Yes)
    assert verdict.gives["uri"] == sent
    assert verdict.gives["registered"] == "none"
    there = Application(app_id=present(API), identifier_uris=present((sent,)))
    assert isinstance(ask("resource.lacks_identifier", asks_for(sent, application=there)), No)
    cut = Application(app_id=present(API), identifier_uris=Found((), complete=False))
    assert isinstance(ask("resource.lacks_identifier", asks_for(sent, application=cut)), Unknown)
    other = Application(app_id=present(CLIENT), identifier_uris=present(()))
    assert isinstance(ask("resource.lacks_identifier", asks_for(sent, application=other)), Unknown)


def test_a_name_that_ends_in_the_apis_own_id_is_looked_for_among_its_uris() -> None:
    tab = f"api://orders.contoso.example/{API}"
    none = Application(app_id=present(API), identifier_uris=present((f"api://{API}",)))
    assert isinstance(ask("resource.lacks_identifier", asks_for(tab, application=none)), Yes)
    stranger = Application(app_id=present(CLIENT), identifier_uris=present(()))
    assert isinstance(ask("resource.lacks_identifier", asks_for(tab, application=stranger)), No)


def required(*app_ids: str, complete: bool = True) -> Application:
    items = tuple(RequiredPermission(AppId(app_id), "p", "delegated") for app_id in app_ids)
    return Application(required_permissions=Found(items, complete=complete))


def test_the_registrations_list_decides_whether_the_api_is_required() -> None:
    assert isinstance(
        ask("resource.is_required", asks_for("https://graph.microsoft.com", application=required(GRAPH))), Yes
    )
    verdict = ask("resource.is_required", asks_for("https://vault.azure.net", application=required(GRAPH)))
    assert isinstance(verdict, No)
    assert "Microsoft Graph" in verdict.evidence[0].statement


def test_a_cut_or_unread_list_proves_no_absence() -> None:
    cut = required(GRAPH, complete=False)
    assert isinstance(ask("resource.is_required", asks_for("https://vault.azure.net", application=cut)), Unknown)
    assert isinstance(ask("resource.is_required", asks_for("https://vault.azure.net")), Unknown)


def test_an_own_uri_may_belong_to_any_listed_id() -> None:
    listed = required(API)
    assert isinstance(
        ask("resource.is_required", asks_for("https://orders.contoso.example", application=listed)), Unknown
    )


def test_the_list_printed_in_the_message_counts_before_the_registration() -> None:
    text = present(f"List of valid resources from app registration: {GRAPH}. Trace", "text")
    facts = Facts(failure=Failure(resource=present(API, "text"), text=text), application=required(API))
    assert isinstance(ask("resource.is_required", facts), No)


def test_well_known_groups_of_apis_are_recognised_by_id_and_uri() -> None:
    assert isinstance(ask("resource.is_retired", asks_for("https://graph.windows.net/")), Yes)
    assert isinstance(ask("resource.is_retired", asks_for(GRAPH)), No)
    assert isinstance(ask("resource.is_licensed_service", asks_for("https://analysis.windows.net/powerbi/api")), Yes)
    assert isinstance(ask("resource.is_licensed_service", asks_for(GRAPH)), No)
    assert isinstance(ask("resource.is_one_of", asks_for("https://graph.microsoft.com"), app_ids=[GRAPH]), Yes)


def test_a_client_that_asks_for_itself_is_noticed() -> None:
    client = Application(app_id=present(CLIENT))
    assert isinstance(ask("resource.is_client_itself", asks_for(f"api://{CLIENT}", application=client)), Yes)
    assert isinstance(ask("resource.is_client_itself", asks_for(GRAPH, application=client)), No)
    assert isinstance(ask("resource.is_client_itself", asks_for(CLIENT)), Unknown)
