"""A page of the sign-in log → rows that are stored, and counts of successes.

Volume decides the form: a record is decoded into the few fields that are kept, beside its own bytes. A record that does
not fit (a number where text belongs, no instant) is read property by property instead, so that it is never lost.
Source: https://learn.microsoft.com/graph/api/resources/signin?view=graph-rest-beta (checked 2026-11-22).
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from diag.adapters.graph.wire.common import Node, instant, is_guid
from diag.adapters.graph.wire.failure import error_code
from diag.adapters.graph.wire.json_text import anything, decoded
from diag.core.interrupts import is_interrupt
from diag.core.records import FailureRow
from diag.core.successes import Success

LONGEST_USER_AGENT = 400
"""Characters kept in the row; the record keeps all of it."""
UNKNOWN_CODE = -1
"""The error code of a record that does not say one."""


class Page(msgspec.Struct, frozen=True):
    """One page, in the log's order."""

    failures: Sequence[FailureRow]
    successes: Sequence[Success]
    read: int
    next_link: str | None
    mark: str


class _Status(msgspec.Struct, rename="camel"):
    error_code: Annotated[int, msgspec.Meta(ge=0, lt=1_000_000_000)]
    """Anything else is read property by property, and comes out as ``UNKNOWN_CODE``."""
    failure_reason: str | None = None


class _Location(msgspec.Struct, rename="camel"):
    country_or_region: str | None = None


class _Record(msgspec.Struct, rename="camel"):
    id: str
    created_date_time: str
    status: _Status
    sign_in_event_types: list[str] | None = None
    app_id: str | None = None
    app_display_name: str | None = None
    service_principal_id: str | None = None
    resource_id: str | None = None
    resource_display_name: str | None = None
    correlation_id: str | None = None
    user_id: str | None = None
    user_principal_name: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    client_app_used: str | None = None
    is_interactive: bool | None = None
    conditional_access_status: str | None = None
    service_principal_credential_key_id: str | None = None
    service_principal_credential_thumbprint: str | None = None
    client_credential_type: str | None = None
    federated_credential_id: str | None = None
    home_tenant_id: str | None = None
    resource_tenant_id: str | None = None
    authentication_protocol: str | None = None
    location: _Location | None = None


class _Envelope(msgspec.Struct):
    value: list[msgspec.Raw]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_RECORD = msgspec.json.Decoder(_Record)
_NOWHERE = _Location()


def decode_page(body: bytes, tenant_id: str, otherwise: datetime, *, successes: bool = True) -> Page:
    """The page's rows, in order; ``msgspec.DecodeError`` when the body is no page.

    ``otherwise`` is the instant given to a record that names none, unless one before it on the page did.
    ``successes``: whether they are wanted; of users they are not.
    """
    envelope = decoded(body, _ENVELOPE)
    rows: list[FailureRow] = []
    succeeded: list[Success] = []
    latest = otherwise
    ends: list[str] = []
    for position, raw in enumerate(envelope.value, start=1):
        try:
            record = _RECORD.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            record = _tolerant(bytes(raw))
        latest = _created_at(record.created_date_time, latest)
        if position in (1, len(envelope.value)):
            ends.append(record.id)
        if record.status.error_code != 0:
            rows.append(_row(record, latest, tenant_id, bytes(raw)))
        elif successes:
            succeeded.append(_success(record, latest))
    return Page(rows, succeeded, len(envelope.value), envelope.next_link, " ".join(ends))


def _success(record: _Record, at: datetime) -> Success:
    return Success(
        record.id,
        at,
        _lowered(record.app_id),
        _lowered(record.service_principal_credential_key_id),
        _lowered(record.resource_id),
    )


def _row(record: _Record, created_at: datetime, tenant_id: str, raw: bytes) -> FailureRow:
    code, protocol = record.status.error_code, record.authentication_protocol or ""
    event_type = _event_type(record)
    interactive = record.is_interactive if record.is_interactive is not None else event_type == "interactiveUser"
    return FailureRow(
        tenant_id=tenant_id,
        id=record.id,
        created_at=created_at,
        event_type=event_type,
        error_code=code,
        interrupt=is_interrupt(code, interactive=interactive, protocol=protocol),
        failure_reason=record.status.failure_reason or "",
        app_id=_lowered(record.app_id),
        app_display_name=record.app_display_name or "",
        service_principal_id=_lowered(record.service_principal_id),
        resource_id=_lowered(record.resource_id),
        resource_display_name=record.resource_display_name or "",
        correlation_id=_lowered(record.correlation_id),
        user_id=_lowered(record.user_id),
        user_principal_name=record.user_principal_name or "",
        ip_address=record.ip_address or "",
        user_agent=(record.user_agent or "")[:LONGEST_USER_AGENT],
        client_app_used=record.client_app_used or "",
        is_interactive=record.is_interactive,
        conditional_access_status=record.conditional_access_status or "",
        credential_key_id=_lowered(record.service_principal_credential_key_id),
        credential_thumbprint=(record.service_principal_credential_thumbprint or "").upper(),
        credential_type=record.client_credential_type or "",
        federated_credential_id=_lowered(record.federated_credential_id),
        home_tenant_id=_lowered(record.home_tenant_id),
        resource_tenant_id=_lowered(record.resource_tenant_id),
        protocol=protocol,
        country=(record.location or _NOWHERE).country_or_region or "",
        raw=raw,
    )


def _created_at(given: str, otherwise: datetime) -> datetime:
    """In UTC, digits below the microsecond dropped; ``otherwise`` when it is no instant."""
    try:
        created_at = datetime.fromisoformat(given)
        if created_at.tzinfo is UTC:
            return created_at
        return instant(given)
    except ValueError:
        return otherwise


def _event_type(record: _Record) -> str:
    """v1.0 names no kinds and gives user sign-ins alone; an application's own sign-in has no user."""
    if record.sign_in_event_types:
        return ",".join(record.sign_in_event_types)
    if record.service_principal_id and not record.user_id:
        return "servicePrincipal"
    return "nonInteractiveUser" if record.is_interactive is False else "interactiveUser"


def _lowered(value: str | None) -> str:
    """GUIDs in lower case; text that is none as it is."""
    if not value:
        return ""
    lower = value.lower()
    return lower if value == lower or is_guid(lower) else value


def _tolerant(raw: bytes) -> _Record:
    """The record with every property that can be read; without an id it gets one made of its own bytes."""
    try:
        given = anything(raw)
    except msgspec.DecodeError:
        given = None
    if not isinstance(given, dict):
        given = {}
    code = error_code(Node(given, "sign_in", "sign_in"))
    status = given.get("status")
    reason = status.get("failureReason") if isinstance(status, dict) else None
    record_id, created = given.get("id"), given.get("createdDateTime")
    record = _Record(
        id=record_id if isinstance(record_id, str) and record_id else hashlib.sha256(raw).hexdigest(),
        created_date_time=created if isinstance(created, str) else "",
        status=_Status(UNKNOWN_CODE if code is None else code, reason if isinstance(reason, str) else None),
    )
    for field in msgspec.structs.fields(_Record)[3:]:
        value: Any = given.get(field.encode_name)
        try:
            setattr(record, field.name, msgspec.convert(value, field.type))
        except (msgspec.ValidationError, RecursionError):
            continue
    return record
