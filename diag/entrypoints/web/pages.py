"""All pages as one router; ``main`` mounts it beside the API."""

from fastapi import APIRouter

from diag.entrypoints.web import (
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
)

router = APIRouter(include_in_schema=False)
for part in (overview, incidents, applications, credentials, lookup, codes, flows, status, calendar, quieting, assets):
    router.include_router(part.router)
