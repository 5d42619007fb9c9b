"""All pages as one router; ``main`` mounts it beside the API."""

from fastapi import APIRouter

from diag.entrypoints.web import (
    alerts,
    applications,
    assets,
    calendar,
    codes,
    credentials,
    flows,
    incidents,
    lookup,
    overview,
    quieting,
    status,
    unknown_codes,
)

_PARTS = (
    overview,
    incidents,
    applications,
    credentials,
    lookup,
    codes,
    unknown_codes,
    flows,
    alerts,
    status,
    calendar,
    quieting,
    assets,
)

router = APIRouter(include_in_schema=False)
for part in _PARTS:
    router.include_router(part.router)
