# ruff: noqa: E501  what is quoted keeps its lines
"""How libraries, tools and pages wrap what the token endpoint says: each takes a message and gives what people paste."""

import html
import json
import textwrap
from collections.abc import Callable
from urllib.parse import quote, quote_plus

TRACE = "0f6c1d2e-7b1a-4a58-9c55-1f0a7c3e4b00"
CORRELATION = "b1d4a6f0-3c52-4d7e-8e6b-2a9f5c7d1e33"
_TAIL = f"Trace ID: {TRACE}\r\nCorrelation ID: {CORRELATION}\r\nTimestamp: 2026-11-20 09:14:07Z"

Wrapping = Callable[[str], str]


def _number(message: str) -> int:
    digits = message.upper().partition("AADSTS")[2].partition(":")[0].strip()
    return int(digits) if digits.isdigit() else 0


def _body(message: str) -> str:
    return json.dumps(
        {
            "error": "invalid_grant",
            "error_description": f"{message}\r\n{_TAIL}",
            "error_codes": [_number(message)],
            "timestamp": "2026-11-20 09:14:07Z",
            "trace_id": TRACE,
            "correlation_id": CORRELATION,
            "error_uri": f"https://login.microsoftonline.com/error?code={_number(message)}",
        }
    )


def _msal_python(message: str) -> str:
    return str(json.loads(_body(message)))


def _msal_js(message: str) -> str:
    return (
        f"ServerError: invalid_grant: {_number(message)} - [2026-11-20 09:14:07Z]: {message} Trace ID: {TRACE} "
        f"Correlation ID: {CORRELATION} Timestamp: 2026-11-20 09:14:07Z\n"
        "    at ServerError.AuthError [as constructor] (AuthError.ts:62:24)\n    at new ServerError (ServerError.ts:28:28)"
    )


def _msal_net(message: str) -> str:
    return (
        f"MSAL.NetCore.4.66.1.0.MsalUiRequiredException:\n\tErrorCode: invalid_grant\n"
        f"Microsoft.Identity.Client.MsalUiRequiredException: {message} {_TAIL}\n"
        "   at Microsoft.Identity.Client.Internal.Requests.RequestBase.HandleTokenRefreshError(MsalServiceException e)\n"
        f"\tStatusCode: 400\n\tResponseBody: {_body(message)}\n\tHeaders: Cache-Control: no-store, no-cache"
    )


def _msal_java(message: str) -> str:
    return (
        f"com.microsoft.aad.msal4j.MsalServiceException: {message} {_TAIL}\n"
        "\tat com.microsoft.aad.msal4j.MsalServiceExceptionFactory.fromHttpResponse(MsalServiceExceptionFactory.java:45)"
    )


def _azure_identity_python(message: str) -> str:
    return (
        "azure.core.exceptions.ClientAuthenticationError: Authentication failed: " + message + "\n" + _TAIL + "\n"
        "To mitigate this issue, please refer to the troubleshooting guidelines here at https://aka.ms/azsdk/x."
    )


def _azure_identity_js(message: str) -> str:
    return (
        f"CredentialUnavailableError: EnvironmentCredential authentication failed. AuthenticationError: "
        f"invalid_request(status code 400).\nMore details:\n{message}\r\n{_TAIL}"
    )


def _azure_identity_go(message: str) -> str:
    return (
        "ClientSecretCredential authentication failed\nPOST https://login.microsoftonline.com/"
        "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11/oauth2/v2.0/token\n" + "-" * 80 + "\nRESPONSE 401 Unauthorized\n"
        + "-" * 80 + "\n" + json.dumps(json.loads(_body(message)), indent=2) + "\n" + "-" * 80
    )  # fmt: skip


def _az_login(message: str) -> str:
    return (
        f"ERROR: {message} {_TAIL}\nThe error may be caused by passing a service principal certificate with --password."
    )


