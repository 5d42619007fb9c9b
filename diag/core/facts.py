"""Everything the engine may ask about, as one frozen value.

The parts live beside it: ``registration``, ``sign_in``, ``directory``; what is known of a property in ``read``.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from diag.core.directory import AccessPolicy, Change, Device, Domain, Neighbour, User
from diag.core.read import UNREAD, Found, Missing, Read, Unread
from diag.core.registration import Application, CredentialUses, DelegatedGrant, RoleAssignment, ServicePrincipal
from diag.core.sign_in import Failure, SignInActivity, Token


class Facts(Struct, frozen=True, kw_only=True):
    """Everything the engine may ask about. Predicates read it; nobody writes it."""

    failure: Failure = field(default_factory=Failure)
    application: Application = field(default_factory=Application)
    service_principal: ServicePrincipal = field(default_factory=ServicePrincipal)
    deleted_application: Application = field(default_factory=Application)
    resource: ServicePrincipal = field(default_factory=ServicePrincipal)
    grants: Read[tuple[DelegatedGrant, ...]] = UNREAD
    app_role_assignments: Read[tuple[RoleAssignment, ...]] = UNREAD
    """Application permissions granted to the client."""
    assigned_principals: Read[tuple[RoleAssignment, ...]] = UNREAD
    """Users, groups and clients assigned to the application."""
    access_policies: Read[tuple[AccessPolicy, ...]] = UNREAD
    changes: Read[tuple[Change, ...]] = UNREAD
    """Changes of this registration before the failure, newest first."""
    neighbours: Read[tuple[Neighbour, ...]] = UNREAD
    credential_uses: Read[CredentialUses] = UNREAD
    """Last use of the credentials of application and service principal."""
    hosts: Read[Mapping[str, bool]] = UNREAD
    """Whether a name exists in the DNS, by host in lower case; a host that is absent was not looked up."""
    user: User = field(default_factory=User)
    domain: Domain = field(default_factory=Domain)
    device: Device = field(default_factory=Device)
    token: Token = field(default_factory=Token)
    sign_in_activity: SignInActivity = field(default_factory=SignInActivity)
    home_tenant_id: Read[str] = UNREAD
    """The tenant the registration was read in."""
    answers: Mapping[str, bool] = field(default_factory=dict)
    """A person's answers to an entry's questions, by question id."""


def read(facts: Facts, path: str) -> Read[Any]:
    """The ``Read`` at a dotted path such as ``application.redirect_uris``; ``KeyError`` when no such fact exists."""
    value: Any = facts
    for part in path.split("."):
        if part not in getattr(value, "__struct_fields__", ()):
            raise KeyError(path)
        value = getattr(value, part)
    if isinstance(value, (Found, Missing, Unread)):
        return value
    if "exists" in getattr(value, "__struct_fields__", ()):
        exists: Read[Any] = value.exists
        return exists
    raise KeyError(path)
