"""``POST /diagnose``: the JSON of the contract to the letter, and nothing that somebody sends breaks it."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diag.adapters.graph.wire.request import ASSERTION, REGISTRATION, REQUEST, SECRET_SHAPE, TOP
from diag.bootstrap import Service, build
from diag.entrypoints.api.app import operations
from diag.entrypoints.api.openapi import document
from diag.settings import Settings
from tests.conftest import Campaign
from tests.entrypoints.api.conftest import client
from tests.entrypoints.api.seed import CONTOSO, ORDERS, SteppingClock
from tests.entrypoints.api.test_problems import told

URL = "/api/v1/diagnose"
ALWAYS = {
    "id", "code", "symptom", "name", "family", "kind", "summary", "verdict", "cause", "causes", "needs", "extracted",
    "related_changes", "other_codes", "sources", "notes", "kb_version", "redacted",
}  # fmt: skip
CAUSE = {
    "id", "title", "verdict", "confidence", "commonness", "fixed_by", "root_cause", "evidence", "needs", "confirm",
    "fix",
}  # fmt: skip
FAR = {"code": 50011, "request": {"client_id": ORDERS}}
DEEP = b'{"code":50011,"registration":{"application":' + b'{"web":' * 400 + b"1" + b"}" * 402
PROXY = {
    "code": "AADSTS50011",
    "request": {"redirect_uri": "http://app.contoso.example/signin-oidc", "behind_proxy": True},
    "registration": {
        "application": {
            "appId": ORDERS,
            "web": {"redirectUris": ["https://app.contoso.example/signin-oidc"]},
            "spa": {"redirectUris": []},
            "publicClient": {"redirectUris": []},
        }
    },
}
ASKED: dict[str, dict[str, Any]] = {
    "a code alone": {"code": 50011},
    "a paste": {"text": f"AADSTS7000222: The provided client secret keys for app '{ORDERS}' are expired."},
    "a symptom": {"symptom": "api-rejects-token"},
    "a record": {"sign_in": {"appId": ORDERS, "status": {"errorCode": 65001, "failureReason": "…"}}},
    "a determined one": PROXY,
    "an unknown code": {"text": "AADSTS9999999: Nobody knows. Trace ID: 6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01"},
    "a success": {"sign_in": {"appId": ORDERS, "status": {"errorCode": 0}}},
}


@pytest.fixture(scope="module")
def answer_schema() -> dict[str, Any]:
    described = document(operations())
    return {"$ref": "#/components/schemas/Diagnosis", "components": described["components"]}


def nothing_unknown_is_null(value: Any, where: str = "") -> Iterator[str]:
    """Every place of a null that is not one of the three that may be; bodies of requests keep theirs."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if inner is None and where + name not in ("code", "symptom", "cause"):
                yield where + name
            elif name != "body":
                yield from nothing_unknown_is_null(inner, f"{where}{name}.")
    elif isinstance(value, list):
        for inner in value:
            yield from nothing_unknown_is_null(inner, f"{where}[].")


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
async def test_the_answer_has_the_keys_of_the_contract(
    api: httpx.AsyncClient, asked: dict[str, Any], answer_schema: dict[str, Any]
) -> None:
    response = await api.post(URL, json=asked)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == ALWAYS
    assert list(nothing_unknown_is_null(body)) == []
    for cause in body["causes"]:
        assert set(cause) == CAUSE
        for item in cause["evidence"]:
            assert {"statement", "fact", "source"} <= set(item) <= {"statement", "fact", "source", "as_of"}
        for fix in cause["fix"]:
            assert fix["do"]
            for tool in ("az", "powershell", "bicep", "terraform") if "commands" in fix else ():
                told_by = fix["commands"][tool]
                assert isinstance(told_by, str) or set(told_by) == {"unavailable"}
    assert set(body["extracted"]) <= {
        "app_id", "tenant_id", "redirect_uri", "resource", "scope", "error", "suberror", "correlation_id", "trace_id",
        "timestamp",
    }  # fmt: skip
    jsonschema.Draft202012Validator(answer_schema).validate(body)


