"""The same sign-ins as each route delivers them."""

import csv
import gzip
import io
import json
from typing import Any

TENANT = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"
APP = "aaaaaaaa-1111-4111-8111-000000000001"
GRAPH_API = "00000003-0000-0000-c000-000000000000"


def sign_ins(count: int = 40) -> list[dict[str, Any]]:
    """Graph's own records: every fifth is a success."""
    return [
        {
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "createdDateTime": f"2026-11-21T{number % 24:02d}:{number % 60:02d}:00Z",
            "appId": APP,
            "appDisplayName": 'Orders, "west"',
            "resourceId": GRAPH_API,
            "resourceDisplayName": "Microsoft Graph",
            "correlationId": f"cccccccc-0000-4000-8000-{number:012d}",
            "userPrincipalName": "mara@contoso.example",
            "userId": "dddddddd-0000-4000-8000-000000000001",
            "ipAddress": "203.0.113.7",
            "userAgent": '=cmd|"x"!A1\nsecond line',
            "clientAppUsed": "Browser",
            "conditionalAccessStatus": "notApplied",
            "signInEventTypes": ["interactiveUser"],
            "location": {"countryOrRegion": "DE"},
            "status": {"errorCode": 50011 if number % 5 else 0, "failureReason": "The address, as sent, is unknown."},
        }
        for number in range(count)
    ]


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _lines(records: list[Any]) -> bytes:
    return b"".join(_json(record) + b"\n" for record in records)


def diagnostic(record: dict[str, Any], tenant_id: str = TENANT) -> dict[str, Any]:
    """The record as diagnostic settings wrap it: the code is text, and stands outside."""
    status = record["status"]
    return {
        "time": record["createdDateTime"],
        "resourceId": f"/tenants/{tenant_id}/providers/Microsoft.aadiam",
        "operationName": "Sign-in activity",
        "category": "SignInLogs",
        "tenantId": tenant_id,
        "resultType": str(status["errorCode"]),
        "resultDescription": status["failureReason"],
        "callerIpAddress": record["ipAddress"],
        "correlationId": record["correlationId"],
        "Level": "4",
        "properties": {
            **{name: value for name, value in record.items() if name not in ("status", "signInEventTypes")},
            "createdDateTime": record["createdDateTime"].replace("Z", "+00:00"),
        },
    }


def _powershell(part: Any) -> Any:
    if isinstance(part, dict):
        return {name[:1].upper() + name[1:]: _powershell(value) for name, value in part.items()}
    return part


def workspace_row(record: dict[str, Any]) -> dict[str, Any]:
    """The row of a Log Analytics table; nested values are text there."""
    return {
        "TenantId": "99999999-0000-4000-8000-000000000000",
        "AADTenantId": TENANT,
        "TimeGenerated": record["createdDateTime"],
        "CreatedDateTime": record["createdDateTime"],
        "Type": "SigninLogs",
        "Id": record["id"],
        "CorrelationId": record["correlationId"],
        "AppId": record["appId"],
        "AppDisplayName": record["appDisplayName"],
        "ResourceIdentity": record["resourceId"],
        "ResourceDisplayName": record["resourceDisplayName"],
        "UserPrincipalName": record["userPrincipalName"],
        "UserId": record["userId"],
        "IPAddress": record["ipAddress"],
        "UserAgent": record["userAgent"],
        "ClientAppUsed": record["clientAppUsed"],
        "ConditionalAccessStatus": record["conditionalAccessStatus"],
        "LocationDetails": json.dumps(record["location"]),
        "ResultType": str(record["status"]["errorCode"]),
        "ResultDescription": record["status"]["failureReason"],
        "Status": json.dumps({"errorCode": record["status"]["errorCode"]}),
    }


def _csv(header: list[str], rows: list[list[Any]], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def _table(records: list[dict[str, Any]]) -> bytes:
    rows = [workspace_row(record) for record in records]
    columns = [{"name": name, "type": "string"} for name in rows[0]]
    return _json(
        {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": [list(row.values()) for row in rows]}]}
    )


def _workspace_csv(records: list[dict[str, Any]]) -> bytes:
    rows = [workspace_row(record) for record in records]
    for row in rows:
        day, _, hour = row["TimeGenerated"].rstrip("Z").partition("T")
        year, month, date = day.split("-")
        number, minute, second = hour.split(":")
        half = "AM" if int(number) < 12 else "PM"
        row["TimeGenerated"] = f"{int(month)}/{int(date)}/{year}, {int(number) % 12 or 12}:{minute}:{second}.000 {half}"
        row["CreatedDateTime"] = row["TimeGenerated"]
    header = [f"{name} [UTC]" if name in ("TimeGenerated", "CreatedDateTime") else name for name in rows[0]]
    return _csv(header, [list(row.values()) for row in rows])


PORTAL_HEADER = (
    "Date (UTC),Request ID,User agent,Correlation ID,User ID,User,Username,User type,Incoming token type,"
    "Application,Application ID ,Resource,Resource ID ,IP address,Location,Status,Sign-in error code,"
    "Failure reason,Client app,Incoming token type,Autonomous system  number,Conditional Access"
)


def portal_csv(records: list[dict[str, Any]]) -> bytes:
    """The portal's download with its stray spaces and its column that stands there twice."""
    header = PORTAL_HEADER.split(",")
    rows = [
        [
            record["createdDateTime"],
            record["id"],
            record["userAgent"],
            record["correlationId"],
            record["userId"],
            "Mara",
            record["userPrincipalName"],
            "Member",
            "",
            record["appDisplayName"],
            record["appId"],
            record["resourceDisplayName"],
            record["resourceId"],
            record["ipAddress"],
            "Berlin, Berlin, DE",
            "Failure" if record["status"]["errorCode"] else "Success",
            record["status"]["errorCode"] or "",
            record["status"]["failureReason"],
            record["clientAppUsed"],
            "",
            "",
            "Not Applied",
        ]
        for record in records
    ]
    return _csv(header, rows)


def routes(records: list[dict[str, Any]]) -> dict[str, bytes]:
    """Each route's file, by the name a person would know it by."""
    wrapped = [diagnostic(record) for record in records]
    batches = [wrapped[at : at + 7] for at in range(0, len(wrapped), 7)]
    return {
        "InteractiveSignIns_2026-11-21.csv": portal_csv(records),
        "InteractiveSignIns_2026-11-21.json": json.dumps(records, indent=2).encode(),
        "az-rest.json": _json({"@odata.context": "…", "@odata.nextLink": "https://graph.example/2", "value": records}),
        "pages.json": _json({"value": records[:7]}) + b"\n" + _json({"value": records[7:]}),
        "lines.json": _lines(records),
        "lines.json.gz": gzip.compress(_lines(records)),
        "one-array-a-line.json": b"".join(_json([record]) + b"\n" for record in records),
        "Get-MgBetaAuditLogSignIn.json": json.dumps([_powershell(record) for record in records]).encode("utf-16"),
        "PT1H.json": b"".join(_json(record) + b"\r\n" for record in wrapped),
        "event-hub.json": b"".join(_json({"records": batch}) + b"\n" for batch in batches),
        "event-hub-one.json": _json({"records": wrapped}),
        "query.json": _table(records),
        "query-rows.json": _json([workspace_row(record) for record in records]),
        "query_data.csv": _workspace_csv(records),
    }
