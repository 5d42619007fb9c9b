"""Failed sign-ins as they were collected, and the diagnosis of each."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import Query, Request
from msgspec import Struct
from starlette.responses import Response

from diag.core.incidents import fingerprint_of, incident_id
from diag.core.records import FailureRow
from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.diagnose_schema import EXAMPLE_ANSWER
from diag.entrypoints.api.paging import Cursor, PageSize, Place
from diag.entrypoints.api.problems import Problem
from diag.entrypoints.api.requests import (
    AppFilter,
    CodeFilter,
    From,
    ServiceOf,
    TenantFilter,
    To,
    answer,
    code_number,
    guid,
    instant,
    new_router,
    one_of,
)
from diag.render.published import diagnosis_json
from diag.workflows.incidents import diagnose_failure
from diag.workflows.ports import FailureQuery, Transaction

router = new_router("failures")

_EVENT_TYPES = ("interactiveUser", "nonInteractiveUser", "servicePrincipal", "managedIdentity")
_EXAMPLE = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "id": "b0a4f1d2-6c1e-4b7f-9a57-7a1d6c2e0100",
    "created_at": "2026-11-22T10:00:00Z",
    "event_type": "interactiveUser",
    "code": 50011,
    "interrupt": False,
    "app_id": "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01",
    "app_display_name": "Orders",
    "incident_id": "0a1b2c3d4e5f60718293",
}


class FailureItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One failed or interrupted sign-in; what the log did not give is absent."""

    tenant_id: str
    id: str
    created_at: datetime
    event_type: str
    """One or several of Graph's signInEventTypes, joined by commas."""
    code: int
    interrupt: bool
    """It paused for more and may have gone on; no failure."""
    incident_id: str
    failure_reason: str = ""
    app_id: str = ""
    app_display_name: str = ""
    service_principal_id: str = ""
    resource_id: str = ""
    resource_display_name: str = ""
    correlation_id: str = ""
    user_id: str = ""
    user_principal_name: str = ""
    ip_address: str = ""
    user_agent: str = ""
    client_app_used: str = ""
    is_interactive: bool | None = None
    conditional_access_status: str = ""
    credential_key_id: str = ""
    credential_thumbprint: str = ""
    credential_type: str = ""
    federated_credential_id: str = ""
    home_tenant_id: str = ""
    resource_tenant_id: str = ""
    protocol: str = ""
    country: str = ""
    record: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """The whole record as Microsoft Graph sent it; only when one failure is asked for."""


_SAME = tuple(name for name in FailureItem.__struct_fields__ if name not in ("code", "incident_id", "record"))


@router.get(
    "/failures",
    operation_id="listFailures",
    responses=answers("Failed sign-ins, newest first.", schema="FailureItem", listed=True, example=_EXAMPLE),
)
def list_failures(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    app_id: AppFilter = None,
    code: CodeFilter = None,
    event_type: Annotated[str | None, Query(description=f"One of {', '.join(_EVENT_TYPES)}.", max_length=40)] = None,
    correlation_id: Annotated[str | None, Query(max_length=100)] = None,
    since: From = None,
    until: To = None,
    interrupts: Annotated[bool, Query(description="Interrupts too, which are no failures.")] = False,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """Failed sign-ins of all kinds, newest first; rows that arrive meanwhile never move the pages behind."""
    place = Place(request, maxpagesize, cursor)
    query = FailureQuery(
        tenant_id=guid(tenant_id),
        app_id=guid(app_id),
        code=code_number(code),
        event_type=one_of("event_type", event_type, _EVENT_TYPES),
        correlation_id=guid(correlation_id),
        since=instant("from", since),
        until=instant("to", until),
        interrupts=interrupts,
        before=place.key,
        limit=place.fetch,
    )
    with service.database.read() as transaction:
        found = transaction.failures.find(query)
    return place.answer(found, lambda row: f"{row.created_at.isoformat()}\n{row.id}", failure_item)


@router.get(
    "/failures/{failure_id}",
    operation_id="getFailure",
    responses=answers("The failed sign-in.", schema="FailureItem", example=_EXAMPLE),
)
def get_failure(service: ServiceOf, failure_id: str, tenant_id: TenantFilter = None) -> Response:
    """One failed sign-in, with the record as Microsoft Graph sent it."""
    with service.database.read() as transaction:
        row = _known(transaction, failure_id, tenant_id)
    return answer(msgspec.structs.replace(failure_item(row), record=msgspec.Raw(row.raw or b"{}")))


@router.get(
    "/failures/{failure_id}/diagnosis",
    operation_id="getFailureDiagnosis",
    responses=answers("The diagnosis.", schema="Diagnosis", example=EXAMPLE_ANSWER),
)
def get_diagnosis(service: ServiceOf, failure_id: str, tenant_id: TenantFilter = None) -> Response:
    """Why it failed, from its application's registration as it was at that time."""
    with service.database.read() as transaction:
        row = _known(transaction, failure_id, tenant_id)
        incident = transaction.incidents.get(incident_id(row.tenant_id, fingerprint_of(row)))
        diagnosis = diagnose_failure(row, incident, transaction, service.translator, service.knowledge_base)
    return Response(diagnosis_json(diagnosis), media_type="application/json")


def failure_item(row: FailureRow) -> FailureItem:
    """The published form of a stored failure, without its record."""
    same: dict[str, Any] = {name: getattr(row, name) for name in _SAME}
    return FailureItem(code=row.error_code, incident_id=incident_id(row.tenant_id, fingerprint_of(row)), **same)


def _known(transaction: Transaction, failure_id: str, tenant_id: str | None) -> FailureRow:
    row = transaction.failures.get(failure_id, guid(tenant_id))
    if row is None:
        raise Problem(
            404,
            "not-found",
            "No failure of this ID is stored.",
            hint="It may be older than DIAG_RETENTION_DAYS or not collected yet; see GET /api/v1/status.",
        )
    return row
