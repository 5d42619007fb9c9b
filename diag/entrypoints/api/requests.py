"""What handlers share: the service, answers in msgspec's encoding."""

from typing import Annotated, Any, cast

import msgspec
from fastapi import Depends, Request
from starlette.responses import Response

from diag.bootstrap import Service

_ENCODER = msgspec.json.Encoder()


def _service(request: Request) -> Service:
    return cast(Service, request.app.state.service)


ServiceOf = Annotated[Service, Depends(_service)]


def answer(value: Any, status: int = 200) -> Response:
    """JSON of a value of ours; instants are RFC 3339 UTC with ``Z``."""
    return Response(_ENCODER.encode(value), status, media_type="application/json")
