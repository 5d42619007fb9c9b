"""Codes and diagnoses: what the knowledge base answers; no tenant data unless an application is named."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from diag.adapters.graph.wire.request import enquiry
from diag.entrypoints.api.requests import ServiceOf, answer
from diag.workflows.lookup import answer_with_registration

router = APIRouter(prefix="/api/v1", tags=["knowledge"])


@router.post("/diagnose", operation_id="diagnose")
async def diagnose(request: Request, service: ServiceOf) -> Response:
    """The diagnosis for what was pasted and told; nothing is stored."""
    asked = enquiry(await request.body())
    return answer(
        await run_in_threadpool(
            answer_with_registration,
            asked,
            service.knowledge_base,
            service.database,
            service.translator,
            service.clock,
        )
    )
