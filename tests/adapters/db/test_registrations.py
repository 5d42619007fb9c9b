from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from diag.adapters.db.database import SqlDatabase
from diag.core.directory import Change, PropertyChange
from diag.core.inventory import CredentialRow, Kind, RegisteredValue, RegistrationObject, RemovedObject, StoredObject
from diag.core.records import FailureRow, SuccessCount
from diag.core.windows import HOUR, Window
from diag.workflows.ports import ChangeQuery, CredentialQuery, Database
from tests.workflows.fakes import APP, NOW, TENANT

LATER = NOW + timedelta(hours=1)


def _object(
    kind: Kind = "application", object_id: str = "o", body: bytes = b"{}", **more: object
) -> RegistrationObject:
    item = RegistrationObject(kind=kind, object_id=object_id, app_id=APP, display_name="Orders", body=body)
    return replace(item, **more)


def _put(database: Database, *objects: RegistrationObject, at: datetime = NOW) -> int:
    with database.write() as stores:
        return stores.registrations.put(TENANT, objects, at)


def _remove(database: Database, kind: str = "application", object_id: str = "o", at: datetime = LATER) -> None:
    with database.write() as stores:
        removed = RemovedObject(kind, object_id, restorable=True)  # type: ignore[arg-type]
        stores.registrations.remove(TENANT, [removed], at)


def _as_of(database: Database, at: datetime | None = None, kind: Kind = "application") -> StoredObject | None:
    with database.read() as stores:
        return stores.registrations.as_of(TENANT, APP, at).get(kind)


def _credential(key_id: str = "k", ends: datetime | None = LATER, **more: object) -> CredentialRow:
    row = CredentialRow(
        owner_kind="application", owner_object_id="o", app_id=APP, key_id=key_id, kind="secret", ends=ends
    )
    return replace(row, **more)


def test_what_did_not_change_is_confirmed_and_what_did_becomes_a_version(database: Database) -> None:
    assert [_put(database, _object()), _put(database, _object(), at=LATER)] == [1, 0]
    first = _as_of(database)
    assert first is not None
    assert (first.valid_from, first.read_at, first.body) == (NOW, LATER, b"{}")
    assert _put(database, _object(body=b"[]"), at=LATER) == 1
    assert [_body(_as_of(database, at)) for at in (NOW, LATER - timedelta(microseconds=1), LATER, None)] == [
        b"{}", b"{}", b"[]", b"[]",
    ]  # fmt: skip


def _body(stored: StoredObject | None) -> bytes | None:
    assert stored is not None
    return stored.body


def test_before_the_first_look_the_first_version_is_the_nearest_to_the_truth(database: Database) -> None:
    _put(database, _object())
    assert _body(_as_of(database, NOW - timedelta(days=20))) == b"{}"


def test_what_one_path_calls_null_or_empty_and_another_leaves_out_is_no_change(sqlite: SqlDatabase) -> None:
    _put(sqlite, _object(body=b'{"a": 1, "b": null, "c": {"d": []}}'))
    with sqlite.write() as stores:
        put = stores.registrations.put
        assert put(TENANT, [_object(body=b'{"a": 1}')], LATER, origin="reconcile") == 0
        assert put(TENANT, [_object(body=b'{"a": 1, "c": {"d": [null]}}')], LATER, origin="delta") == 1
    with sqlite.read() as stores:
        assert [item.origin for item in stores.registrations.history(TENANT, APP)] == ["delta", "full"]


def test_a_version_begins_when_the_change_was_made_where_that_is_known(database: Database) -> None:
    _put(database, _object())
    with database.write() as stores:
        changed = _object(body=b'{"a": 1}')
        stores.registrations.put(TENANT, [changed], LATER, origin="audit", since=NOW + timedelta(minutes=3))
    assert _body(_as_of(database, NOW + timedelta(minutes=2))) == b"{}"
    assert _body(_as_of(database, NOW + timedelta(minutes=3))) == b'{"a": 1}'
    stored = _as_of(database)
    assert stored is not None
    assert (stored.read_at, stored.origin) == (LATER, "audit")


def test_what_was_removed_is_missing_from_then_on_and_may_come_back(database: Database) -> None:
    _put(database, _object())
    _remove(database)
    assert [_body(_as_of(database, at)) for at in (NOW, LATER, None)] == [b"{}", None, None]
    with database.read() as stores:
        assert stores.registrations.object_ids(TENANT, "application") == {}
    _put(database, _object(), at=LATER + timedelta(hours=1))
    assert _body(_as_of(database)) == b"{}"


