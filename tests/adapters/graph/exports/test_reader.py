"""Whatever the shape of a file, the same records come out of it, and what cannot be read is said."""

import io
import json
import random
from datetime import UTC, datetime

import msgspec
import pytest

from diag.adapters.graph.exports.reader import BATCH, Exports
from diag.adapters.graph.wire.stored import StoredFacts
from diag.core.errors import BadInput
from diag.core.facts import Facts
from diag.core.read import Found
from diag.core.records import FailureRow
from diag.workflows.ports_files import ExportBatch
from tests.adapters.graph.exports.routes import APP, GRAPH_API, TENANT, diagnostic, portal_csv, routes, sign_ins
from tests.conftest import Campaign

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RECORDS = sign_ins()
ROUTES = routes(RECORDS)


def batches(content: bytes, name: str = "signins.json", position: int = 0) -> list[ExportBatch]:
    return list(Exports().batches(io.BytesIO(content), name, TENANT, position, NOW))


def failures(content: bytes, name: str = "signins.json", position: int = 0) -> list[FailureRow]:
    return [row for batch in batches(content, name, position) for row in batch.failures]


@pytest.mark.parametrize("name", ROUTES)
def test_every_route_gives_the_same_failures(name: str) -> None:
    found = failures(ROUTES[name], name)
    assert {row.id: (row.created_at, row.error_code) for row in found} == {
        record["id"]: (datetime.fromisoformat(record["createdDateTime"]), 50011)
        for record in RECORDS
        if record["status"]["errorCode"]
    }
    for row in found:
        assert (row.app_id, row.app_display_name, row.resource_id) == (APP, 'Orders, "west"', GRAPH_API)
        assert (row.user_principal_name, row.ip_address, row.country) == ("mara@contoso.example", "203.0.113.7", "DE")
        assert row.user_agent == '=cmd|"x"!A1\nsecond line'
        assert row.failure_reason == "The address, as sent, is unknown."
        assert row.event_type == "interactiveUser"
        assert row.conditional_access_status == "notApplied"


@pytest.mark.parametrize("name", ROUTES)
def test_every_route_counts_what_it_read(name: str) -> None:
    found = batches(ROUTES[name], name)
    assert sum(batch.read for batch in found) == len(RECORDS)
    assert sum(batch.sign_ins for batch in found) == len(RECORDS)
    assert [batch.unreadable for batch in found if batch.unreadable] == []


@pytest.mark.parametrize(
    ("changed", "counted"),
    [
        ({"signInEventTypes": ["servicePrincipal"]}, 8),
        ({"signInEventTypes": ["managedIdentity"]}, 8),
        ({"signInEventTypes": None, "servicePrincipalId": "s", "userId": ""}, 8),
        ({"signInEventTypes": ["nonInteractiveUser"]}, 0),
    ],
)
def test_successes_count_where_an_application_signed_in_as_itself(changed: dict[str, object], counted: int) -> None:
    content = json.dumps([record | changed for record in RECORDS]).encode()
    (batch,) = batches(content)
    assert len(batch.successes) == counted


@pytest.mark.parametrize("name", ROUTES)
def test_the_stored_record_can_be_asked_like_graph_s_own(name: str) -> None:
    row = failures(ROUTES[name], name)[0]
    enquiry = StoredFacts().enquiry(row, Facts())
    assert enquiry.facts.failure.app_id == Found(APP, "sign_in", enquiry.facts.failure.app_id.as_of)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ROUTES)
def test_reading_on_from_any_batch_loses_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diag.adapters.graph.exports.reader.BATCH", 3)
    whole = {row.id for row in failures(ROUTES[name], name)}
    before: set[str] = set()
    for batch in batches(ROUTES[name], name):
        before |= {row.id for row in batch.failures}
        after = {row.id for row in failures(ROUTES[name], name, batch.position)}
        assert before | after == whole


@pytest.mark.parametrize("name", ["PT1H.json", "lines.json", "event-hub.json"])
def test_a_file_of_lines_that_has_grown_is_read_on_where_it_ended(name: str) -> None:
    content = ROUTES[name]
    first = content[: content.index(b"\n", len(content) // 2) + 1]
    (batch,) = batches(first, name)
    assert batch.grows
    ids = {row.id for row in batch.failures}
    later = {row.id for row in failures(content, name, batch.position)}
    assert not ids & later
    assert ids | later == {row.id for row in failures(content, name)}


def test_an_unfinished_last_line_is_left_for_the_next_time() -> None:
    content = ROUTES["lines.json"]
    cut = content[:-40]
    (batch,) = batches(cut)
    assert "not finished" in batch.unreadable[-1].why
    assert [row.id for row in failures(content, position=batch.position)] == [RECORDS[-1]["id"]]


def test_a_document_that_ends_early_gives_what_it_holds_and_says_so() -> None:
    (batch,) = batches(ROUTES["az-rest.json"][:-700])
    assert len(batch.failures) > 20
    assert batch.unreadable[-1].why == "the file ends in the middle of a record"


def test_broken_lines_cost_only_themselves() -> None:
    lines = ROUTES["lines.json"].splitlines(keepends=True)
    lines[3:3] = [b"{oops\n", b"\xff\xfe\x00\n", b"[1, 2]\n", b'"text"\n', b"\n"]
    found = batches(b"".join(lines))
    assert sum(len(batch.failures) for batch in found) == len(RECORDS) * 4 // 5
    assert sum(len(batch.unreadable) for batch in found) == 5


def test_records_of_another_tenant_are_left_out_and_counted() -> None:
    other = diagnostic(RECORDS[1], "99999999-0000-4000-8000-000000000000")
    (batch,) = batches(json.dumps({"records": [diagnostic(RECORDS[2]), other]}).encode())
    assert [row.id for row in batch.failures] == [RECORDS[2]["id"]]
    assert batch.other_tenant == 1


def test_other_categories_are_counted_as_unknown() -> None:
    other = diagnostic(RECORDS[1]) | {"category": "ProvisioningLogs"}
    (batch,) = batches(json.dumps([other, {"id": 1}, 5]).encode())
    assert (batch.unknown, len(batch.unreadable), batch.read) == (2, 1, 3)


def test_a_failure_without_a_code_is_no_success() -> None:
    content = portal_csv([RECORDS[1] | {"status": {"errorCode": 0, "failureReason": "?"}}])
    (row,) = failures(content.replace(b",Success,", b",Interrupted,"), "x.csv")
    assert row.error_code == -1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("NonInteractiveSignIns_1.csv", "nonInteractiveUser"),
        ("InteractiveSignIns_1.csv", "interactiveUser"),
        ("ApplicationSignIns_1.csv", "servicePrincipal"),
        ("MSISignIns_1.csv", "managedIdentity"),
    ],
)
def test_the_portal_s_file_name_tells_the_kind(name: str, kind: str) -> None:
    assert {row.event_type for row in failures(portal_csv(RECORDS), name)} == {kind}


