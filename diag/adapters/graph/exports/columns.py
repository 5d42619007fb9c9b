"""Rows of CSV files: the portal's downloads and Log Analytics' export, told apart by their headers."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_SIGN_IN = {
    "Date (UTC)": "createdDateTime",
    "Request ID": "id",
    "Correlation ID": "correlationId",
    "User ID": "userId",
    "User": "userDisplayName",
    "Username": "userPrincipalName",
    "User agent": "userAgent",
    "Cross tenant access type": "crossTenantAccessType",
    "Incoming token type": "incomingTokenType",
    "Unique token identifier": "uniqueTokenIdentifier",
    "Original transfer method": "originalTransferMethod",
    "Client credential type": "clientCredentialType",
    "Application": "appDisplayName",
    "Application ID": "appId",
    "App owner tenant ID": "appOwnerTenantId",
    "Resource": "resourceDisplayName",
    "Resource ID": "resourceId",
    "Resource tenant ID": "resourceTenantId",
    "Home tenant ID": "homeTenantId",
    "IP address": "ipAddress",
    "Client app": "clientAppUsed",
    "Service principal ID": "servicePrincipalId",
    "Service principal name": "servicePrincipalName",
    "Service principal credential key ID": "servicePrincipalCredentialKeyId",
    "Service principal credential thumbprint": "servicePrincipalCredentialThumbprint",
    "Credential key ID": "servicePrincipalCredentialKeyId",
    "Credential thumbprint": "servicePrincipalCredentialThumbprint",
}
_DEVICE = {"Device ID": "deviceId", "Browser": "browser", "Operating System": "operatingSystem"}
_DEVICE_FLAGS = {"Compliant": "isCompliant", "Managed": "isManaged"}
_ACCESS = {"success": "success", "failure": "failure", "notapplied": "notApplied"}
_FILE_NAMES = (
    ("noninteractive", "nonInteractiveUser"),
    ("interactive", "interactiveUser"),
    ("msisignin", "managedIdentity"),
    ("managedidentit", "managedIdentity"),
    ("applicationsignin", "servicePrincipal"),
    ("serviceprincipal", "servicePrincipal"),
)
"""What the portal calls its downloads, in small letters; the first that fits."""

SIGN_IN_COLUMNS = ("Date (UTC)", "Request ID", "Application ID")
AUDIT_COLUMNS = ("Date (UTC)", "Activity")
LOG_ANALYTICS_COLUMNS = ("TimeGenerated",)


def header(names: Sequence[str]) -> tuple[str, ...]:
    """Names without the stray spaces the portal writes, and without Log Analytics' time zone."""
    return tuple(re.sub(r" \[UTC\]$", "", " ".join(name.split())) for name in names)


def sign_in(row: Mapping[str, str], file_name: str) -> dict[str, Any]:
    """A row of the portal's sign-in download in Graph's form; empty cells are left out, for they prove nothing."""
    record: dict[str, Any] = {
        name: value for column, name in _SIGN_IN.items() if (value := row.get(column, "").strip())
    }
    device: dict[str, Any] = {name: value for column, name in _DEVICE.items() if (value := row.get(column, "").strip())}
    for column, name in _DEVICE_FLAGS.items():
        if (said := row.get(column, "").strip().lower()) in ("yes", "true", "no", "false"):
            device[name] = said in ("yes", "true")
    if device:
        record["deviceDetail"] = device
    access = _ACCESS.get(row.get("Conditional Access", "").replace(" ", "").lower())
    if access:
        record["conditionalAccessStatus"] = access
    if kind := row.get("User type", "").strip().lower():
        record["userType"] = kind
    if place := row.get("Location", "").strip():
        record["location"] = {"countryOrRegion": place.rpartition(",")[2].strip()}
    record["status"] = _status(row)
    if kind := _event_type(row, file_name):
        record["signInEventTypes"] = [kind]
    return record


def audit(row: Mapping[str, str]) -> dict[str, Any]:
    """A row of the portal's audit download in Graph's form."""
    actor = {
        "id": row.get("ActorObjectId", ""),
        "displayName": row.get("ActorDisplayName", ""),
        "userPrincipalName": row.get("ActorUserPrincipalName", ""),
    }
    is_app = "user" not in row.get("ActorType", "User").lower()
    targets = []
    for number in range(1, 4):
        start = f"Target{number}"
        if not any(row.get(start + name) for name in ("ObjectId", "DisplayName", "UserPrincipalName")):
            continue
        modified = [
            {"displayName": name, "oldValue": row.get(f"{place}OldValue", ""), "newValue": row.get(f"{place}NewValue")}
            for place in (f"{start}ModifiedProperty{each}" for each in range(1, 10))
            if (name := row.get(f"{place}Name", ""))
        ]
        targets.append(
            {
                "id": row.get(f"{start}ObjectId", ""),
                "displayName": row.get(f"{start}DisplayName", ""),
                "userPrincipalName": row.get(f"{start}UserPrincipalName", "") or None,
                "type": row.get(f"{start}Type", ""),
                "modifiedProperties": modified,
            }
        )
    return {
        "activityDateTime": row.get("Date (UTC)", ""),
        "activityDisplayName": row.get("Activity", ""),
        "correlationId": row.get("CorrelationId", "") or row.get("Correlation ID", ""),
        "initiatedBy": {"app" if is_app else "user": actor},
        "targetResources": targets,
    }


def log_analytics_time(said: str) -> str:
    """RFC 3339 from what the API or the portal's export writes; empty when it is neither."""
    if not said:
        return ""
    try:
        return datetime.strptime(said, "%m/%d/%Y, %I:%M:%S.%f %p").replace(tzinfo=UTC).isoformat()
    except ValueError:
        return said


def _status(row: Mapping[str, str]) -> dict[str, Any]:
    """Without ``errorCode`` where a failed row names none: what failed it is then unknown, not a success."""
    code = row.get("Sign-in error code", "").strip()
    status: dict[str, Any] = {}
    if code.isascii() and code.isdigit() and len(code) <= 9:
        status["errorCode"] = int(code)
    elif row.get("Status", "").strip().lower() == "success":
        status["errorCode"] = 0
    if reason := row.get("Failure reason", "").strip():
        status["failureReason"] = reason
    return status


def _event_type(row: Mapping[str, str], file_name: str) -> str:
    """By the file's name, for the columns alone do not tell all kinds apart."""
    plain = re.sub(r"[^a-z]", "", file_name.lower())
    named = next((kind for part, kind in _FILE_NAMES if part in plain), "")
    if named:
        return named
    return "servicePrincipal" if row.get("Service principal ID") and not row.get("User ID") else ""
