"""Two tenants in a real database: what the tests of the API ask for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from diag.adapters.graph.wire.registration import details, whole_object
from diag.bootstrap import Service
from diag.core.alerts import Alert
from diag.core.directory import Change, PropertyChange
from diag.core.inventory import RegistrationObject, RemovedObject
from diag.core.records import FailureRow, SuccessCount
from diag.core.windows import Window
from diag.workflows.incidents import diagnose_failure
from diag.workflows.ports import Progress

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
CONTOSO = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"
FABRIKAM = "7b2d1c0a-5e4f-4a3b-9c8d-1f2e3d4c5b6a"
ORDERS = "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01"
SHARED = "1c7e5a90-2b3d-4f60-8a71-9d0c4b5e6f02"
PRINCIPAL_ONLY = "2e8f6b01-3c4e-4071-9b82-0e1d5c6f7003"
GONE = "3f907c12-4d5f-4182-8c93-1f2e6d708104"
STOCK_API = "40a18d23-5e60-4293-9da4-203f7e819205"
ENDED_KEY = "5b1c7d20-9f0a-4c1e-8a51-3c1d2e4f5a60"
STOCK_URI = "https://stock.contoso.example/api"


class SteppingClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds


def guid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-{number:012x}"


def failure(number: int, **given: Any) -> FailureRow:
    values: dict[str, Any] = {
        "tenant_id": CONTOSO,
        "id": guid(number),
        # Three a minute, so that pages have to break between rows of the same instant.
        "created_at": NOW - timedelta(minutes=1 + number // 3),
        "event_type": "interactiveUser",
        "error_code": 50011,
        "interrupt": False,
        "app_id": ORDERS,
        "app_display_name": "Orders",
        "correlation_id": guid(7000 + number),
        "user_id": guid(8000 + number % 5),
        "raw": msgspec.json.encode(
            {"id": guid(number), "appId": ORDERS, "status": {"errorCode": 50011}, "extra": None}
        ),
    }
    return FailureRow(**(values | given))


def failures() -> list[FailureRow]:
    rows = [failure(number) for number in range(1, 26)]
    rows += [
        failure(
            number,
            error_code=7000222,
            event_type="servicePrincipal",
            credential_key_id=ENDED_KEY,
            user_id="",
            raw=b'{"appId":"6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01","status":{"errorCode":7000222}}',
        )
        for number in range(40, 44)
    ]
    rows += [
        failure(50, error_code=50140, interrupt=True),
        failure(51, event_type="nonInteractiveUser,interactiveUser"),
    ]
    rows += [failure(52, event_type="nonInteractiveUser", error_code=700082)]
    rows += [
        failure(60 + number, error_code=(65001, 65002, 65003, 65004, 65005, 999001)[number]) for number in range(6)
    ]
    return rows


def application(app_id: str, name: str, **given: Any) -> RegistrationObject:
    body = {"id": object_id(app_id, 1), "appId": app_id, "displayName": name, "signInAudience": "AzureADMyOrg", **given}
    return whole_object("application", body)


def principal(app_id: str, name: str, owner: str = CONTOSO, **given: Any) -> RegistrationObject:
    body = {
        "id": object_id(app_id, 2),
        "appId": app_id,
        "displayName": name,
        "accountEnabled": True,
        "appOwnerOrganizationId": owner,
        "servicePrincipalNames": [app_id],
        **given,
    }
    return whole_object("service_principal", body)


def object_id(app_id: str, kind: int) -> str:
    return f"{kind}{app_id[1:]}"


def secret(key_id: str, ends: datetime, name: str = "") -> dict[str, Any]:
    return {
        "keyId": key_id,
        "displayName": name,
        "hint": "Ab1",
        "startDateTime": "2025-11-01T00:00:00Z",
        "endDateTime": ends.isoformat().replace("+00:00", "Z"),
    }


def fill(service: Service) -> None:
    """Everything at once."""
    secrets = [secret(ENDED_KEY, NOW - timedelta(days=3), "old")]
    secrets += [secret(guid(900 + days), NOW + timedelta(days=days)) for days in (1, 1, 20, 60, 300)]
    secrets[2]["keyId"] = guid(999)
    redirects = {"redirectUris": ["https://orders.contoso.example/signin-oidc"]}
    before = application(ORDERS, "Orders", web={"redirectUris": ["https://orders.contoso.example/old"]})
    orders = application(ORDERS, "Orders", web=redirects, passwordCredentials=secrets)
    stock = application(STOCK_API, "Stock", identifierUris=[STOCK_URI])
    hostile = application(guid(600), f"{ORDERS}\nnext\nline")
    then = NOW - timedelta(days=10)
    with service.database.write() as stores:
        known = stores.registrations
        known.put(CONTOSO, [before], then)
        known.put(
            CONTOSO,
            [
                orders,
                principal(ORDERS, "Orders"),
                application(SHARED, "Shared"),
                principal(SHARED, "Shared"),
                principal(PRINCIPAL_ONLY, "Partner’s tool", owner=FABRIKAM),
                application(GONE, "Gone"),
                stock,
                principal(STOCK_API, "Stock", servicePrincipalNames=[STOCK_API, STOCK_URI]),
                hostile,
                *(application(guid(700 + number), f"App {number % 3}") for number in range(6)),
            ],
            NOW - timedelta(hours=1),
        )
        known.put(CONTOSO, [details("federated_credentials", object_id(ORDERS, 1), ORDERS, [])], NOW)
        known.mark_unread(CONTOSO, "grants", object_id(ORDERS, 2), ORDERS, "Directory.Read.All is not granted.", NOW)
        known.put(FABRIKAM, [application(SHARED, "Shared of Fabrikam")], NOW - timedelta(hours=1))
        known.remove(CONTOSO, [RemovedObject("application", object_id(GONE, 1), restorable=True)], NOW)
        rows = failures()
        theirs = [failure(number, tenant_id=FABRIKAM, app_id=SHARED) for number in range(100, 105)]
        stores.failures.add([*rows, *theirs])
        used = NOW - timedelta(hours=2)
        count = SuccessCount(
            hour=used, app_id=ORDERS, credential_key_id=guid(920), resource_id="", count=3, last_at=used
        )
        stores.successes.replace(CONTOSO, Window(used, used + timedelta(hours=1)), [count])
        stores.incidents.touch(CONTOSO, rows)
        stores.incidents.touch(FABRIKAM, theirs)
        stores.changes.add(CONTOSO, [_change(number) for number in range(11)])
        stores.changes.add(FABRIKAM, [_change(number) for number in range(2)])
        stores.alerts.add([_alert(number, CONTOSO) for number in range(7)], ["mail", "hook"], NOW)
        stores.alerts.add([_alert(number, FABRIKAM) for number in range(2)], ["mail"], NOW)
        for source in ("applications", "changes", "sign_ins:user"):
            stores.progress.save(_progress(source, "ok"))
        stores.progress.save(_progress("sign_ins:service", "permission_lost"))
        found = next(row for row in stores.failures.find(_all()) if row.error_code == 50011)
        incident = next(one for one in stores.incidents.find(_some()) if one.fingerprint.code == 50011)
        diagnosis = diagnose_failure(found, incident, stores, service.translator, service.knowledge_base)
        stores.incidents.save_diagnosis(incident.id, diagnosis, NOW)


def _all() -> Any:
    from diag.workflows.ports import FailureQuery

    return FailureQuery(tenant_id=CONTOSO, limit=500)


def _some() -> Any:
    from diag.workflows.ports import IncidentQuery

    return IncidentQuery(tenant_id=CONTOSO, limit=500)


def _change(number: int) -> Change:
    return Change(
        at=NOW - timedelta(hours=1 + number // 2),
        activity="Update application",
        actor="somebody@contoso.example" if number % 2 else "",
        target_object_id=object_id(ORDERS, 1),
        target_name="Orders",
        properties=(PropertyChange("AppAddress", f"https://orders.contoso.example/{number}", ""),),
    )


def _alert(number: int, tenant_id: str) -> Alert:
    return Alert(
        key=f"{tenant_id}|x|{number}|7",
        topic=f"{tenant_id}|x|{number}",
        tenant_id=tenant_id,
        kind="credential_ending",
        app_id=ORDERS,
        app_name="Orders",
        subject=f"Orders: client secret ends ({number})",
        body="…",
        link=f"/applications/{ORDERS}?tenant_id={tenant_id}",
        due_at=NOW,
    )


def _progress(source: str, state: str) -> Progress:
    fine = state == "ok"
    return Progress(
        tenant_id=CONTOSO,
        source=source,
        state=state,
        newest=NOW - timedelta(minutes=2) if fine else None,
        succeeded_at=NOW - timedelta(minutes=1) if fine else None,
        attempted_at=NOW - timedelta(minutes=1),
        records=40,
        problem="" if fine else "AuditLog.Read.All is not granted.",
        hint="" if fine else "Grant it.",
    )
