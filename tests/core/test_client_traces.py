import pytest

from diag.core.client_traces import traces
from diag.core.error_text import read_error_text

MFA = "AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication."

FLOWS = {
    f"UsernamePasswordCredential authentication failed: {MFA}": "ropc",
    f"{MFA} at Microsoft.Identity.Client.Internal.Requests.UsernamePasswordRequest.ExecuteAsync()": "ropc",
    f"DeviceCodeCredential authentication failed: {MFA}": "device_code",
    f"{MFA} at Microsoft.Identity.Client.Internal.Requests.OnBehalfOfRequest.FetchNewAccessTokenAsync": "on_behalf_of",
    f"ClientSecretCredential.get_token failed: Authentication failed: {MFA}": "client_credentials",
    "clientCredentialsToken: received HTTP status 401 with response: AADSTS7000222: expired": "client_credentials",
    "curl -d 'grant_type=client_credentials' … AADSTS7000215: wrong": "client_credentials",
    'body: {"grant_type": "password"} → AADSTS50126: wrong': "ropc",
    "at SilentIframeClient.silentTokenHelper AADSTS50058: nobody": "silent",
    "https://login.contoso.example/saml2?SAMLRequest=fZJ AADSTS75005: malformed": "saml",
}


@pytest.mark.parametrize("text", FLOWS)
def test_a_library_named_in_the_trace_tells_the_flow(text: str) -> None:
    assert read_error_text(text).values["flow"] == FLOWS[text]


def test_a_chain_of_credentials_tells_only_the_one_that_failed() -> None:
    chain = (
        "DefaultAzureCredential failed to retrieve a token. EnvironmentCredential authentication unavailable. "
        "WorkloadIdentityCredential authentication unavailable. ManagedIdentityCredential authentication unavailable. "
        f"UsernamePasswordCredential authentication failed: {MFA}"
    )
    assert traces(chain) == {"flow": "ropc"}


def test_two_flows_in_one_text_tell_none() -> None:
    both = f"AcquireTokenForClient worked; UsernamePasswordRequest: {MFA}"
    assert "flow" not in traces(both)


def test_the_message_alone_tells_neither_flow_nor_program() -> None:
    assert traces(MFA) == {}
    assert traces("AADSTS900144: The request body must contain the following parameter: 'grant_type'.") == {}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("at validateTokenResponse (node_modules/@azure/msal-browser/dist/index.js)", "browser"),
        ("WorkloadIdentityCredential authentication failed", "server"),
        ("##[error] the step failed", "cli"),
        ("Connect-MgGraph: failed", "cli"),
    ],
)
def test_a_library_or_tool_tells_what_kind_of_program_it_is(text: str, kind: str) -> None:
    assert traces(text)["user_agent_kind"] == kind
