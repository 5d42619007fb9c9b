"""Pseudonyms: the same for the same person, nothing of the person left, and nothing else lost."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.core.directory import Change, PropertyChange
from diag.core.pseudonyms import Pseudonyms, network
from diag.core.records import FailureRow

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
OURS, THEIRS = Pseudonyms(b"k" * 32), Pseudonyms(b"j" * 32)
UPN, NAME, USER_ID = "amara.okafor@contoso.example", "Amara Okafor", "7b2d1c0a-5e4f-4a3b-9c8d-1f2e3d4c5b6a"
RECORD = {
    "id": "r1",
    "userId": USER_ID,
    "userPrincipalName": UPN,
    "userDisplayName": NAME,
    "signInIdentifier": "AMARA.OKAFOR@contoso.example",
    "ipAddress": "203.0.113.77",
    "appDisplayName": "Orders",
    "correlationId": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "status": {
        "errorCode": 50020,
        "failureReason": f"User account '{UPN}' from identity provider 'x' does not exist.",
        "additionalDetails": "Told to amara okafor, copy to Someone.Else@fabrikam.example.",
    },
    "deviceDetail": {"deviceId": "D1", "displayName": "AMARA-LAPTOP", "browser": "Edge 131"},
    "location": {"city": "Bern", "countryOrRegion": "CH", "geoCoordinates": {"latitude": 46.9, "longitude": 7.4}},
    "mfaDetail": {"authMethod": "Text message", "authDetail": "+41 XXXXXXX77"},
    "appliedConditionalAccessPolicies": [{"displayName": "Require MFA", "result": "failure"}],
    "unknownToday": [{"deep": [NAME.upper(), 5, None, True]}],
}


def _row(record: object = RECORD, **given: object) -> FailureRow:
    raw = record if isinstance(record, bytes) else json.dumps(record).encode()
    values: dict[str, object] = {
        "user_id": USER_ID, "user_principal_name": UPN, "ip_address": "203.0.113.77",
        "failure_reason": f"User account '{UPN}' does not exist.", "event_type": "interactiveUser", **given,
    }  # fmt: skip
    return FailureRow(
        tenant_id="t", id="r1", created_at=NOW, error_code=50020, interrupt=False, app_display_name="Orders", raw=raw,
        **values,  # type: ignore[arg-type]
    )  # fmt: skip


def test_nothing_of_the_person_is_left_in_a_record_and_everything_else_is() -> None:
    treated = OURS.failure(_row())
    said = repr(treated).casefold()
    for private in ("amara", "okafor", "someone.else", USER_ID, "203.0.113.77", "46.9", "xxxxx77", 'd1"'):
        assert private.casefold() not in said, private
    record = json.loads(treated.raw)
    assert record["userPrincipalName"] == record["userDisplayName"] == treated.user_principal_name
    assert record["userId"] == treated.user_id
    assert record["status"]["errorCode"] == 50020
    assert record["status"]["failureReason"].startswith(f"User account '{treated.user_principal_name}' from identity")
    assert (record["ipAddress"], treated.ip_address) == ("203.0.113.0", "203.0.113.0")
    assert record["correlationId"] == RECORD["correlationId"]
    assert record["deviceDetail"]["browser"] == "Edge 131"
    assert record["location"] == {"city": "Bern", "countryOrRegion": "CH"}
    assert record["appliedConditionalAccessPolicies"] == RECORD["appliedConditionalAccessPolicies"]
    assert record["unknownToday"][0]["deep"][1:] == [5, None, True]


def test_a_person_has_one_pseudonym_here_and_another_elsewhere() -> None:
    one, again = OURS.failure(_row()), OURS.failure(_row(event_type="nonInteractiveUser"))
    other = OURS.failure(_row({**RECORD, "userId": "x"}, user_id="x", user_principal_name="b@contoso.example"))
    assert (one.user_id, one.user_principal_name) == (again.user_id, again.user_principal_name)
    assert one.user_id != other.user_id
    assert THEIRS.failure(_row()).user_id != one.user_id
    assert OURS.fingerprint != THEIRS.fingerprint
    assert len(one.user_id) == 36


def test_treating_what_was_treated_changes_nothing() -> None:
    once = OURS.failure(_row())
    assert OURS.failure(once) == once
    change = Change(NOW, "Update application", actor=UPN, properties=(PropertyChange("A", "", f"[{UPN}]"),))
    assert OURS.change(OURS.change(change)) == OURS.change(change)


def test_a_record_of_an_application_alone_stays_as_it_is() -> None:
    row = _row({"id": "r", "userId": None}, user_id="", user_principal_name="", event_type="servicePrincipal")
    assert OURS.failure(row) is row


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[1]", b"\xff\xfe", b'{"a":' * 2000])
def test_a_record_that_cannot_be_read_keeps_none_of_its_text(raw: bytes) -> None:
    treated = OURS.failure(_row(raw))
    assert treated.raw == b"{}"
    assert treated.error_code == 50020


def test_people_in_changes_get_the_same_pseudonyms_and_applications_stay_named() -> None:
    change = Change(
        NOW, "Consent to application", actor=UPN.upper(), target_name="Orders",
        properties=(PropertyChange("ConsentAction", "", f"PrincipalId: x, by {UPN}; Scope: User.Read"),),
    )  # fmt: skip
    treated = OURS.change(change)
    assert treated.actor == OURS.name(UPN)
    assert treated.target_name == "Orders"
    assert treated.properties[0].new == f"PrincipalId: x, by {OURS.name(UPN)}; Scope: User.Read"
    assert OURS.change(Change(NOW, "x", actor="Deployment Pipeline")).actor == "Deployment Pipeline"


def test_users_in_collections_lose_their_names_and_groups_keep_theirs() -> None:
    items = [
        {"principalType": "User", "principalId": USER_ID, "principalDisplayName": NAME, "appRoleId": "r"},
        {"principalType": "Group", "principalId": "g", "principalDisplayName": "Finance"},
    ]
    body = json.dumps({"value": items}).encode()
    user, group = json.loads(OURS.detail("assigned_principals", body))["value"]
    assert group == items[1]
    assert user["principalId"] == OURS.failure(_row()).user_id
    assert NAME not in json.dumps(user)
    assert user["appRoleId"] == "r"
    assert OURS.detail("owners", body) == body
    assert OURS.detail("grants", b"not json") == b'{"value": []}'
    grant = {"value": [{"clientId": "c", "consentType": "AllPrincipals", "principalId": None, "scope": "User.Read"}]}
    assert json.loads(OURS.detail("grants", json.dumps(grant).encode())) == grant


def test_users_whom_a_policy_names_are_the_same_as_those_who_sign_in() -> None:
    users = {"includeUsers": ["All"], "excludeUsers": [USER_ID, "GuestsOrExternalUsers"], "excludeGroups": [USER_ID]}
    body = json.dumps({"value": [{"id": "p", "displayName": "Block", "conditions": {"users": users}}]}).encode()
    (policy,) = json.loads(OURS.detail("access_policies", body))["value"]
    treated = policy["conditions"]["users"]
    assert treated["includeUsers"] == ["All"]
    assert treated["excludeUsers"] == [OURS.failure(_row()).user_id, "GuestsOrExternalUsers"]
    assert treated["excludeGroups"] == [USER_ID]
    assert OURS.detail("access_policies", OURS.detail("access_policies", body)) == OURS.detail("access_policies", body)


@pytest.mark.parametrize(
    ("address", "shortened"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3::4", "2001:db8:1::"),
        ("", ""),
        ("somewhere", ""),
        (" 203.0.113.77 ", "203.0.113.0"),
    ],
)
def test_an_address_is_shortened_to_its_network(address: str, shortened: str) -> None:
    assert network(address) == shortened
    assert network(shortened) == shortened


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=60))
def test_whatever_people_are_called_nothing_fails_and_the_name_is_gone(name: str, local: str, text: str) -> None:
    upn = f"{local}@contoso.example"
    record = {"userDisplayName": name, "userPrincipalName": upn, "note": f"{text} {upn} {text}", text: [text]}
    treated = OURS.failure(_row(record, user_principal_name=upn))
    assert upn.casefold() not in json.loads(treated.raw).get("note", "").casefold()
    assert OURS.failure(treated) == treated
