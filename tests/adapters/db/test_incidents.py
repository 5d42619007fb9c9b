import random
from datetime import timedelta

import pytest
from msgspec import convert
from msgspec.structs import replace

from diag.adapters.db.database import SqlDatabase
from diag.core.diagnosis import Diagnosis
from diag.core.incidents import Incident
from diag.core.records import FailureRow
from diag.workflows.ports import Database, IncidentQuery
from tests.conftest import Campaign
from tests.workflows.fakes import APP, NOW, TENANT
from tests.workflows.memory_database import MemoryDatabase


def _row(number: int = 1, *, minutes: float = 0, **more: object) -> FailureRow:
    row = FailureRow(
        tenant_id=TENANT,
        id=f"f{number:03}",
        created_at=NOW + timedelta(minutes=minutes),
        event_type="servicePrincipal",
        error_code=7000215,
        interrupt=False,
        app_id=APP,
        app_display_name="Orders",
        raw=b"{}",
    )
    return replace(row, **more)


def _touch(database: Database, *rows: FailureRow) -> list[Incident]:
    with database.write() as stores:
        return list(stores.incidents.touch(TENANT, rows))


def _only(database: Database) -> Incident:
    with database.read() as stores:
        (incident,) = stores.incidents.find(IncidentQuery())
    return incident


def _diagnosis(version: str = "v1") -> Diagnosis:
    about = {"code": 7000215, "symptom": None, "verdict": "undetermined", "kb_version": version}
    return convert(
        {**about, "name": "", "family": "", "kind": "failure", "summary": "", "cause": None, "causes": ()}, Diagnosis
    )


def _diagnose(database: Database, incident: Incident, version: str = "v1") -> None:
    with database.write() as stores:
        stores.incidents.save_diagnosis(incident.id, _diagnosis(version), NOW)


def _waiting(database: Database, version: str = "v1") -> int:
    with database.read() as stores:
        return len(stores.incidents.undiagnosed(TENANT, version, 100))


def test_failures_with_one_fingerprint_are_one_incident(database: Database) -> None:
    _touch(database, _row(1, minutes=5), _row(2, minutes=1))
    (incident,) = _touch(database, _row(3, minutes=9), _row(4, minutes=3))
    assert incident == _only(database)
    assert (incident.count, incident.last_failure_id, incident.state) == (4, "f003", "open")
    assert (incident.first_seen, incident.last_seen) == (NOW + timedelta(minutes=1), NOW + timedelta(minutes=9))


def test_a_diagnosis_that_could_not_be_made_leaves_the_last_one_and_is_not_tried_again(database: Database) -> None:
    _touch(database, _row(1))
    incident = _only(database)
    _diagnose(database, incident)
    with database.write() as stores:
        stores.incidents.make_stale(TENANT, [incident.fingerprint.app_id])
        stores.incidents.save_diagnosis(incident.id, None, NOW, kb_version="v1", problem="A mistake.")
    assert (_only(database).problem, _only(database).diagnosis) == ("A mistake.", _diagnosis())
    assert (_waiting(database), _waiting(database, "v2")) == (0, 1)
    with database.read() as stores:
        assert [item.id for item in stores.incidents.find(IncidentQuery(troubled=True))] == [incident.id]
    _diagnose(database, incident)
    assert _only(database).problem == ""


def test_what_the_record_tells_apart_is_another_incident(database: Database) -> None:
    touched = _touch(
        database, _row(1), _row(2, app_id="b"), _row(3, error_code=1), _row(4, resource_id="r"),
        _row(5, credential_key_id="k"),
    )  # fmt: skip
    assert len({incident.id for incident in touched}) == 5


def test_people_are_counted_once_each_and_machines_not_at_all(database: Database) -> None:
    _touch(database, _row(1, user_id="u1"), _row(2, user_id="u1"), _row(3, user_id="u2"))
    _touch(database, _row(4, user_id="u2"), _row(5), _row(6, user_principal_name="x@contoso.example"))
    assert _only(database).people == 3


def test_an_incident_keeps_no_name_of_a_person(sqlite: SqlDatabase) -> None:
    _touch(sqlite, _row(1, user_principal_name="ada@contoso.example"))
    with sqlite.read() as stores:
        rows = stores.incidents._connection.exec_driver_sql("SELECT * FROM incident_person").all()
    assert "ada" not in repr(rows)


def test_a_resolved_incident_opens_again_for_a_later_failure_and_not_for_a_late_row(database: Database) -> None:
    (incident,) = _touch(database, _row(1))
    with database.write() as stores:
        assert stores.incidents.set_state(incident.id, "resolved", NOW, note="rotated")
    (late,) = _touch(database, _row(2, minutes=-30))
    assert (late.state, late.regressed, late.count, late.note) == ("resolved", False, 2, "rotated")
    (back,) = _touch(database, _row(3, minutes=30))
    assert (back.state, back.regressed, back.count) == ("open", True, 3)