def _az_interactive(message: str) -> str:
    return (
        "The following tenants require authentication. Use `az login --tenant TENANT_ID` to explicitly login to a "
        f"tenant.\n3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11 'Contoso' Authentication failed against tenant: {message} {_TAIL}"
    )


def _terraform(message: str) -> str:
    lines = textwrap.wrap(
        "unable to build authorizer for Microsoft Graph API: could not configure AzureCli Authorizer: "
        f"clientCredentialsToken: received HTTP status 401 with response: {_body(message)}",
        100,
        break_long_words=False,
    )
    boxed = "\n".join(f"│ {line}" for line in lines)
    return f'╷\n│ Error: building AzureAD client\n│ \n│   with provider["registry.terraform.io/hashicorp/azuread"],\n{boxed}\n╵'


def _kubelogin(message: str) -> str:
    return (
        'E1120 09:14:07.123456   12345 memcache.go:265] "Unhandled Error" err="couldn\'t get current server API group list: '
        f'Get \\"https://aks-contoso.example:443/api\\": getting credentials: exec: executable kubelogin failed with exit '
        f'code 1"\nError: failed to get token: {message} {_TAIL}'
    )


def _github_actions(message: str) -> str:
    return (
        "2026-11-20T09:14:06.9182736Z Running Azure CLI Login.\n"
        f"2026-11-20T09:14:07.1122334Z ##[error]{message} "
        + _TAIL.replace("\r\n", "\n2026-11-20T09:14:07.1122335Z ")
        + "\n2026-11-20T09:14:07.2Z ##[error]Login failed with Error: The process '/usr/bin/az' failed with exit code 1. "
        "Double check if the 'auth-type' is correct."
    )


def _azure_devops(message: str) -> str:
    return (
        "##[error]Failed to obtain the Json Web Token(JWT) using service principal client ID. Exception message: "
        f"A configuration issue is preventing authentication - check the error message from the server for details. "
        f"You can modify the configuration in the application registration portal. Original exception: {message} {_TAIL}"
    )


def _power_platform(message: str) -> str:
    return (
        '{"status": 401, "message": "Error from token exchange: Permission denied due to missing connection ACL. '
        + json.dumps(message)[1:-1].replace('"', '\\"')
        + '", "source": "flow-apim-europe-001-weu-01.azure-apim.net"}'
    )


def _power_bi(message: str) -> str:
    return (
        'Unable to connect: We encountered an error while trying to connect. Details: "We could not register this data '
        f'source. Invalid credentials. ({message}\r\n{_TAIL})" Activity ID: {TRACE}'
    )


def _exchange_powershell(message: str) -> str:
    return (
        f"Connect-ExchangeOnline : {message}\n{_TAIL}\nAt line:1 char:1\n+ Connect-ExchangeOnline -UserPrincipalName\n"
        "+ ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n    + CategoryInfo          : NotSpecified: (:) [], AggregateException\n"
        "    + FullyQualifiedErrorId : System.AggregateException"
    )


def _graph_powershell(message: str) -> str:
    return f"Connect-MgGraph: ClientSecretCredential authentication failed: {message} {_TAIL}"


def _databricks(message: str) -> str:
    return (
        "shaded.databricks.azurebfs.org.apache.hadoop.fs.azurebfs.oauth2.AzureADAuthenticator$HttpException: HTTP Error "
        f"401; url='https://login.microsoftonline.com/3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11/oauth2/token' "
        f"AADToken: HTTP connection to the endpoint failed for getting token from AzureAD.; requestId='{TRACE}'; "
        f"contentType='application/json; charset=utf-8'; response '{_body(message)}'"
    )


def _oauth2_proxy(message: str) -> str:
    return (
        "[2026/11/20 09:14:07] [oauthproxy.go:865] Error redeeming code during OAuth2 callback: token exchange failed: "
        f'oauth2: "invalid_client" {json.dumps(message + " " + _TAIL)}'
    )


