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

router = APIRouter(tags=["health"])

_FINE = ("ok", "backfilling", "new")
_READY = {"status": "degraded", "checks": {"database": "ok", "8c7a…/sign_ins:user": "unreachable"}}


@router.get("/livez", operation_id="isAlive", responses=answers("The process runs.", example={"status": "ok"}))
async def livez() -> Response:
    """The process runs."""
    return answer({"status": "ok"})


@router.get(
    "/readyz",
    operation_id="isReady",
    responses=answers("Requests can be answered; degraded while a source cannot be read.", example=_READY),
)
def readyz(
    service: ServiceOf, verbose: Annotated[str | None, Query(description="Present: every check is listed.")] = None
) -> Response:
    """Whether requests can be answered; Microsoft Graph being down is degraded, not unready."""
    wait = {"Retry-After": str(RETRY_SECONDS)}
    if service.problem is not None:
        return problem(503, "unready", str(service.problem), service.problem.hint, wait)
    if service.starting:
        return problem(503, "starting", f"The service is still {service.starting}.", "Ask again in a moment.", wait)
    try:
        with service.database.read() as transaction:
            progress = transaction.progress.all()
    except DiagError as error:
        return problem(503, "unready", str(error), error.hint, wait)
    checks: dict[str, Any] = {"database": "ok", **{f"{item.tenant_id}/{item.source}": item.state for item in progress}}
    fine = all(item.state in _FINE for item in progress)
    return answer({"status": "ok" if fine else "degraded", **({"checks": checks} if verbose is not None else {})})


@router.get(
    "/metrics",
    operation_id="readMetrics",
    responses=answers("Figures of this process.", example="diag_ready 1.0\n", media_type="text/plain"),
)
def metrics(request: Request, service: ServiceOf) -> Response:
    """Figures in Prometheus' text format."""
    return Response(exposition(service, request.app.state.requests), media_type=CONTENT_TYPE_LATEST)
