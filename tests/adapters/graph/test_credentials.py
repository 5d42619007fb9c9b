"""How a token is had, kept, renewed and refused."""

import asyncio
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest
import respx
from azure import identity
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

from diag.adapters.graph.credentials import (
    AzureIdentity,
    ClientCredentials,
    CredentialChoice,
    StaticToken,
    Tokens,
    azure_credential,
    token_source,
)
from diag.core.errors import AuthenticationFailed, SettingsError, Unreachable
from tests.adapters.graph.support import NOW, NumberedTokens, StillClock

LOOPBACK = "http://127.0.0.1:8123"
TENANT = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"
SECRET = CredentialChoice(tenant_id=TENANT, client_id="client", client_secret="s3cr3t")


async def test_a_token_is_asked_for_once_and_again_five_minutes_before_it_ends() -> None:
    clock, source = StillClock(), NumberedTokens(lives=3600)
    tokens = Tokens(source, clock)
    assert await asyncio.gather(*(tokens.token() for _ in range(5))) == ["token-1"] * 5
    clock.passed = 3299
    assert await tokens.token() == "token-1"
    clock.passed = 3300
    assert await tokens.token() == "token-2"
    assert source.issued == 2


async def test_a_short_lived_token_is_used_for_half_its_life() -> None:
    clock, source = StillClock(), NumberedTokens(lives=60)
    tokens = Tokens(source, clock)
    await tokens.token()
    clock.passed = 29
    assert await tokens.token() == "token-1"
    clock.passed = 30
    assert await tokens.token() == "token-2"


async def test_forgetting_a_token_that_was_renewed_meanwhile_changes_nothing() -> None:
    tokens = Tokens(NumberedTokens(), StillClock())
    old = await tokens.token()
    tokens.forget(old)
    new = await tokens.token()
    tokens.forget(old)
    assert (old, new, await tokens.token()) == ("token-1", "token-2", "token-2")


async def test_a_loopback_authority_is_asked_by_the_client_credentials_grant(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.post(f"{LOOPBACK}/{TENANT}/oauth2/v2.0/token").mock(
        return_value=httpx.Response(200, json={"access_token": "t", "expires_in": 120})
    )
    source = token_source(SECRET, LOOPBACK, LOOPBACK, http, StillClock())
    issued = await source.issue()
    assert (issued.value, issued.lives) == ("t", 120)
    sent = httpx.QueryParams(route.calls.last.request.content.decode())
    assert dict(sent) == {
        "grant_type": "client_credentials",
        "client_id": "client",
        "client_secret": "s3cr3t",
        "scope": f"{LOOPBACK}/.default",
    }


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        (
            httpx.Response(
                401, json={"error": "invalid_client", "error_description": "AADSTS7000215: Wrong.\r\nTrace ID: x"}
            ),
            AuthenticationFailed,
            "No token: AADSTS7000215: Wrong.",
        ),
        (httpx.Response(400, json={"error": "invalid_scope"}), AuthenticationFailed, "No token: invalid_scope"),
        (httpx.Response(503, json={"error": "temporarily_unavailable"}), Unreachable, "The authority answered 503."),
        (httpx.Response(502, text="<html>"), Unreachable, "The authority answered 502 with something other than JSON."),
        (httpx.Response(200, json={}), Unreachable, "The authority answered 200 with something other than JSON."),
        (httpx.ConnectError("refused s3cr3t"), Unreachable, "The authority did not answer (ConnectError)."),
    ],
)
async def test_a_refusal_is_told_in_one_line_without_the_secret(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter, reply: Any, error: type[Exception], says: str
) -> None:
    respx_mock.post(f"{LOOPBACK}/{TENANT}/oauth2/v2.0/token").mock(side_effect=[reply])
    with pytest.raises(error) as caught:
        await ClientCredentials(SECRET, LOOPBACK, f"{LOOPBACK}/.default", http).issue()
    assert str(caught.value) == says


