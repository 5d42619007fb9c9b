"""Whatever Graph or a person sends, translation answers with facts or with ``BadInput``, and loses no record."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diag.adapters.graph.wire import audit, request
from diag.adapters.graph.wire.application import application
from diag.adapters.graph.wire.common import Node, Unusable
from diag.adapters.graph.wire.json_text import anything
from diag.adapters.graph.wire.registration import details, whole_object
from diag.adapters.graph.wire.service_principal import service_principal
from diag.adapters.graph.wire.sign_in import decode_page
from diag.adapters.graph.wire.stored import StoredFacts
from diag.core.errors import BadInput
from diag.core.facts import Facts
from tests.conftest import Campaign

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "null",
            "9999-12-31T23:59:59-08:00",
            "0001-01-01T00:00:00+14:00",
            "2026-02-30T00:00:00Z",
            "2026-11-22T10:00:00.1234567Z",
            "2026-11-22T10:00:00",
            "2016-12-31T23:59:60Z",
            "11111111-2222-4333-8444-555555555555",
            "AAAAAAAA-2222-4333-8444-55555555555A",
            '["[KeyIdentifier=1]"]',
            '"\\"twice\\""',
            "[" * 60,
            "\ud800",
            "\x00",
            "x" * 9000,
        ]
    ),
)
PROPERTIES = """
    id appId displayName web spa publicClient redirectUris api requestedAccessTokenVersion oauth2PermissionScopes
    passwordCredentials keyCredentials keyId startDateTime endDateTime customKeyIdentifier requiredResourceAccess
    resourceAppId resourceAccess type value error code implicitGrantSettings enableIdTokenIssuance
    isFallbackPublicClient federatedIdentityCredentials issuer subject audiences status errorCode failureReason
    createdDateTime signInEventTypes deviceDetail deviceId location countryOrRegion authenticationProcessingDetails
    key appliedConditionalAccessPolicies result conditionsSatisfied targetResources modifiedProperties oldValue
    newValue activityDateTime initiatedBy user app owners @odata.nextLink conditions grantControls applications
    preferredTokenSigningKeyThumbprint replyUrls claimsMatchingExpression verifiedPublisher federationConfiguration
    header aud exp scp roles
"""
NAMES = st.sampled_from(PROPERTIES.split())
VALUES = st.recursive(
    ODD,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=6)),
    max_leaves=8,
)
RECORDS = st.dictionaries(NAMES, VALUES, max_size=10)


def many(campaign: Campaign, full: int) -> settings:
    return settings(
        max_examples=campaign.rounds(full),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_any_object_of_the_directory_becomes_facts_and_a_stored_object(campaign: Campaign) -> None:
    @many(campaign, 5_000)
    @given(RECORDS)
    def check(record: dict[str, Any]) -> None:
        assert application(Node(record, "application")).exists == Node(record, "application").found(True)
        assert service_principal(Node(record, "service_principal")).exists is not None
        plain = anything(as_json(record))
        assert whole_object("application", plain).kind == "application"
        assert whole_object("service_principal", plain).body.startswith(b"{")
        assert details("federated_credentials", "o", "a", [plain]).body.startswith(b'{"value":[')

    check()


def test_any_sign_in_record_is_counted_or_kept_with_its_own_bytes(campaign: Campaign) -> None:
    @many(campaign, 5_000)
    @given(st.lists(RECORDS, max_size=3))
    def check(records: list[dict[str, Any]]) -> None:
        body = as_json({"value": records})
        page = decode_page(body, "t", NOW)
        assert page.read == len(records)
        assert len(page.failures) + len(page.successes) == len(records)
        for row in page.failures:
            # Half of a cut emoji is no text and becomes U+FFFD; a whole one stays as it was sent.
            assert row.raw in re.sub(rb"\\ud800(?!\\ud[c-f])", rb"\\ufffd", body)
            assert row.id
            assert row.created_at.tzinfo is not None
            assert StoredFacts().enquiry(row, Facts()).sign_in_code == row.error_code

    check()


def test_any_audit_record_becomes_a_change_or_is_refused_by_name(campaign: Campaign) -> None:
    @many(campaign, 5_000)
    @given(RECORDS)
    def check(record: dict[str, Any]) -> None:
        try:
            change = audit.change(record)
        except Unusable:
            return
        assert audit.joined([change, change])[0].at == change.at

    check()


def test_any_body_becomes_an_enquiry_or_bad_input(campaign: Campaign) -> None:
    top = st.sampled_from([*request.TOP, "tex"])
    parts = st.one_of(
        VALUES,
        st.dictionaries(
            st.sampled_from([*request.REQUEST, *request.REGISTRATION, *request.ASSERTION]), VALUES, max_size=6
        ),
        st.dictionaries(st.sampled_from(request.REGISTRATION), RECORDS, max_size=6),
    )

    @many(campaign, 5_000)
    @given(st.dictionaries(top, parts, max_size=5))
    def check(body: dict[str, Any]) -> None:
        for given_body in (body, as_json(body)):
            try:
                asked = request.enquiry(given_body)
            except BadInput:
                continue
            assert msgspec.json.encode(asked)

    check()
