"""How this service proves who it is to Microsoft Graph: one token at a time, renewed before it ends."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, Protocol

import httpx
import msgspec

from diag.adapters.graph.urls import is_loopback, origin, require_safe
from diag.core.errors import AuthenticationFailed, DiagError, SettingsError, Unreachable
from diag.workflows.ports import Clock

_EARLY = 300
"""Seconds before its end at which a token is renewed."""
_PATIENCE = 90.0
"""Seconds for a token; azure-identity by itself would go on trying for many minutes."""


class IssuedToken(msgspec.Struct, frozen=True):
    value: str
    lives: float
    """Seconds from when it was asked for."""


class TokenSource(Protocol):
    """Asks for a new token; ``AuthenticationFailed`` or ``Unreachable`` when none can be had."""

    async def issue(self) -> IssuedToken: ...


class Tokens:
    """Keeps the token of one source; concurrent callers share one request for it."""

    def __init__(self, source: TokenSource, clock: Clock) -> None:
        self._source, self._clock = source, clock
        self._token = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def token(self) -> str:
        async with self._lock:
            if not self._token or self._clock.monotonic() >= self._until:
                asked_at = self._clock.monotonic()
                issued = await self._source.issue()
                self._token = issued.value
                self._until = asked_at + max(issued.lives - _EARLY, issued.lives / 2)
            return self._token

    @property
    def held(self) -> str:
        """The token as it is kept now; empty before the first one. Not asked for anew."""
        return self._token

    def forget(self, token: str) -> None:
        """Ask anew next time, unless somebody already did since ``token`` was handed out."""
        if token == self._token:
            self._token = ""


class CredentialChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say about our own credential; the first that is given is used, in this order."""

    tenant_id: str
    client_id: str = ""
    managed_identity: bool = False
    federated_token_file: str = ""
    certificate_path: str = ""
    certificate_password: str = ""
    client_secret: str = ""
    static_token: str = ""
    """Accepted on a loopback Graph only."""


def token_source(
    choice: CredentialChoice, graph_url: str, authority: str, http: httpx.AsyncClient, clock: Clock
) -> TokenSource:
    """The source that the choice asks for; a developer's ``az login`` when it names no credential."""
    require_safe("DIAG_GRAPH_URL", graph_url)
    require_safe("DIAG_AUTHORITY", authority)
    scheme, host, port = origin(graph_url)
    default_port = {"http": 80, "https": 443}[scheme]
    scope = f"{scheme}://{host}{'' if port == default_port else f':{port}'}/.default"
    if choice.static_token:
        if not is_loopback(graph_url):
            raise SettingsError(["a static token is accepted for a loopback DIAG_GRAPH_URL only"])
        return StaticToken(choice.static_token)
    if is_loopback(authority):
        return ClientCredentials(choice, authority, scope, http)
    return AzureIdentity(lambda: azure_credential(choice, authority), scope, clock)


class StaticToken:
    """A token given as such, for a test server on loopback."""

    def __init__(self, token: str) -> None:
        self._issued = IssuedToken(token, 3600)

    async def issue(self) -> IssuedToken:
        return self._issued


class _Answer(msgspec.Struct):
    access_token: str
    expires_in: float = 3599


class _Refusal(msgspec.Struct):
    error: str = ""
    error_description: str = ""


