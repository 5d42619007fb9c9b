"""Snippets on how an API checks the tokens it receives."""

ACCESS_TOKEN_AUDIENCE = {
    "MSAL.js (client)": """\
// Ask for a scope of the API that you call, and send the access token, not the ID token.
const scopes = ['api://<api-application-id>/access_as_user'];
const { accessToken } = await pca.acquireTokenSilent({ scopes, account });
await fetch(url, { headers: { Authorization: `Bearer ${accessToken}` } });
""",
    "Microsoft.Identity.Web (API)": """\
{
  "AzureAd": {
    "Instance": "https://login.microsoftonline.com/",
    "TenantId": "<tenant-id>",
    "ClientId": "<api-application-id>",
    "TokenValidationParameters": { "ValidAudiences": ["<api-application-id>", "api://<api-application-id>"] }
  }
}
""",
    "Spring Security (API)": """\
spring.security.oauth2.resourceserver.jwt.issuer-uri=https://login.microsoftonline.com/<tenant-id>/v2.0
spring.security.oauth2.resourceserver.jwt.audiences=<api-application-id>,api://<api-application-id>
""",
    "PyJWT (API)": """\
claims = jwt.decode(
    token,
    signing_key,
    algorithms=["RS256"],
    audience=[API_ID, f"api://{API_ID}"],
    issuer=f"https://login.microsoftonline.com/{TENANT_ID}/v2.0",
)
""",
}

VALIDATE_ISSUER = {
    "ASP.NET Core": """\
options.TokenValidationParameters.ValidIssuers = new[]
{
    $"https://login.microsoftonline.com/{tenantId}/v2.0", // version 2
    $"https://sts.windows.net/{tenantId}/",               // version 1
};
""",
    "Spring Security": """\
spring.security.oauth2.resourceserver.jwt.issuer-uri=https://login.microsoftonline.com/<tenant-id>/v2.0
""",
    "PyJWT": """\
ISSUERS = {  # by the token's ver claim
    "2.0": f"https://login.microsoftonline.com/{TENANT_ID}/v2.0",
    "1.0": f"https://sts.windows.net/{TENANT_ID}/",
}
claims = jwt.decode(token, signing_key, algorithms=["RS256"], audience=AUDIENCES, issuer=list(ISSUERS.values()))
""",
    "Several tenants (Python)": """\
claims = jwt.decode(token, signing_key, algorithms=["RS256"], audience=AUDIENCES)
tenant = claims["tid"]
if tenant not in ADMITTED_TENANTS or claims["iss"] != f"https://login.microsoftonline.com/{tenant}/v2.0":
    raise PermissionError("a token of a tenant that is not admitted")
""",
}
