"""What is wrong with registrations before anything fails: of one application, and of all."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from diag.core.check import SEVERITIES
from diag.core.review import Finding
from diag.entrypoints.api.applications import resolved
from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.paging import Cursor, PageSize, Place
from diag.entrypoints.api.requests import ServiceOf, TenantFilter, guid, new_router, one_of
from diag.render.findings import finding_object
from diag.workflows.ports import ApplicationLine
from diag.workflows.review import Reviewer

router = new_router("findings")

REVIEWED_AT_ONCE = 200
"""Applications that one page of the list over all of them looks at, whatever it finds."""
_VERDICTS = ("holds", "unknown", "ruled_out")
_EXAMPLE = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "app_id": "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01",
    "application_name": "Orders",
    "id": "no-owner",
    "title": "Nobody owns the registration",
    "severity": "medium",
    "area": "ownership",
    "verdict": "holds",
    "fixed_by": "admin",
    "root_cause": "The registration of “Orders” has no owner.",
    "risk": "Its credentials end unnoticed.",
    "evidence": [
        {
            "statement": "The registration has no owner.",
            "fact": "application.owners",
            "source": "registration",
            "as_of": "2026-11-22T10:00:00Z",
        }
    ],
    "needs": [],
    "confirm": [{"do": "Look at the last changes of the application.", "expect": "A team that could own it."}],
    "fix": [{"do": "Find out who answers for it, and make that person an owner.", "effect": "widens"}],
    "sources": [{"url": "https://learn.microsoft.com/entra/", "checked": "2026-11-22"}],
}

VerdictFilter = Annotated[
    str | None,
    Query(
        alias="verdict",
        description="holds, unknown (nobody could look) or ruled_out; without it the first two.",
        max_length=20,
    ),
]
SeverityFilter = Annotated[str | None, Query(alias="severity", description="Only high, medium or low.", max_length=20)]


class FindingItem(Finding, frozen=True, kw_only=True):
    """A finding with the application it is about."""

    tenant_id: str
    app_id: str
    application_name: str


@router.get(
    "/applications/{app_id}/findings",
    operation_id="listApplicationFindings",
    responses=answers(
        "Findings that hold by severity, then what could not be looked at. Beside the list stand `scope` "
        "(registration, service_principal or none) and `note`, which says why not everything was checked.",
        schema="FindingItem",
        listed=True,
        example=_EXAMPLE,
        also={409: "Several tenants hold it; the answer lists them."},
    ),
)
def list_application_findings(
    request: Request,
    service: ServiceOf,
    app_id: str,
    tenant_id: TenantFilter = None,
    verdict: VerdictFilter = None,
    severity: SeverityFilter = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """What the checks find in one registration as it is stored now."""
    wanted = _filter(verdict, severity)
    place = Place(request, maxpagesize, cursor)
    with service.database.read() as transaction:
        line = resolved(transaction, app_id, tenant_id, service.tenant_ids)
        found = _reviewer(service, transaction).of(line.tenant_id, line.app_id)
    shown = [_item(line, finding) for finding in found.findings if wanted(finding)]
    start = int(place.key) if place.key is not None else 0
    end = start + place.size
    return place.whole(
        shown[start:end], str(end) if end < len(shown) else None, about={"scope": found.scope, "note": found.note}
    )


@router.get(
    "/findings",
    operation_id="listFindings",
    responses=answers(
        "Findings by application. A page ends with a whole application and may hold a few more than maxpagesize, or "
        "none while nextLink leads on: each looks at 200 applications at most.",
        schema="FindingItem",
        listed=True,
        example=_EXAMPLE,
    ),
)
def list_findings(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    check: Annotated[str | None, Query(description="Only this check, by its id.", max_length=100)] = None,
    verdict: VerdictFilter = "holds",
    severity: SeverityFilter = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """What the checks find in all stored applications."""
    wanted = _filter(
        verdict, severity, one_of("check", check, tuple(one.id for one in service.knowledge_base.checks()))
    )
    place = Place(request, maxpagesize, cursor)
    shown: list[dict[str, Any]] = []
    behind: str | None = None
    with service.database.read() as transaction:
        reviewer = _reviewer(service, transaction)
        lines: Sequence[ApplicationLine] = transaction.registrations.applications(
            guid(tenant_id), "", place.key, REVIEWED_AT_ONCE + 1
        )
        for number, line in enumerate(lines):
            if number == REVIEWED_AT_ONCE or len(shown) >= place.size:
                last = lines[number - 1]
                behind = f"{last.display_name}\n{last.app_id}\n{last.tenant_id}"
                break
            found = reviewer.of(line.tenant_id, line.app_id)
            shown += [_item(line, finding) for finding in found.findings if wanted(finding)]
    return place.whole(shown, behind)


def _reviewer(service: Any, transaction: Any) -> Reviewer:
    return Reviewer(transaction, service.knowledge_base, service.translator, service.clock.now(), service.hosts.known())


def _filter(verdict: str | None, severity: str | None, check: str | None = None) -> Any:
    one_of("verdict", verdict, _VERDICTS)
    one_of("severity", severity, SEVERITIES)

    def wanted(finding: Finding) -> bool:
        right = finding.verdict == verdict if verdict else finding.verdict != "ruled_out"
        return right and severity in (None, finding.severity) and check in (None, finding.id)

    return wanted


def _item(line: ApplicationLine, finding: Finding) -> dict[str, Any]:
    about = {"tenant_id": line.tenant_id, "app_id": line.app_id, "application_name": line.display_name}
    return {**about, **finding_object(finding)}
