"""What a token is and whether it can work, from its claims alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from diag.adapters.graph.wire.request import enquiry
from diag.core.token_reading import TokenReading, read_token

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
TENANT = "22222222-2222-4222-8222-222222222222"
CLIENT = "11111111-1111-4111-8111-111111111111"
V1, V2 = f"https://sts.windows.net/{TENANT}/", f"https://login.microsoftonline.com/{TENANT}/v2.0"
DELEGATED: dict[str, Any] = {
    "aud": "api://orders.contoso.example",
    "iss": V2,
    "ver": "2.0",
    "tid": TENANT,
    "azp": CLIENT,
    "scp": "Orders.Read",
    "iat": SECONDS - 600,
    "nbf": SECONDS - 600,
    "exp": SECONDS + 3000,
}


def read(header: dict[str, Any] | None = None, **changed: Any) -> TokenReading:
    claims = {name: value for name, value in (DELEGATED | changed).items() if value is not ...}
    token = enquiry(
        {"symptom": "api-rejects-token", "token": {**claims, "header": header or {"alg": "RS256"}}}
    ).facts.token
    return read_token(token, claims, NOW)


def problems(reading: TokenReading) -> list[str]:
    return [item.text for item in reading.statements if item.weight == "problem"]


def test_a_good_delegated_token_has_no_problem() -> None:
    reading = read()
    assert (reading.kind, reading.version, reading.expired, reading.api) == ("delegated", "2.0", False, None)
    assert (reading.scopes, reading.client_id, reading.tenant_id) == (("Orders.Read",), CLIENT, TENANT)
    assert problems(reading) == []
    assert any("50 minutes more" in item.text for item in reading.statements)
    assert any("10 minutes old, and lives for 60 minutes" in item.text for item in reading.statements)


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ({"scp": ..., "roles": ["Orders.Read.All"]}, "application"),
        ({"scp": ..., "idtyp": "app"}, "application"),
        ({"scp": ..., "azp": ..., "oid": "o1", "sub": "o1"}, "application"),
        ({"scp": ..., "azp": ..., "aud": CLIENT, "nonce": "n"}, "id_token"),
        ({"scp": ..., "azp": ..., "aud": CLIENT}, "id_token"),
        ({"scp": ..., "azp": ..., "aud": CLIENT, "nonce": "n", "roles": ["Admin"]}, "id_token"),
        ({"scp": ..., "azp": ...}, "unknown"),
        ({"roles": ["Admin"]}, "delegated"),
    ],
)
def test_each_kind_is_told_by_its_claims(claims: dict[str, Any], kind: str) -> None:
    assert read(**claims).kind == kind


def test_an_id_token_is_a_problem_where_a_bearer_token_is_meant() -> None:
    assert "as a bearer token it is refused" in problems(read(scp=..., azp=..., aud=CLIENT, nonce="n"))[0]


@pytest.mark.parametrize(
    ("exp", "expired"), [(SECONDS - 1, True), (SECONDS, True), (SECONDS + 1, False), (..., None), ("soon", None)]
)
def test_the_end_is_the_first_instant_at_which_it_is_not_valid(exp: Any, expired: bool | None) -> None:
    reading = read(exp=exp)
    assert reading.expired is expired
    assert any("It ended" in text for text in problems(reading)) is bool(expired)


@pytest.mark.parametrize(("ahead", "said"), [(300, False), (301, True)])
def test_clocks_may_differ_by_five_minutes(ahead: int, said: bool) -> None:
    assert any("in the future" in text for text in problems(read(iat=SECONDS + ahead, exp=SECONDS + 9000))) is said
    assert any("nbf" in text for text in problems(read(nbf=SECONDS + ahead))) is said


def test_a_token_for_graph_is_named_and_its_nonce_explained() -> None:
    reading = read({"alg": "RS256", "nonce": "x"}, aud="00000003-0000-0000-c000-000000000000", iss=V1, ver="1.0")
    assert reading.api == "Microsoft Graph"
    said = " ".join(item.text for item in reading.statements)
    assert "only Graph can check the signature" in said
    assert "for nothing else" in said
    assert problems(reading) == []


@pytest.mark.parametrize(
    ("issuer", "audience", "wrong"),
    [
        (f"https://login.microsoftonline.us/{TENANT}/v2.0", "https://graph.microsoft.com", True),
        (f"https://login.partner.microsoftonline.cn/{TENANT}/v2.0", "https://graph.microsoft.com", True),
        (V2, "https://graph.microsoft.us", True),
        (f"https://login.microsoftonline.us/{TENANT}/v2.0", "https://graph.microsoft.us", False),
        (V1, "https://graph.microsoft.us", False),
        (V2, "https://graph.microsoft.com", False),
        (V2, "https://graph.microsoft.com.attacker.example", False),
    ],
)
def test_tokens_of_another_cloud_are_told(issuer: str, audience: str, wrong: bool) -> None:
    version = "2.0" if issuer.endswith("v2.0") else "1.0"
    found = problems(read(iss=issuer, aud=audience, ver=version))
    assert any("clouds do not share tokens" in text for text in found) is wrong


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"iss": "https://accounts.fabrikam.example/"}, "another identity provider"),
        ({"ver": "1.0"}, "Its claim ver says 1.0"),
        ({"tid": CLIENT}, "Its claim tid says"),
        ({"aud": None}, "names no audience"),
        ({"scp": "openid profile"}, "opens no API"),
        ({"scp": ..., "idtyp": "app"}, "carries no roles"),
    ],
)
def test_what_does_not_fit_is_a_problem(claims: dict[str, Any], words: str) -> None:
    assert any(words in text for text in problems(read(**claims))), problems(read(**claims))


def test_azure_takes_a_program_s_token_without_roles() -> None:
    assert problems(read(scp=..., idtyp="app", aud="https://management.azure.com/")) == []


@pytest.mark.parametrize(("algorithm", "wrong"), [("none", True), ("HS256", True), ("RS256", False), ("PS256", False)])
def test_an_algorithm_without_a_key_pair_is_a_problem(algorithm: str, wrong: bool) -> None:
    assert any("algorithm" in text for text in problems(read({"alg": algorithm}))) is wrong


def test_claims_of_any_type_are_read_without_a_crash() -> None:
    for value in (None, 1, -1, 10**400, True, [], {}, [["a"]], "x" * 20_000, "\u202e", {"a": {"b": []}}):
        for name in (*DELEGATED, "roles", "idtyp", "oid", "sub", "nonce"):
            assert read(**{name: value}).statements
        assert read({"alg": value, "nonce": value}).statements
    assert read_token(enquiry({"code": 50011}).facts.token, {}, NOW + timedelta(days=1)).kind == "unknown"
