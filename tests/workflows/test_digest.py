"""The weekly digest."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from diag.adapters.graph.wire.stored import StoredFacts
from diag.core.alert_policy import Digest, Policy
from diag.core.alerts import Quieting, credential_topic
from diag.workflows.digest import DigestWriter
from tests.workflows.fakes import APP, NOW, TENANT
from tests.workflows.test_watch_people import ADA, House, secret

MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
POLICY = Policy(digest=Digest(day="monday", hour=8), zone="Europe/Zurich", tell_owners_by=("mail",))


def _writer(house: House, policy: Policy = POLICY) -> DigestWriter:
    return DigestWriter(
        TENANT,
        "Contoso",
        house.database,
        house.clock,
        ("mail", "pager"),
        policy=policy,
        zone=ZoneInfo(policy.zone),
        translator=StoredFacts(),
    )


async def _at(house: House, at: datetime) -> int:
    house.clock.pass_by(seconds=(at - house.clock.now()).total_seconds())
    return await _writer(house).run()


async def test_it_comes_once_a_week_at_its_hour_to_each_channel_and_person() -> None:
    house = House(ADA, ends=timedelta(days=40))
    await house.read_owners()
    assert await _at(house, MONDAY - timedelta(seconds=1)) == 0
    assert await _at(house, MONDAY) == 2
    assert await _at(house, MONDAY + timedelta(days=6)) == 0
    assert await _at(house, MONDAY + timedelta(days=7)) == 2
    await house.deliver()
    assert sorted(house.told()) == [
        "mail::digest",
        "mail:ada@contoso.example:digest",
        "pager::digest",
    ]


async def test_it_lists_what_ends_and_says_how_much_is_quiet() -> None:
    house = House(ADA)
    house.hold(*(secret(key_id, NOW + timedelta(days)) for key_id, days in (("k", 7), ("later", 59), ("q", 20))))
    with house.database.write() as stores:
        topic = credential_topic(TENANT, "o", "q")
        stores.topics.put(Quieting(tenant_id=TENANT, topic=topic, action="snooze", until=None, by="ada", at=NOW))
    await _at(house, MONDAY)
    (alert,) = [item for item in house.alerts() if "|whole|" in item.key]
    assert alert.subject == "Contoso: 2 credentials end in the coming weeks"
    assert [item.link for item in alert.content.items] == [f"/applications/{APP}?tenant_id={TENANT}"] * 2
    assert "1 more without alerts" in alert.body


async def test_it_is_left_out_when_its_time_is_long_over_and_without_a_setting() -> None:
    house = House(ADA)
    assert await _at(house, MONDAY + timedelta(hours=37)) == 0
    house.clock.pass_by(hours=-2)
    assert await _writer(house, Policy()).run() == 0
    assert await _writer(house).run() == 1
