"""Microsoft's own example payloads through decoding and translation: nothing is lost and nothing breaks.

Every file of the collection stands in ``FILES`` with its kind; a file that nobody accounted for fails the first test.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from diag.adapters.graph.credentials import _Answer, _Refusal
from diag.adapters.graph.errors import failed
from diag.adapters.graph.wire import audit, grants
from diag.adapters.graph.wire.application import application
from diag.adapters.graph.wire.common import Node, mapping
from diag.adapters.graph.wire.credentials import certificate, client_secret, federated_credentials
from diag.adapters.graph.wire.failure import failure
from diag.adapters.graph.wire.json_text import anything
from diag.adapters.graph.wire.policy import access_policies
from diag.adapters.graph.wire.registration import details, whole_object
from diag.adapters.graph.wire.service_principal import service_principal
from diag.adapters.graph.wire.sign_in import decode_page
from diag.core.errors import LicenceMissing, PermissionLost, SourceError, Throttled, Unreachable, WindowRefused
from diag.core.inventory import ObjectKind
from diag.core.read import Found, Read
from diag.core.records import FailureRow

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Json = dict[str, Any]


def found(read: Read[Any]) -> Any:
    assert isinstance(read, Found), read
    return read.value


def elements(given: Json) -> list[Json]:
    value = given.get("value", given)
    return value if isinstance(value, list) else [value]


def sign_ins(given: Json) -> None:
    """Every record counted or kept; what is kept equals what was given, properties nobody knows included."""
    records = elements(given)
    body = json.dumps({"value": records}).encode()
    page = decode_page(body, "t", NOW)
    failures = [record for record in records if record["status"]["errorCode"] != 0]
    assert page.read == len(records)
    assert len(page.successes) == len(records) - len(failures)
    assert [json.loads(row.raw) for row in page.failures] == failures
    for row, record in zip(page.failures, failures, strict=True):
        assert (row.id, row.error_code) == (record["id"], record["status"]["errorCode"])
        assert_columns(row, record)
    for record in records:
        tomorrow = {**record, "authenticationProtocol": "grantOfTomorrow", "newProperty": {"deep": [None, 1.5]},
                    "status": {"errorCode": 99999999, "failureReason": None}}  # fmt: skip
        [row] = decode_page(json.dumps({"value": [tomorrow]}).encode(), "t", NOW).failures
        assert json.loads(row.raw) == tomorrow
        assert (row.protocol, row.error_code) == ("grantOfTomorrow", 99999999)
        facts = failure(Node(record, "sign_in", "sign_in"))
        assert found(facts.app_id) == record["appId"].lower()
        assert isinstance(facts.observed_at, Found)


def assert_columns(row: FailureRow, record: Json) -> None:
    for column, name in (("app_display_name", "appDisplayName"), ("ip_address", "ipAddress"), ("user_id", "userId")):
        assert getattr(row, column) == (record.get(name) or ""), name


def audits(given: Json) -> None:
    for record in elements(given):
        change = audit.change(record)
        assert change.activity
        assert change.correlation_id == record["correlationId"]
        target = (record.get("targetResources") or [{}])[0]
        assert change.target_object_id == target.get("id", "")
        modified = target.get("modifiedProperties") or []
        assert [item.name for item in change.properties] == [item["displayName"] for item in modified]
        assert [item.new for item in change.properties] == [audit.decoded_value(item["newValue"]) for item in modified]


def objects(kind: ObjectKind) -> Callable[[Json], None]:
    translate: Mapping[ObjectKind, Callable[[Node], Any]] = {
        "application": application,
        "service_principal": service_principal,
    }

    def check(given: Json) -> None:
        for record in elements(given):
            facts = translate[kind](Node(record, kind))
            assert facts.exists == Found(True)
            for name, field in (
                ("appId", "app_id"),
                ("displayName", "display_name"),
                ("signInAudience", "sign_in_audience"),
            ):
                if record.get(name):
                    assert found(getattr(facts, field)) == record[name], name
            stored = whole_object(kind, record)
            kept = {name: value for name, value in record.items() if not name.startswith("@")}
            assert json.loads(stored.body) == kept
            assert stored.object_id == record.get("id", "")

    return check


def both_objects(given: Json) -> None:
    objects("application")(given["application"])
    objects("service_principal")(given["servicePrincipal"])


def other_objects(given: Json) -> None:
    """Deleted items of another kind: kept as they are, taken for no application."""
    assert json.loads(details("deleted_applications", "x", "", elements(given)).body)["value"] == elements(given)


def secret(given: Json) -> None:
    read = client_secret(given)
    assert (read.key_id, read.hint, read.ends is not None) == (given["keyId"], given["hint"], True)
    body = whole_object("application", {"id": "o", "passwordCredentials": [given]}).body
    assert given["secretText"].encode() not in body


def annotation_only(given: Json) -> None:
    assert list(given) == ["@odata.context"]
    assert json.loads(whole_object("application", given).body) == {}


def signing_certificate(given: Json) -> None:
    read = certificate(given)
    assert read.thumbprint == given["thumbprint"]
    assert given["key"].encode() not in whole_object("service_principal", {"id": "o", "keyCredentials": [given]}).body


def saml_pair(given: Json) -> None:
    """A signing certificate's three entries are one credential; its SHA-256 mark is no thumbprint."""
    [row] = whole_object("service_principal", {"id": "o", "appId": "a", **given}).credentials
    assert (row.kind, row.thumbprint, row.key_id) == ("saml_signing", "", given["keyCredentials"][1]["keyId"])


