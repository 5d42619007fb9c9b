"""Checks put to what is stored: last use is only known where it could be seen, and absence only where it was read."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from diag.adapters.graph.wire.registration import details, whole_object
from diag.adapters.graph.wire.stored import StoredFacts
from diag.adapters.kb_files.store import open_knowledge_base
from diag.core.inventory import DetailKind
from diag.core.read import Found, Unread
from diag.core.records import SuccessCount
from diag.core.review import Finding, Review
from diag.core.windows import ReadWindow, Window
from diag.workflows.ports import Progress
from diag.workflows.review import Reviewer
from tests.workflows.fakes import APP, NOW, TENANT
from tests.workflows.memory_database import MemoryDatabase

KEY = "88888888-8888-4888-8888-888888888888"
OBJECT = "a1c3e5f7-0b2d-4f6a-8c1e-3d5f7a9b1c04"
PRINCIPAL = "b2d4f6a8-1c3e-4a5b-8d7f-4e6a8b0c2d04"
OTHER_TENANT = "7b2d1c0a-5e4f-4a3b-9c8d-1f2e3d4c5b6a"
KNOWLEDGE_BASE = open_knowledge_base()
LONG_AGO = NOW - timedelta(days=100)


def application(**changed: Any) -> dict[str, Any]:
    return {
        "id": OBJECT,
        "appId": APP,
        "displayName": "Night Reports",
        "signInAudience": "AzureADMyOrg",
        "isFallbackPublicClient": False,
        "web": {"redirectUris": [], "implicitGrantSettings": {}},
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": []},
        "api": {"requestedAccessTokenVersion": None, "oauth2PermissionScopes": []},
        "appRoles": [],
        "requiredResourceAccess": [],
        "passwordCredentials": [
            {"keyId": KEY, "startDateTime": "2026-01-10T00:00:00Z", "endDateTime": "2027-01-10T00:00:00Z"}
        ],
        "keyCredentials": [],
    } | changed


def stored(app: dict[str, Any] | None, *, counted_since: datetime | None = None, used: str = "") -> MemoryDatabase:
    """``counted_since``: successes were counted from then until now; ``used``: the key ID of one of them."""
    database = MemoryDatabase()
    with database.write() as stores:
        if app is not None:
            stores.registrations.put(TENANT, [whole_object("application", app)], NOW)
        stores.progress.save(Progress(tenant_id=TENANT, source="applications", succeeded_at=NOW, newest=NOW))
        if counted_since is not None:
            stores.progress.save(
                Progress(tenant_id=TENANT, source="sign_ins:service", newest=NOW, succeeded_at=NOW, failure_filter=True)
            )
            stores.progress.save(Progress(tenant_id=TENANT, source="successes", newest=NOW, succeeded_at=NOW))
            stores.windows.close(
                ReadWindow(
                    tenant_id=TENANT,
                    source="successes",
                    kind="backfill",
                    start=counted_since,
                    end=NOW,
                    read_at=NOW,
                    pages=1,
                    records=1,
                    new=1,
                )
            )
        if used or counted_since is not None:
            hour = NOW - timedelta(hours=2)
            count = SuccessCount(hour=hour, app_id=APP, credential_key_id=used, resource_id="r", count=2, last_at=hour)
            given = [count] if used else []
            stores.successes.replace(TENANT, Window(hour, hour + timedelta(hours=1)), given)
    return database


def detail(database: MemoryDatabase, kind: DetailKind, *elements: dict[str, Any]) -> None:
    with database.write() as stores:
        stores.registrations.put(TENANT, [details(kind, OBJECT, APP, elements)], NOW)


def reviewed(database: MemoryDatabase, hosts: dict[str, bool] | None = None) -> Review:
    with database.read() as stores:
        return Reviewer(stores, KNOWLEDGE_BASE, StoredFacts(), NOW, hosts).of(TENANT, APP)


def finding(found: Review, check: str) -> Finding:
    return next(one for one in found.findings if one.id == check)


def test_owners_that_were_read_and_are_none_are_a_finding_and_unread_ones_are_not() -> None:
    database = stored(application())
    assert finding(reviewed(database), "no-owner").verdict == "unknown"
    detail(database, "owners")
    assert finding(reviewed(database), "no-owner").verdict == "holds"


def test_what_could_not_be_read_says_why_under_what_is_lacking() -> None:
    database = stored(application())
    with database.write() as stores:
        stores.registrations.mark_unread(TENANT, "owners", OBJECT, APP, "Application.Read.All is not granted", NOW)
    needs = finding(reviewed(database), "no-owner").needs
    assert "Application.Read.All is not granted" in needs[0].how


def test_a_credential_nobody_used_is_called_unused_only_where_everybody_was_watched() -> None:
    assert finding(reviewed(stored(application())), "unused-credential").verdict == "unknown"
    short = stored(application(), counted_since=NOW - timedelta(days=60))
    assert "60" not in finding(reviewed(short), "unused-credential").title
    assert finding(reviewed(short), "unused-credential").verdict == "unknown"
    assert finding(reviewed(stored(application(), counted_since=LONG_AGO)), "unused-credential").verdict == "holds"
    used = stored(application(), counted_since=LONG_AGO, used=KEY)
    assert finding(reviewed(used), "unused-credential").verdict == "ruled_out"


@pytest.mark.parametrize(
    "for_users",
    [
        {"web": {"redirectUris": ["https://orders.contoso.example/cb"], "implicitGrantSettings": {}}},
        {"api": {"oauth2PermissionScopes": [{"id": KEY, "value": "Orders.Read", "isEnabled": True, "type": "User"}]}},
    ],
)
def test_a_secret_that_may_serve_users_is_never_called_unused_by_counts_that_leave_users_out(for_users: Any) -> None:
    database = stored(application(**for_users), counted_since=LONG_AGO)
    assert finding(reviewed(database), "unused-credential").verdict == "unknown"
    seen = stored(application(**for_users), counted_since=LONG_AGO, used=KEY)
    assert finding(reviewed(seen), "unused-credential").verdict == "ruled_out"


def test_successes_that_name_no_credential_keep_the_question_open() -> None:
    database = stored(application(), counted_since=LONG_AGO)
    hour = NOW - timedelta(hours=3)
    nameless = SuccessCount(hour=hour, app_id=APP, credential_key_id="", resource_id="r", count=9, last_at=hour)
    with database.write() as stores:
        stores.successes.replace(TENANT, Window(hour, hour + timedelta(hours=1)), [nameless])
    assert finding(reviewed(database), "unused-credential").verdict == "unknown"


def test_hosts_are_unknown_until_somebody_looked_them_up() -> None:
    uris = {"web": {"redirectUris": ["https://old.azurewebsites.net/cb"], "implicitGrantSettings": {}}}
    database = stored(application(**uris))
    assert finding(reviewed(database), "dangling-redirect-host").verdict == "unknown"
    gone = finding(reviewed(database, {"old.azurewebsites.net": False}), "dangling-redirect-host")
    assert gone.verdict == "holds"
    assert "old.azurewebsites.net" in gone.evidence[0].statement
    there = reviewed(database, {"old.azurewebsites.net": True})
    assert finding(there, "dangling-redirect-host").verdict == "ruled_out"


def test_an_application_of_another_tenant_is_checked_for_what_lies_here() -> None:
    database = stored(None)
    principal = {
        "id": PRINCIPAL,
        "appId": APP,
        "displayName": "Partner",
        "appOwnerOrganizationId": OTHER_TENANT,
        "servicePrincipalType": "Application",
        "passwordCredentials": [],
        "keyCredentials": [],
    }
    with database.write() as stores:
        stores.registrations.put(TENANT, [whole_object("service_principal", principal)], NOW)
    found = reviewed(database)
    assert found.scope == "service_principal"
    assert finding(found, "secret-on-service-principal").verdict == "ruled_out"
    assert finding(found, "directory-control-granted").verdict == "unknown"


def test_all_applications_are_gone_through_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    database = MemoryDatabase()
    ids = [f"{number:08d}-6b52-4e0f-9a7d-2c5e8b1f6a01" for number in range(7)]
    with database.write() as stores:
        for app_id in ids:
            body = application(appId=app_id, id=app_id, displayName="Same name")
            stores.registrations.put(TENANT, [whole_object("application", body)], NOW)
    monkeypatch.setattr("diag.workflows.review.PAGE", 3)
    with database.read() as stores:
        found = list(Reviewer(stores, KNOWLEDGE_BASE, StoredFacts(), NOW).all(TENANT))
    assert [one.line.app_id for one in found] == ids


def test_facts_are_judged_at_the_present_instant() -> None:
    with stored(application()).read() as stores:
        facts = Reviewer(stores, KNOWLEDGE_BASE, StoredFacts(), NOW).facts(TENANT, APP)
    assert facts.failure.observed_at == Found(NOW, "request")
    assert isinstance(facts.credential_uses, Unread)