def test_a_failed_look_is_kept_with_its_reason_and_hides_nothing_that_was_read(database: Database) -> None:
    _put(database, _object("grants"))
    with database.write() as stores:
        stores.registrations.mark_unread(TENANT, "grants", "o", APP, "no permission", LATER)
    stored = _as_of(database, kind="grants")
    assert stored is not None
    assert (stored.body, stored.unread_because) == (b"{}", "no permission")
    _put(database, _object("grants"), at=LATER)
    stored = _as_of(database, kind="grants")
    assert stored is not None
    assert stored.unread_because == ""


def test_what_could_never_be_read_is_unread_and_not_missing(database: Database) -> None:
    with database.write() as stores:
        stores.registrations.mark_unread(TENANT, "grants", "o", APP, "no permission", NOW)
    stored = _as_of(database, kind="grants")
    assert stored is not None
    assert (stored.body, stored.unread_because) == (None, "no permission")


def test_once_it_could_be_read_earlier_failures_are_judged_by_it_too(sqlite: SqlDatabase) -> None:
    with sqlite.write() as stores:
        stores.registrations.mark_unread(TENANT, "grants", "o", APP, "no permission", NOW)
    _put(sqlite, _object("grants"), at=LATER)
    for at in (NOW - timedelta(hours=1), NOW, LATER, None):
        assert _body(_as_of(sqlite, at, "grants")) == b"{}"


def test_a_service_principal_made_anew_is_not_hidden_by_the_one_deleted_before(sqlite: SqlDatabase) -> None:
    _put(sqlite, _object("service_principal", "old"))
    _remove(sqlite, "service_principal", "old")
    again = LATER + timedelta(hours=1)
    _put(sqlite, _object("service_principal", "new", b"[]"), at=again)
    assert [_body(_as_of(sqlite, at, "service_principal")) for at in (NOW, LATER, again, None)] == [
        b"{}", None, b"[]", b"[]",
    ]  # fmt: skip


def test_tenant_wide_collections_belong_to_every_application_of_the_tenant(database: Database) -> None:
    item = RegistrationObject(kind="access_policies", object_id="access_policies", body=b"{}")
    _put(database, item)
    assert _body(_as_of(database, kind="access_policies")) == b"{}"
    with database.read() as stores:
        assert stores.registrations.as_of("elsewhere", APP, None) == {}


def test_history_tells_every_version_newest_first(sqlite: SqlDatabase) -> None:
    _put(sqlite, _object(), _object("grants"))
    _put(sqlite, _object(body=b"[]"), at=LATER)
    with sqlite.read() as stores:
        assert [version.body for version in stores.registrations.history(TENANT, APP)] == [b"[]", b"{}"]


def test_credentials_are_those_of_the_registration_now(database: Database) -> None:
    def keys(**query: object) -> list[str]:
        with database.read() as stores:
            return [s.credential.key_id for s in stores.credentials.find(CredentialQuery(**query))]  # type: ignore[arg-type]

    soon, never = _credential("soon", NOW), _credential("never", None)
    _put(database, _object(credentials=(never, _credential("later"), soon)))
    assert keys() == ["soon", "later", "never"]
    assert keys(ends_before=LATER) == ["soon"]
    assert keys(ends_after=LATER) == ["later", "never"]
    assert keys(tenant_id="elsewhere") == keys(app_id="x") == keys(kind="certificate") == []
    _put(database, _object(body=b"[]", credentials=(never,)), at=LATER)
    assert keys() == ["never"]
    _remove(database)
    assert keys() == []


def test_pages_of_credentials_hold_each_once_though_end_and_key_id_are_shared(database: Database) -> None:
    for number in range(11):
        ends = None if number > 7 else LATER
        credential = _credential("same", ends, owner_object_id=f"o{number}")
        _put(database, _object(object_id=f"o{number}", credentials=(credential,)))
    owners: list[str] = []
    after = None
    with database.read() as stores:
        while page := stores.credentials.find(CredentialQuery(after=after, limit=3)):
            owners += [stored.credential.owner_object_id for stored in page]
            after = page[-1].keyset
    assert len(owners) == len(set(owners)) == 11