def federated(given: Json) -> None:
    read = federated_credentials(Node(given, "x"), "value")
    assert isinstance(read, Found)
    assert read.complete
    assert [item.subject for item in read.value] == [item["subject"] for item in given["value"]]


def collection_by(convert: Callable[[object], Any]) -> Callable[[Json], None]:
    def check(given: Json) -> None:
        read = Node(given, "x").items("value", convert)
        assert isinstance(read, Found)
        assert (len(read.value), read.complete) == (len(given["value"]), True)

    return check


def owners(given: Json) -> None:
    assert json.loads(details("owners", "o", "a", given["value"]).body)["value"] == given["value"]
    owned = found(application(Node({"owners": given["value"]}, "x")).owners)
    assert [(owner.name, owner.object_id, owner.user_name, owner.mail) for owner in owned] == [
        (
            one.get("displayName") or one["id"],
            one["id"].lower(),
            one.get("userPrincipalName") or "",
            one.get("mail") or "",
        )
        for one in given["value"]
    ]


def policies(given: Json) -> None:
    read = access_policies(Node(given, "x"), "value")
    assert isinstance(read, Found)
    assert read.complete
    for policy, record in zip(read.value, given["value"], strict=True):
        assert (policy.id, policy.state) == (record["id"], record["state"])
        assert policy.controls == tuple(record["grantControls"]["builtInControls"])
        assert policy.include_applications == tuple(record["conditions"]["applications"]["includeApplications"])


def licences(given: Json) -> None:
    kept = json.loads(details("licences", "licences", "", given["value"]).body)["value"]
    assert sorted(kept, key=str) == sorted(given["value"], key=str)


def refusal(status: int, kind: type[SourceError]) -> Callable[[Json], None]:
    def check(given: Json) -> None:
        problem = failed(status, "/beta/auditLogs/signIns", json.dumps(given).encode(), 3.0)
        assert type(problem) is kind
        assert given["error"]["code"] in str(problem)
        assert given["error"]["innerError"]["request-id"] not in str(problem)

    return check


def token_refusal(given: Json) -> None:
    assert anything(json.dumps(given).encode())["error_codes"] == [70011]
    assert _Refusal(**{name: given[name] for name in ("error", "error_description")}).error == "invalid_scope"


def token_answer(given: Json) -> None:
    assert _Answer(given["access_token"], given["expires_in"]).expires_in == 3599


def not_asked_for(given: Json) -> None:
    """Reports that the product does not ask for: their records pass through as they are."""
    assert [mapping(record) for record in elements(given)] == elements(given)
    assert anything(json.dumps(given).encode()) == given