def _grafana(message: str) -> str:
    return (
        'logger=authn.service t=2026-11-20T09:14:07.11Z level=error msg="Failed to authenticate request" '
        'client=auth.client.azuread error="[auth.oauth.token.exchange] failed to exchange code to token: oauth2: '
        + (json.dumps(_body(message))[1:-1])
        + '"'
    )


def _spring(message: str) -> str:
    return (
        "org.springframework.security.oauth2.core.OAuth2AuthorizationException: [invalid_token_response] An error "
        f'occurred while attempting to retrieve the OAuth 2.0 Access Token Response: 401 Unauthorized: "{_body(message)}"'
    )


def _passport(message: str) -> str:
    return (
        f"InternalOAuthError: Failed to obtain access token\n    at OAuth2Strategy._createOAuthError "
        f"(node_modules/passport-oauth2/lib/strategy.js:423:17) {{\n  oauthError: {{ statusCode: 401, data: '{_body(message)}' }}\n}}"
    )


def _next_auth(message: str) -> str:
    return (
        "[next-auth][error][OAUTH_CALLBACK_ERROR] \nhttps://next-auth.js.org/errors#oauth_callback_error invalid_client "
        f"({message} {_TAIL}) {{\n  error: OPError: invalid_client ({message} {_TAIL})\n      at processResponse "
        "(node_modules/openid-client/lib/helpers/process_response.js:38:13) {\n    name: 'OAuthCallbackError',"
    )


def _error_page(message: str) -> str:
    return (
        "Sign in\nSorry, but we’re having trouble signing you in.\n\n"
        f"{message}\n\nTroubleshooting details\nIf you contact your administrator, send this info to them.\n"
        f"Copy info to clipboard\nRequest Id: {TRACE}\nCorrelation Id: {CORRELATION}\nTimestamp: 2026-11-20T09:14:07Z\n"
        f"Message: {message}\n\nFlag sign-in errors for review: Enable flagging"
    )


def _html_page(message: str) -> str:
    return (
        '<!DOCTYPE html><html><head><title>Sign in to your account</title></head><body><div id="exceptionMessageContainer" '
        f'class="form-group"><p>{html.escape(message)}</p></div><div>Request Id: <span>{TRACE}</span></div>'
        f"<div>Correlation Id: <span>{CORRELATION}</span></div></body></html>"
    )


def _page_script(message: str) -> str:
    return (
        '<script>//<![CDATA[\n$Config={"fShowPersistentCookiesWarning":false,"strServiceExceptionMessage":'
        + json.dumps(message).replace("'", "\\u0027").replace("<", "\\u003c")
        + f',"iErrorCode":{_number(message)},"correlationId":"{CORRELATION}"}};\n//]]></script>'
    )


def _address(message: str) -> str:
    return (
        "https://app.contoso.example/auth/callback?error=access_denied&error_description="
        f"{quote_plus(message + chr(13) + chr(10) + _TAIL)}&error_uri={quote_plus(f'https://login.microsoftonline.com/error?code={_number(message)}')}&state=x1"
    )


def _fragment(message: str) -> str:
    return f"http://localhost:3000/#error=interaction_required&error_description={quote(message, safe='')}&state=abc"


def _twice_encoded(message: str) -> str:
    return (
        "https://app.contoso.example/error?return=%2fhome&message="
        + quote(f"error=invalid_request&error_description={quote_plus(message)}", safe="")
    )  # fmt: skip


def _json_in_json(message: str) -> str:
    return json.dumps({"log": json.dumps({"level": "error", "err": _body(message)}), "stream": "stderr"})


def _sign_in_row(message: str) -> str:
    return (
        f"Date\t11/20/2026, 9:14:07 AM\nRequest ID\t{TRACE}\nCorrelation ID\t{CORRELATION}\nStatus\tFailure\n"
        f"Sign-in error code\t{_number(message)}\nFailure reason\t{message.partition(': ')[2]}\nAdditional Details\t"
    )


