"""Token inspection: claims in, sentences out; a signature is refused, and nothing is kept."""

from typing import Any

import msgspec
from fastapi import Request
from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from diag.adapters.graph.wire.request import enquiry
from diag.bootstrap import Service
from diag.core.errors import BadInput
from diag.core.token_claims import Claims, is_signed, read_claims, shown_header
from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.problems import Problem
from diag.entrypoints.api.requests import ServiceOf, answer, new_router, strict_body
from diag.workflows.inspect_token import TokenInspection, inspect_token

router = new_router("tokens")


class InspectRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of ``claims`` and ``token`` is needed."""

    claims: dict[str, Any] | None = None
    """The claims as JSON."""
    header: dict[str, Any] | None = None
    """The header as JSON, beside ``claims``."""
    token: str | None = None
    """Header and claims in their encoded form, WITHOUT what follows the second dot; a signature is refused."""
    expected_audience: str | None = None
    """What the API that gets the token accepts as aud."""
    expected_issuer: str | None = None
    """What the API that gets the token accepts as iss."""


_REQUEST = {
    "claims": {
        "aud": "https://graph.microsoft.com",
        "iss": "https://sts.windows.net/22222222-2222-4222-8222-222222222222/",
        "scp": "User.Read",
        "appid": "11111111-1111-4111-8111-111111111111",
        "exp": 1795341600,
    },
    "header": {"typ": "JWT", "alg": "RS256", "nonce": "invented"},
    "expected_audience": "api://11111111-1111-4111-8111-111111111111",
}
_ANSWER = {
    "kind": "delegated",
    "version": "1.0",
    "audience": "https://graph.microsoft.com",
    "api": "Microsoft Graph",
    "issuer": "https://sts.windows.net/22222222-2222-4222-8222-222222222222/",
    "tenant_id": "22222222-2222-4222-8222-222222222222",
    "client_id": "11111111-1111-4111-8111-111111111111",
    "scopes": ["User.Read"],
    "roles": [],
    "issued_at": None,
    "expires_at": "2026-11-22T10:00:00Z",
    "expired": False,
    "statements": [{"about": "kind", "weight": "fine", "text": "It acts for a signed-in user."}],
    "causes": [
        {
            "symptom": "api-rejects-token",
            "id": "api-token-wrong-audience",
            "title": "The token is for another API, mostly Microsoft Graph",
            "root_cause": "The token is for Microsoft Graph.",
        }
    ],
}


@router.post(
    "/tokens/inspect",
    operation_id="inspectToken",
    responses=answers("What the token is and whether it can work.", schema="TokenInspection", example=_ANSWER),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/InspectRequest"},
                    "example": _REQUEST,
                }
            },
        }
    },
)
async def inspect(request: Request, service: ServiceOf) -> Response:
    """What a token's claims say: for whom it is, who issued it, what it permits, and why an API would refuse it.

    Nothing is checked against a key and nothing is kept. A token with its signature is refused: `diag token` reads one
    where it is.
    """
    given = await strict_body(request, InspectRequest)
    return await run_in_threadpool(_inspected, given, service)


def _inspected(given: InspectRequest, service: Service) -> Response:
    found = inspect_token(
        _claims(given),
        enquiry,
        service.knowledge_base,
        service.clock.now(),
        expected_audience=(given.expected_audience or "").strip(),
        expected_issuer=(given.expected_issuer or "").strip(),
    )
    return answer(found)


def _claims(given: InspectRequest) -> Claims:
    if (given.claims is None) == (given.token is None):
        raise BadInput("the body: give claims or token, one of the two", hint="Give the claims as an object.")
    if given.claims is not None:
        return Claims(shown_header(given.header or {}), given.claims)
    if given.header is not None:
        raise BadInput("header: belongs to claims; a token brings its own", hint="Leave header out.")
    text = given.token or ""
    if is_signed(text):
        raise Problem(
            422,
            "signed-token",
            "token: holds its signature, with which it could be used; it was neither read nor kept.",
            hint="Cut off the second dot and everything behind it and send the rest, or run `diag token` where the "
            "token is. If the token was live and has left its place, treat it as exposed.",
        )
    return read_claims(text)


PUBLISHED: tuple[type[msgspec.Struct], ...] = (InspectRequest, TokenInspection)
"""What ``openapi.json`` describes."""
