"""Snippets on client secrets, certificates and assertions."""

SEND_SECRET = {
    "MSAL Node": """\
const cca = new ConfidentialClientApplication({
  auth: {
    clientId: '<application-id>',
    authority: 'https://login.microsoftonline.com/<tenant-id>',
    clientSecret: process.env.CLIENT_SECRET,
  },
});
""",
    "MSAL Python": """\
app = msal.ConfidentialClientApplication(
    "<application-id>",
    authority="https://login.microsoftonline.com/<tenant-id>",
    client_credential=os.environ["CLIENT_SECRET"],
)
""",
    "Microsoft.Identity.Web": """\
{
  "AzureAd": {
    "ClientCredentials": [
      { "SourceType": "ClientSecret", "ClientSecret": "(from the environment or a vault, never from this file)" }
    ]
  }
}
""",
    "MSAL.NET": """\
IConfidentialClientApplication app = ConfidentialClientApplicationBuilder.Create("<application-id>")
    .WithAuthority("https://login.microsoftonline.com/<tenant-id>")
    .WithClientSecret(Environment.GetEnvironmentVariable("CLIENT_SECRET"))
    .Build();
""",
    "Spring Security": """\
spring.security.oauth2.client.registration.entra.client-id=<application-id>
spring.security.oauth2.client.registration.entra.client-secret=${CLIENT_SECRET}
spring.security.oauth2.client.registration.entra.client-authentication-method=client_secret_post
""",
}

SECRET_VALUE_NOT_ID = {
    "Python": """\
import os
import uuid

secret = os.environ["CLIENT_SECRET"]
try:
    uuid.UUID(secret)
except ValueError:
    pass  # As it should be: a secret's Value is no GUID.
else:
    raise SystemExit("CLIENT_SECRET holds the Secret ID; put the Value there, which the portal shows once.")
""",
    "Node.js": """\
if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(process.env.CLIENT_SECRET ?? '')) {
  throw new Error('CLIENT_SECRET holds the Secret ID; put the Value there, which the portal shows once.');
}
""",
    "GitHub Actions": """\
env:
  CLIENT_SECRET: ${{ secrets.CLIENT_SECRET }} # the column Value, not the column Secret ID
""",
}

URL_ENCODE_FORM = {
    "curl": """\
curl 'https://login.microsoftonline.com/<tenant-id>/oauth2/v2.0/token' \\
  --data-urlencode 'grant_type=client_credentials' \\
  --data-urlencode 'client_id=<application-id>' \\
  --data-urlencode "client_secret=$CLIENT_SECRET" \\
  --data-urlencode 'scope=https://graph.microsoft.com/.default'
""",
    "Python": """\
response = httpx.post(
    token_url,
    data={  # a dictionary is form-encoded; a string of your own making is not
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "scope": "https://graph.microsoft.com/.default",
    },
)
""",
    "JavaScript": """\
const response = await fetch(tokenUrl, {
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope,
  }),
});
""",
    "C#": """\
using var form = new FormUrlEncodedContent(new Dictionary<string, string>
{
    ["grant_type"] = "client_credentials",
    ["client_id"] = clientId,
    ["client_secret"] = clientSecret,
    ["scope"] = "https://graph.microsoft.com/.default",
});
using HttpResponseMessage response = await http.PostAsync(tokenUrl, form);
""",
    "PowerShell": """\
$form = @{ grant_type = 'client_credentials'; client_id = $clientId; client_secret = $clientSecret; scope = $scope }
Invoke-RestMethod -Method Post -Uri $tokenUrl -Body $form
""",
}

RELOAD_SECRET = {
    "Kubernetes": """\
kubectl rollout restart 'deployment/<deployment>'
""",
    "Azure App Service": """\
az webapp restart --resource-group '<resource-group>' --name '<web-app>'
""",
    "Python": """\
def client() -> msal.ConfidentialClientApplication:
    # Read at each use, so that a rotated secret needs no restart.
    secret = pathlib.Path("/run/secrets/client-secret").read_text(encoding="utf-8").strip()
    return msal.ConfidentialClientApplication(CLIENT_ID, authority=AUTHORITY, client_credential=secret)
""",
    "ASP.NET Core": """\
builder.Configuration.AddAzureKeyVault(
    vaultUri,
    new DefaultAzureCredential(),
    new AzureKeyVaultConfigurationOptions { ReloadInterval = TimeSpan.FromMinutes(15) });
""",
}

CLIENT_ASSERTION = {
    "MSAL Python": """\
app = msal.ConfidentialClientApplication(
    "<application-id>",
    authority="https://login.microsoftonline.com/<tenant-id>",
    client_credential={"private_key_pfx_path": "/run/secrets/client.pfx", "public_certificate": True},
)
""",
    "MSAL.NET": """\
IConfidentialClientApplication app = ConfidentialClientApplicationBuilder.Create("<application-id>")
    .WithAuthority("https://login.microsoftonline.com/<tenant-id>")
    .WithCertificate(certificate) // an X509Certificate2 with its private key
    .Build();
""",
    "MSAL Node": """\
const cca = new ConfidentialClientApplication({
  auth: {
    clientId: '<application-id>',
    authority: 'https://login.microsoftonline.com/<tenant-id>',
    clientCertificate: { thumbprintSha256, privateKey },
  },
});
""",
    "MSAL Java": """\
ConfidentialClientApplication app = ConfidentialClientApplication
    .builder("<application-id>", ClientCredentialFactory.createFromCertificate(privateKey, certificate))
    .authority("https://login.microsoftonline.com/<tenant-id>/")
    .build();
""",
    "azure-identity (Python)": """\
credential = CertificateCredential("<tenant-id>", "<application-id>", certificate_path="/run/secrets/client.pem")
""",
}

NO_SECRET_IN_BROWSER = {
    "MSAL.js (browser)": """\
// A browser cannot keep a secret: there is none here. Register the address as a single-page application.
const pca = new PublicClientApplication({
  auth: { clientId: '<application-id>', authority: 'https://login.microsoftonline.com/<tenant-id>' },
});
await pca.initialize();
await pca.handleRedirectPromise();
""",
    "MSAL for Angular": """\
export function msalInstanceFactory(): IPublicClientApplication {
  return new PublicClientApplication({ auth: { clientId: environment.clientId, authority: environment.authority } });
}
""",
    "MSAL Node (server of the page)": """\
// Calls that need a secret are made here, on the server; the page talks to this server only.
const result = await cca.acquireTokenByClientCredential({ scopes: ['https://graph.microsoft.com/.default'] });
""",
}
