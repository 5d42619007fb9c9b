"""Directory objects as Graph writes them: applications and service principals with all their properties.

Property names and shapes follow the OpenAPI description of Microsoft Graph; what differs between v1.0 and beta is
settled in `for_version`.
"""

import base64
from collections.abc import Mapping
from typing import Any

from diag.sample_tenant.catalog import NEVER, Key, Sketch
from diag.sample_tenant.clock import DAY, fine_stamp, stamp
from diag.sample_tenant.minting import Mint
from diag.sample_tenant.people import DOMAIN

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
USER_READ = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
"""Id of the delegated permission User.Read of Microsoft Graph, the same in every tenant."""
SITES_READ_ALL = "332a536c-c7ef-4017-ab91-336970924f0d"
"""Id of the application permission Sites.Read.All of Microsoft Graph."""
NO_URLS = {
    "logoUrl": None, "marketingUrl": None, "privacyStatementUrl": None, "supportUrl": None, "termsOfServiceUrl": None,
}  # fmt: skip
NO_VERIFIED_PUBLISHER = {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None}

Properties = dict[str, Any]


def slug(name: str) -> str:
    """Gives the part of a host name that stands for an application."""
    return "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")


def end_of(key: Key, starts: int) -> str:
    """Writes a credential's end; the never-ending one is what old tools wrote."""
    return "2299-12-31T00:00:00Z" if key.ends == NEVER else stamp(starts + int(key.ends * DAY))


def password_credential(mint: Mint, app_id: str, key: Key, starts: int) -> Properties:
    """Makes one client secret."""
    key_id = mint.guid("key", app_id, key.label, key.starts)
    return {
        "customKeyIdentifier": None,
        "displayName": key.label,
        "endDateTime": end_of(key, starts),
        "hint": mint.secret(key_id)[:3],
        "keyId": key_id,
        "secretText": None,
        "startDateTime": stamp(starts + int(key.starts * DAY)),
    }


