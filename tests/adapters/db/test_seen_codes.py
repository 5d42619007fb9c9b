"""Codes as the incidents count them, on the real store and the fake."""

from datetime import timedelta

from msgspec.structs import replace

from diag.core.records import FailureRow
from diag.workflows.ports import Database
from diag.workflows.ports_codes import SeenApplication, SeenCode
from tests.workflows.fakes import APP, NOW, TENANT

OTHER_APP = "5a9e2d4b-7c63-4f1a-8b8e-3d6f9c2a7b02"


def _row(number: int, code: int, **more: object) -> FailureRow:
    row = FailureRow(
        tenant_id=TENANT, id=f"f{number:03}", created_at=NOW + timedelta(minutes=number), error_code=code,
        event_type="servicePrincipal", interrupt=False, app_id=APP, app_display_name="Orders", raw=b"{}",
    )  # fmt: skip
    return replace(row, **more)


def test_codes_are_counted_over_all_incidents_of_a_tenant(database: Database) -> None:
    rows = [
        _row(1, 999001),
        _row(2, 999001, resource_id="r"),
        _row(3, 999001, app_id=OTHER_APP, app_display_name="Stock"),
        _row(4, 50011),
        _row(5, 999001, app_id=OTHER_APP, app_display_name="Stock"),
        _row(6, 999001, app_id=OTHER_APP, app_display_name="Stock"),
    ]
    with database.write() as stores:
        stores.incidents.touch(TENANT, rows)
        stores.incidents.touch("another", [_row(9, 999001, tenant_id="another")])
    with database.read() as stores:
        assert list(stores.seen_codes.codes(TENANT)) == [
            SeenCode(
                tenant_id=TENANT, code=999001, count=5,
                first_seen=NOW + timedelta(minutes=1), last_seen=NOW + timedelta(minutes=6),
            ),
            SeenCode(
                tenant_id=TENANT, code=50011, count=1,
                first_seen=NOW + timedelta(minutes=4), last_seen=NOW + timedelta(minutes=4),
            ),
        ]  # fmt: skip
        assert [one.tenant_id for one in stores.seen_codes.codes(None)] == ["another", TENANT, TENANT]
        assert list(stores.seen_codes.applications(TENANT, 999001, 10)) == [
            SeenApplication(OTHER_APP, "Stock", 3),
            SeenApplication(APP, "Orders", 2),
        ]
        assert len(stores.seen_codes.applications(TENANT, 999001, 1)) == 1
        assert list(stores.seen_codes.applications(TENANT, 1, 10)) == []
