"""Snippets for programs without a user: managed identity, federation, clocks."""

MANAGED_IDENTITY = {
    "azure-identity (Python)": """\
credential = ManagedIdentityCredential()  # client_id="<managed-identity-client-id>" for a user-assigned one
client = SecretClient("https://<vault-name>.vault.azure.net", credential)
""",
    "Azure.Identity (.NET)": """\
var credential = new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned);
var client = new SecretClient(new Uri("https://<vault-name>.vault.azure.net"), credential);
""",
    "@azure/identity (JavaScript)": """\
const credential = new ManagedIdentityCredential();
const client = new SecretClient('https://<vault-name>.vault.azure.net', credential);
""",
    "azure-identity (Java)": """\
ManagedIdentityCredential credential = new ManagedIdentityCredentialBuilder().build();
""",
    "As the application's credential (Microsoft.Identity.Web)": """\
{
  "AzureAd": {
    "ClientCredentials": [
      { "SourceType": "SignedAssertionFromManagedIdentity", "ManagedIdentityClientId": "<managed-identity-client-id>" }
    ]
  }
}
""",
    "Terraform": """\
provider "azuread" {
  use_msi   = true
  tenant_id = "<tenant-id>"
}
""",
}

REREAD_FEDERATED_TOKEN = {
    "azure-identity (Python)": """\
credential = WorkloadIdentityCredential()  # reads AZURE_FEDERATED_TOKEN_FILE anew when the token changes
""",
    "MSAL Python": """\
def assertion() -> str:
    # Called whenever a new one is needed: the file is rotated about every hour.
    return pathlib.Path(os.environ["AZURE_FEDERATED_TOKEN_FILE"]).read_text(encoding="utf-8")


app = msal.ConfidentialClientApplication(
    CLIENT_ID, authority=AUTHORITY, client_credential={"client_assertion": assertion}
)
""",
    "MSAL.NET": """\
IConfidentialClientApplication app = ConfidentialClientApplicationBuilder.Create("<application-id>")
    .WithAuthority("https://login.microsoftonline.com/<tenant-id>")
    .WithClientAssertion(async (AssertionRequestOptions options) =>
        await File.ReadAllTextAsync(tokenFile, options.CancellationToken))
    .Build();
""",
    "GitHub Actions": """\
permissions:
  id-token: write
  contents: read
steps:
  - uses: azure/login@v2 # again right before a late step: GitHub's token lives for minutes only
    with:
      client-id: ${{ vars.AZURE_CLIENT_ID }}
      tenant-id: ${{ vars.AZURE_TENANT_ID }}
      subscription-id: ${{ vars.AZURE_SUBSCRIPTION_ID }}
""",
    "Terraform": """\
provider "azuread" {
  use_oidc = true
}
""",
}

CLOCK_SYNC = {
    "Linux": """\
timedatectl set-ntp true
timedatectl status
""",
    "Linux (chrony)": """\
chronyc tracking
chronyc makestep
""",
    "Windows": """\
w32tm /resync /force
w32tm /query /status
""",
    "Windows Subsystem for Linux": """\
sudo hwclock -s
""",
}
