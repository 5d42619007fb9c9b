"""Is the process alive, can it answer, how is it doing."""

from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from diag.core.errors import DiagError
from diag.entrypoints.api.metrics import exposition
from diag.entrypoints.api.requests import ServiceOf, answer

router = APIRouter(tags=["health"])


@router.get("/livez", operation_id="isAlive")
async def livez() -> dict[str, str]:
    """The process runs."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="isReady")
def readyz(service: ServiceOf, verbose: str | None = None) -> Response:
    """Whether requests can be answered; Microsoft Graph being down is degraded, not unready."""
    checks: dict[str, Any] = {}
    status = "ok"
    if service.problem is not None:
        return answer({"status": "unready", "reason": str(service.problem), "hint": service.problem.hint}, 503)
    if service.starting:
        return answer({"status": "starting", "reason": service.starting}, 503)
    try:
        with service.database.read() as transaction:
            progress = transaction.progress.all()
        checks["database"] = "ok"
    except DiagError as error:
        return answer({"status": "unready", "reason": str(error), "hint": error.hint}, 503)
    for item in progress:
        checks[f"{item.tenant_id} {item.source}"] = item.state
        if item.state not in ("ok", "backfilling", "new"):
            status = "degraded"
    return answer({"status": status, **({"checks": checks} if verbose is not None else {})})


@router.get("/metrics", operation_id="readMetrics")
def metrics(service: ServiceOf) -> Response:
    """Figures in Prometheus' text format."""
    return Response(exposition(service), media_type=CONTENT_TYPE_LATEST)
