"""What nobody has an entry for is counted and quoted, never explained."""

from datetime import timedelta

import msgspec
import pytest

from diag.adapters.graph.wire.stored import StoredFacts
from diag.adapters.kb_files.store import KnowledgeBaseFiles, open_knowledge_base
from diag.core.records import FailureRow
from diag.workflows.unknown_codes import key_of, seen_unknown, unknown_codes
from tests.workflows.fakes import APP, NOW, TENANT
from tests.workflows.memory_database import MemoryDatabase

SECRET = "Zx8Q~" + "abcDEF123456789012345678901234567"


@pytest.fixture(scope="module")
def known() -> KnowledgeBaseFiles:
    return open_knowledge_base()


def _row(number: int, code: int, reason: str, details: str = "", tenant_id: str = TENANT) -> FailureRow:
    status = {"errorCode": code, "failureReason": reason, "additionalDetails": details}
    return FailureRow(
        tenant_id=tenant_id,
        id=f"f{number:03}",
        created_at=NOW + timedelta(minutes=number),
        event_type="interactiveUser",
        error_code=code,
        interrupt=False,
        failure_reason=reason,
        app_id=APP,
        app_display_name="Orders",
        raw=msgspec.json.encode({"id": f"f{number:03}", "status": status}),
    )


def _stored(*rows: FailureRow) -> MemoryDatabase:
    database = MemoryDatabase()
    with database.write() as stores:
        stores.failures.add(rows)
        for row in rows:
            stores.incidents.touch(row.tenant_id, [row])
    return database


def test_only_codes_without_an_entry_come_with_what_the_log_said(known: KnowledgeBaseFiles) -> None:
    database = _stored(
        _row(1, 50011, "The address is not listed."),
        _row(2, 999001, "A new policy refused it."),
        _row(3, 999001, "A new policy refused it.", "It was policy 7."),
        _row(4, 999002, ""),
    )
    with database.read() as stores:
        silent, told = unknown_codes(stores, known, StoredFacts())
    assert (silent.code, silent.said) == (999002, ())
    assert (told.code, told.count, told.said) == (999001, 2, ("A new policy refused it.", "It was policy 7."))
    assert (told.first_seen, told.last_seen) == (NOW + timedelta(minutes=2), NOW + timedelta(minutes=3))
    assert [application.app_id for application in told.applications] == [APP]


def test_secrets_in_what_the_log_said_are_taken_out(known: KnowledgeBaseFiles) -> None:
    database = _stored(_row(1, 999001, f"client_secret={SECRET} was refused"))
    with database.read() as stores:
        [told] = unknown_codes(stores, known, StoredFacts())
    assert SECRET not in told.said[0]
    assert "removed" in told.said[0]


def test_pages_follow_one_another_without_repeating(known: KnowledgeBaseFiles) -> None:
    rows = [_row(number % 3, 999000 + number, "x") for number in range(9)]
    database = _stored(*(msgspec.structs.replace(row, id=f"g{number}") for number, row in enumerate(rows)))
    with database.read() as stores:
        whole = unknown_codes(stores, known, StoredFacts())
        seen = unknown_codes(stores, known, StoredFacts(), limit=4)
        while len(seen) < 9:
            seen += unknown_codes(stores, known, StoredFacts(), after=key_of(seen[-1]), limit=4)
        assert seen == whole
        assert unknown_codes(stores, known, StoredFacts(), after=key_of(seen[-1])) == []


def test_a_tenant_sees_its_own(known: KnowledgeBaseFiles) -> None:
    database = _stored(_row(1, 999001, "x"), _row(2, 999001, "y", tenant_id="another"))
    with database.read() as stores:
        assert [one.tenant_id for one in seen_unknown(stores, known, "another")] == ["another"]
        assert len(seen_unknown(stores, known)) == 2
        assert [one.said for one in unknown_codes(stores, known, StoredFacts(), tenant_id=TENANT)] == [("x",)]
