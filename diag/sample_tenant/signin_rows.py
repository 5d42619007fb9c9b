"""Writes sign-in rows as Graph does, at the price of one bytes formatting each.

The row of a caller is encoded once, with holes for what differs from row to row (ids, instant, user, place), and
kept as a format. Property order, empty strings and nulls follow the examples in Microsoft's documentation.
"""

import base64
from typing import Any, NamedTuple

import msgspec

from diag.sample_tenant.callers import (
    INTERACTIVE,
    MANAGED_IDENTITY,
    NOBODY,
    NON_INTERACTIVE,
    REASONS,
    Caller,
    PolicyResult,
)
from diag.sample_tenant.people import DATACENTRE, Person, Place

_ENCODER = msgspec.json.Encoder()
_HOLES = (
    "id", "created", "name", "upn", "user", "ip", "correlation", "original", "token", "identifier", "home", "location",
    "network", "milliseconds", "app", "app_name", "principal", "owner", "key", "thumbprint",
)  # fmt: skip
_BARE = ("location", "network", "milliseconds", "owner")
"""Holes that take a JSON value and not the inside of a string."""
# Members that a client has to ask for: without the Prefer header they read unknownFutureValue.
_LATE_MEMBERS = frozenset({
    "refreshToken", "remoteDesktopToken", "clientCredentials", "refreshTokenGrant", "authorizationCodeWithPkce",
    "authorizationCodeWithoutPkce", "reportOnlySuccess", "reportOnlyFailure", "reportOnlyNotApplied",
    "reportOnlyInterrupted",
})  # fmt: skip


class Dialect(NamedTuple):
    """Which form of a row a request gets."""

    beta: bool
    late_members: bool
    key_ids: bool
    """Whether failed rows of service principals name their credential."""
    tenant_id: str


def _hole(name: str) -> str:
    return f"\x01{name}\x02"


def _member(value: str, dialect: Dialect) -> str:
    return "unknownFutureValue" if value in _LATE_MEMBERS and not dialect.late_members else value


def _policy(applied: PolicyResult, dialect: Dialect) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": applied.policy_id,
        "displayName": applied.name,
        "enforcedGrantControls": list(applied.controls),
        "enforcedSessionControls": [],
        "result": _member(applied.result, dialect),
    }
    if dialect.beta:
        row |= {
            "conditionsSatisfied": applied.satisfied,
            "conditionsNotSatisfied": applied.not_satisfied,
            "includeRulesSatisfied": [],
            "excludeRulesSatisfied": [],
        }
    return row


def _policy_status(caller: Caller) -> str:
    results = {applied.result for applied in caller.policies}
    if "failure" in results:
        return "failure"
    return "success" if "success" in results else "notApplied"


def _shared(caller: Caller, dialect: Dialect) -> dict[str, Any]:
    """Gives the properties that v1.0 and beta have in common."""
    reason, details = REASONS[caller.error]
    device = caller.device
    user = caller.kind in (INTERACTIVE, NON_INTERACTIVE)
    return {
        "id": _hole("id"),
        "createdDateTime": _hole("created"),
        "userDisplayName": _hole("name") if user else "",
        "userPrincipalName": _hole("upn") if user else "",
        "userId": _hole("user") if user else "",
        "appId": _hole("app"),
        "appDisplayName": _hole("app_name"),
        "ipAddress": _hole("ip"),
        "clientAppUsed": ("Browser" if device.browser else "Mobile Apps and Desktop clients") if user else "",
        "userAgent": device.agent or None,
        "correlationId": _hole("correlation"),
        "conditionalAccessStatus": _policy_status(caller),
        "isInteractive": caller.kind == INTERACTIVE,
        "riskDetail": "none",
        # Details of risk need a P2 licence and this tenant has P1.
        "riskLevelAggregated": "hidden" if user else "none",
        "riskLevelDuringSignIn": "hidden" if user else "none",
        "riskState": "none",
        "riskEventTypes_v2": [],
        "resourceDisplayName": caller.resource.name,
        "resourceId": caller.resource.app_id,
        "resourceTenantId": dialect.tenant_id,
        "homeTenantId": _hole("home"),
        "servicePrincipalId": "" if user else _hole("principal"),
        "servicePrincipalName": "" if user else _hole("app_name"),
        "status": {"errorCode": caller.error, "failureReason": reason, "additionalDetails": details},
        "deviceDetail": {
            "deviceId": "", "displayName": "", "operatingSystem": device.system, "browser": device.browser,
            "isCompliant": False, "isManaged": False, "trustType": "",
        },
        "location": _hole("location"),
        "appliedConditionalAccessPolicies": [_policy(applied, dialect) for applied in caller.policies],
    }  # fmt: skip


