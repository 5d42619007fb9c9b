from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from diag.core.directory import Change
from diag.core.enquiry import Enquiry
from diag.core.entry import Cause, Condition, Confirm, Entry, FixStep, Otherwise
from diag.core.entry import Test as Question
from diag.core.errors import PermissionLost, SourceError
from diag.core.facts import Facts
from diag.core.inventory import Kind, RegistrationObject, StoredObject
from diag.core.read import Found
from diag.core.records import FailureRow
from diag.core.registration import ServicePrincipal
from diag.workflows.incidents import (
    AUDIT_LAG,
    BEFORE_FAILURE,
    DETAIL_AGE,
    IncidentDiagnoser,
    facts_asked,
    with_history,
)
from diag.workflows.ports import CodeLine, IncidentQuery, Progress
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock, FakeDirectory
from tests.workflows.memory_database import MemoryDatabase


def _cause(cause_id: str, when: Condition) -> Cause:
    return Cause(
        id=cause_id,
        title=cause_id,
        when=when,
        confidence="likely",
        commonness="common",
        fixed_by="admin",
        root_cause="It is so.",
        confirm=(Confirm("Look."),),
        fix=(FixStep("by_hand", {"do": "Do it.", "who": "admin"}),),
    )


def _entry(code: int, *causes: Cause) -> Entry:
    plain = {"name": "N", "family": "redirect-uri", "kind": "failure", "status": "test", "summary": "S."}
    return msgspec.convert({**plain, "code": code, "causes": causes}, Entry)


class Shelf:
    """One entry that asks for grants, one that asks for nothing."""

    def __init__(self, version: str = "v1") -> None:
        self.version = version
        self._entries = {
            65001: _entry(65001, _cause("granted", Question("consent.exists", {}))),
            50011: _entry(50011, _cause("only", Otherwise())),
        }

    def entry(self, code: int) -> Entry | None:
        return self._entries.get(code)

    def symptom(self, symptom_id: str) -> Entry | None:
        return None

    def codes(self) -> Sequence[CodeLine]:
        return []

    def symptoms(self) -> Sequence[CodeLine]:
        return []

    def search(self, query: str) -> Sequence[CodeLine]:
        return []

    def match(self, text: str) -> Sequence[Entry]:
        return []


class Translator:
    """Tells no facts, but keeps which bodies it was given."""

    def __init__(self) -> None:
        self.given: list[dict[str, bytes | None]] = []

    def facts(self, objects: Mapping[Kind, StoredObject], app_id: str = "") -> Facts:
        self.given.append({kind: stored.body for kind, stored in objects.items()})
        return Facts()

    def resource(self, objects: Mapping[Kind, StoredObject]) -> ServicePrincipal:
        return ServicePrincipal()

    def enquiry(self, row: FailureRow, facts: Facts) -> Enquiry:
        return Enquiry(sign_in_code=row.error_code, facts=facts)


class Tenant:
    def __init__(self) -> None:
        self.database, self.clock, self.directory = MemoryDatabase(), FakeClock(), FakeDirectory()
        self.translator, self.shelf = Translator(), Shelf()

    async def diagnose(self) -> int:
        return await IncidentDiagnoser(
            TENANT, self.directory, self.database, self.shelf, self.translator, self.clock
        ).run()

    def fail(self, code: int = 50011, *, minutes: float = 0, app_id: str = APP, tenant: str = TENANT) -> None:
        row = FailureRow(
            tenant_id=tenant,
            id=f"{code}{minutes}{app_id}",
            created_at=NOW - timedelta(minutes=minutes),
            event_type="",
            error_code=code,
            interrupt=False,
            app_id=app_id,
        )
        with self.database.write() as stores:
            stores.failures.add([row])
            stores.incidents.touch(tenant, [row])

    def put(self, kind: Kind, body: bytes, minutes: float) -> None:
        item = RegistrationObject(kind=kind, object_id=f"o-{kind[:3]}", app_id=APP, body=body)
        with self.database.write() as stores:
            stores.registrations.put(TENANT, [item], NOW - timedelta(minutes=minutes))

    def verdicts(self) -> dict[int, Any]:
        with self.database.read() as stores:
            found = stores.incidents.find(IncidentQuery())
        return {item.fingerprint.code: item.diagnosis and item.diagnosis.verdict for item in found}


async def test_each_waiting_incident_is_diagnosed_once() -> None:
    tenant = Tenant()
    tenant.fail(50011)
    tenant.fail(99999)
    assert [await tenant.diagnose(), await tenant.diagnose()] == [2, 0]
    assert tenant.verdicts() == {50011: "determined", 99999: "unknown_code"}


async def test_another_tenants_incidents_are_left_alone() -> None:
    tenant = Tenant()
    tenant.fail(tenant="elsewhere")
    assert await tenant.diagnose() == 0


async def test_the_registration_is_taken_as_it_was_when_the_sign_in_failed() -> None:
    tenant = Tenant()
    tenant.put("application", b"before", 90)
    tenant.put("application", b"after", 30)
    tenant.fail(minutes=60)
    await tenant.diagnose()
    assert tenant.translator.given[0]["application"] == b"before"