@pytest.mark.parametrize(
    "content",
    [b"a,b\n1,2\n", b"hello", b"PK\x03\x04zip", b"\x00\x01\x02\x03" * 100, b"<html></html>", b"42", b'"x"', b'{"a" 1}'],
)
def test_what_is_no_export_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        batches(content)
    assert refused.value.hint


def test_a_damaged_archive_is_said() -> None:
    with pytest.raises(BadInput, match="damaged or cut short"):
        batches(ROUTES["lines.json.gz"][:-30])


@pytest.mark.parametrize("content", [b"", b" \r\n", b"\xef\xbb\xbf", b"[]", b'{"value": []}'])
def test_an_empty_file_holds_nothing(content: bytes) -> None:
    assert sum(batch.read for batch in batches(content)) == 0


def test_more_records_than_fit_a_batch_come_in_order() -> None:
    many = sign_ins(BATCH * 2 + 1)
    found = batches(json.dumps(many).encode())
    assert [batch.read for batch in found] == [BATCH, BATCH, 1]


def test_audit_records_of_each_route_are_the_same_change() -> None:
    audit = {
        "id": "Directory_1",
        "activityDateTime": "2026-11-21T10:00:00Z",
        "activityDisplayName": "Update application – Certificates and secrets management ",
        "correlationId": "cccccccc-0000-4000-8000-000000000009",
        "initiatedBy": {"user": {"userPrincipalName": "mara@contoso.example", "id": "u"}},
        "targetResources": [
            {
                "id": APP,
                "displayName": "Orders",
                "type": "Application",
                "modifiedProperties": [{"displayName": "KeyDescription", "oldValue": "[]", "newValue": '["a"]'}],
            }
        ],
    }
    wrapped = {
        "time": audit["activityDateTime"],
        "category": "AuditLogs",
        "tenantId": TENANT,
        "operationName": audit["activityDisplayName"],
        "properties": audit,
    }
    row = {
        "TimeGenerated": audit["activityDateTime"],
        "ActivityDateTime": audit["activityDateTime"],
        "ActivityDisplayName": audit["activityDisplayName"],
        "CorrelationId": audit["correlationId"],
        "InitiatedBy": json.dumps(audit["initiatedBy"]),
        "TargetResources": json.dumps(audit["targetResources"]),
        "Type": "AuditLogs",
    }
    header = (
        "Date (UTC),CorrelationId,Activity,ActorType,ActorUserPrincipalName,Target1Type,Target1DisplayName,"
        "Target1ObjectId,Target1ModifiedProperty1Name,Target1ModifiedProperty1OldValue,Target1ModifiedProperty1NewValue"
    )
    cells = (
        f"2026-11-21T10:00:00Z,{audit['correlationId']},{audit['activityDisplayName']},User,mara@contoso.example,"
        f'Application,Orders,{APP},KeyDescription,[],"[""a""]"'
    )
    found = [
        change
        for content in (
            json.dumps([audit]).encode(),
            json.dumps(wrapped).encode(),
            json.dumps([row]).encode(),
            f"{header}\n{cells}\n".encode(),
        )
        for batch in batches(content)
        for change in batch.changes
    ]
    assert len(found) == 4
    assert len({msgspec.json.encode(change) for change in found}) == 1
    assert found[0].activity == "Update application - Certificates and secrets management"


def test_garbage_in_any_place_ends_in_a_sentence_or_in_rows(campaign: Campaign) -> None:
    generator = campaign.generator("exports")
    for _ in range(campaign.rounds(8000)):
        name, content = generator.choice(list(ROUTES.items()))
        damaged = bytearray(content[:6000])
        for _ in range(generator.randint(1, 20)):
            damaged[generator.randrange(len(damaged))] = _byte(generator)
        try:
            batches(bytes(damaged), name)
        except BadInput:
            continue


def _byte(generator: random.Random) -> int:
    return generator.choice((*b'{}[]",:\\\n\r\x00\xff', generator.randrange(256)))
