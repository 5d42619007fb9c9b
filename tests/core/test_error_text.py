import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.core.error_text import read_error_text
from diag.core.errors import BadInput
from diag.core.pasted import MOST_BYTES

APP = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"
TRACE = "11111111-2222-4333-8444-555555555501"
CORRELATION = "11111111-2222-4333-8444-555555555502"
MESSAGE = (
    "AADSTS50011: The redirect URI 'https://orders.contoso.example/cb' specified in the request does not match the "
    f"redirect URIs configured for the application '{APP}'.\r\nTrace ID: {TRACE}\r\n"
    f"Correlation ID: {CORRELATION}\r\nTimestamp: 2026-11-20 10:00:00Z"
)
BODY = {
    "error": "invalid_request",
    "error_description": MESSAGE,
    "error_codes": [50011],
    "timestamp": "2026-11-20 10:00:00Z",
    "trace_id": TRACE,
    "correlation_id": CORRELATION,
}
PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in to your account</title></head><body><div class='row'>Sorry, but"
    " we&#8217;re having trouble signing you in.</div><div>AADSTS50011: The redirect URI &#39;https://orders.contoso.example/cb&#39;"
    f" specified in the request does not match the redirect URIs configured for the application &#39;{APP}&#39;.</div>"
    f"<div>Request Id: <b>{TRACE}</b><br/>Correlation Id: <b>{CORRELATION}</b><br/>"
    "Timestamp: 2026-11-20T10:00:00Z</div>"
)
DRESSES = {
    "plain": MESSAGE,
    "json": json.dumps(BODY),
    "json with escaped quotes": json.dumps(BODY).replace("'", "\\u0027"),
    "json in a log line": f"2026-11-20 10:00:01 ERROR body={json.dumps(json.dumps(BODY))}",
    "json in json in json": json.dumps({"log": json.dumps({"body": json.dumps(BODY)})}),
    "python": f"Server returned: {BODY!r}",
    "address": f"https://orders.contoso.example/cb?error=invalid_request&error_description={quote_plus(MESSAGE)}&state=x",
    "address with percent spaces": f"https://orders.contoso.example/cb#error=invalid_request&error_description={quote(MESSAGE)}",
    "address encoded twice": quote(f"/cb?error=invalid_request&error_description={quote_plus(MESSAGE)}", safe=""),
    "page": PAGE,
    "exception": f"MsalServiceException: {MESSAGE}\n   at Contoso.Client.X(String a) in C:\\src\\new\\r.cs:line 9",
    "indented": "\n".join(f"    | {line}" for line in MESSAGE.splitlines()),
    "typographic quotes": MESSAGE.replace("'", "’"),
    "non-breaking spaces": MESSAGE.replace(" ", "\u00a0"),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_the_same_error_is_read_from_every_dress(dress: str) -> None:
    read = read_error_text(DRESSES[dress])
    assert read.code == 50011
    assert read.other_codes == ()
    assert read.values["correlation_id"] == CORRELATION
    assert read.values["trace_id"] == TRACE
    assert read.values["observed_at"].replace("T", " ") == "2026-11-20 10:00:00Z"
    assert read.values["app_id"] == APP
    assert "The redirect URI 'https://orders.contoso.example/cb' specified in the request" in read.window


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("AADSTS50011", 50011),
        ("aadsts50011", 50011),
        ("AADSTS 50011 occurred", 50011),
        ("AADSTS: 50011", 50011),
        ("AADSTS7000215: bad secret", 7000215),
        ("ADSTS50059: No tenant", 50059),
        ("50011", 50011),
        ("  50011\n", 50011),
        ("error code: 50011", 50011),
        ("Sign-in error code 50011.", 50011),
        ("Error Code: 53003\nRequest Id: x", 53003),
        ('{"errorCode": 50011}', 50011),
        ('"error_codes":[50011,65001]', 50011),
        ("'error_codes': [50011]", 50011),
        ("ResultType 50011", 50011),
        ('"ResultType":"7000222"', 7000222),
        ("ResultType = 50011", 50011),
        ("Fehlercode: 50011", 50011),
        ('"iErrorCode":50011', 50011),
        ("error=invalid_client&error_code=50011", 50011),
        ('"status":{"errorCode":0,"failureReason":"Other."}', 0),
    ],
)
def test_a_code_is_found_with_and_without_its_prefix(text: str, code: int) -> None:
    assert read_error_text(text).code == code


@pytest.mark.parametrize(
    "text",
    [
        "It took 50011 ms",
        "port 50011 is in use",
        "order number 50011.",
        "HTTP 400 Bad Request",
        "error code: 80070005x",
        "error code 500.11",
        "HRESULT 0x80070005",
        "error code: 1234567890",
        "AADSTS without number",
        "AADB2C90118: forgotten password",
    ],
)
def test_a_number_that_nothing_calls_a_code_is_none(text: str) -> None:
    assert read_error_text(text).code is None


