"""Client secrets and certificates with their ends and their last use."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Annotated

import msgspec
from fastapi import Query, Request
from msgspec import Struct
from starlette.responses import Response

from diag.entrypoints.api.describing import answers
from diag.entrypoints.api.paging import LARGEST_PAGE, Cursor, PageSize, Place
from diag.entrypoints.api.requests import AppFilter, ServiceOf, TenantFilter, guid, instant, new_router, one_of
from diag.workflows.ports import CredentialQuery, StoredCredential, Transaction
from diag.workflows.quieting import Quieter

router = new_router("credentials")

_KINDS = ("secret", "certificate", "saml_signing", "token_encryption")
_STATES = ("ended", "ending", "valid")
_DAYS = 60
_LOOKS = 20
"""Pages of the store that one answer reads at most while few credentials fit; the rest follows behind nextLink."""
_EXAMPLE = {
    "tenant_id": "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11",
    "app_id": "6f1d8e52-0f3b-4c0a-9d55-2f6c1f1f7a01",
    "application_name": "Orders",
    "owner_kind": "application",
    "owner_object_id": "0f2f3a4b-8d3b-4a0e-a0c5-0f5a4d0e8c11",
    "key_id": "5b1c7d20-9f0a-4c1e-8a51-3c1d2e4f5a60",
    "kind": "secret",
    "state": "ending",
    "hint": "Ab1",
    "ends": "2026-12-01T00:00:00Z",
    "last_used": "2026-11-22T09:00:00Z",
}


class CredentialItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One credential; its value is never held here. What the directory does not say is absent."""

    tenant_id: str
    app_id: str
    application_name: str
    owner_kind: str
    """application or service_principal."""
    owner_object_id: str
    key_id: str
    kind: str
    state: str
    """ended, ending (within 60 days), or valid (later, or without an end)."""
    active: bool | None = None
    """false: a SAML signing certificate beside the one in use."""
    display_name: str = ""
    hint: str = ""
    """The first three characters of a secret, as the directory shows them."""
    thumbprint: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    last_used: datetime | None = None
    """Last successful sign-in with it that was counted; absent is no proof that it is unused."""
    last_tried: datetime | None = None
    """Last failed sign-in that named it."""
    quiet_because: str = ""
    """Why no alert is raised for it, such as a snooze or a successor in use; absent when alerts are raised."""


@router.get(
    "/credentials",
    operation_id="listCredentials",
    responses=answers("Credentials, soonest end first.", schema="CredentialItem", listed=True, example=_EXAMPLE),
)
def list_credentials(
    request: Request,
    service: ServiceOf,
    tenant_id: TenantFilter = None,
    app_id: AppFilter = None,
    kind: Annotated[str | None, Query(description=f"One of {', '.join(_KINDS)}.", max_length=40)] = None,
    state: Annotated[str | None, Query(description=f"One of {', '.join(_STATES)}.", max_length=20)] = None,
    ends_before: Annotated[str | None, Query(description="Ends before this instant.", max_length=50)] = None,
    used: Annotated[bool | None, Query(description="Whether a successful sign-in with it was counted.")] = None,
    maxpagesize: PageSize = 100,
    cursor: Cursor = None,
) -> Response:
    """Credentials of applications and service principals, soonest end first, those without an end last."""
    place = Place(request, maxpagesize, cursor)
    now = service.clock.now()
    query = CredentialQuery(
        tenant_id=guid(tenant_id),
        app_id=guid(app_id),
        kind=one_of("kind", kind, _KINDS),
        after=place.key,
        limit=place.fetch,
    )
    query = _within(query, one_of("state", state, _STATES), instant("ends_before", ends_before), now)
    with service.database.read() as transaction:
        quieter = Quieter(transaction, service.translator, service.settings.config.alerts, now)

        def item(stored: StoredCredential) -> CredentialItem:
            quiet = quieter.reason(stored)
            return credential_item(stored, now, quiet.because if quiet is not None else "")

        if used is None:
            return place.answer(transaction.credentials.find(query), attrgetter("keyset"), item)
        found, behind = _used(transaction, query, used, place.size)
        return place.whole([item(stored) for stored in found], behind)


def credential_item(stored: StoredCredential, now: datetime, quiet: str = "") -> CredentialItem:
    """The published form of a stored credential."""
    row = stored.credential
    return CredentialItem(
        tenant_id=stored.tenant_id,
        app_id=row.app_id,
        application_name=stored.application_name,
        owner_kind=row.owner_kind,
        owner_object_id=row.owner_object_id,
        key_id=row.key_id,
        kind=row.kind,
        state=_state(row.ends, now),
        active=row.active if row.kind == "saml_signing" else None,
        display_name=row.display_name,
        hint=row.hint,
        thumbprint=row.thumbprint,
        starts=row.starts,
        ends=row.ends,
        last_used=stored.last_used,
        last_tried=stored.last_tried,
        quiet_because=quiet,
    )


def _within(query: CredentialQuery, state: str | None, before: datetime | None, now: datetime) -> CredentialQuery:
    horizon = now + timedelta(days=_DAYS)
    after = None
    if state == "ended":
        before = min(before or now, now)
    elif state == "ending":
        after, before = now, min(before or horizon, horizon)
    elif state == "valid":
        after = horizon
    return msgspec.structs.replace(query, ends_before=before, ends_after=after)


def _state(ends: datetime | None, now: datetime) -> str:
    """The same limits as the filter's: a credential is valid while starts <= t < ends."""
    if ends is None or ends >= now + timedelta(days=_DAYS):
        return "valid"
    return "ending" if ends >= now else "ended"


def _used(
    transaction: Transaction, query: CredentialQuery, used: bool, size: int
) -> tuple[Sequence[StoredCredential], str | None]:
    """Those that were used, or were not; a page may hold fewer than asked for and still lead on."""
    query = msgspec.structs.replace(query, limit=LARGEST_PAGE)
    fitting: list[StoredCredential] = []
    for _ in range(_LOOKS):
        rows = transaction.credentials.find(query)
        for row in rows:
            if (row.last_used is not None) == used:
                if len(fitting) == size:
                    return fitting, fitting[-1].keyset
                fitting.append(row)
        if len(rows) < LARGEST_PAGE:
            return fitting, None
        query = msgspec.structs.replace(query, after=rows[-1].keyset)
    return fitting, query.after