def _beta_only(caller: Caller, dialect: Dialect) -> dict[str, Any]:
    user = caller.kind in (INTERACTIVE, NON_INTERACTIVE)
    guest = caller.person is not None and caller.person.kind == "guest"
    details = [{"key": "Legacy TLS (TLS 1.0, 1.1, 3DES)", "value": "False"}, {"key": "Is CAE Token", "value": "False"}]
    if caller.scopes:
        scopes = _ENCODER.encode(list(caller.scopes)).decode()
        details.append({"key": "Oauth Scope Info", "value": scopes})
    row: dict[str, Any] = {
        "originalRequestId": _hole("original"),
        "tokenIssuerName": "",
        "tokenIssuerType": "AzureAD",
        "processingTimeInMilliseconds": _hole("milliseconds"),
        "appOwnerTenantId": _hole("owner"),
        "resourceOwnerTenantId": caller.resource.tenant_id or None,
        "resourceServicePrincipalId": caller.resource.principal_id,
        "homeTenantName": "",
        "authenticationMethodsUsed": [],
        "authenticationRequirement": "multiFactorAuthentication" if caller.strong else "singleFactorAuthentication",
        "authenticationRequirementPolicies": [],
        "signInIdentifier": _hole("identifier") if user else "",
        "signInIdentifierType": None,
        "signInEventTypes": [caller.kind],
        "federatedCredentialId": caller.federated_id,
        "userType": ("guest" if guest else "member") if user else None,
        "flaggedForReview": False,
        "isTenantRestricted": False,
        "autonomousSystemNumber": _hole("network"),
        "crossTenantAccessType": "b2bCollaboration" if guest else "none",
        "servicePrincipalCredentialKeyId": _hole("key"),
        "servicePrincipalCredentialThumbprint": _hole("thumbprint"),
        "uniqueTokenIdentifier": _hole("token"),
        "authenticationProtocol": _member(caller.protocol, dialect),
        "incomingTokenType": _member(caller.incoming, dialect),
        "clientCredentialType": caller.credential,
        "originalTransferMethod": "none",
        "ipAddressFromResourceProvider": None,
        "azureResourceId": None,
        "sessionId": None,
        "mfaDetail": None,
        "networkLocationDetails": [],
        "authenticationDetails": _steps(caller),
        "authenticationProcessingDetails": details,
        "sessionLifetimePolicies": [],
        "conditionalAccessAudiences": [caller.resource.app_id] if user and caller.resource.app_id else [],
        "privateLinkDetails": {"policyId": "", "policyName": "", "resourceId": "", "policyTenantId": ""},
        "appliedEventListeners": [],
    }
    if caller.kind == MANAGED_IDENTITY:
        row["managedServiceIdentity"] = {
            "msiType": "userAssigned", "associatedResourceId": caller.identity, "federatedTokenId": None,
            "federatedTokenIssuer": None,
        }  # fmt: skip
    return row


def _steps(caller: Caller) -> list[dict[str, Any]]:
    """Gives the password step of an interactive sign-in; other rows have none."""
    if caller.kind != INTERACTIVE:
        return []
    bad_password = caller.error in (50126, 50053, 50055)
    return [{
        "authenticationStepDateTime": _hole("created"),
        "authenticationMethod": "Password",
        "authenticationMethodDetail": "Password in the cloud",
        "succeeded": not bad_password,
        "authenticationStepResultDetail": REASONS[caller.error][0] if bad_password else "Correct password",
        "authenticationStepRequirement": "Primary authentication",
    }]  # fmt: skip


