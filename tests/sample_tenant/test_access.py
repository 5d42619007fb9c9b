"""Tokens are given and refused, and requests are throttled, as Entra ID and Graph do it."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from diag.sample_tenant.graph_errors import GraphError
from diag.sample_tenant.tenant import Options, Tenant
from diag.sample_tenant.throttle import Throttle
from diag.sample_tenant.token_endpoint import TokenEndpoint
from tests.sample_tenant.conftest import NOW, Running, Start, launch, stop


@pytest.fixture(scope="module")
def tenant() -> Iterator[Running]:
    """Give a tenant of this module's own, because refused token requests leave rows in its log."""
    running = launch("--now", NOW, "--story-speed", "0", "--no-throttle")
    yield running
    stop(running)


@pytest.mark.parametrize(
    ("changed", "status", "error", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": None}, 401, "invalid_client", 7000216),
        ({"client_id": "5b0a2b1c-0000-4000-8000-000000000000"}, 400, "unauthorized_client", 700016),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"tenant": "fabrikam.example"}, 400, "invalid_request", 90002),
        ({"scope": "https://graph.microsoft.com/User.Read"}, 400, "invalid_scope", 1002012),
        ({"scope": "api://nowhere/.default"}, 400, "invalid_resource", 500011),
        ({"scope": None}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"grant_type": None}, 400, "invalid_request", 900144),
        ({"client_assertion": "x.y.z"}, 401, "invalid_client", 700027),
    ],
)
def test_bad_token_request_is_refused_in_full(
    tenant: Running, changed: dict[str, str | None], status: int, error: str, code: int
) -> None:
    answer = tenant.token(**changed)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [code])
    assert body["error_description"].startswith(f"AADSTS{code}: ")
    for line in (f"Trace ID: {body['trace_id']}", f"Correlation ID: {body['correlation_id']}"):
        assert line in body["error_description"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", body["timestamp"])


def test_good_token_request_is_answered_with_a_bearer_token(tenant: Running) -> None:
    body = tenant.token().json()
    assert body.keys() == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    assert body["token_type"] == "Bearer"
    assert body["access_token"].count(".") == 2


def test_tenant_may_be_named_by_its_domain_and_secret_given_as_basic(tenant: Running) -> None:
    assert tenant.token(tenant="contoso-sample.example").status_code == 200
    answer = httpx.post(
        f"{tenant.url}/{tenant.tenant_id}/oauth2/v2.0/token",
        data={"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"},
        auth=(tenant.client_id, tenant.client_secret),
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("name", "code"),
    [("Nightly Invoice Export", 7000215), ("Fleet Telemetry Collector", 7000112), ("Warehouse Portal", 7000215)],
)
def test_failed_attempt_of_a_story_application_becomes_a_row(start: Start, name: str, code: int) -> None:
    running = start("--no-throttle", "--story-speed", "0")
    app_id = running.application(name)["appId"]
    chosen = f"appId eq '{app_id}' and status/errorCode eq {code}"
    before = len(running.sign_ins("servicePrincipal", chosen))
    assert running.token(client_id=app_id, client_secret="guess").json()["error_codes"] == [code]
    rows = running.sign_ins("servicePrincipal", chosen)
    assert len(rows) == before + 1
    assert rows[0]["ipAddress"] == "127.0.0.1"
    assert rows[0]["servicePrincipalCredentialKeyId"] == ""


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer abc", "Bearer a.b.c", "Basic abc"])
def test_graph_wants_a_token_of_this_tenant(tenant: Running, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = httpx.get(f"{tenant.url}/v1.0/applications", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert "Date" in answer.headers


def test_token_is_good_for_an_hour_but_a_second() -> None:
    tenant = Tenant(Options(starts=1_790_000_000, story_speed=0))
    endpoint = TokenEndpoint(tenant)
    form = {
        "grant_type": "client_credentials",
        "client_id": tenant.reader_id,
        "client_secret": tenant.reader_secret,
        "scope": "https://graph.microsoft.com/.default",
    }
    token = json.loads(endpoint.ask(tenant.tenant_id, form, None, "http://127.0.0.1", "127.0.0.1").body)["access_token"]
    tenant.clock.starts += 3598
    assert endpoint.holder(token) == tenant.reader_id
    tenant.clock.starts += 1
    assert endpoint.holder(token) is None


def test_sixth_request_for_logs_in_ten_seconds_has_to_wait(start: Start) -> None:
    running = start("--story-speed", "0")
    paths = ["v1.0/auditLogs/signIns", "beta/auditLogs/signIns", "v1.0/auditLogs/directoryAudits"]
    for number in range(5):
        running.get(paths[number % 3], top="1")
    refused = running.http.get(f"{running.url}/beta/auditLogs/signIns")
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "TooManyRequests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    # Other paths are not limited.
    running.get("v1.0/applications", top="1")


def test_throttle_lets_five_through_in_any_ten_seconds_and_counts_refusals() -> None:
    moment = [100.0]
    throttle = Throttle(5, 10, lambda: moment[0])

    def wait_told() -> int | None:
        try:
            throttle.admit("reader")
        except GraphError as refused:
            return int(refused.headers["Retry-After"])
        return None

    for second in (0, 1, 2, 3, 4):
        moment[0] = 100.0 + second
        assert wait_told() is None
    moment[0] = 109.999
    # This refusal counts too: the five youngest are now those of seconds 1 to 4 and this one.
    assert wait_told() == 2
    throttle.admit("another application")
    moment[0] = 110.999
    assert wait_told() == 2
    moment[0] = 112.999
    assert wait_told() is None


def test_policies_are_limited_without_a_word_on_when(start: Start) -> None:
    running = start("--story-speed", "0")
    answers = [running.http.get(f"{running.url}/v1.0/identity/conditionalAccess/policies") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert "Retry-After" not in answers[1].headers


@pytest.mark.parametrize("version", ["/v2.0", ""])
def test_discovery_leads_to_the_token_endpoint(tenant: Running, version: str) -> None:
    document = httpx.get(f"{tenant.url}/{tenant.tenant_id}{version}/.well-known/openid-configuration").json()
    assert tenant.tenant_id in document["issuer"]
    assert document["token_endpoint"].startswith(f"{tenant.url}/{tenant.tenant_id}/oauth2")
    assert httpx.get(document["jwks_uri"]).status_code == 200
