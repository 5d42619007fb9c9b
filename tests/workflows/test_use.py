"""What the stored sign-ins show of how an application is used."""

from datetime import timedelta

from msgspec.structs import replace

from diag.core.inventory import CredentialRow, RegistrationObject
from diag.core.read import Found, Unread
from diag.core.records import FailureRow, SuccessCount
from diag.core.windows import Window
from diag.workflows.ports import Progress
from diag.workflows.use import sign_in_activity
from tests.workflows.fakes import APP, NOW, TENANT
from tests.workflows.memory_database import MemoryDatabase

KEY = "88888888-8888-4888-8888-888888888888"
ROW = FailureRow(
    tenant_id=TENANT,
    id="f1",
    created_at=NOW - timedelta(days=1),
    event_type="servicePrincipal",
    error_code=7000215,
    interrupt=False,
    app_id=APP,
)


def test_nothing_stored_is_unread_not_never() -> None:
    with MemoryDatabase().read() as stores:
        seen = sign_in_activity(stores, TENANT, APP, NOW)
    assert isinstance(seen.as_itself, Unread)
    assert isinstance(seen.for_users, Unread)
    assert isinstance(seen.attempts, Unread)


def test_a_success_with_its_own_credential_and_the_failures_of_each_way_are_seen() -> None:
    database = MemoryDatabase()
    secret = CredentialRow(
        owner_kind="application", owner_object_id="o1", app_id=APP, key_id=KEY, kind="secret", starts=None, ends=None
    )
    stored = RegistrationObject(
        kind="application", object_id="o1", app_id=APP, display_name="Orders", body=b"{}", credentials=(secret,)
    )
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    success = SuccessCount(hour=hour, app_id=APP, credential_key_id=KEY, resource_id="r", count=2, last_at=hour)
    old = replace(ROW, id="f9", created_at=NOW - timedelta(days=40))
    with database.write() as stores:
        stores.registrations.put(TENANT, [stored], NOW)
        stores.successes.replace(TENANT, Window(hour, hour + timedelta(hours=1)), [success])
        stores.failures.add([ROW, replace(ROW, id="f2"), replace(ROW, id="f3", protocol="ropc"), old])
        stores.progress.save(Progress(tenant_id=TENANT, source="sign_ins:user", succeeded_at=NOW))
        stores.progress.save(Progress(tenant_id=TENANT, source="sign_ins:service"))
    with database.read() as stores:
        seen = sign_in_activity(stores, TENANT, APP, NOW)
    assert isinstance(seen.as_itself, Found)
    assert seen.as_itself.value == hour
    assert isinstance(seen.attempts, Found)
    assert [(item.protocol, item.count) for item in seen.attempts.value] == [("", 2), ("ropc", 1)]
    assert not seen.attempts.complete, "one of the two logs was never read"