def test_acknowledged_stays_so_when_failures_go_on(database: Database) -> None:
    (incident,) = _touch(database, _row(1))
    with database.write() as stores:
        stores.incidents.set_state(incident.id, "acknowledged", NOW)
        assert not stores.incidents.set_state("unknown", "resolved", NOW)
    assert _touch(database, _row(2, minutes=1))[0].state == "acknowledged"


def test_a_diagnosis_is_asked_for_when_new_stale_or_by_another_knowledge_base(database: Database) -> None:
    (incident,) = _touch(database, _row(1))
    assert _waiting(database) == 1
    _diagnose(database, incident)
    assert (_waiting(database), _waiting(database, "v2")) == (0, 1)
    assert _only(database).diagnosis == _diagnosis()
    with database.write() as stores:
        stores.incidents.make_stale(TENANT, ["other"])
        stores.incidents.make_stale("elsewhere", [APP])
    assert _waiting(database) == 0
    with database.write() as stores:
        stores.incidents.make_stale(TENANT, [APP])
    assert _waiting(database) == 1


@pytest.mark.parametrize(("minutes", "waiting"), [(10, 1), (-5, 1), (2, 0)])
def test_a_new_first_or_last_failure_asks_for_a_new_diagnosis_and_one_between_does_not(
    database: Database, minutes: float, waiting: int
) -> None:
    (incident,) = _touch(database, _row(1), _row(2, minutes=5))
    _diagnose(database, incident)
    _touch(database, _row(3, minutes=minutes))
    assert _waiting(database) == waiting


def test_a_snoozed_incident_wakes_at_its_time_and_not_before(database: Database) -> None:
    (incident,) = _touch(database, _row(1))
    until = NOW + timedelta(hours=1)
    with database.write() as stores:
        stores.incidents.set_state(incident.id, "snoozed", NOW, until=until)
        assert stores.incidents.wake(until - timedelta(seconds=1)) == 0
        assert stores.incidents.wake(until) == 1
        assert stores.incidents.wake(until) == 0
    woken = _only(database)
    assert (woken.state, woken.snoozed_until) == ("open", None)


def test_the_diagnosis_survives_further_failures(database: Database) -> None:
    (incident,) = _touch(database, _row(1))
    _diagnose(database, incident)
    _touch(database, _row(2, minutes=5))
    assert _only(database).diagnosis == _diagnosis()


def test_lists_are_filtered_and_paged_in_both_directions(sqlite: SqlDatabase) -> None:
    _touch(sqlite, *[_row(n, minutes=n // 4, app_id=f"a{n:02}", interrupt=n % 5 == 0) for n in range(23)])

    def ids(**query: object) -> list[str]:
        with sqlite.read() as stores:
            return [i.fingerprint.app_id for i in stores.incidents.find(IncidentQuery(**query))]  # type: ignore[arg-type]

    assert len(ids(interrupts=True)) == 5
    assert len(ids(interrupts=False)) == 18
    assert ids(app_id="a07") == ["a07"]
    assert ids(state="resolved") == ids(code=1) == ids(cause="x") == ids(tenant_id="elsewhere") == []
    down: list[Incident] = []
    with sqlite.read() as stores:
        before = None
        while page := stores.incidents.find(IncidentQuery(before=before, limit=5)):
            down += page
            before = f"{page[-1].last_seen.isoformat()}\n{page[-1].id}"
        key = f"{down[10].last_seen.isoformat()}\n{down[10].id}"
        later = stores.incidents.find(IncidentQuery(after=key, limit=50))
    assert len({incident.id for incident in down}) == len(down) == 23
    assert [incident.id for incident in later] == [incident.id for incident in reversed(down[:10])]


def test_batches_of_any_cut_give_what_one_row_at_a_time_gives(sqlite: SqlDatabase, campaign: Campaign) -> None:
    for number in range(campaign.rounds(200)):
        chance: random.Random = campaign.generator(f"touch {number}")
        tenant = f"tenant-{number}"
        rows = [
            _row(
                index,
                minutes=chance.randrange(50),
                tenant_id=tenant,
                app_id=chance.choice("abc"),
                user_id=chance.choice(("", "u", "v")),
                error_code=chance.choice((1, 2)),
            )
            for index in range(chance.randrange(1, 60))
        ]
        plain = MemoryDatabase()
        for row in rows:
            with plain.write() as stores:
                stores.incidents.touch(tenant, [row])
        while rows:
            cut = chance.randrange(1, len(rows) + 1)
            with sqlite.write() as stores:
                stores.incidents.touch(tenant, rows[:cut])
            rows = rows[cut:]
        query = IncidentQuery(tenant_id=tenant, limit=100)
        with sqlite.read() as real, plain.read() as fake:
            given = [_comparable(incident) for incident in real.incidents.find(query)]
            assert given == [_comparable(incident) for incident in fake.incidents.find(query)], f"round {number}"


def _comparable(incident: Incident) -> Incident:
    # Which of several failures of one instant counts as the last is left open.
    return replace(incident, last_failure_id="")
