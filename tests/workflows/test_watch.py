from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from diag.core.expiry import LADDER
from diag.core.inventory import CredentialKind, CredentialRow, RegistrationObject
from diag.core.records import FailureRow
from diag.workflows.watch import CredentialWatcher
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock
from tests.workflows.memory_database import MemoryDatabase

CHANNELS = ("mail", "hook")


class House:
    """One application's credentials, a clock, and the watcher over them."""

    def __init__(self, *credentials: CredentialRow) -> None:
        self.database = MemoryDatabase()
        self.clock = FakeClock()
        self.rewrite(*credentials)

    def rewrite(self, *credentials: CredentialRow) -> None:
        body = repr(credentials).encode()
        item = RegistrationObject(
            kind="application", object_id="o", app_id=APP, display_name="Orders", body=body, credentials=credentials
        )
        with self.database.write() as stores:
            stores.registrations.put(TENANT, [item], self.clock.now())

    async def watch(self, thresholds: tuple[int, ...] = LADDER, channels: tuple[str, ...] = CHANNELS) -> int:
        return await CredentialWatcher(TENANT, self.database, self.clock, thresholds, channels).run()

    def told(self) -> list[tuple[str, bool]]:
        """Key without tenant, and whether late; in the order of writing."""
        with self.database.read() as stores:
            return [(a.key.partition("|")[2], a.late) for a in reversed(stores.alerts.find(None, None, 5000))]

    def outbox(self) -> list[tuple[str, str]]:
        with self.database.read() as stores:
            return [(d.channel, d.alert.key.rpartition("|")[2]) for d in stores.alerts.deliveries(None, 1000)]


def _ending(
    ends: datetime | None,
    key_id: str = "k",
    kind: CredentialKind = "secret",
    *,
    active: bool = True,
    name: str = "",
) -> CredentialRow:
    return CredentialRow(
        owner_kind="application",
        owner_object_id="o",
        app_id=APP,
        key_id=key_id,
        kind=kind,
        display_name=name,
        ends=ends,
        active=active,
    )


async def test_each_threshold_is_written_once_with_a_delivery_for_every_channel() -> None:
    house = House(_ending(NOW + timedelta(days=30)))
    assert [await house.watch(), await house.watch()] == [1, 0]
    assert house.told() == [("o|k|30", False)]
    assert sorted(house.outbox()) == [("hook", "30"), ("mail", "30")]


async def test_the_whole_ladder_is_climbed_down_once() -> None:
    house = House(_ending(NOW + timedelta(days=61)))
    for _ in range(12 * 69):
        await house.watch()
        house.clock.pass_by(hours=2)
    assert [key for key, _ in house.told()] == [f"o|k|{days}" for days in LADDER]
    assert not any(late for _, late in house.told())


@pytest.mark.parametrize(("before", "written"), [(timedelta(microseconds=1), 0), (timedelta(), 1)])
async def test_a_threshold_is_not_written_early(before: timedelta, written: int) -> None:
    house = House(_ending(NOW + timedelta(days=60) + before))
    assert await house.watch() == written


async def test_after_ten_days_off_one_late_alert_tells_the_most_urgent_threshold() -> None:
    house = House(_ending(NOW + timedelta(days=15)))
    await house.watch()
    house.clock.pass_by(days=10)
    assert await house.watch() == 1
    assert house.told()[-1] == ("o|k|7", True)
    assert await house.watch() == 0


async def test_a_clock_set_back_tells_nothing_again_and_loses_nothing() -> None:
    house = House(_ending(NOW + timedelta(days=7)))
    await house.watch()
    house.clock.pass_by(hours=-1)
    assert await house.watch() == 0
    house.clock.pass_by(days=4, hours=1)
    assert await house.watch() == 1


async def test_an_alert_and_its_deliveries_are_written_together_or_not_at_all() -> None:
    house = House(_ending(NOW + timedelta(days=7)))

    def fail() -> None:
        raise OSError("the disk is full")

    house.database.before_commit = fail
    with pytest.raises(OSError, match="full"):
        await house.watch()
    house.database.before_commit = lambda: None
    assert (house.told(), house.outbox()) == ([], [])
    assert await house.watch() == 1
    assert len(house.outbox()) == 2


async def test_without_a_channel_the_alert_is_still_written_for_the_page() -> None:
    house = House(_ending(NOW + timedelta(days=7)))
    assert await house.watch(channels=()) == 1
    assert house.outbox() == []


async def test_what_a_platform_renews_is_quiet() -> None:
    house = House(_ending(NOW + timedelta(days=7), name="CWAP_AuthSecret"))
    assert await house.watch() == 0


async def test_an_inactive_signing_certificate_is_quiet_though_the_active_one_ends_years_later() -> None:
    old = _ending(NOW + timedelta(days=7), "old", "saml_signing", active=False)
    house = House(old, _ending(NOW + timedelta(days=900), "new", "saml_signing"))
    assert await house.watch() == 0
    house.rewrite(old)
    assert await house.watch() == 1


async def test_a_rotated_credential_is_told_no_more() -> None:
    house = House(_ending(NOW + timedelta(days=7)))
    house.rewrite(_ending(NOW + timedelta(days=700), "next"))
    assert await house.watch() == 0


async def test_more_credentials_than_a_page_are_all_told_though_they_share_end_and_key_id() -> None:
    house = House()
    owners = [f"owner-{number:04}" for number in range(1203)]
    objects = [
        RegistrationObject(
            kind="application",
            object_id=owner,
            app_id=owner,
            display_name="Same",
            body=owner.encode(),
            credentials=(replace(_ending(NOW + timedelta(days=5)), owner_object_id=owner, app_id=owner),),
        )
        for owner in owners
    ]
    with house.database.write() as stores:
        stores.registrations.put(TENANT, objects, NOW)
    assert await house.watch() == len(owners)
    assert {key.partition("|")[0] for key, _ in house.told()} == set(owners)


async def test_an_end_long_ago_is_told_only_while_sign_ins_with_it_still_fail() -> None:
    house = House(_ending(NOW - timedelta(days=200)))
    assert await house.watch() == 0
    row = FailureRow(
        tenant_id=TENANT,
        id="f1",
        created_at=NOW - timedelta(hours=2),
        event_type="servicePrincipal",
        error_code=7000222,
        interrupt=False,
        app_id=APP,
        credential_key_id="k",
    )
    with house.database.write() as stores:
        stores.incidents.touch(TENANT, [row])
    assert await house.watch() == 1
    assert await house.watch() == 0


async def test_an_unused_end_of_the_last_month_is_told_once() -> None:
    house = House(_ending(NOW - timedelta(days=20)))
    assert [await house.watch(), await house.watch()] == [1, 0]
    assert house.told() == [("o|k|-7", True)]


async def test_thresholds_are_those_of_the_settings_in_any_order_and_may_repeat() -> None:
    house = House(_ending(NOW + timedelta(days=85)))
    assert await house.watch() == 0
    assert await house.watch((5, 90, 5, 90)) == 1
    assert house.told() == [("o|k|90", True)]


async def test_no_threshold_and_no_end_raise_no_alert() -> None:
    house = House(_ending(NOW + timedelta(days=1)), _ending(None, "forever"))
    assert await house.watch(()) == 0


async def test_another_tenants_credentials_are_left_to_its_own_watcher() -> None:
    house = House(_ending(NOW + timedelta(days=1)))
    watcher = CredentialWatcher("fabrikam.example", house.database, house.clock, LADDER, CHANNELS)
    assert await watcher.run() == 0
