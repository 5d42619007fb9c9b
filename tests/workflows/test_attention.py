"""Alerts about what fails: when they are written, when they are not, and when they are over."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from diag.core.alert_policy import IncidentAlerts, Policy, Rule
from diag.core.alerts import Alert, Quieting, application_topic
from diag.core.diagnosis import Diagnosis
from diag.core.inventory import CredentialRow, RegistrationObject
from diag.core.records import FailureRow
from diag.workflows.attention import AttentionWatcher
from diag.workflows.ports import Progress
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock
from tests.workflows.memory_database import MemoryDatabase

POLICY = Policy(incidents=IncidentAlerts(at_least=5))


def _diagnosis(kind: str = "failure") -> Diagnosis:
    return Diagnosis(
        code=50011,
        symptom=None,
        name="InvalidReplyTo",
        family="redirect-uri",
        kind=kind,
        summary="",
        verdict="undetermined",
        kb_version="1",
        cause=None,
        causes=(),
    )


class House:
    """One application that fails, read back a month."""

    def __init__(self, policy: Policy = POLICY, collected: timedelta = timedelta(days=30)) -> None:
        self.database, self.clock, self.policy = MemoryDatabase(), FakeClock(), policy
        self._number = 0
        with self.database.write() as stores:
            for group in ("user", "service"):
                stores.progress.save(
                    Progress(tenant_id=TENANT, source=f"sign_ins:{group}", newest=NOW, oldest=NOW - collected)
                )

    def fail(self, count: int, at: datetime | None = None, kind: str = "failure", key_id: str = "") -> str:
        at = at or self.clock.now()
        rows = []
        for _ in range(count):
            self._number += 1
            rows.append(
                FailureRow(
                    tenant_id=TENANT,
                    id=f"f{self._number}",
                    created_at=at + timedelta(microseconds=self._number),
                    event_type="servicePrincipal",
                    error_code=50011,
                    interrupt=False,
                    app_id=APP,
                    app_display_name="Orders",
                    credential_key_id=key_id,
                    ip_address="203.0.113.7",
                    resource_display_name="Billing",
                )
            )
        with self.database.write() as stores:
            stores.failures.add(rows)
            (incident,) = stores.incidents.touch(TENANT, rows)
            stores.incidents.save_diagnosis(incident.id, _diagnosis(kind), at)
        return incident.id

    def resolve(self, incident_id: str) -> None:
        with self.database.write() as stores:
            stores.incidents.set_state(incident_id, "resolved", self.clock.now())

    async def watch(self) -> int:
        return await AttentionWatcher(TENANT, self.database, self.clock, ["hook"], policy=self.policy).run()

    def alerts(self) -> list[Alert]:
        with self.database.read() as stores:
            return list(reversed(stores.alerts.find(None, None, 100)))

    def deliver(self) -> None:
        with self.database.write() as stores:
            while letter := stores.alerts.claim("hook", "one", self.clock.now(), 60, 100):
                for delivery in letter:
                    stores.alerts.finish(delivery, self.clock.now(), state="delivered", answer="")


@pytest.mark.parametrize(("count", "told"), [(4, 0), (5, 1)])
async def test_a_new_incident_is_told_once_from_its_threshold_on(count: int, told: int) -> None:
    house = House()
    house.fail(count)
    assert [await house.watch(), await house.watch()] == [told, 0]
    if told:
        (alert,) = house.alerts()
        assert alert.subject == "Orders: fails with AADSTS50011"
        assert alert.link.startswith("/incidents/")


async def test_an_incident_that_came_back_is_told_again_and_its_end_to_those_who_were_told() -> None:
    house = House()
    incident_id = house.fail(6)
    await house.watch()
    house.deliver()
    house.clock.pass_by(days=1)
    house.resolve(incident_id)
    await house.watch()
    house.clock.pass_by(days=3)
    house.fail(1)
    assert await house.watch() == 1
    assert [alert.kind for alert in house.alerts()] == ["incident", "all_clear", "incident"]
    assert "fails again" in house.alerts()[-1].subject
    assert len({alert.key for alert in house.alerts()}) == 3


@pytest.mark.parametrize(
    "quiet",
    [
        {"kind": "user-error"},
        {"collected": timedelta(hours=30)},
        {"first": timedelta(days=3)},
        {"seen": timedelta(hours=25)},
        {"policy": Policy(incidents=IncidentAlerts(enabled=False))},
        {"policy": replace(POLICY, rules=(Rule(name="r", kinds=("incident",), quiet_because="known"),))},
        {"snoozed": True},
    ],
    ids=["users' own mistake", "cold start", "not new", "long over", "off", "rule", "snoozed"],
)
async def test_no_incident_is_told_that_is_no_news(quiet: dict[str, Any]) -> None:
    house = House(quiet.get("policy", POLICY), quiet.get("collected", timedelta(days=30)))
    if "first" in quiet:
        house.fail(10, NOW - quiet["first"])
    house.fail(10, NOW - quiet.get("seen", timedelta()), quiet.get("kind", "failure"))
    if "snoozed" in quiet:
        with house.database.write() as stores:
            topic = application_topic(TENANT, APP)
            stores.topics.put(Quieting(tenant_id=TENANT, topic=topic, action="snooze", until=None, by="ada", at=NOW))
    assert await house.watch() == 0


async def test_a_spike_is_told_once_and_its_end_when_it_is_normal_again() -> None:
    house = House(Policy(incidents=IncidentAlerts(enabled=False)))
    for week in range(1, 5):
        house.fail(3, NOW - timedelta(weeks=week))
    house.fail(60)
    assert [await house.watch(), await house.watch()] == [1, 0]
    house.deliver()
    house.clock.pass_by(hours=2)
    assert await house.watch() == 0
    assert [alert.kind for alert in house.alerts()] == ["spike"]
    house.clock.pass_by(hours=2)
    assert await house.watch() == 0
    assert [alert.kind for alert in house.alerts()] == ["spike", "all_clear"]


async def test_no_spike_on_a_cold_start() -> None:
    house = House(Policy(incidents=IncidentAlerts(enabled=False)), collected=timedelta(days=10))
    house.fail(500)
    assert await house.watch() == 0


@pytest.mark.parametrize(
    ("ended", "tried", "told"),
    [
        (timedelta(days=40), timedelta(hours=1), 1),
        (timedelta(hours=23), timedelta(hours=1), 0),
        (timedelta(days=2), timedelta(days=3), 0),
        (timedelta(days=40), timedelta(hours=25), 0),
        (timedelta(days=-1), timedelta(hours=1), 0),
    ],
    ids=["after its end", "on its last day", "before its end", "long ago", "still valid"],
)
async def test_a_credential_tried_after_its_end_is_told_once(ended: timedelta, tried: timedelta, told: int) -> None:
    house = House(Policy(incidents=IncidentAlerts(enabled=False)))
    credential = CredentialRow(
        owner_kind="application", owner_object_id="o", app_id=APP, key_id="k", kind="secret", ends=NOW - ended
    )
    item = RegistrationObject(
        kind="application", object_id="o", app_id=APP, display_name="Orders", body=b"{}", credentials=(credential,)
    )
    with house.database.write() as stores:
        stores.registrations.put(TENANT, [item], NOW)
    house.fail(3, NOW - tried, key_id="k")
    assert [await house.watch(), await house.watch()] == [told, 0]
    if told:
        assert "3 times from 203.0.113.7 for Billing" in house.alerts()[0].body
