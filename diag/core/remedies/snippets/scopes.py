"""Snippets on what a client asks for."""

USE_DEFAULT_SCOPE = {
    "MSAL Python": """\
result = app.acquire_token_for_client(scopes=["https://graph.microsoft.com/.default"])
""",
    "MSAL.NET": """\
AuthenticationResult result = await app
    .AcquireTokenForClient(new[] { "https://graph.microsoft.com/.default" })
    .ExecuteAsync();
""",
    "MSAL Node": """\
const result = await cca.acquireTokenByClientCredential({ scopes: ['https://graph.microsoft.com/.default'] });
""",
    "MSAL Java": """\
IAuthenticationResult result = app.acquireToken(
    ClientCredentialParameters.builder(Set.of("https://graph.microsoft.com/.default")).build()).join();
""",
    "azure-identity (Python)": """\
token = credential.get_token("https://graph.microsoft.com/.default")
""",
    "Spring Security": """\
spring.security.oauth2.client.registration.entra.authorization-grant-type=client_credentials
spring.security.oauth2.client.registration.entra.scope=api://<api-application-id>/.default
""",
}

SCOPE_SYNTAX = {
    "MSAL.js": """\
// One API a request: its App ID URI, a slash, the name of the scope. OpenID scopes are added by MSAL.
const request = { scopes: ['api://<api-application-id>/access_as_user'] };
""",
    "MSAL Python": """\
result = app.acquire_token_interactive(["api://<api-application-id>/access_as_user"])
""",
    "MSAL.NET": """\
string[] scopes = { "api://<api-application-id>/access_as_user" };
""",
    "Passport and other OpenID clients": """\
// Separated by single spaces, never by commas; v2.0 has no resource parameter.
const scope = 'openid profile offline_access api://<api-application-id>/access_as_user';
""",
    "Spring Security": """\
spring.security.oauth2.client.registration.entra.scope=openid,profile,api://<api-application-id>/access_as_user
""",
}

INCREMENTAL_CONSENT = {
    "MSAL.js": """\
// At the moment the feature needs it, not at sign-in:
const account = pca.getActiveAccount() ?? undefined;
const result = await pca.acquireTokenPopup({ scopes: ['Calendars.Read'], account });
""",
    "Microsoft.Identity.Web": """\
[AuthorizeForScopes(Scopes = new[] { "Calendars.Read" })]
public async Task<IActionResult> Calendar()
{
    string token = await tokenAcquisition.GetAccessTokenForUserAsync(new[] { "Calendars.Read" });
    return View(await LoadCalendar(token));
}
""",
    "MSAL Python": """\
flow = app.initiate_auth_code_flow(["Calendars.Read"], redirect_uri=REDIRECT_URI, prompt="consent")
""",
}

OFFLINE_ACCESS = {
    "MSAL": """\
// MSAL asks for offline_access by itself and keeps the refresh token: ask for tokens silently, store none yourself.
const result = await pca.acquireTokenSilent({ scopes: ['User.Read'], account });
""",
    "Passport and other OpenID clients": """\
const scope = 'openid profile offline_access User.Read'; // offline_access brings a refresh token
""",
    "Spring Security": """\
spring.security.oauth2.client.registration.entra.scope=openid,profile,offline_access,User.Read
""",
    "ASP.NET Core": """\
options.Scope.Add("offline_access");
options.SaveTokens = true;
""",
}

PKCE = {
    "MSAL.js": """\
// MSAL.js 2 and later use the authorization code flow with PKCE by themselves.
await pca.loginRedirect({ scopes: ['User.Read'] });
""",
    "MSAL Python": """\
# initiate_auth_code_flow makes the verifier; keep the returned flow in the session until the user comes back.
session["flow"] = app.initiate_auth_code_flow(["User.Read"], redirect_uri=REDIRECT_URI)
result = app.acquire_token_by_auth_code_flow(session.pop("flow"), dict(request.args))
""",
    "MSAL Node": """\
const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
const url = await cca.getAuthCodeUrl({ scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: 'S256' });
// When the user comes back:
const result = await cca.acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: verifier });
""",
    "ASP.NET Core": """\
options.ResponseType = OpenIdConnectResponseType.Code;
options.UsePkce = true;
""",
    "Spring Security": """\
resolver.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce());
""",
}