def test_last_use_and_last_try_are_those_of_this_tenants_credential(sqlite: SqlDatabase) -> None:
    _put(sqlite, _object(credentials=(_credential(),)))
    tried = FailureRow(
        tenant_id=TENANT, id="f", created_at=NOW, event_type="", error_code=7000222, interrupt=False, app_id=APP,
        credential_key_id="k",
    )  # fmt: skip
    used = SuccessCount(hour=NOW, app_id=APP, credential_key_id="k", resource_id="r", count=1, last_at=NOW)
    with sqlite.write() as stores:
        for tenant, app_id in (("elsewhere", APP), (TENANT, "another")):
            later = replace(tried, tenant_id=tenant, app_id=app_id, created_at=LATER)
            stores.incidents.touch(tenant, [later])
            stores.successes.replace(
                tenant, Window(LATER, LATER + HOUR), [replace(used, app_id=app_id, hour=LATER, last_at=LATER)]
            )
        (unused,) = stores.credentials.find(CredentialQuery())
        stores.incidents.touch(TENANT, [tried])
        stores.successes.replace(TENANT, Window(NOW, NOW + HOUR), [used])
        (stored,) = stores.credentials.find(CredentialQuery())
    assert (unused.last_used, unused.last_tried) == (None, None)
    assert (stored.last_used, stored.last_tried, stored.application_name) == (NOW, NOW, "Orders")


def _neighbours(database: SqlDatabase, *values: str) -> list[tuple[str, str]]:
    with database.read() as stores:
        return [(n.app_id, n.holds) for n in stores.registrations.neighbours(TENANT, values, "mine")]


def test_another_application_that_holds_a_value_is_found_and_ones_own_is_not(sqlite: SqlDatabase) -> None:
    values = (RegisteredValue("redirect_uri", "https://a.example"), RegisteredValue("identifier_uri", "api://a"))
    _put(sqlite, _object(values=values), _object(object_id="m", app_id="mine", values=values))
    assert _neighbours(sqlite, "https://a.example", "api://a") == [(APP, "redirect_uri")]
    assert _neighbours(sqlite) == _neighbours(sqlite, "https://A.example") == []
    _put(sqlite, _object(body=b"[]"), at=LATER)
    assert _neighbours(sqlite, "https://a.example") == []


def test_identifier_uris_do_not_crowd_out_the_neighbours(sqlite: SqlDatabase) -> None:
    shared = (RegisteredValue("identifier_uri", "v"),)
    _put(sqlite, *[_object(object_id=f"o{n:02}", app_id=f"a{n:02}", values=shared) for n in range(40)])
    _put(sqlite, _object(object_id="z", app_id="z", values=(RegisteredValue("key_id", "v"),)))
    assert _neighbours(sqlite, "v") == [("z", "key_id")]


def test_federated_credentials_are_looked_up_as_they_are_now(sqlite: SqlDatabase) -> None:
    value = RegisteredValue("federated_credential", "issuer\nsubject")
    _put(sqlite, _object(), _object("federated_credentials", values=(value,)))
    assert _neighbours(sqlite, value.value) == [(APP, "federated_credential")]
    _put(sqlite, _object(body=b"[]"), at=LATER)
    assert _neighbours(sqlite, value.value) == [(APP, "federated_credential")]
    _put(sqlite, _object("federated_credentials", body=b"[]"), at=LATER)
    assert _neighbours(sqlite, value.value) == []
    _put(sqlite, _object("federated_credentials", body=b"{}", values=(value,)), at=LATER)
    _remove(sqlite)
    assert _neighbours(sqlite, value.value) == []


def test_an_application_is_listed_once_with_both_of_its_objects_by_either_name(sqlite: SqlDatabase) -> None:
    _put(sqlite, _object(), _object("service_principal", "s", display_name="Orders (production)"), _object("grants"))
    with sqlite.read() as stores:
        for query in ("", "orders", "PRODUCTION", APP.upper(), "Orders"):
            (line,) = stores.registrations.applications(TENANT, query)
            assert (line.app_id, line.has_registration, line.has_service_principal) == (APP, True, True), query
        for query in ("%", "_", "nothing"):
            assert stores.registrations.applications(TENANT, query) == []


def test_pages_of_applications_hold_each_once_though_names_repeat(sqlite: SqlDatabase) -> None:
    names = ("Same", "Same\nline", "")
    _put(sqlite, *[_object(object_id=f"o{n}", app_id=f"a{n}", display_name=names[n % 3]) for n in range(17)])
    found: list[str] = []
    after = None
    with sqlite.read() as stores:
        while page := stores.registrations.applications(None, "", after, 4):
            found += [line.app_id for line in page]
            after = f"{page[-1].display_name}\n{page[-1].app_id}\n{page[-1].tenant_id}"
    assert len(found) == len(set(found)) == 17


