"""The dead-man's switch: coverage that turns bad is told once, in the transaction that keeps it, and so is its end."""

from datetime import timedelta

import pytest

from diag.core.alert_policy import Policy, Rule
from diag.core.coverage import EXPECTED
from diag.core.graph_permissions import NEEDS, Connection
from diag.core.inventory import CredentialRow, RegistrationObject
from diag.core.tenants import Tenant
from diag.workflows.coverage import CoverageWatcher, all_coverage, coverage_of
from diag.workflows.ports import Progress
from tests.workflows.fakes import APP, TENANT, FakeClock
from tests.workflows.memory_database import MemoryDatabase

ALL = tuple(need.permission for need in NEEDS)
SECRET = "abcSecretOfOurs"


class House:
    """A tenant of which everything was read, its clock, and the watcher over it."""

    def __init__(self, policy: Policy | None = None, **tenant: object) -> None:
        self.database, self.clock = MemoryDatabase(), FakeClock()
        self.connection = Connection(token="application", app_id=APP, permissions=ALL, skew_seconds=0.2)
        self.tenant = Tenant(tenant_id=TENANT, name="Contoso", **tenant)  # type: ignore[arg-type]
        self.watcher = CoverageWatcher(
            self.tenant, self.database, self.clock, lambda: self.connection, policy or Policy(), ("mail", "hook")
        )
        for source in EXPECTED:
            self.put(source)

    def put(self, source: str, state: str = "ok", problem: str = "", **ago: float) -> None:
        now = self.clock.now()
        at = now - timedelta(**ago)
        with self.database.write() as stores:
            stores.progress.save(
                Progress(
                    tenant_id=TENANT, source=source, state=state, problem=problem, hint="Do this.", newest=at,
                    oldest=now - timedelta(days=30), succeeded_at=at, attempted_at=now,
                )
            )  # fmt: skip

    async def watch(self) -> list[tuple[str, str, str]]:
        """Kind, severity and subject of every alert so far, oldest first."""
        await self.watcher.run()
        with self.database.read() as stores:
            found = stores.alerts.find(None, None, 100)
        return [(alert.kind, alert.severity, alert.subject) for alert in reversed(found)]

    def outbox(self) -> list[tuple[str, str]]:
        with self.database.read() as stores:
            return sorted((item.channel, item.alert.kind) for item in stores.alerts.deliveries(None, 100))


async def test_nothing_is_told_while_everything_is_read() -> None:
    house = House()
    assert await house.watch() == []
    with house.database.read() as stores:
        assert coverage_of(stores, house.tenant, house.clock).verdict == "good"
        assert stores.coverage.connection(TENANT) == house.connection


async def test_a_lost_permission_is_told_once_on_every_channel_and_so_is_its_end() -> None:
    house = House()
    house.put("changes", "permission_lost", "Graph said no.")
    told = await house.watch()
    assert told == [("coverage", "warning", "Contoso: not everything is seen any more")]
    house.clock.pass_by(minutes=5)
    assert await house.watch() == told
    assert house.outbox() == [("hook", "coverage"), ("mail", "coverage")]
    for source in EXPECTED:
        house.put(source)
    house.clock.pass_by(minutes=1)
    assert await house.watch() == [*told, ("all_clear", "info", "Contoso: what could not be read is read again")]
    house.clock.pass_by(minutes=1)
    assert len(await house.watch()) == 2


async def test_a_second_trouble_is_told_beside_the_first_and_the_end_only_when_both_are_over() -> None:
    house = House()
    house.put("changes", "permission_lost")
    await house.watch()
    house.clock.pass_by(minutes=1)
    for source in ("sign_ins:user", "sign_ins:service"):
        house.put(source, "authentication_failed", "The secret has ended.")
    assert (await house.watch())[1] == ("coverage", "critical", "Contoso: nothing new is seen")
    house.clock.pass_by(minutes=1)
    house.put("changes")
    assert len(await house.watch()) == 2
    house.clock.pass_by(minutes=1)
    for source in EXPECTED:
        house.put(source)
    assert [kind for kind, _, _ in await house.watch()] == ["coverage", "coverage", "all_clear"]


async def test_a_collector_that_hangs_is_told_although_nothing_failed() -> None:
    house = House()
    house.clock.pass_by(minutes=59)
    assert await house.watch() == []
    house.clock.pass_by(minutes=1)
    assert (await house.watch())[0][:2] == ("coverage", "critical")