class ClientCredentials:
    """The client-credentials grant against a loopback authority, which azure-identity refuses to talk to."""

    def __init__(self, choice: CredentialChoice, authority: str, scope: str, http: httpx.AsyncClient) -> None:
        self._url = f"{authority.rstrip('/')}/{choice.tenant_id}/oauth2/v2.0/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": choice.client_id,
            "client_secret": choice.client_secret,
            "scope": scope,
        }
        self._http = http

    async def issue(self) -> IssuedToken:
        try:
            answer = await self._http.post(self._url, data=self._form)
        except httpx.HTTPError as fault:
            raise Unreachable(f"The authority did not answer ({type(fault).__name__}).") from None
        try:
            if answer.is_success:
                issued = msgspec.json.decode(answer.content, type=_Answer)
                return IssuedToken(issued.access_token, issued.expires_in)
            refusal = msgspec.json.decode(answer.content, type=_Refusal)
        except msgspec.DecodeError:
            raise Unreachable(f"The authority answered {answer.status_code} with something other than JSON.") from None
        if answer.status_code >= 500:
            raise Unreachable(f"The authority answered {answer.status_code}.")
        raise AuthenticationFailed(f"No token: {first_line(refusal.error_description) or refusal.error}")


class AzureIdentity:
    """A token by azure-identity, whose calls block and therefore run in a thread."""

    def __init__(self, make: Callable[[], Any], scope: str, clock: Clock, *, patience: float = _PATIENCE) -> None:
        self._make, self._scope, self._clock, self._patience = make, scope, clock, patience

    async def issue(self) -> IssuedToken:
        try:
            async with asyncio.timeout(self._patience):
                return await _in_a_thread(self._issue)
        except TimeoutError:
            raise Unreachable(f"The authority did not answer within {self._patience:.0f} seconds.") from None

    def _issue(self) -> IssuedToken:
        from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError
        from azure.identity import CredentialUnavailableError

        try:
            # A credential of its own every time: each keeps a cache that would hand a revoked token out again.
            with self._make() as credential:
                token = credential.get_token(self._scope)
        except (ServiceRequestError, ServiceResponseError) as fault:
            raise Unreachable(f"The authority did not answer ({type(fault).__name__}).") from None
        except CredentialUnavailableError as problem:
            raise AuthenticationFailed(f"No credential: {first_line(str(problem))}") from None
        except (ClientAuthenticationError, ValueError) as problem:
            raise AuthenticationFailed(f"No token: {first_line(str(problem))}") from None
        return IssuedToken(token.token, max(0.0, token.expires_on - self._clock.now().timestamp()))


async def _in_a_thread(work: Callable[[], IssuedToken]) -> IssuedToken:
    """What ``work`` gives, done in a thread of its own.

    The loop's few threads serve every tenant and the database; an authority that never answers would take them one by
    one. A thread that nobody waits for any more ends with the process.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[IssuedToken] = loop.create_future()

    def settle(outcome: IssuedToken | Exception) -> None:
        if done.done():
            return
        if isinstance(outcome, IssuedToken):
            done.set_result(outcome)
        else:
            done.set_exception(outcome)

    def run() -> None:
        outcome: IssuedToken | Exception = RuntimeError("asking for a token failed unforeseen")
        try:
            outcome = work()
        except DiagError as problem:
            outcome = problem
        finally:
            with contextlib.suppress(RuntimeError):  # The loop was closed meanwhile: nobody waits.
                loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=run, name="token", daemon=True).start()
    return await done


def azure_credential(choice: CredentialChoice, authority: str) -> Any:
    """azure-identity's credential for the choice."""
    from azure import identity

    tenant, client = choice.tenant_id, choice.client_id
    if choice.managed_identity:
        return identity.ManagedIdentityCredential(client_id=client or None)
    if choice.federated_token_file:
        return identity.WorkloadIdentityCredential(
            tenant_id=tenant, client_id=client, token_file_path=choice.federated_token_file, authority=authority
        )
    if choice.certificate_path:
        password = choice.certificate_password or None
        return identity.CertificateCredential(
            tenant, client, choice.certificate_path, password=password, authority=authority
        )
    if choice.client_secret:
        return identity.ClientSecretCredential(tenant, client, choice.client_secret, authority=authority)
    return identity.AzureCliCredential(tenant_id=tenant)


def first_line(message: str) -> str:
    """What an authority says, without the trace lines below it."""
    return message.strip().splitlines()[0][:300] if message.strip() else ""
