"""``POST /api/v1/diagnose``: absent is unread, null is missing, our own keys are strict, Graph's are tolerant."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from diag.adapters.graph.wire.request import enquiry
from diag.core.enquiry import Enquiry
from diag.core.errors import BadInput
from diag.core.facts import read
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import RedirectUri
from diag.core.sign_in import SecretShape

CLIENT = "11111111-2222-4333-8444-555555555555"


def asked(**parts: Any) -> Enquiry:
    return enquiry(json.dumps({"code": 50011, **parts}).encode())


def fact(body: Enquiry, path: str) -> Read[Any]:
    return read(body.facts, path)


@pytest.mark.parametrize("code", [50011, "50011", "AADSTS50011", " aadsts50011 "])
def test_a_code_is_a_number_or_a_text_with_or_without_its_prefix(code: object) -> None:
    assert enquiry({"code": code}).code == 50011


@pytest.mark.parametrize("code", [0, -1, 50011.5, True, "", "AADSTS", "50011x", [50011], {}, 10**12])
def test_anything_else_is_no_code(code: object) -> None:
    with pytest.raises(BadInput, match="code"):
        enquiry({"code": code})


def test_a_question_needs_text_code_symptom_or_sign_in() -> None:
    with pytest.raises(BadInput, match="text, code, symptom and sign_in"):
        enquiry({"request": {"flow": "saml"}})
    for body in ({"text": "AADSTS1"}, {"code": 1}, {"symptom": "api-rejects-token"}, {"sign_in": {"appId": CLIENT}}):
        assert isinstance(enquiry(body), Enquiry)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"txt": "a"}, "txt: unknown key; did you mean “text”"),
        (
            {"code": 1, "request": {"redirect_url": "a"}},
            "request.redirect_url: unknown key; did you mean “redirect_uri”",
        ),
        (
            {"code": 1, "request": {"assertion": {"isuer": "a"}}},
            "request.assertion.isuer: unknown key; did you mean “issuer”",
        ),
        ({"code": 1, "request": {"client_secret_shape": {"king": "guid"}}}, "request.client_secret_shape.king"),
        (
            {"code": 1, "registration": {"aplication": {}}},
            "registration.aplication: unknown key; did you mean “application”",
        ),
        ({"code": 1, "request": []}, "request: must be an object"),
        ({"code": 1, "request": {"scope": 5}}, "request.scope: is no text"),
        ({"code": 1, "request": {"has_client_secret": "yes"}}, "request.has_client_secret: is neither true nor false"),
        ({"code": 1, "request": {"flow": "client"}}, "request.flow: “client” is not one of authorization_code"),
        (
            {"code": 1, "request": {"assertion": {"expires_at": "tomorrow"}}},
            "request.assertion.expires_at: is no RFC 3339",
        ),
        (
            {"code": 1, "request": {"client_secret_shape": {"kind": "opaque", "hint": "abcd"}}},
            "request.client_secret_shape.hint",
        ),
        ({"code": 1, "request": {"client_secret_shape": {"length": 3}}}, "request.client_secret_shape.kind: needed"),
        ({"code": 1, "request": {"scope": "x" * 9000}}, "request.scope: is longer than"),
        ({"code": 1, "observed_at": "2026-11-22T10:00:00"}, "observed_at: is no RFC 3339 instant with zone"),
        ({"code": 1, "observed_at": "2026-02-30T10:00:00Z"}, "observed_at: is no instant of the calendar"),
        ({"code": 1, "registration": {"application": "x"}}, "registration.application: must be an object"),
        ({"code": 1, "registration": {"application": [{}, {}]}}, "registration.application: holds 2 objects"),
        ({"code": 1, "registration": {"directory_audits": "x"}}, "registration.directory_audits: must be an array"),
        ({"code": 1, "token": "eyJ0eXAi.a.b"}, "token: give the claims"),
        ({"code": 1, "answers": {"q": "yes"}}, "answers.q: must be true or false"),
        ({"text": 5}, "text: is no text"),
    ],
)
def test_what_we_cannot_use_in_our_own_objects_is_told_with_its_place(body: dict[str, Any], place: str) -> None:
    with pytest.raises(BadInput) as caught:
        enquiry(body)
    assert str(caught.value).startswith(place)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b'{"code": 1, "code"'])
def test_a_body_that_is_no_json_object_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput):
        enquiry(body)


def test_a_paste_may_be_256_kilobytes_long_and_no_longer() -> None:
    longest = 256 * 1024
    assert enquiry({"text": "ä" * (longest // 2)}).text == "ä" * (longest // 2)
    with pytest.raises(BadInput, match="text: is"):
        enquiry({"text": "a" * (longest + 1)})


def test_half_an_emoji_in_a_paste_does_not_cost_the_paste() -> None:
    assert enquiry(b'{"text": "AADSTS50011 \\ud83d end \\\\ud83d"}').text == "AADSTS50011 \ufffd end \\ud83d"


def test_absent_is_unread_and_null_is_missing_in_the_request() -> None:
    body = asked(request={"redirect_uri": "http://a.contoso.example/", "prompt": None, "scope": "", "assertion": None})
    assert fact(body, "failure.redirect_uri") == Found("http://a.contoso.example/", "request")
    assert fact(body, "failure.prompt") == Missing("request")
    assert fact(body, "failure.scope") == Unread()
    assert fact(body, "failure.resource") == Unread()
    assert fact(body, "failure.assertion_issuer") == Missing("request")


def test_the_whole_request_of_the_contract_becomes_facts() -> None:
    body = asked(
        observed_at="2026-11-22T10:00:00.1234567+01:00",
        request={
            "flow": "client_credentials", "endpoint": "token", "authority_tenant": "common",
            "client_id": CLIENT.upper(), "resource": "api://x", "response_type": "code",
            "has_client_secret": True, "has_client_assertion": False, "has_code_verifier": False,
            "has_origin_header": False, "behind_proxy": True, "user_agent_kind": "server",
            "client_secret_shape": {"kind": "guid", "length": 36, "hint": "abc", "has_special_characters": False},
            "assertion": {"issuer": "i", "subject": "s", "audience": "a", "thumbprint": "t",
                          "expires_at": "2026-11-22T10:00:00Z", "not_before": None},
            "expected_audience": "api://y", "expected_issuer": "z",
        },
    )  # fmt: skip
    failure = body.facts.failure
    assert failure.observed_at == Found(datetime(2026, 11, 22, 9, 0, 0, 123456, UTC), "request")
    assert failure.app_id == Found(CLIENT, "request")
    assert failure.secret_shape == Found(SecretShape("guid", 36, "abc", False), "request")
    assert failure.assertion_expires_at == Found(datetime(2026, 11, 22, 10, tzinfo=UTC), "request")
    assert failure.assertion_not_before == Missing("request")
    for name in (
        "flow",
        "endpoint",
        "authority_tenant",
        "resource",
        "response_type",
        "user_agent_kind",
        "expected_issuer",
    ):
        assert isinstance(getattr(failure, name), Found), name
    assert (failure.has_client_secret, failure.behind_proxy) == (Found(True, "request"), Found(True, "request"))


def test_registration_properties_are_unread_missing_or_found_one_by_one() -> None:
    application = {
        "appId": CLIENT.upper(),
        "web": {"redirectUris": ["https://a.contoso.example/"], "implicitGrantSettings": None},
        "spa": None,
        "displayName": 5,
        "surprise": {"anything": 1},
        "api": {"requestedAccessTokenVersion": None},
        "isFallbackPublicClient": None,
        "disabledByMicrosoftStatus": "NotDisabled",
    }
    body = asked(registration={"application": application, "service_principal": None})
    facts = body.facts.application
    assert facts.exists == Found(True)
    assert facts.app_id == Found(CLIENT)
    assert facts.spa_redirect_uris == Missing()
    assert facts.public_client_redirect_uris == Unread()
    assert facts.redirect_uris == Found((RedirectUri("https://a.contoso.example/", "web"),), complete=False)
    assert facts.implicit_id_tokens == Missing()
    assert facts.access_token_version == Found(1)
    assert facts.is_fallback_public_client == Found(False)
    assert facts.disabled_by_microsoft == Missing()
    assert facts.display_name == Unread("registration.application.displayName is no text")
    assert facts.client_secrets == Unread()
    assert body.facts.service_principal.account_enabled == Missing()
    assert body.facts.deleted_application.exists == Unread()


def test_redirect_uris_are_complete_once_all_three_platforms_were_looked_at() -> None:
    application = {"web": {"redirectUris": []}, "spa": None, "publicClient": {"redirectUris": ["http://localhost"]}}
    redirect_uris = asked(registration={"application": application}).facts.application.redirect_uris
    assert redirect_uris == Found((RedirectUri("http://localhost", "public_client"),))


def test_a_collection_is_an_array_or_graphs_page_and_a_next_link_makes_it_incomplete() -> None:
    assignment = {"principalId": "P", "resourceId": "R", "appRoleId": "A"}
    whole = asked(registration={"app_role_assignments": {"value": [assignment]}}).facts.app_role_assignments
    plain = asked(registration={"app_role_assignments": [assignment]}).facts.app_role_assignments
    cut = asked(registration={"app_role_assignments": {"value": [], "@odata.nextLink": "x"}}).facts.app_role_assignments
    odd = asked(registration={"app_role_assignments": [assignment, {"principalId": "P"}]}).facts.app_role_assignments
    assert isinstance(whole, Found)
    assert whole == plain
    assert whole.complete
    assert cut == Found((), complete=False)
    assert isinstance(odd, Found)
    assert (len(odd.value), odd.complete) == (1, False)


def test_graphs_refusal_in_place_of_an_object_is_blindness_and_its_404_is_absence() -> None:
    denied = {"error": {"code": "Authorization_RequestDenied", "message": "no"}}
    gone = {"error": {"code": "Request_ResourceNotFound", "message": "no"}}
    body = asked(registration={"application": denied, "service_principal": gone, "oauth2_permission_grants": denied})
    assert body.facts.application.exists == Unread("Microsoft Graph answered with an error Authorization_RequestDenied")
    assert body.facts.service_principal.exists == Missing()
    assert isinstance(body.facts.grants, Unread)


def test_a_list_of_one_stands_for_its_object_and_an_empty_one_for_absence() -> None:
    body = asked(registration={"application": [{"appId": CLIENT}], "service_principal": {"value": []}})
    assert body.facts.application.app_id == Found(CLIENT)
    assert body.facts.service_principal.exists == Missing()
    cut = asked(registration={"service_principal": {"value": [], "@odata.nextLink": "x"}})
    assert isinstance(cut.facts.service_principal.exists, Unread)


def test_null_for_the_whole_registration_proves_nothing() -> None:
    assert asked(registration=None).facts.application.exists == Unread()


def test_a_federated_credential_without_its_subject_leaves_the_collection_incomplete() -> None:
    given = [{"name": "ci", "issuer": "https://token.contoso.example"}]
    read_back = asked(registration={"federated_identity_credentials": given}).facts.application.federated_credentials
    assert isinstance(read_back, Found)
    assert (read_back.value[0].issuer, read_back.complete) == ("https://token.contoso.example", False)


def test_what_the_person_told_wins_over_the_record_and_the_record_fills_the_rest() -> None:
    body = asked(
        request={"flow": "on_behalf_of"},
        sign_in={"appId": CLIENT, "authenticationProtocol": "clientCredentials", "isInteractive": False,
                 "status": {"errorCode": 50140, "failureReason": "Paused.", "additionalDetails": "More."}},
    )  # fmt: skip
    assert body.facts.failure.flow == Found("on_behalf_of", "request")
    assert body.facts.failure.app_id == Found(CLIENT, "sign_in")
    assert (body.sign_in_code, body.sign_in_text) == (50140, "Paused.\nMore.")


def test_changes_after_the_failure_are_left_out_and_siblings_are_one_change() -> None:
    def record(hour: int, correlation: str, properties: list[Any]) -> dict[str, Any]:
        target = {"id": "T", "displayName": "Orders", "type": "Application", "modifiedProperties": properties}
        return {"activityDateTime": f"2026-11-22T{hour:02}:00:00Z", "activityDisplayName": "Update application – x.",
                "correlationId": correlation, "targetResources": [target]}  # fmt: skip

    changed = [{"displayName": "AppAddress", "oldValue": '["a"]', "newValue": '["b"]'}]
    audits = [record(9, "c1", []), record(9, "c1", changed), record(8, "c2", []), record(11, "c3", [])]
    body = asked(observed_at="2026-11-22T10:00:00Z", registration={"directory_audits": {"value": audits}})
    changes = body.facts.changes
    assert isinstance(changes, Found)
    assert [(item.correlation_id, item.activity) for item in changes.value] == [
        ("c1", "Update application - x"),
        ("c2", "Update application - x"),
    ]
    assert [(item.name, item.old, item.new) for item in changes.value[0].properties] == [("AppAddress", "a", "b")]


def test_claims_user_domain_and_device_are_read() -> None:
    body = asked(
        token={"aud": "api://x", "scp": "User.Read Mail.Read", "roles": None, "azp": CLIENT, "exp": 1_700_000_000,
               "header": {"nonce": "n", "alg": "RS256"}},
        registration={"user": {"userType": "Guest", "onPremisesSyncEnabled": None}, "device": None,
                      "domain": {"id": "contoso.example", "authenticationType": "Federated",
                                 "federationConfiguration": {"value": [{"issuerUri": "urn:x"}]}}},
    ).facts  # fmt: skip
    assert body.token.scopes == Found(("User.Read", "Mail.Read"), "token")
    assert body.token.roles == Missing("token")
    assert body.token.app_id == Found(CLIENT, "token")
    assert body.token.expires_at == Found(datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), "token")
    assert body.token.header_nonce == Found("n", "token")
    assert (body.user.user_type, body.user.on_premises_synced) == (Found("Guest"), Missing())
    assert body.domain.issuer_uri == Found("urn:x")
    assert body.device.trust_type == Missing()


def test_the_home_tenant_follows_from_both_objects_of_one_application() -> None:
    both = {"application": {"appId": CLIENT}, "service_principal": {"appId": CLIENT, "appOwnerOrganizationId": "T"}}
    other = {"application": {"appId": "x"}, "service_principal": {"appId": CLIENT, "appOwnerOrganizationId": "T"}}
    assert asked(registration=both).facts.home_tenant_id == Found("T")
    assert asked(registration=other).facts.home_tenant_id == Unread()


def test_every_real_case_is_understood(shared: Path) -> None:
    lines = (shared / "cases" / "cases.jsonl").read_text().splitlines()
    for line in lines:
        case = json.loads(line)
        asked_for = enquiry(json.dumps(case["request_object"]).encode())
        assert asked_for.text == case["request_object"].get("text"), case["id"]
    assert len(lines) > 150
