"""Which OAuth flow for which program: the table, one flow, and a recommendation from answers. No tenant data."""

from typing import Annotated, Any

import msgspec
from fastapi import Path, Request
from starlette.responses import Response

from diag.bootstrap import Service
from diag.core.flows import Answers
from diag.entrypoints.api.describing import answers as described
from diag.entrypoints.api.problems import Problem
from diag.entrypoints.api.requests import ServiceOf, answer, new_router, strict_body
from diag.render import flow_answer

router = new_router("flows")

_LINE: dict[str, Any] = {
    "id": "single-page-app",
    "building": "A single-page application",
    "client": "public",
    "name": "Authorization code with PKCE, redeemed in the browser",
    "why": "Whatever is delivered to a browser can be read there.",
    "platform": "spa",
    "fits": {"runs": ["browser"], "user": [True]},
    "codes": [9002326],
}
_PITFALL = {
    "code": 9002326,
    "name": "CrossOriginRedemptionNotSpa",
    "what": "The address is registered under Web in place of Single-page application.",
}
_SOURCE = {
    "url": "https://learn.microsoft.com/entra/identity-platform/scenario-spa-app-registration",
    "checked": "2026-11-22",
    "supports": "platform and redirect URIs",
}
_WHOLE: dict[str, Any] = {
    **_LINE,
    "grant": "authorization_code",
    "redirect_uris": ["https://<host>/"],
    "register": [],
    "credentials": [],
    "request": [{"calls": ["nothing"], "scope": "openid profile", "note": "An ID token for the application itself."}],
    "goes_wrong": [_PITFALL],
    "sources": [_SOURCE],
}
_QUESTION = {
    "id": "user",
    "text": "Does a person sign in to it?",
    "why": "With a person it acts with that person's rights.",
    "options": [{"value": True, "label": "Yes", "flows": ["web-app"]}],
}
_GUIDE = {
    "value": [_LINE],
    "never": [
        {
            "id": "implicit",
            "name": "Implicit grant",
            "recognise": "response_type holds token.",
            "why": "Tokens stand in the address.",
            "instead": "Use the authorization code flow with PKCE.",
            "flows": ["single-page-app"],
            "goes_wrong": [_PITFALL],
            "sources": [_SOURCE],
        }
    ],
    "questions": [_QUESTION],
}
_RECOMMENDATION = {
    "outcome": "one",
    "answers": {"runs": "browser", "user": True},
    "flow": _WHOLE,
    "candidates": [
        {
            "id": "single-page-app",
            "building": "A single-page application",
            "name": "Authorization code with PKCE, redeemed in the browser",
            "assumes": [{"question": "keeps_secret", "answers": [False]}],
        }
    ],
    "question": None,
    "refine": [],
    "dead_ends": [],
    "ruled_out": [{"id": "daemon", "because": ["runs", "user"]}],
    "unused": [],
}


@router.get(
    "/flows",
    operation_id="listFlows",
    responses=described("The table of flows.", schema="FlowGuide", example=_GUIDE),
)
def list_flows(service: ServiceOf) -> Response:
    """Every flow in short, the ways that are never used with what takes their place, and the questions that decide."""
    return answer(flow_answer.guide(service.flows, _names(service)))


@router.get(
    "/flows/{flow_id}",
    operation_id="getFlow",
    responses=described("The flow.", schema="FlowWhole", example=_WHOLE),
)
def get_flow(service: ServiceOf, flow_id: Annotated[str, Path(max_length=80)]) -> Response:
    """One flow: how it is registered in every tool, its credentials, what to request, and what usually goes wrong."""
    flow = service.flows.flow(flow_id.strip().lower())
    if flow is None:
        raise Problem(404, "not-found", "There is no flow of this id.", hint="GET /api/v1/flows lists them.")
    return answer(flow_answer.whole(flow, _names(service)))


@router.post(
    "/flows/recommend",
    operation_id="recommendFlow",
    responses=described(
        "The flow that fits, or those that still may.", schema="FlowRecommendation", example=_RECOMMENDATION
    ),
    openapi_extra={
        "requestBody": {
            "required": False,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Answers"},
                    "example": {"runs": "browser", "user": True},
                }
            },
        }
    },
)
async def recommend_flow(request: Request, service: ServiceOf) -> Response:
    """What fits a program of which these answers are known; what is absent or null is not known, and never guessed."""
    answers = await strict_body(request, Answers)
    return answer(flow_answer.recommendation(service.flows, answers, _names(service)))


def _names(service: Service) -> flow_answer.NameOf:
    def name_of(code: int) -> str:
        entry = service.knowledge_base.entry(code)
        return entry.name if entry else ""

    return name_of


PUBLISHED: tuple[type[msgspec.Struct], ...] = (
    Answers,
    flow_answer.FlowGuide,
    flow_answer.FlowRecommendation,
    flow_answer.FlowWhole,
)
"""What ``openapi.json`` describes."""