async def test_only_what_the_entry_asks_for_is_read_and_not_again_while_it_is_fresh() -> None:
    tenant = Tenant()
    tenant.put("service_principal", b"{}", 90)
    tenant.fail(50011)
    await tenant.diagnose()
    assert tenant.directory.details == []
    assert "grants" in facts_asked(tenant.shelf.entry(65001) or _entry(1))
    tenant.fail(65001)
    await tenant.diagnose()
    assert tenant.directory.details == [("grants", "o-ser")]
    for age, reads in ((DETAIL_AGE, 1), (timedelta(seconds=1), 2)):
        tenant.clock.pass_by(seconds=age.total_seconds())
        with tenant.database.write() as stores:
            stores.incidents.make_stale(TENANT, [APP])
        await tenant.diagnose()
        assert len(tenant.directory.details) == reads


async def test_what_could_not_be_read_is_kept_with_its_reason_and_the_diagnosis_goes_on() -> None:
    tenant = Tenant()
    tenant.put("service_principal", b"{}", 90)
    tenant.fail(65001)
    problem: SourceError = PermissionLost("No permission.", permission="Directory.Read.All")
    tenant.directory.failing = [problem]
    assert await tenant.diagnose() == 1
    with tenant.database.read() as stores:
        grants = stores.registrations.as_of(TENANT, APP, None)["grants"]
    assert (grants.body, grants.unread_because) == (None, f"{problem} {problem.hint}")
    assert tenant.verdicts()[65001] == "undetermined"


async def test_a_new_knowledge_base_diagnoses_everything_anew() -> None:
    tenant = Tenant()
    tenant.fail()
    await tenant.diagnose()
    tenant.shelf = Shelf("v2")
    assert [await tenant.diagnose(), await tenant.diagnose()] == [1, 0]


async def test_a_diagnosis_that_raises_is_said_and_holds_nobody_up(caplog: pytest.LogCaptureFixture) -> None:
    tenant = Tenant()
    for minutes, app_id in ((5, APP), (1, "broken"), (9, "last")):
        tenant.fail(minutes=minutes, app_id=app_id)
    whole = tenant.translator.enquiry

    def enquiry(row: FailureRow, facts: Facts) -> Enquiry:
        return whole(row, facts) if row.app_id != "broken" else {}["no such key"]

    tenant.translator.enquiry = enquiry  # type: ignore[method-assign]
    assert [await tenant.diagnose(), await tenant.diagnose()] == [3, 0]
    with tenant.database.read() as stores:
        found = {item.fingerprint.app_id: item for item in stores.incidents.find(IncidentQuery())}
        assert [item.id for item in stores.incidents.find(IncidentQuery(troubled=True))] == [found["broken"].id]
    assert all(found[app_id].diagnosis and not found[app_id].problem for app_id in (APP, "last"))
    assert (found["broken"].diagnosis, "KeyError" in found["broken"].problem) == (None, True)
    assert "no such key" in caplog.text
    tenant.translator.enquiry = whole  # type: ignore[method-assign]
    tenant.fail(minutes=0, app_id="broken")
    assert await tenant.diagnose() == 1
    with tenant.database.read() as stores:
        assert not stores.incidents.find(IncidentQuery(troubled=True))


async def test_an_incident_outlives_its_rows() -> None:
    tenant = Tenant()
    tenant.fail()
    with tenant.database.write() as stores:
        stores.retention.delete("failures", NOW + timedelta(days=1), 100)
    assert await tenant.diagnose() == 1
    assert tenant.verdicts() == {50011: "determined"}


async def test_a_detail_read_before_the_applications_last_change_is_read_again() -> None:
    tenant = Tenant()
    tenant.put("service_principal", b"{}", minutes=60)
    tenant.fail(65001, minutes=2)
    await tenant.diagnose()
    tenant.clock.pass_by(seconds=60)
    change = Change(
        tenant.clock.now() - timedelta(seconds=1), "Add delegated permission grant", target_object_id="o-ser"
    )
    with tenant.database.write() as stores:
        stores.changes.add(TENANT, [change])
        stores.incidents.make_stale(TENANT, [APP])
    await tenant.diagnose()
    assert tenant.directory.details == [("grants", "o-ser")] * 2


@pytest.mark.parametrize(
    ("oldest", "newest", "complete"),
    [
        (timedelta(days=14), timedelta(0), True),
        (timedelta(days=14) - timedelta(seconds=1), timedelta(0), False),
        (timedelta(days=20), AUDIT_LAG, True),
        (timedelta(days=20), AUDIT_LAG + timedelta(seconds=1), False),
    ],
)
def test_absence_in_the_audit_log_counts_only_where_it_was_read(
    oldest: timedelta, newest: timedelta, complete: bool
) -> None:
    database = MemoryDatabase()
    with database.write() as stores:
        stores.progress.save(Progress(tenant_id=TENANT, source="changes", oldest=NOW - oldest, newest=NOW - newest))
        facts = with_history(Facts(), TENANT, APP, NOW - BEFORE_FAILURE, NOW, stores)
    assert isinstance(facts.changes, Found)
    assert facts.changes.complete is complete