@pytest.mark.parametrize(
    ("graph", "authority"),
    [("http://graph.contoso.example", LOOPBACK), (LOOPBACK, "http://login.contoso.example"), ("ftp://x", LOOPBACK)],
)
async def test_plain_http_off_loopback_is_refused(http: httpx.AsyncClient, graph: str, authority: str) -> None:
    with pytest.raises(SettingsError):
        token_source(SECRET, graph, authority, http, StillClock())


async def test_a_static_token_is_for_a_loopback_graph_only(http: httpx.AsyncClient) -> None:
    choice = CredentialChoice(tenant_id=TENANT, static_token="t")
    assert isinstance(token_source(choice, LOOPBACK, LOOPBACK, http, StillClock()), StaticToken)
    with pytest.raises(SettingsError, match="static token"):
        token_source(choice, "https://graph.contoso.example", "https://login.contoso.example", http, StillClock())


def test_the_first_credential_that_is_given_is_used_and_the_secret_last(tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("x")
    everything: dict[str, Any] = {
        "tenant_id": TENANT, "client_id": "client", "managed_identity": True, "client_secret": "s",
        "federated_token_file": str(token_file),
    }  # fmt: skip
    expected = [
        ("managed_identity", identity.ManagedIdentityCredential),
        ("federated_token_file", identity.WorkloadIdentityCredential),
        ("client_secret", identity.ClientSecretCredential),
        ("client_id", identity.AzureCliCredential),
    ]
    for name, kind in expected:
        with azure_credential(CredentialChoice(**everything), "https://login.microsoftonline.com") as credential:
            assert type(credential) is kind
        del everything[name]


class Borrowed:
    """Stands where azure-identity's credential does."""

    def __init__(self, outcome: AccessToken | Exception) -> None:
        self._outcome = outcome

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def get_token(self, scope: str) -> AccessToken:
        assert scope == "https://graph.contoso.example/.default"
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (ClientAuthenticationError("AADSTS7000222: Ended.\nTrace ID: x"), AuthenticationFailed),
        (identity.CredentialUnavailableError("Please run 'az login'"), AuthenticationFailed),
        (ServiceRequestError("no route"), Unreachable),
        (ValueError("bad tenant"), AuthenticationFailed),
    ],
)
async def test_azure_identitys_failures_become_ours(outcome: Exception, error: type[Exception]) -> None:
    source = AzureIdentity(lambda: Borrowed(outcome), "https://graph.contoso.example/.default", StillClock())
    with pytest.raises(error) as caught:
        await source.issue()
    assert "Trace ID" not in str(caught.value)


async def test_azure_identitys_token_lives_until_it_says() -> None:
    token = AccessToken("t", int(NOW.timestamp()) + 600)
    source = AzureIdentity(lambda: Borrowed(token), "https://graph.contoso.example/.default", StillClock())
    issued = await source.issue()
    assert (issued.value, issued.lives) == ("t", 600.0)


async def test_authorities_that_never_answer_leave_the_threads_of_the_others_free() -> None:
    answering = threading.Event()

    class Hanging(Borrowed):
        def get_token(self, *_: str) -> AccessToken:
            answering.wait(30)
            return AccessToken("late", 0)

    def make() -> Borrowed:
        return Hanging(AccessToken("", 0))

    tenants = [AzureIdentity(make, "https://graph.contoso.example/.default", StillClock()) for _ in range(40)]
    asking = [asyncio.create_task(tenant.issue()) for tenant in tenants]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        assert await asyncio.to_thread(lambda: "free") == "free"
    answering.set()
    assert {(await task).value for task in asking} == {"late"}


async def test_an_authority_that_never_answers_is_unreachable_after_a_while() -> None:
    answering = threading.Event()

    class Hanging(Borrowed):
        def get_token(self, *_: str) -> AccessToken:
            answering.wait(30)
            return AccessToken("late", 0)

    source = AzureIdentity(
        lambda: Hanging(AccessToken("", 0)), "https://graph.contoso.example/.default", StillClock(), patience=0.05
    )
    with pytest.raises(Unreachable, match="did not answer within"):
        await source.issue()
    answering.set()
