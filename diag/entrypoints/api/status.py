"""What is read and what is not: per tenant and source, with the grant for what is missing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import Query
from msgspec import Struct
from starlette.responses import Response

from diag import __version__
from diag.bootstrap import Service
from diag.core.coverage import Coverage, SourceCoverage, Verdict
from diag.core.graph_permissions import permission_for
from diag.core.tenants import Tenant
from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.requests import ServiceOf, answer, guid, new_router
from diag.render.published_coverage import CoverageItem, published
from diag.render.views.grants import grant_commands
from diag.workflows.coverage import all_coverage
from diag.workflows.ports import Progress

router = new_router("status")

_EXAMPLE = {
    "version": "0.1.0",
    "kb_version": "1",
    "sample": False,
    "tenants": [
        {
            "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
            "name": "Contoso",
            "coverage": {
                "verdict": "good",
                "reasons": [],
                "licence": "present",
                "permissions_needed": [
                    "AuditLog.Read.All",
                    "Application.Read.All",
                    "Policy.Read.All",
                    "Directory.Read.All",
                ],
                "token": "application",
                "clock_skew_seconds": 0.4,
            },
            "sources": [
                {
                    "source": "sign_ins:user",
                    "state": "ok",
                    "healthy": True,
                    "succeeded_at": "2026-11-22T10:00:00Z",
                    "newest": "2026-11-22T09:58:00Z",
                    "lag_seconds": 120,
                    "records": 1044,
                    "permission": "AuditLog.Read.All",
                    "verdict": "good",
                }
            ],
        }
    ],
}


class Gap(Struct, frozen=True):
    start: datetime
    end: datetime


class SourceStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One source of one tenant; an instant that is absent never was."""

    source: str
    state: str
    """new, ok, backfilling, permission_lost, licence_missing, authentication_failed, throttled or unreachable."""
    healthy: bool
    """The last attempt succeeded."""
    records: int
    permission: str = ""
    """The least application permission that lets it be read."""
    attempted_at: datetime | None = None
    succeeded_at: datetime | None = None
    newest: datetime | None = None
    """Everything up to here was read to its end."""
    oldest: datetime | None = None
    """The back-fill has come down to here."""
    lag_seconds: int | None = None
    problem: str = ""
    hint: str = ""
    grant: dict[str, str] = {}
    """How to grant the permission, by tool; only while it is missing."""
    verdict: Verdict
    """good, degraded or blind; see ``reasons`` of the tenant's coverage."""
    gaps: tuple[Gap, ...] = ()
    """Times of the last seven days that were not read, oldest first."""


class TenantStatus(Struct, frozen=True, kw_only=True):
    tenant_id: str
    name: str
    """As the configuration calls it, else its ID."""
    coverage: CoverageItem
    sources: tuple[SourceStatus, ...]


class Status(Struct, frozen=True, kw_only=True, omit_defaults=True):
    version: str
    kb_version: str
    sample: bool
    """It speaks of the built-in sample tenant."""
    tenants: tuple[TenantStatus, ...]
    problem: str = ""
    """Why start-up stopped before collecting began."""
    hint: str = ""


@router.get(
    "/status",
    operation_id="getStatus",
    responses=answers("The state of every source.", schema="Status", example=_EXAMPLE),
)
def get_status(
    service: ServiceOf,
    tenant_id: Annotated[str | None, Query(description="Only this tenant, by its GUID.", max_length=100)] = None,
) -> Response:
    """Per tenant and source: state, last success, lag, reach, and the grant for what is missing."""
    now = service.clock.now()
    with service.database.read() as transaction:
        progress = {(item.tenant_id, item.source): item for item in transaction.progress.all()}
        coverage = all_coverage(transaction, list(service.tenants.values()), service.clock)
    wanted = guid(tenant_id)
    return answer(
        Status(
            version=__version__,
            kb_version=service.knowledge_base.version,
            sample=service.settings.sample,
            tenants=tuple(
                _tenant(item, progress, service, now) for item in coverage if wanted in (None, item.tenant_id)
            ),
            problem=str(service.problem) if service.problem else "",
            hint=service.problem.hint if service.problem else "",
        )
    )


def _tenant(
    coverage: Coverage, progress: Mapping[tuple[str, str], Progress], service: Service, now: datetime
) -> TenantStatus:
    tenant = service.tenants.get(coverage.tenant_id) or Tenant(tenant_id=coverage.tenant_id)
    # A source without a row was never tried; leaving it out would look as if there were nothing to read.
    rows = [
        (progress.get((coverage.tenant_id, item.source)) or Progress(tenant_id=coverage.tenant_id, source=item.source))
        for item in coverage.sources
    ]
    return TenantStatus(
        tenant_id=tenant.tenant_id,
        name=tenant.label,
        coverage=published(coverage, tenant),
        sources=tuple(
            _source(row, item, tenant.client_id, now) for row, item in zip(rows, coverage.sources, strict=True)
        ),
    )


def _source(row: Progress, coverage: SourceCoverage, client_id: str, now: datetime) -> SourceStatus:
    missing = row.state == "permission_lost"
    return SourceStatus(
        source=row.source,
        state=row.state,
        healthy=row.state in ("ok", "backfilling"),
        records=row.records,
        permission=permission_for(row.source),
        attempted_at=row.attempted_at,
        succeeded_at=row.succeeded_at,
        newest=row.newest,
        oldest=row.oldest,
        lag_seconds=None if row.newest is None else max(0, int((now - row.newest).total_seconds())),
        problem=row.problem,
        hint=row.hint,
        grant={tool.id: tool.text for tool in grant_commands(row.source, client_id)} if missing else {},
        verdict=coverage.verdict,
        gaps=tuple(Gap(gap.start, gap.end) for gap in coverage.gaps),
    )
