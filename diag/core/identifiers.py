"""The kinds of identifier and what they look like: IDs and tenants as people send them, mistyped or cut short."""

import re
from typing import Literal, NewType

AppId = NewType("AppId", str)
"""Application ID (OAuth client_id), a lower-case GUID shared by application and service principal."""
ObjectId = NewType("ObjectId", str)
"""Lower-case GUID of one directory object."""
TenantId = NewType("TenantId", str)
"""Lower-case GUID of a tenant."""
KeyId = NewType("KeyId", str)
"""Lower-case GUID that names one secret or certificate; not the secret itself."""

CONSUMER_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant that stands for personal Microsoft accounts; as an authority it equals ``consumers``."""

IdShape = Literal["guid", "zero_guid", "placeholder", "address", "malformed"]

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ZERO = re.compile(r"0{8}-0{4}-0{4}-0{4}-0{12}")
_REPEATED = re.compile(r"(?:(.)\1{7})-\1{4}-\1{4}-\1{4}-\1{12}")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}://|urn:|spn:)")
_PLACEHOLDER = re.compile(
    r"[<>{}\[\]$%]|\b(?:your|enter|insert|replace|add|put|paste|here|todo|changeme|example|sample|placeholder)\b"
    r"|(?:client|app(?:lication)?)[ _-]?id\b|^(?:x{3,}|undefined|null|none|string)\b|x{8}-"
)
TenantShape = Literal[
    "template",
    "placeholder",
    "endpoint_word",
    "well_known",
    "other_cloud_domain",
    "setting_word",
    "malformed",
    "guid",
    "domain",
]

_TENANT_REPEATED = re.compile(r"([0-9a-fx])\1{7}-\1{4}-\1{4}-\1{4}-\1{12}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}")
_TEMPLATE = re.compile(
    r"\{\{|\$\{|\$\(|\{[a-z0-9_.: -]*\}|%7b|%[a-z_]+%|^\$[a-z_]+$|^(?:undefined|null|none|nil|nan|false|true)$"
)
_TENANT_PLACEHOLDER = re.compile(
    r"^<|>$|\b(?:your|enter|insert|replace|my|put|paste|here|todo|changeme|placeholder|xxxx+)\b"
    r"|^(?:the )?(?:azure |aad |ad |entra )?(?:tenant|directory)(?: (?:id|name|guid))?(?: (?:here|goes here))?$"
    r"|^(?:tenantid|tenantname|directoryid)$"
)
_ENDPOINT_WORDS = frozenset({
    "token", "authorize", "oauth2", "v2.0", "v1.0", "devicecode", "logout", "login", "saml2", "wsfed", "discovery",
    "federationmetadata", ".well-known", "openid-configuration", "kerberos", "secrets", "login.microsoftonline.com",
    "login.windows.net", "sts.windows.net", "common", "organizations", "consumers",
})  # fmt: skip
_SETTING_WORDS = frozenset({
    "azurecloud", "azurepubliccloud", "azurepublic", "azureusgovernment", "azureusgovernmentcloud", "azurechinacloud",
    "azuregermancloud", "public", "usgovernment", "china", "germany", "azureadmyorg", "azureadmultipleorgs",
    "azureadandpersonalmicrosoftaccount", "azuread", "microsoft", "entra", "single", "multi", "singletenant",
    "multitenant", "user", "admin", "default",
})  # fmt: skip
_OTHER_CLOUD_SUFFIXES = (
    ".partner.onmschina.cn", ".onmschina.cn", ".chinacloudapi.cn", ".onmicrosoft.us", ".onmicrosoft.de",
    ".onmicrosoft.cn",
)  # fmt: skip
_WELL_KNOWN = {
    CONSUMER_TENANT: "the tenant of personal Microsoft accounts",
    "f8cdef31-a31e-4b4a-93e4-5f571e91255a": "Microsoft's own services tenant",
    "72f988bf-86f1-41af-91ab-2d7cd011db47": "Microsoft's corporate tenant",
}
"""Tenants that exist whatever a message says, by ID in lower case."""


def is_guid(text: str) -> bool:
    """Whether the text is a GUID in the common form, in either letter case."""
    return _GUID.fullmatch(text.casefold()) is not None


def id_shape(text: str) -> IdShape:
    """What an identifier looks like; exactly one shape holds."""
    value = text.strip().strip("'\"").casefold()
    if _ZERO.fullmatch(value) or _REPEATED.fullmatch(value):
        return "zero_guid"
    if _GUID.fullmatch(value):
        return "guid" if value == text.casefold() else "malformed"
    if _ADDRESS.match(value):
        return "address"
    if _PLACEHOLDER.search(value.replace("_", " ").replace("-", " ")) or _PLACEHOLDER.search(value):
        return "placeholder"
    return "malformed"


def tenant_shape(text: str) -> TenantShape:
    """What a tenant's name looks like; exactly one shape holds."""
    value = text.strip().casefold()
    words = re.sub(r"[_-]+", " ", value.removeprefix("[").removesuffix("]"))
    if _TEMPLATE.search(value):
        return "template"
    if _TENANT_REPEATED.fullmatch(value) or (not _GUID.fullmatch(value) and _TENANT_PLACEHOLDER.search(words)):
        return "placeholder"
    if value in _WELL_KNOWN:
        return "well_known"
    if value in _ENDPOINT_WORDS:
        return "endpoint_word"
    if value in _SETTING_WORDS or "@" in value or "://" in value or re.search(r"[a-z] [a-z]", value):
        return "setting_word"
    if value.endswith(_OTHER_CLOUD_SUFFIXES):
        return "other_cloud_domain"
    if _GUID.fullmatch(value):
        return "guid" if value == text.casefold() else "malformed"
    return "domain" if _DOMAIN.fullmatch(value) else "malformed"


def nearly_equal(sent: str, own: str) -> bool:
    """Whether a GUID was mistyped or cut: at most three positions differ, or one is a longer piece of the other."""
    if len(sent) == len(own):
        return sum(a != b for a, b in zip(sent, own, strict=True)) <= 3
    if 8 <= len(sent) < len(own):
        return own.startswith(sent) or own.endswith(sent) or own.replace("-", "") == sent
    return len(sent) > len(own) and len(sent) - len(own) <= 4 and own in sent
