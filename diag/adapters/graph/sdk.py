"""The Microsoft Graph SDK, as far as it is used: it builds requests and signs them; answers are taken as bytes.

Its object model decodes some 50 sign-ins a second, its page iterator stops at an empty page, and its retry handler
sleeps outside our throttle budget, so none of the three is used.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.request_information import RequestInformation
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient

from diag.adapters.graph.credentials import Tokens
from diag.adapters.graph.urls import origin


class _Provider(AccessTokenProvider):
    """Gives the token to one address only: scheme, host and port of the Graph it was made for."""

    def __init__(self, tokens: Tokens, graph_url: str) -> None:
        self._tokens, self._origin = tokens, origin(graph_url)
        self._hosts = AllowedHostsValidator([urlsplit(graph_url).hostname or ""])

    async def get_authorization_token(
        self, uri: str, additional_authentication_context: dict[str, Any] | None = None
    ) -> str:
        return await self._tokens.token() if origin(uri) == self._origin else ""

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return self._hosts


class Sdk:
    """Request builders of one Graph and one version of its API, and the way from a built request to an HTTP one."""

    def __init__(self, graph_url: str, version: str, tokens: Tokens, http: httpx.AsyncClient) -> None:
        self._adapter = GraphRequestAdapter(
            BaseBearerTokenAuthenticationProvider(_Provider(tokens, graph_url)), client=http
        )
        # Left to itself the adapter asks for "/v1.0//…"; this is also the seam for beta and for national clouds.
        self._adapter.base_url = f"{graph_url.rstrip('/')}/{version}"
        # Untyped, because checking its 16,000 files takes longer than checking all of ours.
        self._root: Any = GraphServiceClient(request_adapter=self._adapter)

    def builder(self, path: Callable[[Any], Any]) -> Any:
        """The request builder that ``path`` walks to from the root.

        The SDK imports each builder when it is first walked to, and warns then that classes of its own are deprecated,
        which nobody here can change.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return path(self._root)

    async def signed(self, information: RequestInformation) -> httpx.Request:
        """The request with its address and token; the address of a ``with_url`` builder is sent as it is."""
        # Converting alone would leave "{+baseurl}" empty: only the adapter's own sending sets it.
        self._adapter.set_base_url_for_request_information(information)
        request: httpx.Request = await self._adapter.convert_to_native_async(information)
        return request


def asked(
    builder: Any, *, headers: Mapping[str, str] | None = None, query: Mapping[str, object] | None = None
) -> RequestInformation:
    """A GET of the builder's path with these query parameters, named as the SDK names them (``filter``, ``top``)."""
    parameters = None
    if query:
        kind = next(value for name, value in vars(type(builder)).items() if name.endswith("GetQueryParameters"))
        parameters = kind(**query)
    configuration: RequestConfiguration[Any] = RequestConfiguration(query_parameters=parameters)
    for name, value in (headers or {}).items():
        configuration.headers.add(name, value)
    information: RequestInformation = builder.to_get_request_information(configuration)
    return information
