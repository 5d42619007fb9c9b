"""Who is told of an end, what keeps it quiet, and what is said when it is over."""

import json
from datetime import datetime, timedelta
from typing import Any

from diag.adapters.graph.wire.stored import StoredFacts
from diag.core.alert_policy import Escalation, Policy, Rule
from diag.core.alerts import Alert, Quieting, application_topic, credential_topic
from diag.core.directory import Change
from diag.core.errors import PermissionLost
from diag.core.expiry import LADDER
from diag.core.inventory import CredentialRow, DetailKind, RegistrationObject, RemovedObject
from diag.workflows.deliver import Deliverer
from diag.workflows.owners import OwnerReader
from diag.workflows.watch import CredentialWatcher
from tests.workflows.fakes import APP, NOW, TENANT, FakeClock, FakeDirectory, FakeNotifier
from tests.workflows.memory_database import MemoryDatabase

ADA = {"id": "1", "displayName": "Ada", "mail": "ada@contoso.example", "userType": "Member", "accountEnabled": True}
GUS = {"id": "2", "displayName": "Gus", "mail": "gus@fabrikam.example", "userType": "Guest", "accountEnabled": True}
DAN = {"id": "3", "displayName": "Dan", "mail": "dan@contoso.example", "userType": "Member", "accountEnabled": False}


class Owned(FakeDirectory):
    """A directory in which applications have owners."""

    def __init__(self, *owners: dict[str, Any]) -> None:
        super().__init__()
        self.owners = list(owners)

    async def detail(self, kind: DetailKind, object_id: str, app_id: str) -> RegistrationObject:
        self.details.append((kind, object_id))
        self._fail()
        body = json.dumps({"value": self.owners if kind == "owners" else []}).encode()
        return RegistrationObject(kind=kind, object_id=object_id, app_id=app_id, body=body)


class House:
    """One application, its owners, and two channels, of which one is mail."""

    def __init__(
        self, *owners: dict[str, Any], policy: Policy | None = None, ends: timedelta = timedelta(days=7)
    ) -> None:
        self.database, self.clock, self.directory = MemoryDatabase(), FakeClock(), Owned(*owners)
        self.policy = policy or Policy(tell_owners_by=("mail",))
        self.channels = {name: FakeNotifier(name) for name in ("mail", "pager")}
        self.hold(secret("k", NOW + ends))

    def hold(self, *credentials: CredentialRow, tags: tuple[str, ...] = ()) -> None:
        body = {"id": "o", "displayName": "Orders", "tags": tags, "keys": repr(credentials)}
        item = RegistrationObject(
            kind="application",
            object_id="o",
            app_id=APP,
            display_name="Orders",
            body=json.dumps(body).encode(),
            credentials=credentials,
        )
        principal = RegistrationObject(kind="service_principal", object_id="p", app_id=APP, body=b'{"id": "p"}')
        with self.database.write() as stores:
            stores.registrations.put(TENANT, [item, principal], self.clock.now())

    async def watch(self) -> int:
        watcher = CredentialWatcher(
            TENANT,
            self.database,
            self.clock,
            LADDER,
            list(self.channels),
            policy=self.policy,
            mail_channels=("mail",),
            translator=StoredFacts(),
            owners=OwnerReader(TENANT, self.directory, self.database, self.clock),
        )
        return await watcher.run()

    async def read_owners(self) -> None:
        await OwnerReader(TENANT, self.directory, self.database, self.clock).refresh([APP])

    async def deliver(self) -> None:
        for channel in self.channels.values():
            while await Deliverer(channel, self.database, self.clock, "one", "", True).run():
                pass

    def told(self) -> list[str]:
        """Channel, reader and kind of everything that arrived, in order."""
        return [
            f"{name}:{message.recipient}:{alert.kind}"
            for name, channel in self.channels.items()
            for message in channel.taken
            for alert in message.alerts
        ]

    def alerts(self) -> list[Alert]:
        with self.database.read() as stores:
            return list(reversed(stores.alerts.find(None, None, 100)))

    def keep_quiet(self, topic: str, until: datetime | None, action: Any = "snooze") -> None:
        with self.database.write() as stores:
            stores.topics.put(
                Quieting(tenant_id=TENANT, topic=topic, action=action, until=until, by="ada", at=self.clock.now())
            )


def secret(key_id: str, ends: datetime) -> CredentialRow:
    return CredentialRow(
        owner_kind="application", owner_object_id="o", app_id=APP, key_id=key_id, kind="secret", ends=ends
    )


TOPIC = credential_topic(TENANT, "o", "k")


async def test_the_owner_is_told_by_mail_and_guests_and_disabled_owners_are_not() -> None:
    house = House(ADA, GUS, DAN)
    await house.watch()
    await house.deliver()
    assert house.told() == ["mail:ada@contoso.example:credential_ending", "pager::credential_ending"]
    (alert,) = house.alerts()
    assert "an owner of the application" in alert.content.note
    passed_over = next(fact.text for fact in alert.content.facts if fact.label == "Passed over")
    assert "Gus is a guest" in passed_over
    assert "Dan is disabled" in passed_over


