"""Nothing that is asked for as a whole ends at a page's end."""

from datetime import timedelta

from diag.core.inventory import CredentialRow, RegistrationObject
from diag.workflows.all_credentials import all_credentials
from diag.workflows.ports import CredentialQuery
from tests.workflows.fakes import APP, NOW, TENANT
from tests.workflows.memory_database import MemoryDatabase


def test_more_credentials_than_a_page_holds_come_once_each_though_end_and_key_id_are_shared() -> None:
    database = MemoryDatabase()
    objects = [
        RegistrationObject(
            kind="application",
            object_id=f"o{number}",
            app_id=APP,
            display_name="Orders",
            body=b"{}",
            credentials=(_credential(f"o{number}", NOW + timedelta(days=1)), _credential(f"o{number}", None)),
        )
        for number in range(601)
    ]
    with database.write() as stores:
        stores.registrations.put(TENANT, objects, NOW)
    with database.read() as stores:
        found = all_credentials(stores, CredentialQuery(tenant_id=TENANT, limit=3))
        ending = all_credentials(stores, CredentialQuery(tenant_id=TENANT, ends_before=NOW + timedelta(days=2)))
    assert len(found) == len({one.keyset for one in found}) == 1202
    assert len(ending) == 601


def _credential(owner: str, ends: object) -> CredentialRow:
    return CredentialRow(
        owner_kind="application",
        owner_object_id=owner,
        app_id=APP,
        key_id="same" if ends else "never",
        kind="secret",
        ends=ends,  # type: ignore[arg-type]
    )