async def test_a_determined_diagnosis_comes_first_among_its_causes(api: httpx.AsyncClient) -> None:
    body = (await api.post(URL, json=PROXY)).json()
    assert (body["code"], body["verdict"]) == (50011, "determined")
    assert body["cause"]["id"] == "tls-proxy-http-scheme"
    assert body["causes"][0] == body["cause"]
    order = {"holds": 0, "possible": 1, "ruled_out": 2}
    ranks = [order[cause["verdict"]] for cause in body["causes"]]
    assert ranks == sorted(ranks)


async def test_an_unknown_code_a_success_and_a_symptom_are_told_as_they_are(api: httpx.AsyncClient) -> None:
    answers = {name: (await api.post(URL, json=asked)).json() for name, asked in ASKED.items()}
    assert (answers["an unknown code"]["verdict"], answers["an unknown code"]["code"]) == ("unknown_code", 9999999)
    assert answers["an unknown code"]["extracted"]["trace_id"] == ORDERS
    assert answers["an unknown code"]["cause"] is None
    assert answers["a success"]["verdict"] == "not_a_failure"
    assert (answers["a symptom"]["code"], answers["a symptom"]["symptom"]) == (None, "api-rejects-token")


async def test_absent_is_unread_and_null_is_missing(api: httpx.AsyncClient) -> None:
    absent = (await api.post(URL, json={"code": 700016, "registration": {}})).json()
    missing = (await api.post(URL, json={"code": 700016, "registration": {"service_principal": None}})).json()
    assert any(need["fact"].startswith("service_principal") for need in absent["needs"])
    assert not any(need["fact"] == "service_principal.exists" for need in missing["needs"])
    assert absent["causes"] != missing["causes"]


async def test_a_code_is_taken_in_every_form_and_wins_over_record_and_text(api: httpx.AsyncClient) -> None:
    for code in (50011, "50011", "AADSTS50011"):
        body = {"code": code, "sign_in": {"status": {"errorCode": 65001}}, "text": "AADSTS700016: …"}
        assert (await api.post(URL, json=body)).json()["code"] == 50011
    wrapped = "AADSTS70002: Error validating credentials. AADSTS50126: Invalid username or password."
    body = (await api.post(URL, json={"text": wrapped})).json()
    assert (body["code"], body["other_codes"]) == (50126, [70002])


async def test_a_secret_in_the_paste_is_named_by_kind_only(api: httpx.AsyncClient) -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlc2lnbmF0dXJl"
    response = await api.post(URL, json={"text": f"AADSTS50011: … Authorization: Bearer {token}"})
    assert response.json()["redacted"]
    assert token not in response.text


async def test_the_stored_registration_is_used_for_the_application_the_text_names(api: httpx.AsyncClient) -> None:
    text = (
        "AADSTS50011: The redirect URI 'https://orders.contoso.example/signin-OIDC' specified in the request does not "
        f"match the redirect URIs configured for the application '{ORDERS}'."
    )
    stored = (await api.post(URL, json={"text": text})).json()
    bare = (await api.post(URL, json={"text": text, "registration": {"application": {"displayName": "x"}}})).json()

    def from_registration(body: dict[str, Any]) -> list[str]:
        return [
            item["statement"]
            for cause in body["causes"]
            for item in cause["evidence"]
            if item["fact"] == "application.redirect_uris" and "as_of" in item
        ]

    assert any("https://orders.contoso.example/signin-oidc" in statement for statement in from_registration(stored))
    assert from_registration(bare) == []


async def test_nothing_is_stored(api: httpx.AsyncClient, tmp_path: Path, service: Service) -> None:
    def dump() -> list[str]:
        with sqlite3.connect(tmp_path / "diag.db") as connection:
            return list(connection.iterdump())

    before = dump()
    for asked in ASKED.values():
        await api.post(URL, json=asked)
    assert dump() == before


