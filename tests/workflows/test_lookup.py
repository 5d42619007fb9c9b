"""A pasted error meets what is stored of the application it names: nothing else, and nothing of another tenant."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from diag import resources
from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.adapters.graph.wire.registration import whole_object
from diag.adapters.graph.wire.request import enquiry
from diag.adapters.graph.wire.stored import StoredFacts
from diag.adapters.kb_files.store import open_knowledge_base
from diag.core.diagnosis import Diagnosis
from diag.core.directory import Change
from diag.core.errors import StoreError
from diag.core.facts import Facts
from diag.core.read import Found, Unread
from diag.workflows.lookup import answer_with_registration, with_registration
from diag.workflows.ports import Database, KnowledgeBase, Progress, Transaction

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
OURS = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"
THEIRS = "7b2d1c0a-5e4f-4a3b-9c8d-1f2e3d4c5b6a"
ELSEWHERE = "9f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a"
APP = "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01"
OTHER = "1c7e5a90-2b3d-4f60-8a71-9d0c4b5e6f02"
SHARED = "5a4b3c2d-1e0f-4a9b-8c7d-6e5f4a3b2c1d"
API = "40a18d23-5e60-4293-9da4-203f7e819205"
SENT = "https://orders.contoso.example/sent"
API_URI = "https://stock.contoso.example/api"
MISMATCH = (
    f"AADSTS50011: The redirect URI '{SENT}' specified in the request does not match the redirect URIs configured for "
    f"the application '{APP}'."
)


class StillClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """Nothing here waits."""


class Closed:
    """A database that cannot be opened."""

    def write(self) -> contextlib.AbstractContextManager[Transaction]:
        raise StoreError("The disk is full.", hint="Free some space.")

    read = write

    def close(self) -> None:
        """Was never open."""


def application(app_id: str, name: str, **given: Any) -> Any:
    return whole_object("application", {"id": f"1{app_id[1:]}", "appId": app_id, "displayName": name, **given})


def principal(app_id: str, name: str, **given: Any) -> Any:
    return whole_object("service_principal", {"id": f"2{app_id[1:]}", "appId": app_id, "displayName": name, **given})


@pytest.fixture(scope="module")
def knowledge_base() -> KnowledgeBase:
    return open_knowledge_base(resources.knowledge_base())


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path_factory.mktemp('lookup') / 'diag.db'}"
    migrate(url)
    database = SqlDatabase(url)
    before = application(APP, "Orders", web={"redirectUris": ["https://orders.contoso.example/before"]})
    with database.write() as stores:
        stores.registrations.put(OURS, [before], NOW - timedelta(days=30))
        stores.registrations.put(
            OURS,
            [
                application(APP, "Orders", web={"redirectUris": ["https://orders.contoso.example/now"]}),
                principal(APP, "Orders", accountEnabled=True),
                application(OTHER, "Shipping", web={"redirectUris": [SENT]}),
                application(API, "Stock", identifierUris=[API_URI]),
                application(SHARED, "Timesheets", web={"redirectUris": ["https://time.contoso.example/cb"]}),
                principal(SHARED, "Timesheets", accountEnabled=True),
                principal(API, "Stock", servicePrincipalNames=[API, API_URI]),
            ],
            NOW - timedelta(days=1),
        )
        theirs = [application(OTHER, "Shipping of Fabrikam"), principal(SHARED, "Timesheets", accountEnabled=False)]
        stores.registrations.put(THEIRS, theirs, NOW - timedelta(days=1))
        changes = [
            Change(NOW - timedelta(days=days), "Update application", target_object_id=f"1{APP[1:]}")
            for days in (1, 9, 40)
        ]
        stores.changes.add(OURS, changes)
        for source in ("applications", "changes"):
            stores.progress.save(Progress(tenant_id=OURS, source=source, newest=NOW, state="ok"))
    yield database
    database.close()


Seen = Callable[..., tuple[Facts, Diagnosis]]


@pytest.fixture
def seen(stored: Database, knowledge_base: KnowledgeBase) -> Seen:
    """Asks, and gives the facts that reach the engine beside the diagnosis."""

    def ask(database: Database = stored, **body: Any) -> tuple[Facts, Diagnosis]:
        asked = enquiry(body), knowledge_base, database, StoredFacts(), StillClock()
        return with_registration(*asked).facts, answer_with_registration(*asked)

    return ask


def redirects(facts: Facts) -> tuple[str, ...]:
    read = facts.application.web_redirect_uris
    assert isinstance(read, Found)
    return read.value


@pytest.mark.parametrize(
    "body",
    [
        {"text": MISMATCH},
        {"code": 50011, "request": {"client_id": APP.upper()}},
        {"sign_in": {"appId": APP, "status": {"errorCode": 50011}}},
        {"text": MISMATCH, "registration": None},
        {"text": MISMATCH, "registration": {"user": {"userType": "Guest"}}},
    ],
)
def test_the_stored_registration_of_the_application_named_is_used(seen: Seen, body: dict[str, Any]) -> None:
    facts, diagnosis = seen(**body)
    assert redirects(facts) == ("https://orders.contoso.example/now",)
    assert facts.service_principal.account_enabled == Found(True, as_of=NOW - timedelta(days=1))
    assert diagnosis.code == 50011


def test_its_changes_and_neighbours_are_used_too(seen: Seen) -> None:
    facts, diagnosis = seen(text=MISMATCH)
    assert isinstance(facts.changes, Found)
    assert [change.at for change in facts.changes.value] == [NOW - timedelta(days=1), NOW - timedelta(days=9)]
    assert isinstance(facts.neighbours, Found)
    assert [(one.app_id, one.holds) for one in facts.neighbours.value] == [(OTHER, "redirect_uri")]
    assert any("Shipping" in item.statement for cause in diagnosis.causes for item in cause.evidence)


def test_a_registration_that_was_sent_is_never_mixed_with_the_stored_one(seen: Seen) -> None:
    for name, given in (
        ("application", {"appId": APP, "web": {"redirectUris": []}}),
        ("service_principal", None),
        ("oauth2_permission_grants", []),
    ):
        facts, _ = seen(text=MISMATCH, registration={name: given})
        untold = facts.service_principal if name == "application" else facts.application
        assert isinstance(untold.exists, Unread)
        assert isinstance(facts.neighbours, Unread)


def test_the_registration_is_the_one_of_that_time(seen: Seen) -> None:
    facts, _ = seen(text=MISMATCH, observed_at="2026-11-10T10:00:00Z")
    assert redirects(facts) == ("https://orders.contoso.example/before",)
    for far in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        facts, _ = seen(text=MISMATCH, observed_at=far)
        assert redirects(facts)


def test_an_application_of_several_tenants_is_not_guessed(seen: Seen) -> None:
    facts, _ = seen(code=50011, request={"client_id": OTHER})
    assert isinstance(facts.application.exists, Unread)
    assert "stored for 2 tenants" in facts.application.exists.why
    assert "authority_tenant" in facts.application.exists.how
    facts, _ = seen(code=50011, request={"client_id": OTHER, "authority_tenant": THEIRS.upper()})
    assert facts.application.display_name == Found("Shipping of Fabrikam", as_of=NOW - timedelta(days=1))


def test_an_application_of_one_watched_tenant_used_in_another_is_taken_from_both(seen: Seen) -> None:
    facts, _ = seen(code=50011, request={"client_id": SHARED, "authority_tenant": THEIRS})
    assert redirects(facts) == ("https://time.contoso.example/cb",)
    assert facts.service_principal.account_enabled == Found(False, as_of=NOW - timedelta(days=1))
    facts, _ = seen(code=50011, request={"client_id": SHARED, "authority_tenant": OURS})
    assert redirects(facts) == ("https://time.contoso.example/cb",)
    assert facts.service_principal.account_enabled == Found(True, as_of=NOW - timedelta(days=1))


def test_in_which_tenant_it_failed_is_not_guessed_and_the_registration_is_used_all_the_same(seen: Seen) -> None:
    facts, _ = seen(code=50011, request={"client_id": SHARED})
    assert redirects(facts) == ("https://time.contoso.example/cb",)
    for unread in (facts.service_principal.account_enabled, facts.grants, facts.neighbours):
        assert isinstance(unread, Unread)
        assert "stored for 2 tenants" in unread.why
    facts, _ = seen(code=50011, request={"client_id": SHARED, "authority_tenant": ELSEWHERE})
    assert redirects(facts) == ("https://time.contoso.example/cb",)
    assert isinstance(facts.service_principal.account_enabled, Unread)


def test_what_is_true_of_our_tenant_proves_nothing_about_a_customers(seen: Seen) -> None:
    facts, _ = seen(code=700016, request={"client_id": APP, "authority_tenant": ELSEWHERE})
    assert redirects(facts) == ("https://orders.contoso.example/now",)
    assert isinstance(facts.service_principal.exists, Unread)
    assert isinstance(facts.neighbours, Unread)
    assert isinstance(facts.grants, Unread)


def test_what_is_stored_nowhere_stays_unread(seen: Seen) -> None:
    facts, _ = seen(code=50011, request={"client_id": ELSEWHERE})
    assert facts.application == Facts().application
    facts, _ = seen(code=50011, request={"client_id": "Orders"})
    assert facts.application == Facts().application


@pytest.mark.parametrize("name", [API, f"api://{API}", API_URI, f"{API_URI}/"])
def test_the_api_named_is_used_as_it_is_stored(seen: Seen, name: str) -> None:
    facts, _ = seen(code=500011, request={"client_id": APP, "resource": name})
    assert facts.resource.display_name == Found("Stock", as_of=NOW - timedelta(days=1))
    alone, _ = seen(code=500011, request={"resource": name})
    assert alone.resource == facts.resource
    assert isinstance(alone.application.exists, Unread)


def test_an_api_that_was_sent_or_lies_in_another_tenant_is_left_alone(seen: Seen) -> None:
    sent, _ = seen(code=500011, request={"resource": API}, registration={"resource_service_principal": None})
    assert not isinstance(sent.resource.display_name, Found)
    elsewhere, _ = seen(code=500011, request={"resource": API, "authority_tenant": ELSEWHERE})
    assert isinstance(elsewhere.resource.exists, Unread)


def test_a_database_that_cannot_be_read_is_told_and_not_taken_for_emptiness(seen: Seen) -> None:
    facts, diagnosis = seen(Closed(), text=MISMATCH)
    assert isinstance(facts.application.redirect_uris, Unread)
    assert "The disk is full." in facts.application.redirect_uris.why
    assert facts.application.redirect_uris.how == "Free some space."
    assert (diagnosis.code, diagnosis.extracted.app_id) == (50011, APP)


def test_a_question_that_names_nothing_needs_no_database(seen: Seen) -> None:
    facts, diagnosis = seen(Closed(), code=50011)
    assert facts == enquiry({"code": 50011}).facts
    assert diagnosis.code == 50011