FILES: dict[str, Callable[[Json], None]] = {
    "beta-appcredentialsigninactivities-list-1.json": not_asked_for,
    "beta-applicationsignindetailedsummary-get-1.json": not_asked_for,
    "beta-directoryaudit-list-1.json": audits,
    "beta-getsummarizedserviceprincipalsignins-1.json": not_asked_for,
    "beta-recommendation-applicationcredentialexpiry.json": not_asked_for,
    "beta-recommendation-impactedresources-applicationcredentialexpiry.json": not_asked_for,
    "beta-serviceprincipal-get-1.json": objects("service_principal"),
    "beta-serviceprincipalsigninactivities-list-1.json": not_asked_for,
    "beta-signin-get-1.json": sign_ins,
    "beta-signin-list-1-failed-interactive.json": sign_ins,
    "beta-signin-list-3-noninteractive-oauth-scope-info.json": sign_ins,
    "beta-signineventsappsummary-list-1.json": not_asked_for,
    "beta-signineventssummary-list-1.json": not_asked_for,
    "graph-error-400-invalid-filter-clause.json": refusal(400, WindowRefused),
    "graph-error-403-authorization-requestdenied.json": refusal(403, PermissionLost),
    "graph-error-403-nonpremium.json": refusal(403, LicenceMissing),
    "graph-error-429.json": refusal(429, Throttled),
    "graph-error-501-not-implemented.json": refusal(501, Unreachable),
    "token-endpoint-error-70011.json": token_refusal,
    "token-endpoint-success-client-credentials.json": token_answer,
    "v1.0-application-addkey-1.json": annotation_only,
    "v1.0-application-addkey-2.json": annotation_only,
    "v1.0-application-addpassword-1.json": secret,
    "v1.0-application-delta-1.json": objects("application"),
    "v1.0-application-federatedidentitycredentials-list-1.json": federated,
    "v1.0-application-get-1.json": objects("application"),
    "v1.0-application-get-2-select.json": objects("application"),
    "v1.0-application-list-3-count.json": objects("application"),
    "v1.0-application-list-owners-1.json": owners,
    "v1.0-applicationtemplate-instantiate-application-and-serviceprincipal.json": both_objects,
    "v1.0-conditionalaccessroot-list-policies-1.json": policies,
    "v1.0-directory-deleteditems-list-1.json": other_objects,
    "v1.0-directoryaudit-get-1.json": audits,
    "v1.0-directoryaudit-list-1.json": audits,
    "v1.0-directoryaudit-list-2.json": audits,
    "v1.0-oauth2permissiongrant-delta-1.json": collection_by(grants.delegated_grant),
    "v1.0-oauth2permissiongrant-list-1.json": collection_by(grants.delegated_grant),
    "v1.0-saml-serviceprincipal-keycredentials-request-body.json": saml_pair,
    "v1.0-serviceprincipal-addtokensigningcertificate-1.json": signing_certificate,
    "v1.0-serviceprincipal-delta-1.json": objects("service_principal"),
    "v1.0-serviceprincipal-get-1.json": objects("service_principal"),
    "v1.0-serviceprincipal-list-1.json": objects("service_principal"),
    "v1.0-serviceprincipal-list-2.json": objects("service_principal"),
    "v1.0-serviceprincipal-list-3.json": objects("service_principal"),
    "v1.0-serviceprincipal-list-approleassignedto-1.json": collection_by(grants.role_assignment),
    "v1.0-serviceprincipal-list-approleassignments-1.json": collection_by(grants.role_assignment),
    "v1.0-serviceprincipal-list-oauth2permissiongrants-1.json": collection_by(grants.delegated_grant),
    "v1.0-serviceprincipal-list-owners-1.json": owners,
    "v1.0-signin-get-1.json": sign_ins,
    "v1.0-signin-list-1.json": sign_ins,
    "v1.0-subscribedsku-list-1.json": licences,
}


def test_every_example_is_accounted_for(shared: Path) -> None:
    there = {path.name for path in (shared / "facts" / "graph-examples").glob("*.json")} - {"MANIFEST.json"}
    assert there == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_nothing_of_an_example_is_lost(name: str, shared: Path) -> None:
    body = (shared / "facts" / "graph-examples" / name).read_bytes()
    FILES[name](anything(body))
