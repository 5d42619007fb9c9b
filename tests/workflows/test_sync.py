from datetime import timedelta

import pytest
from msgspec.structs import replace

from diag.core.directory import Change
from diag.core.errors import ForeignLink, PermissionLost, SourceError, Unreachable, WindowRefused
from diag.core.inventory import RegistrationObject, RemovedObject
from diag.core.records import FailureRow
from diag.workflows.ports import DirectoryPage, Progress
from diag.workflows.sync import Synchroniser
from tests.workflows.fakes import NOW, TENANT, FakeClock, FakeDirectory
from tests.workflows.memory_database import MemoryDatabase


def _object(number: int, body: bytes = b"{}") -> RegistrationObject:
    return RegistrationObject(
        kind="application", object_id=f"o{number}", app_id=f"a{number}", display_name=f"App {number}", body=body
    )


class Tenant:
    def __init__(self, *objects: RegistrationObject) -> None:
        self.directory = FakeDirectory(*objects)
        self.database = MemoryDatabase()
        self.clock = FakeClock()

    async def sync(self) -> Progress:
        return await Synchroniser(TENANT, "application", self.directory, self.database, self.clock).run()

    async def follow(self) -> int:
        synchroniser = Synchroniser(TENANT, "application", self.directory, self.database, self.clock)
        return await synchroniser.follow(timedelta(hours=2))

    def origins(self, number: int) -> list[str]:
        """What brought the versions of an object, newest first."""
        with self.database.read() as stores:
            return [version.origin for version in stores.registrations.history(TENANT, f"a{number}")]

    def live(self) -> dict[str, str]:
        with self.database.read() as stores:
            return dict(stores.registrations.object_ids(TENANT, "application"))

    def fail_sign_in(self, app_id: str) -> None:
        """Open an incident of an application and count it as diagnosed."""
        row = FailureRow(
            tenant_id=TENANT,
            id=app_id,
            created_at=NOW,
            event_type="",
            error_code=700016,
            interrupt=False,
            app_id=app_id,
        )
        with self.database.write() as stores:
            stores.incidents.touch(TENANT, [row])
            for incident in stores.incidents.undiagnosed(TENANT, "", 100):
                stores.incidents.settle(incident.id)

    def asks_again(self) -> set[str]:
        with self.database.read() as stores:
            return stores.incidents.stale_applications()


async def test_the_first_round_stores_everything_and_keeps_the_delta_link() -> None:
    tenant = Tenant(*[_object(number) for number in range(5)])
    progress = await tenant.sync()
    assert (progress.state, progress.link, progress.newest) == ("ok", "link-1", NOW)
    assert tenant.live() == {f"o{number}": f"a{number}" for number in range(5)}


async def test_later_rounds_ask_for_what_changed_and_make_versions() -> None:
    tenant = Tenant(_object(1), _object(2))
    await tenant.sync()
    tenant.clock.pass_by(minutes=5)
    gone = RemovedObject("application", "o2", restorable=True)
    tenant.directory.changes = [DirectoryPage([_object(1, b'{"x":1}')], (), None), DirectoryPage([], [gone], "next")]
    progress = await tenant.sync()
    assert tenant.directory.links == [None, "link-1"]
    assert progress.link == "next"
    assert tenant.live() == {"o1": "a1"}
    with tenant.database.read() as stores:
        before = stores.registrations.as_of(TENANT, "a1", NOW + timedelta(minutes=4))["application"]
        after = stores.registrations.as_of(TENANT, "a1", None)["application"]
        deleted = stores.registrations.as_of(TENANT, "a2", None)["application"]
    assert (before.body, after.body, deleted.body) == (b"{}", b'{"x":1}', None)


@pytest.mark.parametrize("error", [WindowRefused("too old"), ForeignLink("elsewhere")])
async def test_without_a_good_link_everything_is_read_again_and_what_has_gone_is_noticed(error: SourceError) -> None:
    tenant = Tenant(_object(1), _object(2))
    await tenant.sync()
    del tenant.directory.objects[("application", "o2")]
    tenant.directory.failing = [error]
    progress = await tenant.sync()
    assert tenant.directory.links == [None, "link-1", None]
    assert (progress.state, progress.link) == ("ok", "link-3")
    assert tenant.live() == {"o1": "a1"}


@pytest.mark.parametrize("page", [0, 1])
async def test_a_full_round_that_breaks_off_takes_nothing_for_gone(page: int) -> None:
    tenant = Tenant(*[_object(number) for number in range(4)])
    await tenant.sync()
    with tenant.database.write() as stores:
        stores.progress.save(replace(stores.progress.get(TENANT, "applications"), link=""))
    tenant.directory.failing = [Unreachable("reset")]
    if page:
        tenant.directory.page_size = 1
        tenant.directory.objects = dict(list(tenant.directory.objects.items())[:2])
    assert (await tenant.sync()).state == "unreachable"
    assert len(tenant.live()) == 4