async def test_an_application_without_owners_says_so_and_goes_to_the_channels_own_recipients() -> None:
    house = House()
    await house.watch()
    await house.deliver()
    assert "mail::credential_ending" in house.told()
    assert "give it one" in house.alerts()[0].body


async def test_owners_that_could_not_be_read_are_not_called_missing() -> None:
    house = House(ADA)
    house.directory.failing = [PermissionLost("no", permission="Application.Read.All")]
    assert await house.watch() == 1
    (alert,) = house.alerts()
    assert "give it one" not in alert.body
    assert "could not be read" in alert.body


async def test_owners_are_read_for_what_is_due_alone_and_not_again_the_same_day() -> None:
    house = House(ADA, ends=timedelta(days=100))
    await house.watch()
    assert house.directory.details == []
    house.hold(secret("k", NOW + timedelta(days=7)))
    await house.watch()
    await house.watch()
    assert house.directory.details == [("owners", "o"), ("service_principal_owners", "p")]


async def test_without_owners_the_last_person_who_changed_the_credentials_is_told() -> None:
    house = House()
    changed = Change(
        at=NOW - timedelta(days=9),
        activity="Update application - Certificates and secrets management",
        actor="eve@contoso.example",
        target_object_id="o",
    )
    renamed = Change(at=NOW, activity="Update application", actor="other@contoso.example", target_object_id="o")
    with house.database.write() as stores:
        stores.changes.add(TENANT, [changed, renamed])
    await house.watch()
    await house.deliver()
    assert house.told()[0] == "mail:eve@contoso.example:credential_ending"


async def test_near_the_end_others_are_called_in_unless_somebody_acknowledged() -> None:
    policy = Policy(tell_owners_by=("mail",), escalation=(Escalation(within_days=1, channels=("pager",)),))
    house = House(ADA, policy=policy)
    for _ in range(7):
        await house.watch()
        await house.deliver()
        house.clock.pass_by(days=1)
    assert [line for line in house.told() if line.startswith("pager")] == ["pager::credential_ending"]
    calm = House(ADA, policy=policy)
    calm.keep_quiet(TOPIC, None, "acknowledge")
    calm.clock.pass_by(days=6)
    await calm.watch()
    await calm.deliver()
    assert calm.told() == ["mail:ada@contoso.example:credential_ending"]


async def test_a_snoozed_credential_is_told_when_the_snooze_ends_and_not_as_late() -> None:
    house = House(ADA, ends=timedelta(days=14))
    house.keep_quiet(TOPIC, NOW + timedelta(days=9))
    for _ in range(9):
        assert await house.watch() == 0
        house.clock.pass_by(days=1)
    assert await house.watch() == 1
    (alert,) = house.alerts()
    assert (alert.key, alert.late) == (f"{TOPIC}|7", False)


async def test_an_application_snoozed_for_good_is_never_told() -> None:
    house = House(ADA)
    house.keep_quiet(application_topic(TENANT, APP), None)
    house.clock.pass_by(days=20)
    assert await house.watch() == 0


async def test_a_rule_by_tag_has_its_own_ladder_and_may_keep_quiet() -> None:
    rules = (
        Rule(name="pay", tags=("pay",), thresholds_days=(100,)),
        Rule(name="saas", tags=("saas",), quiet_because="v"),
    )
    house = House(ADA, policy=Policy(rules=rules), ends=timedelta(days=99))
    assert await house.watch() == 0
    house.hold(secret("k", NOW + timedelta(days=99)), tags=("Pay",))
    assert await house.watch() == 1
    assert house.alerts()[0].key == f"{TOPIC}|100"
    house.hold(secret("k", NOW + timedelta(days=1)), tags=("saas",))
    assert await house.watch() == 0


async def test_who_was_told_hears_when_it_was_removed_and_nobody_else_does() -> None:
    house = House(ADA)
    await house.watch()
    await house.deliver()
    house.hold(secret("new", NOW + timedelta(days=700)))
    assert await house.watch() == 0
    await house.deliver()
    assert house.told() == [
        "mail:ada@contoso.example:credential_ending",
        "mail:ada@contoso.example:all_clear",
        "pager::credential_ending",
        "pager::all_clear",
    ]
    assert await house.watch() == 0
    await house.deliver()
    assert len(house.told()) == 4


async def test_what_was_removed_before_the_message_went_out_is_told_to_nobody() -> None:
    house = House(ADA)
    await house.watch()
    with house.database.write() as stores:
        stores.registrations.remove(TENANT, [RemovedObject("application", "o", restorable=True)], NOW)
    await house.watch()
    await house.deliver()
    assert house.told() == []


async def test_a_restored_application_is_warned_of_again_at_its_next_threshold() -> None:
    house = House(ADA)
    await house.watch()
    with house.database.write() as stores:
        stores.registrations.remove(TENANT, [RemovedObject("application", "o", restorable=True)], NOW)
    await house.watch()
    house.hold(secret("k", NOW + timedelta(days=7)))
    house.clock.pass_by(days=4)
    assert await house.watch() == 1
    assert house.alerts()[-1].key == f"{TOPIC}|3"