def key_credential(mint: Mint, app_id: str, key: Key, starts: int) -> Properties:
    """Makes one certificate, whose custom identifier is its SHA-1 thumbprint in base64."""
    key_id = mint.guid("key", app_id, key.label, key.starts)
    return {
        "customKeyIdentifier": base64.b64encode(bytes.fromhex(mint.thumbprint(key_id))).decode(),
        "displayName": key.label,
        "endDateTime": end_of(key, starts),
        "key": None,
        "keyId": key_id,
        "startDateTime": stamp(starts + int(key.starts * DAY)),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


def required_access(resource_app_id: str, *wanted: tuple[str, str]) -> Properties:
    """Makes one entry of requiredResourceAccess from pairs of permission id and type (Scope or Role)."""
    return {
        "resourceAppId": resource_app_id,
        "resourceAccess": [{"id": permission, "type": kind} for permission, kind in wanted],
    }


def scope(mint: Mint, app_id: str, value: str) -> Properties:
    """Makes one delegated permission that an API exposes."""
    return {
        "adminConsentDescription": f"Lets the application use {value} as the signed-in user.",
        "adminConsentDisplayName": f"Use {value}",
        "id": mint.guid("scope", app_id, value),
        "isEnabled": True,
        "type": "User",
        "userConsentDescription": None,
        "userConsentDisplayName": None,
        "value": value,
    }


def application(mint: Mint, sketch: Sketch, object_id: str, app_id: str, starts: int) -> Properties:
    """Makes an application from its outline."""
    host = f"https://{slug(sketch.name)}.{DOMAIN}"
    created = starts - int((400 + mint.share("created", app_id) * 900) * DAY)
    shape = sketch.shape
    graph = required_access(GRAPH_APP_ID, (USER_READ, "Scope"))
    if shape in ("daemon", "pipeline"):
        graph = required_access(GRAPH_APP_ID, (SITES_READ_ALL, "Role"))
    web = {
        "web": [f"{host}/signin-oidc"], "saml": [f"{host}/saml/acs"], "api": [],
    }.get(shape, [])  # fmt: skip
    certificates = [key for key in sketch.keys if key.kind == "certificate"]
    secrets = [key for key in sketch.keys if key.kind == "secret"]
    return {
        "id": object_id,
        "deletedDateTime": None,
        "appId": app_id,
        "applicationTemplateId": None,
        "disabledByMicrosoftStatus": None,
        "createdByAppId": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        "createdDateTime": fine_stamp(created),
        "displayName": sketch.name,
        "description": None,
        "groupMembershipClaims": None,
        "identifierUris": [f"api://{app_id}"] if shape == "api" else [],
        "isDeviceOnlyAuthSupported": None,
        "isDisabled": None,
        "isFallbackPublicClient": True if shape in ("mobile", "cli") else None,
        "nativeAuthenticationApisEnabled": None,
        "notes": sketch.note,
        "optionalClaims": None,
        "publisherDomain": DOMAIN,
        "samlMetadataUrl": None,
        "serviceManagementReference": None,
        "signInAudience": "AzureADMyOrg",
        "tags": ["WindowsAzureActiveDirectoryCustomSingleSignOnApplication"] if shape == "saml" else [],
        "tokenEncryptionKeyId": None,
        "uniqueName": None,
        "requestSignatureVerification": None,
        "servicePrincipalLockConfiguration": {
            "isEnabled": True, "allProperties": True, "credentialsWithUsageVerify": True,
            "credentialsWithUsageSign": True, "tokenEncryptionKeyId": True,
        },
        "addIns": [],
        "api": {
            "acceptMappedClaims": None,
            "knownClientApplications": [],
            "requestedAccessTokenVersion": 2 if shape in ("api", "spa") else None,
            "oauth2PermissionScopes": [scope(mint, app_id, "access_as_user")] if shape == "api" else [],
            "preAuthorizedApplications": [],
        },
        "appRoles": [],
        "certification": None,
        "defaultRedirectUri": None,
        "info": dict(NO_URLS),
        "keyCredentials": [key_credential(mint, app_id, each, starts) for each in certificates],
        "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
        "passwordCredentials": [password_credential(mint, app_id, each, starts) for each in secrets],
        "publicClient": {
            "redirectUris": {"mobile": [f"msal{app_id}://auth"], "cli": ["http://localhost"]}.get(shape, [])
        },
        "requiredResourceAccess": [] if shape == "saml" else [graph],
        "verifiedPublisher": dict(NO_VERIFIED_PUBLISHER),
        "web": {
            "homePageUrl": host if shape in ("web", "saml") else None,
            "logoutUrl": None,
            "redirectUris": web,
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
            "redirectUriSettings": [{"uri": uri, "index": None} for uri in web],
        },
        "spa": {"redirectUris": [f"{host}/", "http://localhost:5173/"] if shape == "spa" else []},
    }  # fmt: skip


def service_principal(mint: Mint, of: Mapping[str, Any], object_id: str, owner_tenant: str | None) -> Properties:
    """Makes the service principal of an application, or of a mapping with at least appId and displayName."""
    app_id, name = of["appId"], of["displayName"]
    redirects = [*of.get("web", {}).get("redirectUris", ()), *of.get("spa", {}).get("redirectUris", ())]
    home = of.get("web", {}).get("homePageUrl")
    return {
        "id": object_id,
        "deletedDateTime": None,
        "accountEnabled": True,
        "alternativeNames": [],
        "appDescription": None,
        "appDisplayName": name,
        "appId": app_id,
        "applicationTemplateId": None,
        "appOwnerOrganizationId": owner_tenant,
        "appRoleAssignmentRequired": False,
        "createdByAppId": None,
        "description": None,
        "disabledByMicrosoftStatus": None,
        "displayName": name,
        "homepage": home,
        "isDisabled": None,
        "loginUrl": None,
        "logoutUrl": None,
        "notes": None,
        "notificationEmailAddresses": [],
        "preferredSingleSignOnMode": None,
        "preferredTokenSigningKeyThumbprint": None,
        "replyUrls": redirects,
        "servicePrincipalNames": [*of.get("identifierUris", ()), app_id],
        "servicePrincipalType": "Application",
        "signInAudience": of.get("signInAudience", "AzureADMultipleOrgs"),
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "tokenEncryptionKeyId": None,
        "samlSingleSignOnSettings": None,
        "addIns": [],
        "appRoles": list(of.get("appRoles", ())),
        "info": dict(NO_URLS),
        "keyCredentials": [],
        "oauth2PermissionScopes": list(of.get("api", {}).get("oauth2PermissionScopes", ())),
        "passwordCredentials": [],
        "resourceSpecificApplicationPermissions": [],
        "verifiedPublisher": dict(NO_VERIFIED_PUBLISHER),
    }


def for_version(properties: Properties, beta: bool) -> Properties:
    """Gives an object as v1.0 or beta names its properties; the argument is left as it is."""
    if not beta:
        return properties
    changed = dict(properties)
    if "servicePrincipalType" not in changed:
        # The description of beta knows these for service principals alone.
        for name in ("addIns", "applicationTemplateId"):
            changed.pop(name, None)
        return changed
    changed["publishedPermissionScopes"] = changed.pop("oauth2PermissionScopes", [])
    changed.pop("resourceSpecificApplicationPermissions", None)
    changed["preferredTokenSigningKeyEndDateTime"] = next(
        (key["endDateTime"] for key in changed["keyCredentials"] if key["usage"] == "Sign"), None
    )
    changed["publisherName"] = None
    return changed
