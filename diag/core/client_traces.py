"""What a pasted trace gives away of its client: the flow and the kind of program, from names that libraries print.

A class or method of a client library stands for one flow; where a text names several, it says nothing. Credentials of
Azure Identity count only with the word that they failed, since a chain of them prints those it skipped as well.
"""

import re
from collections.abc import Mapping

_AZURE_IDENTITY = r"(?:\.get_token)? ?:? ?(?:\.GetToken)? ?(?:authentication )?failed"

_FLOWS: Mapping[str, re.Pattern[str]] = {
    "ropc": re.compile(
        rf"\bUsernamePasswordCredential{_AZURE_IDENTITY}|\bUsernamePasswordRequest\b|\bAcquireTokenByUsernamePassword"
        r"|\bacquire_token_by_username_password|\bacquireTokenByUsernamePassword|\bgrant_type[\"']?\s?[:=]\s?[\"']?password\b",
        re.IGNORECASE,
    ),
    "device_code": re.compile(
        rf"\bDeviceCodeCredential{_AZURE_IDENTITY}|\bDeviceCodeRequest\b|\bAcquireTokenWithDeviceCode"
        r"|\bacquire_token_(?:by_device_flow|with_device_code)|\bacquireTokenByDeviceCode|--use-device-code"
        r"|\bgrant_type[\"']?\s?[:=]\s?[\"']?(?:urn:ietf:params:oauth:grant-type:)?device_code\b",
        re.IGNORECASE,
    ),
    "on_behalf_of": re.compile(
        rf"\bOnBehalfOfCredential{_AZURE_IDENTITY}|\bOnBehalfOfRequest\b|\bAcquireTokenOnBehalfOf|\bOnBehalfOfClient\b"
        r"|\bacquire_token_on_behalf_of|\bobo_response\b|\brequested_token_use[\"']?\s?[:=]\s?[\"']?on_behalf_of\b",
        re.IGNORECASE,
    ),
    "client_credentials": re.compile(
        rf"\b(?:ClientSecret|ClientCertificate|ClientAssertion|WorkloadIdentity|AzurePipelines)Credential{_AZURE_IDENTITY}"
        r"|\bClientCredentialRequest\b|\bAcquireTokenForClient|\bacquire_token_for_client|\bclientCredentialsToken:"
        r"|\bacquireTokenByClientCredential|\bgrant_type[\"']?\s?[:=]\s?[\"']?client_credentials\b",
        re.IGNORECASE,
    ),
    "refresh_token": re.compile(r"\bgrant_type[\"']?\s?[:=]\s?[\"']?refresh_token\b", re.IGNORECASE),
    "silent": re.compile(r"\bSilentIframeClient\b|\bSilentHandler\b|\bmsalSilentIframe\b|\bssoSilent\b", re.IGNORECASE),
    "saml": re.compile(r"[?&]SAMLRequest=\S", re.IGNORECASE),
    "ws_fed": re.compile(r"[?&]wa=wsignin1\.0\b", re.IGNORECASE),
}

_KINDS: Mapping[str, re.Pattern[str]] = {
    "browser": re.compile(
        r"\bmsal[-_](?:browser|react|angular)\b|\bBrowserAuthError\b|\bSilentIframeClient\b|\bmsalSilentIframe\b|\bssoSilent\b",
        re.IGNORECASE,
    ),
    "server": re.compile(
        rf"\bWorkloadIdentityCredential{_AZURE_IDENTITY}|\bMicrosoft\.Identity\.Web\b|\bMicrosoftIdentityWeb\w"
        r"|\bOpenIdConnectHandler\b",
        re.IGNORECASE,
    ),
    "cli": re.compile(
        rf"\bAzurePipelinesCredential{_AZURE_IDENTITY}|##\[error\]|\bGITHUB_ACTIONS\b|\bazure/login@"
        r"|\bAzure CLI Login\b|\bazure\.cli\.core\b|\baz login --"
        r"|\bConnect-(?:AzAccount|MgGraph|PnPOnline|AzureAD|ExchangeOnline)\b",
        re.IGNORECASE,
    ),
}


def traces(window: str) -> dict[str, str]:
    """``flow`` and ``user_agent_kind`` where a flattened text gives exactly one of each away."""
    found: dict[str, str] = {}
    for name, patterns in (("flow", _FLOWS), ("user_agent_kind", _KINDS)):
        seen = [value for value, pattern in patterns.items() if pattern.search(window)]
        if len(seen) == 1:
            found[name] = seen[0]
    return found
