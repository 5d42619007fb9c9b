"""Stored bodies → facts: what the collector read of a registration, as it was at some instant."""

from collections.abc import Mapping
from typing import Any

import msgspec

from diag.adapters.graph.wire import failure, grants
from diag.adapters.graph.wire.application import application, owner
from diag.adapters.graph.wire.common import Node, is_guid, mapping
from diag.adapters.graph.wire.credentials import federated_credentials
from diag.adapters.graph.wire.json_text import anything
from diag.adapters.graph.wire.merging import both, home_tenant
from diag.adapters.graph.wire.policy import access_policies
from diag.adapters.graph.wire.profile import profile
from diag.adapters.graph.wire.service_principal import service_principal
from diag.core.enquiry import Enquiry
from diag.core.facts import Facts
from diag.core.inventory import Kind, StoredObject
from diag.core.profile import Profile
from diag.core.read import Found, Missing, Read, Unread
from diag.core.records import FailureRow
from diag.core.registration import Application, ServicePrincipal

_COLUMNS = {
    "id": "id",
    "app_id": "appId",
    "app_display_name": "appDisplayName",
    "service_principal_id": "servicePrincipalId",
    "resource_id": "resourceId",
    "resource_display_name": "resourceDisplayName",
    "correlation_id": "correlationId",
    "user_agent": "userAgent",
    "client_app_used": "clientAppUsed",
    "is_interactive": "isInteractive",
    "conditional_access_status": "conditionalAccessStatus",
    "credential_key_id": "servicePrincipalCredentialKeyId",
    "credential_thumbprint": "servicePrincipalCredentialThumbprint",
    "credential_type": "clientCredentialType",
    "federated_credential_id": "federatedCredentialId",
    "home_tenant_id": "homeTenantId",
    "resource_tenant_id": "resourceTenantId",
    "protocol": "authenticationProtocol",
}
"""Column of a failure row → the record's property, for rows whose record is no longer kept."""


class StoredFacts:
    """Turns what the store keeps into facts; implements the port ``Translator``."""

    def facts(self, objects: Mapping[Kind, StoredObject], app_id: str = "") -> Facts:
        """Facts about one registration; a kind that is absent from ``objects`` is unread.

        ``app_id`` finds the application among the deleted ones when nothing else of it is stored.
        """
        app = _application(objects)
        principal = _service_principal(objects)
        policies = _inside(objects, "access_policies")
        return Facts(
            application=app,
            service_principal=principal,
            deleted_application=_deleted(objects, app_id or _app_id(objects)),
            grants=_inside(objects, "grants").items("value", grants.delegated_grant),
            app_role_assignments=_inside(objects, "app_role_assignments").items("value", grants.role_assignment),
            assigned_principals=_inside(objects, "assigned_principals").items("value", grants.role_assignment),
            access_policies=access_policies(policies, "value"),
            home_tenant_id=home_tenant(app, principal),
        )

    def profile(self, objects: Mapping[Kind, StoredObject]) -> Profile:
        """What alerts look at: owners, labels, and how the application is signed in with."""
        return profile(
            _object(objects, "application"),
            _object(objects, "service_principal"),
            _inside(objects, "owners") if "owners" in objects else None,
            _inside(objects, "service_principal_owners") if "service_principal_owners" in objects else None,
        )

    def resource(self, objects: Mapping[Kind, StoredObject]) -> ServicePrincipal:
        """The API that was asked for, from its own stored service principal."""
        return _service_principal(objects)

    def enquiry(self, row: FailureRow, facts: Facts) -> Enquiry:
        """The question that a stored record asks, with what is known of the registration; the record wins."""
        record = _record(row)
        return Enquiry(
            sign_in_code=row.error_code,
            sign_in_text=failure.status_text(record),
            facts=msgspec.structs.replace(facts, failure=both(failure.failure(record), facts.failure)),
        )


def _record(row: FailureRow) -> Node:
    """The record itself; what the columns hold when it is no longer kept or is no object."""
    given: object = None
    if row.raw:
        try:
            given = anything(row.raw)
        except msgspec.DecodeError:
            given = None
    if not isinstance(given, dict):
        kept: dict[str, Any] = {name: getattr(row, column) for column, name in _COLUMNS.items()}
        given = {name: value for name, value in kept.items() if value not in ("", None)}
        given["createdDateTime"] = row.created_at
        given["signInEventTypes"] = [kind for kind in row.event_type.split(",") if kind]
        given["status"] = {"errorCode": row.error_code, "failureReason": row.failure_reason}
        if row.country:
            given["location"] = {"countryOrRegion": row.country}
    return Node(given, "sign_in", "sign_in", row.created_at)


def _application(objects: Mapping[Kind, StoredObject]) -> Application:
    app = application(_object(objects, "application"))
    changes: dict[str, Any] = {}
    if "federated_credentials" in objects:
        changes["federated_credentials"] = federated_credentials(_inside(objects, "federated_credentials"), "value")
    if "owners" in objects:
        changes["owners"] = _inside(objects, "owners").items("value", owner)
    return msgspec.structs.replace(app, **changes) if changes else app


def _service_principal(objects: Mapping[Kind, StoredObject]) -> ServicePrincipal:
    principal = service_principal(_object(objects, "service_principal"))
    if "service_principal_owners" not in objects:
        return principal
    owners = _inside(objects, "service_principal_owners").items("value", owner)
    return msgspec.structs.replace(principal, owners=owners)


def _deleted(objects: Mapping[Kind, StoredObject], app_id: str) -> Application:
    """The application among the deleted ones: there, not there, or not known where the list is incomplete."""
    if not app_id:
        return Application()
    held = _inside(objects, "deleted_applications")
    every: Read[tuple[Mapping[str, object], ...]] = held.items("value", mapping)
    given: Mapping[str, object] | Missing | Unread
    if isinstance(every, Found):
        wanted = [item for item in every.value if str(item.get("appId")).lower() == app_id]
        unseen = Unread("the list of deleted applications was not read to its end")
        given = wanted[0] if wanted else held.missing() if every.complete else unseen
    else:
        given = every
    return application(Node(given, "deleted_application", held.source, held.as_of))


def _app_id(objects: Mapping[Kind, StoredObject]) -> str:
    ids = (stored.app_id.lower() for stored in objects.values())
    return next((app_id for app_id in ids if is_guid(app_id)), "")


def _object(objects: Mapping[Kind, StoredObject], kind: Kind) -> Node:
    stored = objects.get(kind)
    if stored is None:
        return Node(Unread(), kind)
    if stored.body is None:
        unread = Unread(stored.unread_because) if stored.unread_because else None
        return Node(unread or Missing("registration", stored.read_at), kind, "registration", stored.read_at)
    try:
        given = anything(stored.body)
    except msgspec.DecodeError:
        given = None
    if not isinstance(given, dict):
        return Node(Unread("the stored object cannot be read"), kind)
    return Node(given, kind, "registration", stored.read_at)


# A collection is stored as {"value": [...]}, so its container is read like any other object.
_inside = _object