def test_numbers_where_a_code_might_stand_are_only_a_possibility() -> None:
    read = read_error_text("Office account wizard shows error 135011")
    assert (read.code, read.maybe) == (None, (135011,))


def test_a_wrapper_yields_to_the_specific_code_and_stays_among_the_others() -> None:
    read = read_error_text("AADSTS70002: Error validating credentials. AADSTS50055: The password has expired.")
    assert (read.code, read.other_codes) == (50055, (70002,))


def test_a_wrapper_alone_is_the_code() -> None:
    assert read_error_text("AADSTS70002: Error validating credentials.").code == 70002


def test_several_errors_come_in_the_order_of_the_text() -> None:
    read = read_error_text("first AADSTS65001: a\nthen AADSTS50011: b\nand AADSTS65001: a again, AADSTS700016: c")
    assert (read.code, read.other_codes) == (65001, (50011, 700016))


def test_the_code_somebody_names_counts_where_the_text_has_it_too() -> None:
    text = f"AADSTS65001: a {'x ' * 4000} AADSTS50011: The redirect URI here"
    read = read_error_text(text, asked=50011)
    assert (read.code, read.other_codes) == (50011, (65001,))
    assert "The redirect URI here" in read.window


def test_the_window_stays_below_4_kb_and_holds_the_code_of_a_long_log() -> None:
    noise = "2026-11-20 INFO nothing happened here at all\n" * 2000
    read = read_error_text(f"{noise}{MESSAGE}\n{noise}")
    assert len(read.window) <= 4096
    assert "AADSTS50011" in read.window
    assert APP in read.window


def test_the_parameters_of_an_authorize_address_are_read() -> None:
    read = read_error_text(
        "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize?client_id="
        + APP
        + "&response_type=code"
        "&redirect_uri=https%3A%2F%2Forders.contoso.example%2Fcb%3Fa%3D1&scope=openid%20User.Read&prompt=none"
        "&error=login_required"
    )
    assert read.values["app_id"] == APP
    assert read.values["authority_tenant"] == "contoso.example"
    assert read.values["endpoint"] == "authorize"
    assert read.values["redirect_uri"].startswith("https://orders.contoso.example/cb")
    assert read.values["scope"] == "openid User.Read"
    assert read.values["response_type"] == "code"
    assert read.values["prompt"] == "none"
    assert read.values["error"] == "login_required"


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("AADSTS90002: Tenant 'contoso.example' not found.", "tenant", "contoso.example"),
        (f"AADSTS700016: x in the directory '{APP}'.", "tenant", APP),
        ("AADSTS90002: Tenant: contoso.example", "tenant", "contoso.example"),
        ("AADSTS90002: tenant: The tenant is gone", "tenant", None),
        ("AADSTS500011: The resource principal named api://orders.contoso.example was", "resource", None),
        ("AADSTS500011: The resource principal named 'api://x' was not found", "resource", "api://x"),
        (f"AADSTS650057: Resource value from request: {APP}. Resource app ID", "resource", APP),
        ("AADSTS50001: resource: Contact the vendor", "resource", None),
        (f"AADSTS7000112: Application '{APP}'(Orders) is disabled.", "app_name", "Orders"),
    ],
)
def test_values_that_many_messages_print_are_read_only_where_they_are_plain(
    text: str, name: str, value: str | None
) -> None:
    assert read_error_text(text).values.get(name) == value


def test_error_and_suberror_of_a_json_body_are_read() -> None:
    read = read_error_text('{"error":"invalid_grant","error_description":"AADSTS50173: x","suberror":"bad_token"}')
    assert (read.values["error"], read.values["suberror"]) == ("invalid_grant", "bad_token")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no text"),
        (" \n\t ", "no text"),
        ("x" * (MOST_BYTES + 1), "256 KB"),
        ("é" * (MOST_BYTES // 2 + 1), "256 KB"),
        ("MZ\x00\x01AADSTS50011", "binary"),
        ("\ufffd\x01\x02" * 60, "binary"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        read_error_text(text)
    assert refused.value.hint


def test_exactly_256_kb_are_read() -> None:
    assert read_error_text(("AADSTS50011 " + "x" * MOST_BYTES)[:MOST_BYTES]).code == 50011


def test_codes_of_real_cases_are_read(shared: Path) -> None:
    wrong = []
    for line in (shared / "cases" / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        text = case["request_object"].get("text") or ""
        if f"AADSTS{case['code']}" in text and read_error_text(text).code != case["code"]:
            wrong.append(case["id"])
    assert wrong == []


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=600), st.integers(min_value=10000, max_value=9999999), st.text(max_size=600))
def test_a_prefixed_code_is_found_between_any_two_texts(before: str, code: int, after: str) -> None:
    text = f"{before} AADSTS{code}: {after}"
    try:
        read = read_error_text(text)
    except BadInput:
        return
    assert code in (read.code, *read.other_codes)
    assert len(read.window) <= 4096
