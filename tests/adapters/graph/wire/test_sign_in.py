"""A page of the sign-in log: every record is a row or counted, verbatim, with pauses told from failures."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from diag.adapters.graph.wire.sign_in import UNKNOWN_CODE, decode_page
from diag.adapters.graph.wire.stored import StoredFacts
from diag.core.facts import Facts
from diag.core.read import Found
from diag.core.sign_in import Failure
from diag.core.successes import Success

END = datetime(2026, 11, 22, 12, tzinfo=UTC)
APP = "A1B2C3D4-2222-4333-8444-555555555555"


def record(code: object = 7000222, **more: Any) -> dict[str, Any]:
    return {
        "id": "r1",
        "createdDateTime": "2026-11-22T10:15:30.1234567Z",
        "appId": APP,
        "status": {"errorCode": code, "failureReason": "The secret has ended."},
        "signInEventTypes": ["servicePrincipal"],
        "somethingOfTomorrow": {"a": [1, 2.50, "ü"]},
        **more,
    }


def page(*records: object, **envelope: object) -> bytes:
    return json.dumps({"value": records, **envelope}, ensure_ascii=False).encode()


def test_a_failure_becomes_a_row_and_keeps_its_record_byte_for_byte() -> None:
    body = page(record(), **{"@odata.nextLink": "https://graph.contoso.example/next"})
    decoded = decode_page(body, "t", END)
    [row] = decoded.failures
    assert (row.tenant_id, row.id, row.error_code, row.app_id) == ("t", "r1", 7000222, APP.lower())
    assert row.created_at == datetime(2026, 11, 22, 10, 15, 30, 123456, UTC)
    assert row.raw == json.dumps(record(), ensure_ascii=False).encode()
    assert (decoded.read, decoded.next_link) == (1, "https://graph.contoso.example/next")


def test_of_successes_is_given_what_is_counted_and_of_users_nothing() -> None:
    key = {"servicePrincipalCredentialKeyId": "K1", "resourceId": "R1"}
    body = page(record(0, id="s1", **key), record(0, id="s2"), record(id="f1"))
    decoded = decode_page(body, "t", END)
    at = datetime(2026, 11, 22, 10, 15, 30, 123456, UTC)
    assert [row.error_code for row in decoded.failures] == [7000222]
    assert decoded.successes == [Success("s1", at, APP.lower(), "K1", "R1"), Success("s2", at, APP.lower(), "", "")]
    assert (decoded.read, decoded.mark) == (3, "s1 f1")
    assert decode_page(body, "t", END, successes=False).successes == []


@pytest.mark.parametrize(
    ("code", "interactive", "protocol", "interrupt"),
    [
        (50140, True, "oAuth2", True),
        (50140, False, "oAuth2", True),
        (50076, True, "authorizationCodeWithPkce", True),
        (50076, False, "refreshTokenGrant", False),
        (50076, True, "ropc", False),
        (50126, True, "oAuth2", False),
        (65001, True, "oAuth2", False),
    ],
)
def test_a_pause_is_told_from_a_failure_by_whether_a_person_was_there(
    code: int, interactive: bool, protocol: str, interrupt: bool
) -> None:
    given = record(code, isInteractive=interactive, authenticationProtocol=protocol)
    [row] = decode_page(page(given), "t", END).failures
    assert row.interrupt is interrupt


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        ({"appDisplayName": 5}, {"app_display_name": "", "app_id": APP.lower()}),
        ({"createdDateTime": "yesterday"}, {"created_at": END, "id": "r1"}),
        ({"createdDateTime": "2026-11-22T12:00:00+02:00"}, {"created_at": datetime(2026, 11, 22, 10, tzinfo=UTC)}),
        ({"createdDateTime": "9999-12-31T23:59:59-08:00"}, {"created_at": datetime.max.replace(tzinfo=UTC)}),
        ({"status": None}, {"error_code": UNKNOWN_CODE}),
        ({"status": {"errorCode": "50011"}}, {"error_code": 50011}),
        ({"location": "DE"}, {"country": "", "app_id": APP.lower()}),
        ({"signInEventTypes": "servicePrincipal"}, {"app_id": APP.lower()}),
    ],
)
def test_one_odd_property_costs_nothing_but_itself(odd: dict[str, Any], expected: dict[str, Any]) -> None:
    [row] = decode_page(page(record(**odd)), "t", END).failures
    assert {name: getattr(row, name) for name in expected} == expected
    assert json.loads(row.raw) == record(**odd)


def test_a_record_that_is_no_object_is_kept_under_an_id_made_of_its_bytes() -> None:
    [row, other] = decode_page(page("?", 5), "t", END).failures
    assert (row.raw, row.error_code) == (b'"?"', UNKNOWN_CODE)
    assert len(row.id) == 64
    assert row.id != other.id
    assert decode_page(page("?"), "t", END).failures[0].id == row.id


def test_half_an_emoji_does_not_cost_the_page() -> None:
    body = page(record(), record(userAgent="x")).replace(b'"x"', b'"cut \\ud83d"')
    rows = decode_page(body, "t", END).failures
    assert [row.user_agent for row in rows] == ["", "cut \ufffd"]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"value": [', b'{"value": 5}', b'{"error": {"code": "x"}}', b"[]"])
def test_what_is_no_page_is_refused_whole(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_page(body, "t", END)


def test_v1_records_without_kinds_are_told_apart_by_what_they_name() -> None:
    bare = {"signInEventTypes": None}
    given = [
        record(**bare, isInteractive=True, userId="u"),
        record(**bare, isInteractive=False, userId="u"),
        record(**bare, servicePrincipalId="s", userId=None),
    ]
    kinds = [row.event_type for row in decode_page(page(*given), "t", END).failures]
    assert kinds == ["interactiveUser", "nonInteractiveUser", "servicePrincipal"]


def test_a_stored_row_gives_the_engine_what_its_record_says() -> None:
    given = record(servicePrincipalCredentialKeyId="K1", clientCredentialType="clientSecret")
    [row] = decode_page(page(given), "t", END).failures
    known = Facts(failure=Failure(scope=Found("User.Read", "request")))
    asked = StoredFacts().enquiry(row, known)
    attempt = asked.facts.failure
    assert attempt.event_type == Found("servicePrincipal", "sign_in", row.created_at)
    assert attempt.credential_key_id == Found("K1", "sign_in", row.created_at)
    assert attempt.scope == Found("User.Read", "request")
    assert (asked.sign_in_code, asked.sign_in_text) == (7000222, "The secret has ended.")


def test_a_row_whose_record_is_no_longer_kept_answers_from_its_columns() -> None:
    given = record(servicePrincipalCredentialKeyId="K1", resourceId="R1", location={"countryOrRegion": "DE"})
    [row] = decode_page(page(given), "t", END).failures
    bare = msgspec.structs.replace(row, raw=b"")
    attempt = StoredFacts().enquiry(bare, Facts()).facts.failure
    whole = StoredFacts().enquiry(row, Facts()).facts.failure
    for name in ("app_id", "credential_key_id", "resource", "event_type", "country", "observed_at"):
        assert getattr(attempt, name) == getattr(whole, name), name