def _kql_row(message: str) -> str:
    return f"ResultType: {_number(message)}\nResultDescription: {message.partition(': ')[2]}\nAppDisplayName: Orders"


def _in_a_mail(message: str) -> str:
    quoted = "\n".join(f"> > {line}" for line in textwrap.wrap(message, 62))
    return f"Hi team,\n\nsince this morning nobody gets in. The user sent me this:\n\n> On Fri, Ada wrote:\n{quoted}\n\nAny idea?\nThanks"


def _markdown(message: str) -> str:
    return f"### What happens\n\n```\n{message}\n{_TAIL}\n```\n\n**Expected**: it works. See [docs](https://learn.microsoft.com/x)"


def _lost_letters(message: str) -> str:
    return message.replace("AADSTS", "ADSTS") + "  …"


def _typographic(message: str) -> str:
    return message.replace("'", "’").replace('"', "”").replace(" ", "\u00a0", 3)


def _java_log(message: str) -> str:
    return (
        "2026-11-20 09:14:07.113 ERROR 1 --- [nio-8080-exec-4] c.c.orders.AuthFilter : 401 from token endpoint\n"
        f"java.util.concurrent.ExecutionException: {message}\n\tat java.base/java.util.concurrent.CompletableFuture."
        "reportGet(CompletableFuture.java:396)\nCaused by: com.microsoft.aad.msal4j.MsalInteractionRequiredException: "
        f"{message}\n\t... 12 more"
    )


def _asp_net(message: str) -> str:
    return (
        "An unhandled exception occurred while processing the request.\nOpenIdConnectProtocolException: Message contains "
        f"error: 'invalid_client', error_description: '{message}\r\n{_TAIL}', error_uri: "
        f"'https://login.microsoftonline.com/error?code={_number(message)}'.\nMicrosoft.AspNetCore.Authentication."
        "OpenIdConnect.OpenIdConnectHandler.RedeemAuthorizationCodeAsync(OpenIdConnectMessage tokenEndpointRequest)"
    )


def _curl(message: str) -> str:
    return f"< HTTP/2 400\n< cache-control: no-store, no-cache\n< x-ms-request-id: {TRACE}\n<\n{_body(message)}"


def _php(message: str) -> str:
    return (
        "PHP Fatal error:  Uncaught League\\OAuth2\\Client\\Provider\\Exception\\IdentityProviderException: invalid_client in "
        f"/var/www/vendor/x.php:120\nresponseBody: {_body(message)}\nStack trace:\n#0 /var/www/index.php(14)"
    )


def _python_repr(message: str) -> str:
    return f"RuntimeError('token failed', {message!r})"


def _german(message: str) -> str:
    return (
        f"Anmeldung fehlgeschlagen. Fehlercode: {_number(message)}\nMeldung: {message}\nKorrelations-ID: {CORRELATION}"
    )


def _french(message: str) -> str:
    return f"Désolé, une erreur s’est produite lors de la connexion.\nCode d’erreur : {_number(message)}\n{message}"


def _japanese(message: str) -> str:
    return f"申し訳ありませんが、サインイン中に問題が発生しました。\n{message}\nタイムスタンプ: 2026-11-20T09:14:07Z"


def _cut_off(message: str) -> str:
    return message[: max(60, len(message) * 2 // 3)]


WRAPPINGS: dict[str, Wrapping] = {
    name.removeprefix("_").replace("_", " "): one
    for name, one in list(globals().items())
    if name.startswith("_")
    and name not in ("_number", "_body", "_TAIL")
    and callable(one)
    and not name.startswith("__")
}
KEEPS_NO_PREFIX = frozenset({"sign in row", "kql row"})
"""Forms that print the number with a label instead of the message's own prefix."""
CUTS = frozenset({"cut off", "sign in row", "kql row"})
"""Forms in which a part of the message may be lost."""
