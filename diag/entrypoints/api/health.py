"""Is the process alive, can it answer, how is it doing."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from diag.core.errors import DiagError
from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.metrics import exposition
from diag.entrypoints.api.problems import problem
from diag.entrypoints.api.requests import RETRY_SECONDS, ServiceOf, answer
from diag.render.views.status import never_read
from diag.workflows.coverage import all_coverage

router = APIRouter(tags=["health"])

_FINE = ("ok", "backfilling", "new")
_READY = {
    "status": "degraded",
    "unread": ["8c7a…/changes"],
    "checks": {"database": "ok", "8c7a…/sign_ins:user": "unreachable", "8c7a…/changes": "new"},
    "coverage": {"8c7a…": "degraded"},
    "reasons": [
        {
            "tenant_id": "8c7a…",
            "subject": "sign_ins:user",
            "code": "unreachable",
            "text": "Sign-ins of users: this service does not reach Microsoft Graph, last read 2026-11-22 09:58 UTC.",
        }
    ],
}


@router.get("/livez", operation_id="isAlive", responses=answers("The process runs.", example={"status": "ok"}))
async def livez() -> Response:
    """The process runs."""
    return answer({"status": "ok"})


@router.get(
    "/readyz",
    operation_id="isReady",
    responses=answers(
        "Requests can be answered; degraded while a source cannot be read. What was never read is named.",
        example=_READY,
    ),
)
def readyz(
    service: ServiceOf, verbose: Annotated[str | None, Query(description="Present: every check is listed.")] = None
) -> Response:
    """Whether requests can be answered; Microsoft Graph being down is degraded, not unready.

    ``unread`` names the sources that were never read to their end; it is absent once there are none.
    """
    wait = {"Retry-After": str(RETRY_SECONDS)}
    if service.problem is not None:
        return problem(503, "unready", str(service.problem), service.problem.hint, wait)
    if service.starting:
        return problem(503, "starting", f"The service is still {service.starting}.", "Ask again in a moment.", wait)
    try:
        with service.database.read() as transaction:
            progress = transaction.progress.all()
            coverage = all_coverage(transaction, list(service.tenants.values()), service.clock)
    except DiagError as error:
        return problem(503, "unready", str(error), error.hint, wait)
    unread = [f"{tenant}/{source}" for tenant, source in never_read(progress, service.tenant_ids) if tenant]
    # What was not read yet is named beside, and is no fault.
    reasons = [reason for item in coverage for reason in item.reasons if reason.code != "not_read"]
    fine = not reasons and all(item.state in _FINE for item in progress)
    body: dict[str, Any] = {"status": "ok" if fine else "degraded"}
    if unread:
        body["unread"] = unread
    if verbose is not None:
        states = {f"{item.tenant_id}/{item.source}": item.state for item in progress}
        body["checks"] = {"database": "ok", **dict.fromkeys(unread, "new"), **states}
        body["coverage"] = {item.tenant_id: item.verdict for item in coverage}
        body["reasons"] = [
            {"tenant_id": item.tenant_id, "subject": reason.subject, "code": reason.code, "text": reason.text}
            for item in coverage
            for reason in item.reasons
        ]
    return answer(body)


@router.get(
    "/metrics",
    operation_id="readMetrics",
    responses=answers("Figures of this process.", example="diag_ready 1.0\n", media_type="text/plain"),
)
def metrics(request: Request, service: ServiceOf) -> Response:
    """Figures in Prometheus' text format."""
    return Response(exposition(service, request.app.state.requests), media_type=CONTENT_TYPE_LATEST)