class RowFormat:
    """The encoded row of callers that differ in client, credential, user and place alone."""

    def __init__(self, caller: Caller, dialect: Dialect) -> None:
        row = _shared(caller, dialect)
        if dialect.beta:
            row |= _beta_only(caller, dialect)
        else:
            row["riskEventTypes"] = []
        text = _ENCODER.encode(row).replace(b"%", b"%%")
        for name in _HOLES:
            mark = b'"\\u0001' + name.encode() + b'\\u0002"'
            text = text.replace(mark, b"%%(%b)b" % name.encode() if name in _BARE else b'"%%(%b)b"' % name.encode())
        self._text = text

    def fill(
        self,
        row_id: bytes,
        created: bytes,
        correlation: bytes,
        milliseconds: int,
        client: "ClientBytes",
        person: "PersonBytes",
        place: Place,
    ) -> bytes:
        """Gives one row."""
        there = place_bytes(place)
        return self._text % {
            b"id": row_id, b"created": created, b"correlation": correlation, b"original": row_id,
            b"token": base64.b64encode(row_id), b"milliseconds": b"%d" % milliseconds, b"name": person.name,
            b"upn": person.upn, b"user": person.user, b"identifier": person.upn, b"home": person.home,
            b"app": client.app, b"app_name": client.name, b"principal": client.principal, b"owner": client.owner,
            b"key": client.key, b"thumbprint": client.thumbprint, b"ip": there.ip, b"location": there.location,
            b"network": there.network,
        }  # fmt: skip


class ClientBytes(NamedTuple):
    """A client's fields and its credential's, encoded."""

    app: bytes
    name: bytes
    principal: bytes
    owner: bytes
    key: bytes
    thumbprint: bytes


def outline(caller: Caller) -> Caller:
    """Gives the caller without what is filled in row by row: callers of one outline share their format."""
    guest = caller.person is not None and caller.person.kind == "guest"
    return caller._replace(client=NOBODY, key_id="", thumbprint="", place=DATACENTRE, person=_GUEST if guest else None)


_GUEST = Person("", "", "", "", "guest")


def client_bytes(caller: Caller, dialect: Dialect) -> ClientBytes:
    """Encodes client and credential; a failed row names its credential only where the tenant does that."""
    client = caller.client
    named = dialect.key_ids or caller.error == 0
    return ClientBytes(
        client.app_id.encode(),
        _ENCODER.encode(client.name)[1:-1],
        client.principal_id.encode(),
        _ENCODER.encode(client.tenant_id or None),
        caller.key_id.encode() if named else b"",
        caller.thumbprint.encode() if named else b"",
    )


class PersonBytes(NamedTuple):
    """A user's fields, encoded."""

    name: bytes
    upn: bytes
    user: bytes
    home: bytes


class _PlaceBytes(NamedTuple):
    ip: bytes
    location: bytes
    network: bytes


_places: dict[Place, _PlaceBytes] = {}


def person_bytes(person: Person | None) -> PersonBytes:
    """Encodes a user; nobody gives empty strings."""
    if person is None:
        return PersonBytes(b"", b"", b"", b"")
    name = _ENCODER.encode(person.name)[1:-1]
    return PersonBytes(name, person.upn.encode(), person.object_id.encode(), person.home_tenant.encode())


def place_bytes(place: Place) -> _PlaceBytes:
    """Encodes a place, once."""
    found = _places.get(place)
    if found is None:
        location = {
            "city": place.city, "state": place.state, "countryOrRegion": place.country,
            "geoCoordinates": {"altitude": None, "latitude": None, "longitude": None},
        }  # fmt: skip
        found = _PlaceBytes(place.ip.encode(), _ENCODER.encode(location), b"%d" % place.network)
        _places[place] = found
    return found
