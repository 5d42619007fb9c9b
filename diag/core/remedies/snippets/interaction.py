"""Snippets on silent and interactive token requests."""

INTERACTIVE_FALLBACK = {
    "MSAL.js": """\
try {
  return await pca.acquireTokenSilent({ scopes, account });
} catch (error) {
  if (error instanceof InteractionRequiredAuthError) {
    return pca.acquireTokenRedirect({ scopes, account }); // a click of the user's is needed for a pop-up
  }
  throw error;
}
""",
    "MSAL.NET": """\
try
{
    result = await app.AcquireTokenSilent(scopes, account).ExecuteAsync();
}
catch (MsalUiRequiredException)
{
    result = await app.AcquireTokenInteractive(scopes).WithAccount(account).ExecuteAsync();
}
""",
    "MSAL Python": """\
result = app.acquire_token_silent(scopes, account=account)
if not result:
    result = app.acquire_token_interactive(scopes)
""",
    "MSAL Java": """\
try {
    result = app.acquireTokenSilently(SilentParameters.builder(scopes, account).build()).join();
} catch (CompletionException exception) {
    if (!(exception.getCause() instanceof MsalInteractionRequiredException)) {
        throw exception;
    }
    result = app.acquireToken(InteractiveRequestParameters.builder(redirectUri).scopes(scopes).build()).join();
}
""",
    "Microsoft.Identity.Web": """\
[AuthorizeForScopes(Scopes = new[] { "User.Read" })] // sends the user to sign in when the cache cannot answer
public async Task<IActionResult> Index() => View(await LoadProfile());
""",
}

HANDLE_CLAIMS_CHALLENGE = {
    "MSAL.js": """\
try {
  return await pca.acquireTokenSilent({ scopes, account });
} catch (error) {
  if (error instanceof InteractionRequiredAuthError) {
    return pca.acquireTokenRedirect({ scopes, account, claims: error.claims || undefined });
  }
  throw error;
}
""",
    "MSAL.NET": """\
catch (MsalUiRequiredException exception)
{
    result = await app.AcquireTokenInteractive(scopes).WithClaims(exception.Claims).ExecuteAsync();
}
""",
    "MSAL Python": """\
if result.get("claims"):
    result = app.acquire_token_interactive(scopes, claims_challenge=result["claims"])
""",
    "An API that calls another (Microsoft.Identity.Web)": """\
catch (MicrosoftIdentityWebChallengeUserException exception)
{
    // The API cannot show a page: it hands the challenge to its client, which signs the user in again.
    await tokenAcquisition.ReplyForbiddenWithWwwAuthenticateHeaderAsync(scopes, exception.MsalUiRequiredException);
}
""",
}

TOKEN_CACHE = {
    "MSAL.js": """\
const pca = new PublicClientApplication({
  auth: { clientId: '<application-id>' },
  cache: { cacheLocation: 'localStorage' }, // shared by the tabs of this origin
});
await pca.initialize();
""",
    "MSAL Python": """\
cache = msal.SerializableTokenCache()
cache.deserialize(session.get("token_cache"))
app = msal.ConfidentialClientApplication(CLIENT_ID, authority=AUTHORITY, client_credential=secret, token_cache=cache)
result = app.acquire_token_silent(scopes, account=account)
if cache.has_state_changed:
    session["token_cache"] = cache.serialize()  # a session that is kept on the server
""",
    "Microsoft.Identity.Web": """\
builder.Services.AddAuthentication(OpenIdConnectDefaults.AuthenticationScheme)
    .AddMicrosoftIdentityWebApp(builder.Configuration)
    .EnableTokenAcquisitionToCallDownstreamApi()
    .AddDistributedTokenCaches();
builder.Services.AddStackExchangeRedisCache(options => options.Configuration = "<cache-host>:6380,ssl=true");
""",
    "MSAL Node": """\
const cca = new ConfidentialClientApplication({ auth, cache: { cachePlugin } }); // one plug-in over a shared store
const account = await cca.getTokenCache().getAccountByHomeId(homeAccountId);
const result = await cca.acquireTokenSilent({ scopes, account });
""",
}

DEVICE_CODE_INSTEAD_OF_PASSWORD = {
    "MSAL Python": """\
result = app.acquire_token_interactive(["User.Read"])  # a browser on the same machine is the better way
# Only where there is none:
flow = app.initiate_device_flow(scopes=["User.Read"])
print(flow["message"])
result = app.acquire_token_by_device_flow(flow)
""",
    "MSAL.NET": """\
AuthenticationResult result = await app
    .AcquireTokenWithDeviceCode(scopes, code =>
    {
        Console.WriteLine(code.Message);
        return Task.CompletedTask;
    })
    .ExecuteAsync();
""",
    "MSAL Node": """\
const result = await pca.acquireTokenByDeviceCode({
  scopes: ['User.Read'],
  deviceCodeCallback: (response) => console.log(response.message),
});
""",
    "azure-identity (Python)": """\
credential = DeviceCodeCredential(tenant_id="<tenant-id>", client_id="<application-id>")
""",
}