async def test_a_permission_taken_from_the_token_is_told_before_anything_fails() -> None:
    house = House()
    await house.watch()
    house.connection = Connection(token="application", app_id=APP, permissions=ALL[:3], skew_seconds=0.2)
    await house.watch()
    with house.database.read() as stores:
        (alert,) = stores.alerts.find(None, None, 10)
    assert "Directory.Read.All" in alert.body
    assert alert.topic == f"{TENANT}|coverage"
    assert alert.link == "/status"


@pytest.mark.parametrize(
    "policy",
    [
        Policy(coverage=False),
        Policy(rules=(Rule(name="quiet", kinds=("coverage",), quiet_because="Another system watches it."),)),
    ],
)
async def test_who_does_not_want_to_be_told_is_not_told_and_the_page_says_it_all_the_same(policy: Policy) -> None:
    house = House(policy)
    house.put("changes", "permission_lost")
    assert await house.watch() == []
    with house.database.read() as stores:
        assert [trouble.subject for trouble in stores.coverage.troubles(TENANT)] == ["changes"]
    house.put("changes")
    assert await house.watch() == []


async def test_a_rule_says_which_channels_are_told() -> None:
    house = House(Policy(rules=(Rule(name="on duty", kinds=("coverage",), channels=("hook",)),)))
    house.put("changes", "permission_lost")
    await house.watch()
    assert house.outbox() == [("hook", "coverage")]


async def test_an_alert_that_cannot_be_stored_is_told_the_next_time() -> None:
    house = House()
    house.put("changes", "permission_lost")

    def full() -> None:
        raise OSError("disk full")

    house.database.before_commit = full
    with pytest.raises(OSError, match="disk full"):
        await house.watch()
    house.database.before_commit = lambda: None
    assert len(await house.watch()) == 1


def _held(house: House, *credentials: tuple[str, str, str, float]) -> None:
    rows = tuple(
        CredentialRow(
            owner_kind="application", owner_object_id="o", app_id=APP, key_id=key, kind=kind, hint=hint,  # type: ignore[arg-type]
            ends=house.clock.now() + timedelta(days=days),
        )
        for key, kind, hint, days in credentials
    )  # fmt: skip
    item = RegistrationObject(kind="application", object_id="o", app_id=APP, body=b"{}", credentials=rows)
    with house.database.write() as stores:
        stores.registrations.put(TENANT, [item], house.clock.now())


async def test_our_own_secret_is_known_by_its_first_characters() -> None:
    house = House(client_secret=SECRET)
    _held(house, ("other", "secret", "xyz", 2), ("ours", "secret", "abc", 40), ("certificate", "certificate", "", 1))
    coverage = await house.watcher.run()
    assert coverage.credential is not None
    assert (coverage.credential.key_id, coverage.credential.kind) == ("ours", "client secret")
    assert coverage.verdict == "good"


async def test_the_own_credential_that_ends_first_is_said_and_an_ended_one_only_when_none_is_left() -> None:
    house = House(certificate_path="own.pem", client_id=APP)
    _held(house, ("old", "certificate", "", -9), ("next", "certificate", "", 3), ("last", "certificate", "", 300))
    first = await house.watcher.run()
    assert first.credential is not None
    assert first.credential.key_id == "next"
    assert [reason.code for reason in first.reasons] == ["credential_ending"]
    house.clock.pass_by(days=500)
    with house.database.read() as stores:
        last = coverage_of(stores, house.tenant, house.clock)
    assert last.credential is not None
    assert last.credential.key_id == "last"


@pytest.mark.parametrize("given", [{"managed_identity": True}, {"federated_token_file": "/token"}, {}])
async def test_a_credential_without_an_end_has_none(given: dict[str, object]) -> None:
    house = House(**({"client_secret": SECRET, **given} if given else {}))  # type: ignore[arg-type]
    _held(house, ("ours", "secret", "abc", 1))
    assert (await house.watcher.run()).credential is None


def test_tenants_that_are_stored_but_watched_no_more_are_judged_after_those_that_are() -> None:
    house = House()
    with house.database.read() as stores:
        found = all_coverage(stores, [Tenant(tenant_id="new")], house.clock)
    assert [(item.tenant_id, item.verdict) for item in found] == [("new", "degraded"), (TENANT, "good")]
