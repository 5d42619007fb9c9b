"""Names for incidents whose records name no application."""

from datetime import UTC, datetime

import pytest

from diag.adapters.graph.wire.registration import details, whole_object
from diag.adapters.graph.wire.stored import StoredFacts
from diag.core.incidents import Fingerprint, Incident
from diag.workflows.names import with_names
from tests.workflows.memory_database import MemoryDatabase

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LIVE = "11111111-1111-4111-8111-111111111111"
DELETED = "22222222-2222-4222-8222-222222222222"
UNKNOWN = "33333333-3333-4333-8333-333333333333"


def _incident(app_id: str, name: str = "", tenant_id: str = "t") -> Incident:
    return Incident(
        id=app_id,
        tenant_id=tenant_id,
        fingerprint=Fingerprint(app_id, 700016, "", ""),
        app_name=name,
        resource_name="",
        state="open",
        first_seen=NOW,
        last_seen=NOW,
        count=1,
        people=0,
        last_failure_id="f",
    )


@pytest.fixture
def database() -> MemoryDatabase:
    """One live registration, and one among the deleted ones."""
    made = MemoryDatabase()
    live = whole_object("application", {"id": "o1", "appId": LIVE, "displayName": "Orders"})
    gone = {"id": "o2", "appId": DELETED.upper(), "displayName": "Intranet Search"}
    with made.write() as stores:
        stores.registrations.put("t", [live, details("deleted_applications", "deleted_applications", "", [gone])], NOW)
    return made


@pytest.mark.parametrize(
    ("incident", "name"),
    [
        (_incident(DELETED), "Intranet Search"),
        (_incident(LIVE), "Orders"),
        (_incident(LIVE, "Its name when it failed"), "Its name when it failed"),
        (_incident(UNKNOWN), ""),
        (_incident(""), ""),
        (_incident(DELETED, tenant_id="another"), ""),
    ],
    ids=["deleted", "live", "named by the record", "stored nowhere", "without an application", "of another tenant"],
)
def test_a_nameless_incident_has_the_name_of_its_registration(
    database: MemoryDatabase, incident: Incident, name: str
) -> None:
    with database.read() as stores:
        named = with_names([incident, _incident(LIVE)], stores, StoredFacts())
    assert [item.app_name for item in named] == [name, "Orders"]
    assert [item.id for item in named] == [incident.id, LIVE]
