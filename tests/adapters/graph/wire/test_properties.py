"""Single values of Graph: thumbprints, instants, audit values, record properties that say nothing."""

import base64
from datetime import UTC, datetime

import pytest

from diag.adapters.graph.wire import audit
from diag.adapters.graph.wire.common import Node, Unusable, instant
from diag.adapters.graph.wire.credentials import certificate, client_secret, thumbprint
from diag.adapters.graph.wire.failure import error_code, failure, status_text
from diag.adapters.graph.wire.grants import delegated_grant
from diag.adapters.graph.wire.policy import access_policies, applied_policy
from diag.core.read import Found, Missing, Unread

SHA1 = "DA20FCA6959B47D07CB1E5C63BD9E2C0A1B2C3D4"


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        (base64.b64encode(bytes.fromhex(SHA1)).decode(), SHA1),
        (SHA1, SHA1),
        (SHA1.lower(), SHA1),
        (":".join(SHA1[i : i + 2] for i in range(0, 40, 2)), SHA1),
        (base64.b64encode(SHA1.encode()).decode(), SHA1),
        (base64.b64encode(b"x" * 32).decode(), ""),
        ("", ""),
        ("no thumbprint", ""),
    ],
)
def test_a_thumbprint_is_the_same_however_the_directory_writes_it(identifier: str, expected: str) -> None:
    assert thumbprint(identifier) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-11-22T10:00:00Z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22t10:00:00.9999999z", datetime(2026, 11, 22, 10, 0, 0, 999999, UTC)),
        ("2026-11-22T10:00:00+05:30", datetime(2026, 11, 22, 4, 30, tzinfo=UTC)),
        ("2026-11-22 10:00:00-00:30", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, 999999, UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("9999-12-31T23:59:59-08:00", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_instants_of_every_rfc_3339_form_become_utc(given: str, expected: datetime) -> None:
    assert instant(given) == expected
    assert instant(given).tzinfo is UTC


@pytest.mark.parametrize(
    "given",
    ["", "2026-11-22", "2026-11-22T10:00:00", "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z",
     "2026-11-22T10:00:00-8:00", "0001-01-01T00:00:00+14:00", "٢٠٢٦-11-22T10:00:00Z", 5, None, datetime(2026, 11, 22)],  # noqa: DTZ001
)  # fmt: skip
def test_what_is_no_instant_is_refused(given: object) -> None:
    with pytest.raises(Unusable):
        instant(given)


def test_a_secret_without_key_id_is_refused_and_one_with_an_odd_end_is_kept() -> None:
    with pytest.raises(Unusable, match="has no keyId"):
        client_secret({"endDateTime": "2026-11-22T10:00:00Z"})
    kept = client_secret({"keyId": "K", "endDateTime": "soon", "hint": "abc", "displayName": None})
    assert (kept.key_id, kept.ends, kept.hint, kept.display_name) == ("K", None, "abc", "")


def test_a_certificate_keeps_what_the_directory_gave_beside_the_thumbprint() -> None:
    given = base64.b64encode(bytes.fromhex(SHA1)).decode()
    kept = certificate({"keyId": "K", "usage": "Sign", "type": "X509CertAndPassword", "customKeyIdentifier": given})
    assert (kept.usage, kept.thumbprint, kept.custom_key_identifier) == ("Sign", SHA1, given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ""),
        ("[]", ""),
        ('""', ""),
        ("DirectorySync", "DirectorySync"),
        ('"\\"KeyDescription\\""', "KeyDescription"),
        ("[true]", "true"),
        ('["https://a.contoso.example/"]', "https://a.contoso.example/"),
        ('["a","b"]', '["a","b"]'),
        ('{"a":1}', '{"a":1}'),
        ('["{\\"a\\":1}"]', '{"a":1}'),
        ("[broken", "[broken"),
        ([{"AddressType": 0}], '{"AddressType":0}'),
    ],
)
def test_audit_values_are_peeled_out_of_their_json(given: object, expected: str) -> None:
    assert audit.decoded_value(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            "Update application – Certificates and secrets management ",
            "Update application - Certificates and secrets management",
        ),
        ("Add service principal credentials.", "Add service principal credentials"),
        ("Consent to application", "Consent to application"),
    ],
)
def test_activity_names_lose_their_dashes_and_trailing_periods(given: str, expected: str) -> None:
    assert audit.activity_name(given) == expected


