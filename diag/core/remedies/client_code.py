"""Changes in the client's own code or configuration, with a short snippet for the common libraries."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.remedies import fixing
from diag.core.remedies.snippets import apis, interaction, redirects, scopes, secrets, workloads
from diag.core.remedy import Fix, remedy

Topic = Literal[
    "",
    "forwarded-headers",
    "send-registered-uri",
    "send-secret",
    "secret-value-not-id",
    "url-encode-form",
    "reload-secret",
    "use-default-scope",
    "scope-syntax",
    "interactive-fallback",
    "incremental-consent",
    "pkce",
    "tenant-authority",
    "common-authority",
    "token-cache",
    "offline-access",
    "access-token-audience",
    "validate-issuer",
    "handle-claims-challenge",
    "reread-federated-token",
    "clock-sync",
    "client-assertion",
    "no-secret-in-browser",
    "select-account",
    "device-code-instead-of-password",
    "managed-identity",
]

SNIPPETS: Mapping[str, Mapping[str, str]] = {
    "": {},
    "forwarded-headers": redirects.FORWARDED_HEADERS,
    "send-registered-uri": redirects.SEND_REGISTERED_URI,
    "send-secret": secrets.SEND_SECRET,
    "secret-value-not-id": secrets.SECRET_VALUE_NOT_ID,
    "url-encode-form": secrets.URL_ENCODE_FORM,
    "reload-secret": secrets.RELOAD_SECRET,
    "use-default-scope": scopes.USE_DEFAULT_SCOPE,
    "scope-syntax": scopes.SCOPE_SYNTAX,
    "interactive-fallback": interaction.INTERACTIVE_FALLBACK,
    "incremental-consent": scopes.INCREMENTAL_CONSENT,
    "pkce": scopes.PKCE,
    "tenant-authority": redirects.TENANT_AUTHORITY,
    "common-authority": redirects.COMMON_AUTHORITY,
    "token-cache": interaction.TOKEN_CACHE,
    "offline-access": scopes.OFFLINE_ACCESS,
    "access-token-audience": apis.ACCESS_TOKEN_AUDIENCE,
    "validate-issuer": apis.VALIDATE_ISSUER,
    "handle-claims-challenge": interaction.HANDLE_CLAIMS_CHALLENGE,
    "reread-federated-token": workloads.REREAD_FEDERATED_TOKEN,
    "clock-sync": workloads.CLOCK_SYNC,
    "client-assertion": secrets.CLIENT_ASSERTION,
    "no-secret-in-browser": secrets.NO_SECRET_IN_BROWSER,
    "select-account": redirects.SELECT_ACCOUNT,
    "device-code-instead-of-password": interaction.DEVICE_CODE_INSTEAD_OF_PASSWORD,
    "managed-identity": workloads.MANAGED_IDENTITY,
}
"""Topic → library → code. The snippets are constants: no value from facts enters them."""


class ChangeClientCode(Struct, frozen=True, forbid_unknown_fields=True):
    do: str
    topic: Topic = ""
    verify: str = ""
    caution: str = ""


@remedy("change_client_code", effect=None, args=ChangeClientCode)
def change_client_code(facts: Facts, args: ChangeClientCode) -> Fix:
    """A change in the client's code or configuration; ``topic`` adds snippets for the common libraries."""
    return fixing.fix(
        None,
        do=args.do,
        effect=None,
        who="The developer of the client",
        verify=args.verify or "Run the failed request again.",
        caution=args.caution,
        snippets=SNIPPETS[args.topic],
    )
