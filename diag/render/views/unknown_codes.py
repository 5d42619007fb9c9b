"""Codes that no entry knows, as the inbox shows them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from diag.render import inert, links, times
from diag.render.times import Moment
from diag.render.views.chrome import Link, Listing
from diag.workflows.unknown_codes import UnknownCode

_SHOWN_APPLICATIONS = 5


class UnknownCodeRow(Struct, frozen=True, kw_only=True):
    label: str
    incidents_href: str
    tenant_id: str
    count: str
    first_seen: Moment
    last_seen: Moment
    applications: tuple[Link, ...]
    more_applications: int
    said: tuple[str, ...]
    command: str
    """Starts an entry from what is known of the code."""


class UnknownCodesView(Struct, frozen=True, kw_only=True):
    rows: tuple[UnknownCodeRow, ...]
    listing: Listing
    empty: str


def unknown_codes_view(found: Sequence[UnknownCode], now: datetime, listing: Listing) -> UnknownCodesView:
    return UnknownCodesView(
        rows=tuple(_row(one, now) for one in found),
        listing=listing,
        empty="" if found else "Every code that was collected so far has an entry.",
    )


def record(one: UnknownCode) -> dict[str, object]:
    """One row of the JSON and CSV tables."""
    return {
        "tenant_id": one.tenant_id,
        "code": one.code,
        "count": one.count,
        "first_seen": times.rfc3339(one.first_seen),
        "last_seen": times.rfc3339(one.last_seen),
        "applications": "; ".join(application.app_id for application in one.applications),
        "said": " | ".join(one.said),
    }


def _row(one: UnknownCode, now: datetime) -> UnknownCodeRow:
    shown = one.applications[:_SHOWN_APPLICATIONS]
    return UnknownCodeRow(
        label=f"AADSTS{one.code}",
        incidents_href=links.page("/incidents", {"code": one.code, "tenant_id": one.tenant_id}),
        tenant_id=one.tenant_id,
        count=f"{one.count:,}",
        first_seen=times.moment(one.first_seen, now),
        last_seen=times.moment(one.last_seen, now),
        applications=tuple(
            Link(
                inert.shortened(application.display_name or application.app_id or "no application", 60),
                links.application(application.app_id, one.tenant_id),
            )
            for application in shown
        ),
        more_applications=len(one.applications) - len(shown),
        said=one.said,
        command=f"diag kb new {one.code} --family FAMILY",
    )
