"""A record as one of the routes delivers it → the form Graph's own API gives it.

Routes: Graph itself (also through Microsoft Graph PowerShell, which writes capital initials), diagnostic settings
(Event Hubs and storage), Log Analytics, and the portal's CSV. What a route leaves out stays out: nothing is invented.
Sources: https://learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs and
https://learn.microsoft.com/entra/identity/monitoring-health/howto-download-logs (checked 2026-11-22).
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from diag.adapters.graph.exports.columns import log_analytics_time

Kind = Literal["sign_in", "audit"]

EVENT_TYPES = {
    "signinlogs": "interactiveUser",
    "noninteractiveusersigninlogs": "nonInteractiveUser",
    "aadnoninteractiveusersigninlogs": "nonInteractiveUser",
    "serviceprincipalsigninlogs": "servicePrincipal",
    "aadserviceprincipalsigninlogs": "servicePrincipal",
    "managedidentitysigninlogs": "managedIdentity",
    "aadmanagedidentitysigninlogs": "managedIdentity",
}
"""Category of diagnostic settings, or table of Log Analytics, in small letters → kind of sign-in."""


class Taken(Struct, frozen=True):
    """A record in Graph's form."""

    kind: Kind
    record: dict[str, Any]
    tenant_id: str = ""
    """The tenant the record names; empty when it names none."""
    changed: bool = True
    """The record is not what the file held, so its bytes have to be made."""


def taken(record: Mapping[str, Any]) -> Taken | None:
    """The record in Graph's form; None when it is neither a sign-in nor an audit record."""
    found: dict[str, Any] = dict(record)
    if isinstance(found.get("properties"), Mapping) and "category" in found:
        return _diagnostic(found, found["properties"])
    if "TimeGenerated" in found:
        return _log_analytics(found)
    if "CreatedDateTime" in found or "ActivityDateTime" in found:
        plain = taken(_camel(found))
        return None if plain is None else Taken(plain.kind, plain.record)
    if "activityDateTime" in found:
        return Taken("audit", found, changed=False)
    if "createdDateTime" in found and ("status" in found or "appId" in found):
        return Taken("sign_in", found, changed=False)
    return None


def _diagnostic(record: dict[str, Any], properties: Mapping[str, Any]) -> Taken | None:
    """``{time, category, tenantId, resultType, …, properties: {…}}``; the properties are nearly Graph's record."""
    category = _word(record, "category").lower()
    tenant_id = _word(record, "tenantId").lower()
    inner = dict(properties)
    if category == "auditlogs":
        inner.setdefault("activityDateTime", record.get("time"))
        inner.setdefault("activityDisplayName", record.get("operationName"))
        inner.setdefault("correlationId", record.get("correlationId"))
        return Taken("audit", inner, tenant_id)
    if category not in EVENT_TYPES:
        return None
    inner.setdefault("createdDateTime", record.get("time"))
    inner.setdefault("correlationId", record.get("correlationId"))
    if not inner.get("signInEventTypes"):
        inner["signInEventTypes"] = [EVENT_TYPES[category]]
    if not inner.get("ipAddress") and record.get("callerIpAddress"):
        inner["ipAddress"] = record["callerIpAddress"]
    _status(inner, record.get("resultType"), record.get("resultDescription"))
    return Taken("sign_in", inner, tenant_id)


_RENAMED = {
    "IPAddress": "ipAddress",
    "ResourceIdentity": "resourceId",
    "LocationDetails": "location",
    "ConditionalAccessPolicies": "appliedConditionalAccessPolicies",
    "AlternateSignInName": "signInIdentifier",
}
"""Columns of Log Analytics that are not Graph's name with a capital initial."""
_OF_THE_TABLE = frozenset(
    [
        "TenantId",
        "Type",
        "SourceSystem",
        "Category",
        "OperationName",
        "OperationVersion",
        "Level",
        "DurationMs",
        "ResultType",
        "ResultSignature",
        "ResultDescription",
        "Identity",
        "Location",
        "Resource",
        "ResourceGroup",
        "ResourceProvider",
        "AADTenantId",
        "TimeGenerated",
        "AADOperationType",
    ]
)
"""Columns that describe the table's row; ``TenantId`` is the workspace there."""
_FLAGS = {"true": True, "false": False}


def _log_analytics(row: Mapping[str, Any]) -> Taken | None:
    table = (_word(row, "Type") or _word(row, "Category")).lower()
    tenant_id = _word(row, "AADTenantId").lower()
    given: dict[str, Any] = {}
    for column, value in row.items():
        if column in _OF_THE_TABLE or value is None or value == "":
            continue
        name = _RENAMED.get(column) or column[:1].lower() + column[1:]
        given[name] = _unfolded(value)
    instant = log_analytics_time(_word(row, "TimeGenerated"))
    if "ActivityDisplayName" in row or table == "auditlogs":
        given["activityDateTime"] = log_analytics_time(_word(row, "ActivityDateTime")) or instant
        if not given.get("activityDisplayName"):
            given["activityDisplayName"] = row.get("OperationName")
        return Taken("audit", given, tenant_id)
    if "ResultType" not in row or not given.get("id"):
        return None
    given["createdDateTime"] = log_analytics_time(_word(row, "CreatedDateTime")) or instant
    if table in EVENT_TYPES:
        given["signInEventTypes"] = [EVENT_TYPES[table]]
    if not given.get("ipAddress") and row.get("CallerIpAddress"):
        given["ipAddress"] = row["CallerIpAddress"]
    flag = given.get("isInteractive")
    if isinstance(flag, str):
        given["isInteractive"] = _FLAGS.get(flag.lower())
    _status(given, row.get("ResultType"), row.get("ResultDescription"))
    return Taken("sign_in", given, tenant_id)


def _status(record: dict[str, Any], result: object, description: object) -> None:
    """Put the code, which these routes deliver as text beside the record, where Graph has it."""
    status = record.get("status")
    told = dict(status) if isinstance(status, Mapping) else {}
    if not isinstance(told.get("errorCode"), int):
        code = str(told.get("errorCode") or "") or str(result if result is not None else "")
        told.pop("errorCode", None)
        if code.isascii() and code.isdigit() and len(code) <= 9:
            told["errorCode"] = int(code)
    if not told.get("failureReason") and isinstance(description, str) and description:
        told["failureReason"] = description
    record["status"] = told


def _unfolded(value: Any) -> Any:
    """A nested value; some tables and every CSV hold it as JSON text."""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return value
    return value


def _camel(part: Any) -> Any:
    """Small initials at every depth, as Graph writes them."""
    if isinstance(part, Mapping):
        return {str(name)[:1].lower() + str(name)[1:]: _camel(value) for name, value in part.items()}
    return [_camel(value) for value in part] if isinstance(part, list) else part


def _word(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""


Reshape = Callable[[Mapping[str, Any]], Taken | None]


def rows_of_table(document: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of a query result ``{name, columns: [{name}], rows: [[…]]}``; None when it is none."""
    columns, rows = document.get("columns"), document.get("rows")
    if not isinstance(columns, list) or not isinstance(rows, list):
        return None
    names = [str(column.get("name", "")) if isinstance(column, Mapping) else str(column) for column in columns]
    return [dict(zip(names, row, strict=False)) for row in rows if isinstance(row, list)]