HOSTILE: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "an empty object": (b"{}", 422),
    "null": (b"null", 422),
    "a list": (b"[]", 422),
    "a number": (b"5", 422),
    "cut JSON": (b'{"code": 500', 422),
    "binary": (bytes(range(256)) * 100, 422),
    "binary text": (json.dumps({"text": "\x00\x01\x02AADSTS50011"}).encode(), 422),
    "broken UTF-8": (b'{"text": "AADSTS50011 \xff\xfe"}', 422),
    "a lone surrogate": (b'{"text": "AADSTS50011: \\ud83d"}', 200),
    "deep lists": (b"[" * 300_000, 422),
    "deep objects": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 422),
    "depth inside the registration": (DEEP, 200),
    "300 KB of text": (json.dumps({"text": "AADSTS50011 " + "x" * 300_000}).encode(), 422),
    "256 KB of text": (json.dumps({"text": ("AADSTS50011: " + "word " * 60_000)[: 256 * 1024]}).encode(), 200),
    "256 KB of quotes": (json.dumps({"text": "AADSTS50011" + '"' * 250_000}).encode(), 200),
    "two megabytes": (b'{"text":"' + b"x" * 2_000_000 + b'"}', 413),
    "an unknown key": (b'{"code": 50011, "registratoin": {}}', 422),
    "an unknown key inside": (b'{"code": 50011, "request": {"redirct_uri": ""}}', 422),
    "an unknown symptom": (b'{"symptom": "bad-mood"}', 422),
    "a wrong type": (b'{"code": 50011, "request": {"has_client_secret": "yes"}}', 422),
    "a huge number": (b'{"code": 1e400}', 422),
    "a negative code": (b'{"code": -50011}', 422),
    "a token in place of its claims": (b'{"code": 50011, "token": "eyJ"}', 422),
    "an instant of the year 1": (json.dumps({**FAR, "observed_at": "0001-01-01T00:00:00Z"}).encode(), 200),
    "an instant of the year 9999": (json.dumps({**FAR, "observed_at": "9999-12-31T23:59:59Z"}).encode(), 200),
}  # fmt: skip


@pytest.mark.parametrize(("content", "status"), HOSTILE.values(), ids=HOSTILE)
async def test_hostile_input_is_answered_in_time_and_never_breaks(
    api: httpx.AsyncClient, content: bytes, status: int
) -> None:
    response = await asyncio.wait_for(api.post(URL, content=content), 20)
    if status == 200:
        assert response.status_code == 200, response.text[:500]
    else:
        body = told(response, status, {413: "too-large", 422: "bad-input"}[status])
        assert len(body["detail"]) < 2000


async def test_a_misspelt_key_is_told_with_the_right_one(api: httpx.AsyncClient) -> None:
    response = await api.post(URL, json={"code": 50011, "request": {"redirct_uri": ""}})
    assert "did you mean “redirect_uri”?" in told(response, 422, "bad-input")["detail"]
    unknown = await api.post(URL, json={"symptom": "bad-mood"})
    assert "api-rejects-token" in told(unknown, 422, "bad-input")["hint"]


_NAMES = st.sampled_from(
    [*TOP, *REQUEST, *REGISTRATION, *ASSERTION, *SECRET_SHAPE, "value", "web", "redirectUris", "keyCredentials",
     "status", "errorCode", "appId", "endDateTime", "@odata.nextLink", "error", "id", "passwordCredentials", "aud"]
)  # fmt: skip
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(
        [50011, "AADSTS7000222", ORDERS, CONTOSO, "api-rejects-token", "2026-11-22T10:00Z", "authorize", "1"]
    ),
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES | st.text(max_size=8), inner, max_size=6),
    max_leaves=30,
)
_BODIES = st.one_of(
    _JSON,
    st.dictionaries(st.sampled_from(TOP), _JSON, min_size=1, max_size=6).map(lambda body: {"code": 50011, **body}),
)


def test_no_body_whatever_makes_it_fail(filled: Path, campaign: Campaign) -> None:
    service = build(Settings(data_dir=filled, tenant_id=CONTOSO), clock=SteppingClock())
    service.starting = ""
    asking = client(service)

    @settings(
        max_examples=campaign.rounds(6000),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(_BODIES)
    def never_fails(body: Any) -> None:
        content = json.dumps(body).encode()
        response = loop.run_until_complete(asking.post(URL, content=content))
        assert response.status_code in (200, 422), (response.status_code, content)
        if response.status_code == 422:
            told(response, 422, "bad-input")
        else:
            assert set(response.json()) == ALWAYS

    loop = asyncio.new_event_loop()
    try:
        never_fails()
    finally:
        loop.run_until_complete(asking.aclose())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        service.close()
