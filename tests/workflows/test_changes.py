from datetime import timedelta

from diag.core.directory import Change
from diag.core.errors import LicenceMissing, Unreachable
from diag.core.inventory import RegistrationObject
from diag.core.records import FailureRow
from diag.workflows.changes import ChangeCollector
from diag.workflows.collect import OVERLAP, RETENTION
from diag.workflows.ports import Progress
from tests.workflows.fakes import APP, NOW, TENANT, FakeAuditLog, FakeClock
from tests.workflows.memory_database import MemoryDatabase


def _change(age: timedelta, target: str = "o1", name: str = "Update application") -> Change:
    return Change(at=NOW - age, activity=name, target_object_id=target)


class Tenant:
    def __init__(self, *changes: Change) -> None:
        self.log = FakeAuditLog(*changes)
        self.database = MemoryDatabase()
        self.clock = FakeClock()

    async def collect(self) -> Progress:
        return await ChangeCollector(TENANT, self.log, self.database, self.clock).run()

    def stored(self) -> int:
        with self.database.read() as stores:
            return len(stores.changes.find(TENANT, None, None, None, 1000))


async def test_the_first_time_everything_the_log_keeps_is_read() -> None:
    tenant = Tenant(*[_change(timedelta(days=day)) for day in range(29)])
    progress = await tenant.collect()
    assert (tenant.stored(), progress.records, progress.state, progress.newest) == (29, 29, "ok", NOW)
    assert NOW - RETENTION < tenant.log.windows[0].start < NOW - RETENTION + timedelta(hours=2)


async def test_later_an_overlap_is_read_again_and_stored_once() -> None:
    tenant = Tenant(_change(timedelta(minutes=1)))
    await tenant.collect()
    tenant.clock.pass_by(minutes=2)
    tenant.log.changes.append(_change(timedelta(minutes=50), name="late"))
    progress = await tenant.collect()
    assert tenant.log.windows[-1].start == NOW - OVERLAP
    assert (tenant.stored(), progress.records) == (2, 2)


async def test_what_broke_off_is_read_again_from_the_same_instant() -> None:
    tenant = Tenant(*[_change(timedelta(days=day)) for day in range(6)])
    tenant.log.failing = [None, Unreachable("reset")]
    progress = await tenant.collect()
    assert (progress.state, progress.newest, tenant.stored()) == ("unreachable", None, 2)
    progress = await tenant.collect()
    assert (progress.state, tenant.stored()) == ("ok", 6)
    assert tenant.log.windows[0] == tenant.log.windows[1]


async def test_a_missing_licence_is_a_named_state() -> None:
    tenant = Tenant()
    tenant.log.failing = [LicenceMissing("no")]
    assert (await tenant.collect()).state == "licence_missing"


async def test_after_a_long_absence_no_more_is_asked_than_the_log_keeps() -> None:
    tenant = Tenant()
    await tenant.collect()
    tenant.clock.pass_by(days=60)
    await tenant.collect()
    assert tenant.log.windows[-1].start >= tenant.clock.now() - RETENTION


async def test_a_new_change_asks_for_a_new_diagnosis_of_the_applications_incidents_and_a_known_one_does_not() -> None:
    tenant = Tenant(_change(timedelta(minutes=1)))
    item = RegistrationObject(kind="application", object_id="o1", app_id=APP, body=b"{}")
    row = FailureRow(
        tenant_id=TENANT, id="f", created_at=NOW, event_type="", error_code=50011, interrupt=False, app_id=APP
    )
    with tenant.database.write() as stores:
        stores.registrations.put(TENANT, [item], NOW)
        (incident,) = stores.incidents.touch(TENANT, [row])
        stores.incidents.settle(incident.id)
    for expected in ({APP}, set()):
        await tenant.collect()
        with tenant.database.write() as stores:
            assert stores.incidents.stale_applications() == expected
            stores.incidents.settle(incident.id)