def _change(minutes: float = 0, target: str = "o") -> Change:
    return Change(at=NOW - timedelta(minutes=minutes), activity="Update application", target_object_id=target)


def test_a_change_read_again_is_stored_once(database: Database) -> None:
    with database.write() as stores:
        assert stores.changes.add(TENANT, [_change(), _change(), _change(1)]) == 2
        assert stores.changes.add(TENANT, [_change()]) == 0
        assert stores.changes.add("elsewhere", [_change()]) == 1
        assert stores.changes.add(TENANT, []) == 0
        assert [c.at for _, c in stores.changes.find(TENANT, None, None, None)] == [NOW, NOW - timedelta(minutes=1)]


def test_versions_follow_each_other_though_the_clock_was_set_back(sqlite: SqlDatabase) -> None:
    _put(sqlite, _object(body=b'{"n":1}'), at=LATER)
    _put(sqlite, _object(body=b'{"n":2}'), at=NOW)
    _remove(sqlite, at=NOW - timedelta(days=1))
    with sqlite.read() as stores:
        last, second, first = stores.registrations.history(TENANT, APP)
    assert (last.body, second.body, first.body) == (None, b'{"n":2}', b'{"n":1}')
    assert first.valid_until == second.valid_from == second.valid_until == last.valid_from == LATER


def _sibling(seconds: float, *properties: str, activity: str = "Update application") -> Change:
    return Change(
        at=NOW + timedelta(seconds=seconds),
        activity=activity,
        target_object_id="o",
        correlation_id="c",
        properties=tuple(PropertyChange(name, "", "x") for name in properties),
    )


@pytest.mark.parametrize("turned", [False, True])
def test_records_of_one_operation_that_arrive_apart_are_one_change(database: Database, turned: bool) -> None:
    edit = "Update application - Certificates"
    names, says = _sibling(0), _sibling(3, "AppAddress", activity=edit)
    arriving = (says, names) if turned else (names, says)
    with database.write() as stores:
        assert [stores.changes.add(TENANT, [change]) for change in arriving] == [1, 0 if turned else 1]
        assert stores.changes.add(TENANT, [names]) == stores.changes.add(TENANT, [says]) == 0
        assert stores.changes.add(TENANT, [_sibling(3, "AppAddress", "DisplayName", activity=edit)]) == 1
        ((_, stored),) = stores.changes.find(TENANT, None, None, None)
    assert stored.at == NOW + timedelta(seconds=3)
    assert stored.activity == edit
    assert [item.name for item in stored.properties] == ["AppAddress", "DisplayName"]


def test_changes_of_other_targets_tenants_and_operations_stay_apart(database: Database) -> None:
    with database.write() as stores:
        stores.changes.add(TENANT, [_sibling(0, "A"), replace(_sibling(0, "A"), target_object_id="p")])
        stores.changes.add("elsewhere", [_sibling(0, "B")])
        stores.changes.add(TENANT, [replace(_sibling(0, "C"), correlation_id="d")])
        stores.changes.add(TENANT, [_change(0), _change(0.01)])
        assert len(stores.changes.find(TENANT, None, None, None)) == 5
        assert len(stores.changes.find("elsewhere", None, None, None)) == 1


def test_an_applications_changes_are_those_of_both_its_objects(database: Database) -> None:
    _put(database, _object(), _object("service_principal", "s"))
    with database.write() as stores:
        stores.changes.add(TENANT, [_change(1), _change(2, "s"), _change(3, "other"), _change(4)])
        found = stores.changes.find(TENANT, APP, NOW - timedelta(minutes=3), NOW)
    assert [change.target_object_id for _, change in found] == ["o", "s"]


def test_pages_of_changes_hold_each_once_though_many_share_an_instant(sqlite: SqlDatabase) -> None:
    with sqlite.write() as stores:
        stores.changes.add(TENANT, [_change(n // 6, f"t{n}") for n in range(20)])
        found: list[str] = []
        before = None
        while page := stores.changes.page(ChangeQuery(before=before, limit=3)):
            found += [stored.id for stored in page]
            before = f"{page[-1].change.at.isoformat()}\n{page[-1].id}\n{page[-1].tenant_id}"
    assert len(found) == len(set(found)) == 20
