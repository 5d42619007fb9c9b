"""A database with everything the pages show, in which attackers chose every text they may choose."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from diag.bootstrap import Service
from diag.core.alerts import Alert
from diag.core.directory import Change, PropertyChange
from diag.core.inventory import CredentialRow, RegistrationObject
from diag.core.records import FailureRow
from diag.workflows.incidents import IncidentDiagnoser
from diag.workflows.ports import Progress, Transaction

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
TENANT = "5f0a9d1e-2c3b-4d5e-8f60-718293a4b5c6"
OTHER_TENANT = "7d6c5b4a-3920-4817-9f0e-1d2c3b4a5968"
CODES = (50011, 7000222, 65001, 7000112)
UNKNOWN_CODE = 999999001
INTERRUPT = 50140


class FixedClock:
    """Time stands still, so that relative words can be compared."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        return None


def guid(number: int, kind: int = 1) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def seed(service: Service, texts: tuple[str, ...]) -> None:
    """One application for each text, with registration, history, credentials, failures, an incident and an alert."""
    service.prepare_database()
    with service.database.write() as stores:
        for number, text in enumerate(texts):
            _application(stores, number, text)
            _failures(stores, number, text)
        _service_principal_only(stores)
        _progress(stores)
        stores.alerts.add([_alert(number, text) for number, text in enumerate(texts)], ["post room"], NOW)
        delivery = stores.alerts.claim("post room", "tests", NOW, 60, 1)[0]
        stores.alerts.finish(delivery, NOW, state="dead", answer=f"550 refused: {texts[0]}")
    _diagnose(service)


def _application(stores: Transaction, number: int, text: str) -> None:
    app_id, object_id = guid(number), guid(number, 2)
    ends = NOW + timedelta(days=(number * 7) % 120 - 10, hours=1)
    body: dict[str, Any] = {
        "id": object_id,
        "appId": app_id,
        "displayName": text,
        "notes": text,
        "signInAudience": "AzureADMyOrg",
        "isFallbackPublicClient": None,
        "identifierUris": [],
        "web": {"redirectUris": ["https://contoso.example/signin"], "implicitGrantSettings": {}},
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": []},
        "api": {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": []},
        "appRoles": [],
        "requiredResourceAccess": [],
        "passwordCredentials": [
            {"keyId": guid(number, 3), "displayName": text, "hint": "abc", "endDateTime": ends.isoformat()}
        ],
        "keyCredentials": [],
    }
    credential = CredentialRow(
        owner_kind="application",
        owner_object_id=object_id,
        app_id=app_id,
        key_id=guid(number, 3),
        kind="secret",
        display_name=text,
        hint="abc",
        starts=NOW - timedelta(days=100),
        ends=ends,
    )
    stored = RegistrationObject(
        kind="application",
        object_id=object_id,
        app_id=app_id,
        display_name=text,
        body=msgspec.json.encode(body),
        credentials=(credential,),
    )
    stores.registrations.put(TENANT, [stored], NOW - timedelta(days=20))
    body["web"]["redirectUris"] = ["https://contoso.example/signin", text]
    stored = msgspec.structs.replace(stored, body=msgspec.json.encode(body))
    principal = {"id": guid(number, 4), "appId": app_id, "displayName": text, "accountEnabled": True}
    stores.registrations.put(
        TENANT,
        [
            stored,
            RegistrationObject(
                kind="service_principal",
                object_id=guid(number, 4),
                app_id=app_id,
                display_name=text,
                body=msgspec.json.encode({**principal, "servicePrincipalNames": [app_id], "replyUrls": [text]}),
            ),
        ],
        NOW - timedelta(hours=1),
    )
    change = Change(
        at=NOW - timedelta(hours=3),
        activity="Update application",
        actor=text,
        target_object_id=object_id,
        target_name=text,
        properties=(PropertyChange("AppAddress", "[]", text), PropertyChange("DisplayName", "before", text)),
    )
    stores.changes.add(TENANT, [change])


def _failures(stores: Transaction, number: int, text: str) -> None:
    code = CODES[number % len(CODES)]
    codes = (code, code, UNKNOWN_CODE if number % 5 == 0 else code, INTERRUPT)
    rows = [
        FailureRow(
            tenant_id=TENANT,
            id=guid(number * 10 + place, 5),
            created_at=NOW - timedelta(minutes=7 * (number + 1) + 40 * place),
            event_type="interactiveUser",
            error_code=each,
            interrupt=each == INTERRUPT,
            failure_reason=text,
            app_id=guid(number),
            app_display_name=text,
            resource_id=guid(900, 6),
            resource_display_name=text,
            correlation_id=guid(number * 10 + place, 7),
            user_id=guid(number, 8),
            user_principal_name=text,
            ip_address="203.0.113.7",
            user_agent=text,
            client_app_used=text,
            country=text[:40],
            raw=b"{}",
        )
        for place, each in enumerate(codes)
    ]
    stores.incidents.touch(TENANT, stores.failures.add(rows))


def _service_principal_only(stores: Transaction) -> None:
    body = {
        "id": guid(950, 4),
        "appId": guid(950),
        "displayName": "Fabrikam Reports",
        "accountEnabled": True,
        "appOwnerOrganizationId": OTHER_TENANT,
    }
    stores.registrations.put(
        TENANT,
        [
            RegistrationObject(
                kind="service_principal",
                object_id=guid(950, 4),
                app_id=guid(950),
                display_name="Fabrikam Reports",
                body=msgspec.json.encode(body),
            )
        ],
        NOW,
    )


def _progress(stores: Transaction) -> None:
    for source, state in (
        ("sign_ins:user", "ok"),
        ("sign_ins:service", "backfilling"),
        ("applications", "ok"),
        ("service_principals", "ok"),
    ):
        stores.progress.save(
            Progress(
                tenant_id=TENANT,
                source=source,
                state=state,
                newest=NOW - timedelta(minutes=2),
                oldest=NOW - timedelta(days=4),
                succeeded_at=NOW - timedelta(minutes=2),
                attempted_at=NOW - timedelta(minutes=2),
                records=120,
                failure_filter=True,
            )
        )
    stores.progress.save(
        Progress(
            tenant_id=TENANT,
            source="changes",
            state="permission_lost",
            problem="Microsoft Graph refused to give the audit log.",
            hint="Grant AuditLog.Read.All to this service's application.",
            attempted_at=NOW,
        )
    )


def _alert(number: int, text: str) -> Alert:
    return Alert(
        key=f"{TENANT}|{guid(number, 2)}|{guid(number, 3)}|7",
        topic=f"{TENANT}|{guid(number, 2)}|{guid(number, 3)}",
        tenant_id=TENANT,
        kind="credential_ending",
        app_id=guid(number),
        app_name=text,
        subject=f"{text}: client secret ends in 7 days",
        body=f"The client secret of {text} ends.\nAdd a new one first.",
        link=f"/applications/{guid(number)}?tenant_id={TENANT}",
        due_at=NOW - timedelta(hours=number),
    )


def _diagnose(service: Service) -> None:
    diagnoser = IncidentDiagnoser(
        TENANT, None, service.database, service.knowledge_base, service.translator, service.clock
    )

    async def all_of_them() -> None:
        while await diagnoser.run():
            pass

    # In a thread of its own: the browser's driver keeps a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, all_of_them()).result()
