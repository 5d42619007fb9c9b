"""Graph's ``signIn`` record → ``diag.core.sign_in.Failure``.

The record writes "" or "none" both for "there was nothing" and for "not recorded"; where the two cannot be told apart
the fact stays unread. It never holds a redirect URI.
Source: https://learn.microsoft.com/graph/api/resources/signin?view=graph-rest-beta (checked 2026-11-22).
"""

from collections.abc import Mapping

import msgspec

from diag.adapters.graph.wire.common import Node, first_text, guid, mapping, optional_texts, text
from diag.adapters.graph.wire.policy import applied_policy
from diag.core.read import Found, Missing, Read, Unread
from diag.core.sign_in import Failure

FLOWS = {
    "authorizationCodeWithPkce": "authorization_code_pkce",
    "authorizationCodeWithoutPkce": "authorization_code",
    "clientCredentials": "client_credentials",
    "deviceCode": "device_code",
    "implicitAccessTokenAndGetResponseMode": "implicit",
    "implicitAccessTokenAndPostResponseMode": "implicit",
    "implicitIdTokenAndGetResponseMode": "implicit",
    "implicitIdTokenAndPostResponseMode": "implicit",
    "onBehalfOf": "on_behalf_of",
    "refreshTokenGrant": "refresh_token",
    "ropc": "ropc",
    "saml20": "saml",
    "wsFederation": "ws_fed",
}
"""authenticationProtocol → flow, where the one names the other."""

_SCOPE_KEY = "oauth scope info"


def failure(node: Node) -> Failure:
    """What the record says of the attempt; ``code``, ``text`` and ``wordings`` stay empty."""
    device, place = node.inside("deviceDetail"), node.inside("location")
    protocol = _said(node, "authenticationProtocol", "none", "unknownFutureValue")
    return Failure(
        observed_at=node.moment("createdDateTime"),
        correlation_id=_guid(node, "correlationId"),
        app_id=_guid(node, "appId"),
        app_name=_said(node, "appDisplayName"),
        flow=_flow(protocol),
        scope=_scope(node),
        resource=_guid(node, "resourceId"),
        event_type=_event_type(node),
        is_interactive=node.flag("isInteractive"),
        protocol=protocol,
        incoming_token_type=_said(node, "incomingTokenType", "unknownFutureValue"),
        client_app_used=_said(node, "clientAppUsed"),
        credential_key_id=_recorded(node, "servicePrincipalCredentialKeyId"),
        credential_thumbprint=_recorded(node, "servicePrincipalCredentialThumbprint"),
        credential_type=_recorded(node, "clientCredentialType"),
        federated_credential_id=_recorded(node, "federatedCredentialId"),
        conditional_access_status=_said(node, "conditionalAccessStatus", "unknownFutureValue"),
        applied_policies=node.items("appliedConditionalAccessPolicies", applied_policy),
        home_tenant_id=_guid(node, "homeTenantId"),
        resource_tenant_id=_guid(node, "resourceTenantId"),
        user_type=_said(node, "userType", "unknownFutureValue"),
        cross_tenant_access_type=_said(node, "crossTenantAccessType", "unknownFutureValue"),
        browser=_said(device, "browser"),
        operating_system=_said(device, "operatingSystem"),
        device_id=device.words("deviceId"),
        device_is_compliant=device.flag("isCompliant"),
        device_is_managed=device.flag("isManaged"),
        device_trust_type=device.words("trustType"),
        country=_said(place, "countryOrRegion"),
        risk_level=_said(node, "riskLevelDuringSignIn", "hidden", "unknownFutureValue"),
        risk_state=_said(node, "riskState", "hidden", "unknownFutureValue"),
    )


def error_code(node: Node) -> int | None:
    """``status.errorCode``, 0 for a success; None when the record does not say. Some routes deliver it as text."""
    if not isinstance(node.given, Mapping):
        return None
    status = node.given.get("status")
    value = status.get("errorCode") if isinstance(status, Mapping) else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        return int(value)
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000_000
    return value if usable and isinstance(value, int) else None


def status_text(node: Node) -> str | None:
    """``failureReason`` and ``additionalDetails``, one a line; None when the record has no status object."""
    status = node.inside("status")
    if not isinstance(status.given, Mapping):
        return None
    reads = (status.text("failureReason"), status.text("additionalDetails"))
    return "\n".join(read.value for read in reads if isinstance(read, Found) and read.value)


def _said(node: Node, name: str, *empty: str) -> Read[str]:
    """Text; unread when the record leaves it empty, or says one of the words that stand for nothing said."""
    read = node.text(name)
    if isinstance(read, Found) and (not read.value.strip() or read.value in empty):
        return Unread(f"the sign-in record does not say {name}")
    return read


def _recorded(node: Node, name: str) -> Read[str]:
    """What the record may leave out of a failed attempt: empty and null both prove nothing about the credential."""
    read = _said(node, name)
    if isinstance(read, Missing) and isinstance(node.given, Mapping):
        return Unread(f"the sign-in record does not say {name}")
    return node.found(guid(read.value)) if isinstance(read, Found) else read


def _guid(node: Node, name: str) -> Read[str]:
    read = _said(node, name)
    return node.found(guid(read.value)) if isinstance(read, Found) else read


def _flow(protocol: Read[str]) -> Read[str]:
    """Unread where the protocol names no single flow: several flags, plain oAuth2, none, or a value of tomorrow."""
    if not isinstance(protocol, Found):
        return protocol
    flow = FLOWS.get(protocol.value)
    if flow is None:
        return Unread(f"the sign-in record says only “{protocol.value[:80]}”")
    return Found(flow, protocol.source, protocol.as_of)


def _event_type(node: Node) -> Read[str]:
    kinds = node.texts("signInEventTypes")
    if not isinstance(kinds, Found):
        return kinds
    return node.found(kinds.value[0]) if len(kinds.value) == 1 else Unread("the sign-in record names no single kind")


def _scope(node: Node) -> Read[str]:
    """The scopes asked for, joined by spaces; most records do not carry them, which says nothing."""
    details = node.items("authenticationProcessingDetails", mapping)
    if not isinstance(details, Found):
        return details
    for detail in details.value:
        if first_text(detail, "key").lower() != _SCOPE_KEY:
            continue
        try:
            scopes = msgspec.json.decode(first_text(detail, "value"))
        except (msgspec.DecodeError, RecursionError):
            break
        if isinstance(scopes, list):
            return node.found(text(" ".join(optional_texts({"scopes": scopes}, "scopes"))))
    return Unread("the sign-in record does not name the scopes")