def test_the_application_among_several_targets_is_the_one_that_changed() -> None:
    change = audit.change(
        {
            "activityDateTime": "2026-11-22T10:00:00.7215374Z",
            "initiatedBy": {"user": None, "app": {"displayName": "Deploy"}},
            "targetResources": [
                {"id": "U", "Type": "User"},
                {"id": "A", "Type": "Application", "displayName": "Orders"},
            ],
        }
    )
    assert (change.target_object_id, change.target_name, change.actor) == ("A", "Orders", "Deploy")


def test_an_audit_record_without_an_instant_is_refused() -> None:
    with pytest.raises(Unusable):
        audit.change({"activityDisplayName": "Update application"})


def test_a_grant_splits_its_scopes_and_a_partial_one_is_refused() -> None:
    given = {"clientId": "C", "resourceId": "R", "consentType": "Principal", "principalId": "P", "scope": " a  b a "}
    assert delegated_grant(given).scopes == ("a", "b")
    assert delegated_grant({**given, "scope": None}).scopes == ()
    for name in ("clientId", "resourceId", "consentType", "scope"):
        with pytest.raises(Unusable):
            delegated_grant({key: value for key, value in given.items() if key != name})


def test_a_policy_without_its_conditions_leaves_the_collection_incomplete() -> None:
    whole = {
        "id": "1",
        "conditions": {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
        "grantControls": {"builtInControls": ["block"]},
        "sessionControls": {"signInFrequency": {"isEnabled": True}},
    }
    read = access_policies(Node({"value": [whole, {"id": "2"}]}, "p"), "value")
    assert isinstance(read, Found)
    assert not read.complete
    policy = read.value[0]
    assert (policy.transfer_methods, policy.controls, policy.session_controls) == (
        ("deviceCodeFlow",),
        ("block",),
        ("signInFrequency",),
    )


def test_an_applied_policy_reads_its_comma_separated_conditions() -> None:
    applied = applied_policy({"id": "1", "result": "failure", "conditionsSatisfied": "application,users,location"})
    assert applied.conditions_satisfied == ("application", "users", "location")
    assert applied_policy({"result": "notApplied", "conditionsSatisfied": "none"}).conditions_satisfied == ()


def test_what_the_record_leaves_empty_proves_nothing() -> None:
    record = Node(
        {
            "servicePrincipalCredentialKeyId": "",
            "federatedCredentialId": None,
            "appId": "",
            "authenticationProtocol": "none",
            "riskLevelDuringSignIn": "hidden",
            "deviceDetail": {"deviceId": "", "browser": ""},
            "homeTenantId": None,
            "appliedConditionalAccessPolicies": [],
        },
        "sign_in",
        "sign_in",
    )
    facts = failure(record)
    for read in (facts.credential_key_id, facts.federated_credential_id, facts.app_id, facts.protocol, facts.flow):
        assert isinstance(read, Unread)
    assert isinstance(facts.risk_level, Unread)
    assert isinstance(facts.browser, Unread)
    assert facts.device_id == Missing("sign_in")
    assert facts.home_tenant_id == Missing("sign_in")
    assert facts.applied_policies == Found((), "sign_in")
    assert facts.redirect_uri == Unread()


def test_the_flow_is_named_only_where_the_protocol_names_one() -> None:
    def flow(protocol: str) -> object:
        return failure(Node({"authenticationProtocol": protocol}, "sign_in", "sign_in")).flow

    assert flow("onBehalfOf") == Found("on_behalf_of", "sign_in")
    assert flow("saml20") == Found("saml", "sign_in")
    for unclear in ("oAuth2", "deviceCode,prtGrant", "somethingOfTomorrow"):
        assert isinstance(flow(unclear), Unread), unclear


def test_requested_scopes_are_read_from_the_processing_details() -> None:
    details = [{"key": "Root Key Type", "value": "x"}, {"key": "Oauth Scope Info", "value": '["User.Read","openid"]'}]
    assert failure(Node({"authenticationProcessingDetails": details}, "s", "sign_in")).scope == Found(
        "User.Read openid", "sign_in"
    )
    broken = [{"key": "Oauth Scope Info", "value": "[broken"}]
    assert isinstance(failure(Node({"authenticationProcessingDetails": broken}, "s", "sign_in")).scope, Unread)


@pytest.mark.parametrize(
    ("status", "expected"),
    [({"errorCode": 0}, 0), ({"errorCode": "50126"}, 50126), ({"errorCode": -1}, None), ({}, None), (None, None)],
)
def test_the_error_code_is_a_number_or_digits(status: object, expected: int | None) -> None:
    assert error_code(Node({"status": status}, "s")) == expected


def test_the_status_text_joins_reason_and_details() -> None:
    assert status_text(Node({"status": {"failureReason": "a", "additionalDetails": None}}, "s")) == "a"
    assert status_text(Node({}, "s")) is None
