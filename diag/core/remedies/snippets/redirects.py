"""Snippets on the address that a client sends."""

FORWARDED_HEADERS = {
    "ASP.NET Core": """\
builder.Services.Configure<ForwardedHeadersOptions>(options =>
{
    options.ForwardedHeaders = ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
    options.KnownProxies.Add(IPAddress.Parse("10.0.0.10")); // your proxy, so that nobody else is believed
});
var app = builder.Build();
app.UseForwardedHeaders(); // before UseAuthentication
""",
    "Express": """\
app.set('trust proxy', 1); // one proxy in front: req.protocol is then https
""",
    "Flask": """\
from werkzeug.middleware.proxy_fix import ProxyFix

app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1)
""",
    "Django": """\
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
USE_X_FORWARDED_HOST = True
""",
    "Spring Boot": """\
server.forward-headers-strategy=framework
""",
    "nginx": """\
proxy_set_header Host $host;
proxy_set_header X-Forwarded-Host $host;
proxy_set_header X-Forwarded-Proto $scheme;
""",
}

SEND_REGISTERED_URI = {
    "MSAL.js (browser)": """\
const pca = new PublicClientApplication({
  auth: {
    clientId: '<application-id>',
    authority: 'https://login.microsoftonline.com/<tenant-id>',
    redirectUri: '<redirect-uri>', // character by character as registered
  },
});
""",
    "MSAL Node": """\
const url = await cca.getAuthCodeUrl({ scopes: ['User.Read'], redirectUri: process.env.REDIRECT_URI });
// The same value again when the code is redeemed:
const result = await cca.acquireTokenByCode({ code, scopes: ['User.Read'], redirectUri: process.env.REDIRECT_URI });
""",
    "MSAL Python": """\
flow = app.initiate_auth_code_flow(["User.Read"], redirect_uri="<redirect-uri>")
""",
    "Microsoft.Identity.Web": """\
{
  "AzureAd": {
    "CallbackPath": "/signin-oidc",
    "SignedOutCallbackPath": "/signout-callback-oidc"
  }
}
""",
    "Spring Security": """\
spring.security.oauth2.client.registration.entra.redirect-uri={baseUrl}/login/oauth2/code/{registrationId}
""",
}

TENANT_AUTHORITY = {
    "MSAL.js": """\
const pca = new PublicClientApplication({
  auth: { clientId: '<application-id>', authority: 'https://login.microsoftonline.com/<tenant-id>' },
});
""",
    "MSAL Python": """\
app = msal.PublicClientApplication("<application-id>", authority="https://login.microsoftonline.com/<tenant-id>")
""",
    "Microsoft.Identity.Web": """\
{
  "AzureAd": {
    "Instance": "https://login.microsoftonline.com/",
    "TenantId": "<tenant-id>",
    "ClientId": "<application-id>"
  }
}
""",
    "MSAL Java": """\
PublicClientApplication app = PublicClientApplication.builder("<application-id>")
    .authority("https://login.microsoftonline.com/<tenant-id>/")
    .build();
""",
    "Spring Security": """\
spring.security.oauth2.client.provider.entra.issuer-uri=https://login.microsoftonline.com/<tenant-id>/v2.0
""",
    "azure-identity (Python)": """\
credential = InteractiveBrowserCredential(tenant_id="<tenant-id>", client_id="<application-id>")
""",
    "Azure CLI": """\
az login --tenant '<tenant-id>'
""",
}

COMMON_AUTHORITY = {
    "MSAL.js": """\
const pca = new PublicClientApplication({
  // organizations: work and school accounts of any tenant; common: personal accounts as well
  auth: { clientId: '<application-id>', authority: 'https://login.microsoftonline.com/organizations' },
});
""",
    "MSAL Python": """\
app = msal.PublicClientApplication(
    "<application-id>", authority="https://login.microsoftonline.com/organizations"
)
""",
    "Microsoft.Identity.Web": """\
{
  "AzureAd": {
    "Instance": "https://login.microsoftonline.com/",
    "TenantId": "organizations",
    "ClientId": "<application-id>"
  }
}
""",
}

SELECT_ACCOUNT = {
    "MSAL.js": """\
await pca.loginRedirect({ scopes: ['User.Read'], prompt: 'select_account' });
""",
    "MSAL Python": """\
result = app.acquire_token_interactive(["User.Read"], prompt="select_account")
""",
    "ASP.NET Core": """\
services.Configure<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme, options =>
{
    options.Prompt = "select_account";
});
""",
    "MSAL Java": """\
InteractiveRequestParameters parameters = InteractiveRequestParameters
    .builder(new URI("http://localhost"))
    .scopes(Set.of("User.Read"))
    .prompt(Prompt.SELECT_ACCOUNT)
    .build();
""",
    "Spring Security": """\
resolver.setAuthorizationRequestCustomizer(
    request -> request.additionalParameters(parameters -> parameters.put("prompt", "select_account")));
""",
}
