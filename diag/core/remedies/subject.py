"""What a remedy may take from the facts: values that were read in the directory, or a placeholder and where to look.

Values that only the failed request, the paste or the sign-in record carries are claims (anybody can send our client
ID with
an address of their own). Claims are quoted in sentences as claims and never enter a command.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.read import Found, Missing, Read
from diag.core.registration import ServicePrincipal
from diag.core.remedies.quoting import Placeholder, plain
from diag.core.remedy import Unavailable

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_READ_SOURCES = ("registration", "history")

WHERE = {
    "application-id": "the Application (client) ID on the registration's Overview page",
    "application-object-id": "the Object ID on the registration's Overview page",
    "service-principal-object-id": "the Object ID on the application's page under Enterprise apps",
    "redirect-uri": "the address your client really uses, once you know that it is yours",
    "reply-url": "the assertion consumer address from the service provider's own metadata",
    "key-id": "the ID of the credential under Certificates & secrets (for a secret the column Secret ID)",
    "public-certificate-file": "the path of the public certificate (PEM, without the private key)",
    "public-certificate-base64": "the public certificate (DER) in Base64",
    "proof": "a short-lived JWT signed with a certificate the application already has, as addKey and removeKey ask for",
    "issuer": "the iss claim of the token your workload presents, exactly as it stands there",
    "subject": "the sub claim of the token your workload presents, exactly as it stands there",
    "audience": "the aud claim of the token your workload presents",
    "credential-name": "a name of your choice for the federated credential, 3 to 120 letters, digits, - or _",
    "unique-name": "the uniqueName your Bicep file gives the application",
    "api-application-id": "the Application (client) ID of the API, from its own registration or its Enterprise apps "
    "page",
    "api-application-object-id": "the Object ID on the Overview page of the API's own registration",
    "api-object-id": "the Object ID of the API's service principal, from its page under Enterprise apps",
    "permission-name": "the one permission that the client needs, as the API's documentation spells it",
    "permission-id": "the id of that permission in the API's oauth2PermissionScopes or appRoles",
    "user-or-group-object-id": "the Object ID of the user or group, from its page under Users or Groups",
    "audience-value": "AzureADMyOrg, AzureADMultipleOrgs or AzureADandPersonalMicrosoftAccount",
    "previous-audience": "the signInAudience that you wrote down before the change",
    "app-id-uri": "the App ID URI that clients ask for, such as api:// followed by the application ID",
    "client-application-id": "the Application (client) ID of the client, from its own registration",
    "scope-name": "the name of the scope, such as access_as_user",
    "new-scope-id": "a new GUID: uuidgen prints one",
    "grant-id": "the id of the grant, from the list of the service principal's oauth2PermissionGrants",
    "assignment-id": "the id of the assignment that the command printed",
    "federated-credential-id": "the id of the federated credential that the command printed",
    "deleted-application-object-id": "the Object ID on the registration's line under Deleted applications",
    "deleted-service-principal-object-id": "the id of the deleted service principal with the same application ID",
    "app-role-id": "the id of the app role that the principal is to have, from the application's App roles page",
    "tenant-id": "the Directory (tenant) ID on the registration's Overview page",
    "managed-identity-client-id": "the Client ID on the managed identity's Overview page",
    "resource-group": "the resource group of the web app",
    "web-app": "the name of the web app",
    "deployment": "the name of the client's Deployment, which kubectl get deployments lists",
    "vault-name": "the name of your key vault, the first part of its Vault URI on the vault's Overview page",
    "cache-host": "the Host name on the Overview page of your cache",
    "owner-object-id": "the Object ID of the person (or program) who is to own the application, from its page under "
    "Users",
    "end-date": "the instant 180 days from now in UTC, written as YYYY-MM-DDT00:00:00Z",
    "application-name": "a name of your choice, by which people recognise the application",
    "host": "the host name under which your users reach the application",
    "bundle-id": "the app's bundle identifier, as Xcode shows it",
    "package-name": "the package name from the Android manifest",
    "signature-hash": "the Base64 hash of the key that signs the Android app, URL-encoded",
    "identity-name": "a name of your choice for the managed identity",
    "location": "the Azure region of the resource, such as westeurope",
    "managed-identity-object-id": "the Object (principal) ID on the managed identity's Overview page",
    "cluster-issuer": "the cluster's OIDC issuer, as kubectl get --raw /.well-known/openid-configuration prints it",
    "namespace": "the Kubernetes namespace of the workload",
    "service-account": "the name of the Kubernetes service account that the workload runs as",
    "repository-owner": "the GitHub organization or user that owns the repository",
    "repository": "the name of the repository",
    "environment": "the GitHub environment that the job names",
    "project-path": "the GitLab project with its groups, as its address shows them",
    "branch": "the branch that the pipeline runs for",
}
"""Every placeholder by name, with where its value is found; the only names that commands may show in angle brackets."""


class Subject(Struct, frozen=True):
    """The application that is to be changed."""

    app_id: str
    """Read in the directory, else the placeholder ``<application-id>``."""
    object_id: str
    service_principal_id: str
    name: str
    """For sentences: the display name in quotation marks, or “the application”."""
    claimed_app_id: str
    """What the failure names when no registration was read; empty otherwise."""


def placeholder(name: str) -> Placeholder:
    """``<name>``; ``KeyError`` when nobody says where such a value is found."""
    WHERE[name]
    return Placeholder(f"<{name}>")


def was_read(read: Read[Any]) -> bool:
    """Whether the value comes from the directory rather than from the failed request or the paste."""
    return isinstance(read, Found) and read.source in _READ_SOURCES


def value(read: Read[Any]) -> Any:
    """The value read in the directory, else None."""
    return read.value if isinstance(read, Found) and read.source in _READ_SOURCES else None


def guid(text: Any) -> str | None:
    """The lower-case GUID, or None when the text is none."""
    lowered = text.strip().lower() if isinstance(text, str) else ""
    return lowered if _GUID.fullmatch(lowered) else None


def guid_or(text: Any, name: str) -> str:
    return guid(text) or placeholder(name)


def subject_of(facts: Facts) -> Subject:
    """The application as far as it was read."""
    app_id = guid(value(facts.application.app_id)) or guid(value(facts.service_principal.app_id))
    name = value(facts.application.display_name) or value(facts.service_principal.display_name)
    claimed = facts.failure.app_id
    return Subject(
        app_id=app_id or placeholder("application-id"),
        object_id=guid_or(value(facts.application.object_id), "application-object-id"),
        service_principal_id=guid_or(value(facts.service_principal.object_id), "service-principal-object-id"),
        name=f"“{plain(str(name), 120)}”" if name else "the application",
        claimed_app_id=plain(claimed.value, 80) if app_id is None and isinstance(claimed, Found) else "",
    )


def exists_in_directory(facts: Facts) -> bool:
    """Whether the application or its service principal was seen in the directory, not only named in a failure."""
    return any(
        was_read(read) and bool(value(read)) for read in (facts.application.exists, facts.service_principal.exists)
    )


def identity(facts: Facts) -> str:
    """Publisher, owning tenant and name of the application, for the person who must decide."""
    owner = value(facts.service_principal.owner_tenant_id)
    home = value(facts.home_tenant_id)
    if owner:
        tenant = f"tenant {plain(str(owner), 80)}" + (" (this tenant)" if home and owner == home else "")
    else:
        tenant = "this tenant, where its registration was read" if value(facts.application.exists) else "unknown tenant"
    publisher = value(facts.application.verified_publisher) or value(facts.service_principal.verified_publisher)
    return (
        f"{subject_of(facts).name}, application ID {subject_of(facts).app_id}, owned by {tenant}, publisher "
        f"{'“' + plain(str(publisher), 120) + '” (verified)' if publisher else 'not verified'}"
    )


def whole(read: Read[Any], what: str) -> Found[Any] | Unavailable:
    """The collection with its source, or why a form that must carry the whole of it is withheld.

    A looked-for and absent collection counts as empty.
    """
    replaces = f"this form replaces all {what}, so it is withheld rather than shown incomplete"
    if isinstance(read, Missing):
        return Found((), read.source, read.as_of)
    if not isinstance(read, Found):
        return Unavailable(f"{replaces}: they could not be read ({plain(read.why)})")
    if read.source not in _READ_SOURCES:
        return Unavailable(f"{replaces}: what is known of them does not come from the directory")
    if not read.complete:
        return Unavailable(f"{replaces}: only a part of them was read")
    return read


def moment(as_of: datetime | None) -> str:
    """When a collection was read, for a comment or a sentence."""
    return f"as read at {as_of:%Y-%m-%dT%H:%M:%SZ}" if as_of else "as given with the question"


def api_of(facts: Facts, named: str) -> ServicePrincipal | None:
    """The API's service principal as read, when ``named`` (application ID, App ID URI or display name) means it."""
    api = facts.resource
    if not value(api.exists):
        return None
    known = {str(value(api.app_id) or "").lower(), str(value(api.display_name) or "").lower()}
    known |= {str(name).lower().rstrip("/") for name in value(api.names) or ()}
    known.discard("")
    return api if not named or named.lower().rstrip("/") in known else None


def or_unavailable(found: Found[Any] | Unavailable, render: Callable[[Found[Any]], str]) -> str | Unavailable:
    """The rendered form, or why there is none."""
    return found if isinstance(found, Unavailable) else render(found)