async def test_a_lost_permission_is_a_named_state_that_keeps_the_link() -> None:
    tenant = Tenant(_object(1))
    await tenant.sync()
    tenant.directory.failing = [PermissionLost("no", permission="Application.Read.All")]
    progress = await tenant.sync()
    assert (progress.state, progress.link, progress.newest) == ("permission_lost", "link-1", NOW)
    assert "Application.Read.All" in progress.hint
    assert (await tenant.sync()).state == "ok"


async def test_a_changed_or_removed_application_asks_for_new_diagnoses_of_its_incidents() -> None:
    tenant = Tenant(*[_object(number) for number in range(1, 4)])
    await tenant.sync()
    for app_id in ("a1", "a2", "a3"):
        tenant.fail_sign_in(app_id)
    assert tenant.asks_again() == set()
    gone = RemovedObject("application", "o2", restorable=False)
    tenant.directory.changes = [DirectoryPage([_object(1, b"[]")], [gone], "next")]
    await tenant.sync()
    assert tenant.asks_again() == {"a1", "a2"}


async def test_a_round_that_stores_but_cannot_close_is_done_again_from_the_same_link() -> None:
    tenant = Tenant(_object(1))
    await tenant.sync()
    tenant.directory.changes = [DirectoryPage([_object(5)], (), None), DirectoryPage([], (), "next")]
    commits = 0

    def fail() -> None:
        nonlocal commits
        commits += 1
        if commits == 3:
            raise OSError("the disk is full")

    tenant.database.before_commit = fail
    with pytest.raises(OSError, match="full"):
        await tenant.sync()
    await tenant.sync()
    assert tenant.directory.links == [None, "link-1", "link-1"]
    assert set(tenant.live()) == {"o1", "o5"}


async def test_everything_is_read_again_once_a_day_and_versions_say_what_brought_them() -> None:
    tenant = Tenant(_object(1), _object(2), _object(3))
    await tenant.sync()
    tenant.directory.objects[("application", "o1")] = _object(1, b'{"by": "delta lost it"}')
    del tenant.directory.objects[("application", "o2")]
    tenant.clock.pass_by(hours=23)
    await tenant.sync()
    assert tenant.live() == {"o1": "a1", "o2": "a2", "o3": "a3"}
    tenant.clock.pass_by(hours=1)
    progress = await tenant.sync()
    assert (progress.reconciled_at, progress.link) == (tenant.clock.now(), "link-3")
    assert tenant.live() == {"o1": "a1", "o3": "a3"}
    tenant.directory.changes = [DirectoryPage([_object(3, b'{"by": "delta"}')], (), "link-4")]
    tenant.clock.pass_by(minutes=5)
    await tenant.sync()
    assert [tenant.origins(number) for number in (1, 2, 3)] == [
        ["reconcile", "full"],
        ["reconcile", "full"],
        ["delta", "full"],
    ]


async def test_what_a_full_reading_leaves_out_is_asked_for_before_it_counts_as_gone() -> None:
    tenant = Tenant(_object(1), _object(2))
    await tenant.sync()
    tenant.clock.pass_by(days=1)
    tenant.directory.left_out = {"o1"}
    await tenant.sync()
    assert tenant.live() == {"o1": "a1", "o2": "a2"}
    assert tenant.origins(1) == ["full"]


def _change(minutes: float, target: str = "o1") -> Change:
    at = NOW + timedelta(minutes=minutes)
    return Change(at=at, activity="Update application", actor="ann@contoso.example", target_object_id=target)


@pytest.mark.parametrize(("changes", "began"), [([4], 4), ([4, 5], 7)])
async def test_a_change_in_the_audit_log_is_followed_and_dated_where_it_was_the_only_one(
    changes: list[int], began: int
) -> None:
    tenant = Tenant(_object(1), _object(2))
    await tenant.sync()
    tenant.fail_sign_in("a1")
    tenant.directory.objects[("application", "o1")] = _object(1, b'{"new": true}')
    with tenant.database.write() as stores:
        stores.changes.add(TENANT, [_change(minutes) for minutes in (-5, *changes)])
        stores.changes.add(TENANT, [_change(3, "of another kind")])
    tenant.clock.pass_by(minutes=7)
    assert await tenant.follow() == 1
    assert await tenant.follow() == 0
    with tenant.database.read() as stores:
        stored = stores.registrations.as_of(TENANT, "a1", None)["application"]
    assert (stored.valid_from, stored.origin) == (NOW + timedelta(minutes=began), "audit")
    assert stored.read_at == tenant.clock.now()
    assert tenant.asks_again() == {"a1"}


async def test_a_changed_object_that_is_gone_is_left_to_delta() -> None:
    tenant = Tenant(_object(1))
    await tenant.sync()
    del tenant.directory.objects[("application", "o1")]
    with tenant.database.write() as stores:
        stores.changes.add(TENANT, [_change(1)])
    tenant.clock.pass_by(minutes=2)
    await tenant.follow()
    assert tenant.live() == {"o1": "a1"}
