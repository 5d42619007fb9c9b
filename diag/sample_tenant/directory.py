"""The directory: applications, service principals and what hangs on them.

Objects are made from their number when somebody asks, so that ten thousand applications cost ten thousand GUIDs
and not ten thousand dictionaries; only what a story has changed is kept.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from diag.sample_tenant.catalog import FIRST_PARTY, MANAGED_IDENTITIES, MICROSOFT_TENANT, STORY_SIZE, sketch, vendor
from diag.sample_tenant.clock import DAY, stamp
from diag.sample_tenant.minting import Mint
from diag.sample_tenant.people import DOMAIN, Crowd, Person
from diag.sample_tenant.registrations import Properties, application, service_principal


class Change(NamedTuple):
    """One entry of a collection's change log."""

    position: int
    names: tuple[str, ...] | None
    """Properties that changed; None when the object was removed."""


class Collection:
    """Objects of one kind in a stable order, with a log of changes for delta queries."""

    def __init__(self, ids: list[str], app_ids: list[str], build: Callable[[int], Properties]) -> None:
        self.ids = ids
        self.position_of = {object_id: number for number, object_id in enumerate(ids)}
        self.by_app_id = {app_id: number for number, app_id in enumerate(app_ids)}
        self.log: list[Change] = []
        self._build = build
        self._kept: dict[int, Properties] = {}
        self._removed: set[int] = set()

    def at(self, position: int) -> Properties | None:
        """Gives the object at a position; None when it was removed."""
        if position in self._removed:
            return None
        kept = self._kept.get(position)
        return self._build(position) if kept is None else kept

    def find(self, object_id: str) -> Properties | None:
        """Gives the object of an id."""
        position = self.position_of.get(object_id.lower())
        return None if position is None else self.at(position)

    def find_by_app_id(self, app_id: str) -> Properties | None:
        """Gives the object of an application id."""
        position = self.by_app_id.get(app_id.lower())
        return None if position is None else self.at(position)

    def edit(self, position: int) -> Properties:
        """Gives the object at a position for a story to shape before anybody has seen it."""
        if position not in self._kept:
            self._kept[position] = copy.deepcopy(self._build(position))
        return self._kept[position]

    def change(self, position: int, **properties: Any) -> None:
        """Changes an object while the tenant runs, so that the next delta query reports it."""
        self._kept[position] = {**self.edit(position), **properties}
        self.log.append(Change(position, tuple(properties)))

    def remove(self, position: int) -> Properties:
        """Takes an object out and gives it back."""
        gone = self.edit(position)
        self._removed.add(position)
        self.log.append(Change(position, None))
        return gone

    def walk(self, start: int) -> Iterator[tuple[int, Properties]]:
        """Gives objects with their positions, from a position on."""
        for position in range(start, len(self.ids)):
            found = self.at(position)
            if found is not None:
                yield position, found


class Directory:
    """Everything under the directory's paths."""

    def __init__(self, mint: Mint, tenant_id: str, crowd: Crowd, size: int, starts: int) -> None:
        self.mint, self.tenant_id, self.crowd, self.size, self.starts = mint, tenant_id, crowd, size, starts
        vendors = len(range(10)) if size <= 60 else size
        self.first_party_at = size
        self.identities_at = size + len(FIRST_PARTY)
        self.vendors_at = self.identities_at + len(MANAGED_IDENTITIES)
        app_ids = [mint.guid("app id", number) for number in range(size)]
        others = [app_id for _, app_id in FIRST_PARTY]
        others += [mint.guid("app id", name) for name in MANAGED_IDENTITIES]
        others += [mint.guid("app id", "vendor", number) for number in range(vendors)]
        self.app_ids = app_ids + others
        self.applications = Collection([mint.guid("app", n) for n in range(size)], app_ids, self._application)
        total = self.vendors_at + vendors
        self.service_principals = Collection([mint.guid("sp", n) for n in range(total)], self.app_ids, self._principal)
        self.owners: dict[str, list[Person]] = {}
        self.federated: dict[str, list[Properties]] = {}
        self.grants: dict[int, list[Properties]] = {}
        self.assignments: list[Properties] = []
        self.deleted_applications: list[Properties] = []
        self.deleted_service_principals: list[Properties] = []

    def _application(self, position: int) -> Properties:
        object_id = self.applications.ids[position]
        return application(self.mint, sketch(position), object_id, self.app_ids[position], self.starts)

    def _principal(self, position: int) -> Properties:
        object_id, app_id = self.service_principals.ids[position], self.app_ids[position]
        if position < self.first_party_at:
            made = service_principal(self.mint, self._application(position), object_id, self.tenant_id)
            if sketch(position).shape == "saml":
                made["preferredSingleSignOnMode"] = "saml"
            return made
        name, owner = self.stranger(position)
        made = service_principal(self.mint, {"appId": app_id, "displayName": name}, object_id, owner)
        if owner is None:
            group = f"/subscriptions/{self.mint.guid('subscription')}/resourcegroups/rg-shop/providers"
            made["servicePrincipalType"] = "ManagedIdentity"
            made["alternativeNames"] = [
                "isExplicit=True",
                f"{group}/Microsoft.ManagedIdentity/userAssignedIdentities/{name}",
            ]
            made["servicePrincipalNames"] = [app_id, f"https://identity.azure.net/{self.mint.opaque('mi', name)}="]
            made["tags"] = []
        elif owner != MICROSOFT_TENANT:
            made["homepage"] = f"https://{vendor(position - self.vendors_at)[1]}"
        return made

    def stranger(self, position: int) -> tuple[str, str | None]:
        """Gives name and home tenant of a service principal without an application here; None is a managed identity."""
        if position < self.identities_at:
            return FIRST_PARTY[position - self.first_party_at][0], MICROSOFT_TENANT
        if position < self.vendors_at:
            return MANAGED_IDENTITIES[position - self.identities_at], None
        name, domain = vendor(position - self.vendors_at)
        return name, self.mint.guid("tenant", domain)

    def name(self, position: int) -> str:
        """Gives the display name of a service principal without making it."""
        return sketch(position).name if position < self.first_party_at else self.stranger(position)[0]

    def owners_of(self, object_id: str) -> list[Person]:
        """Gives the owners of an application or service principal."""
        if object_id in self.owners:
            return self.owners[object_id]
        position = self.applications.position_of.get(object_id, self.service_principals.position_of.get(object_id))
        if position is None or position >= self.size or sketch(position).owner < 0:
            return []
        first = sketch(position).owner
        both = position >= STORY_SIZE and position % 5 == 0
        return [self.crowd.person(number) for number in ((first, first + 9) if both else (first,))]

    def grant(self, client: int, resource: int, scopes: str, person: Person | None = None) -> Properties:
        """Makes a delegated grant between the service principals at two positions."""
        return {
            "clientId": self.service_principals.ids[client],
            "consentType": "AllPrincipals" if person is None else "Principal",
            "id": self.mint.opaque("grant", client, resource, person and person.object_id, size=32),
            "principalId": None if person is None else person.object_id,
            "resourceId": self.service_principals.ids[resource],
            "scope": scopes,
        }

    def grants_of(self, position: int) -> list[Properties]:
        """Gives the delegated grants whose client is the service principal at a position."""
        if position in self.grants:
            return self.grants[position]
        signs_people_in = position >= self.vendors_at or (
            position < self.size and sketch(position).shape in ("web", "spa", "mobile", "cli")
        )
        return [self.grant(position, self.first_party_at, "openid profile User.Read")] if signs_people_in else []

    def assign(self, principal: Person | int, resource: int, role: str | None = None, days: float = -60) -> None:
        """Assigns a user, or the service principal at a position, to an app role of another."""
        if isinstance(principal, Person):
            holder, name, kind = principal.object_id, principal.name, "User"
        else:
            holder, name, kind = self.service_principals.ids[principal], self.name(principal), "ServicePrincipal"
        self.assignments.append({
            "id": self.mint.opaque("assignment", holder, resource, role, size=32),
            "deletedDateTime": None,
            "appRoleId": role or "00000000-0000-0000-0000-000000000000",
            "createdDateTime": stamp(self.starts + int(days * DAY)),
            "principalDisplayName": name,
            "principalId": holder,
            "principalType": kind,
            "resourceDisplayName": self.name(resource),
            "resourceId": self.service_principals.ids[resource],
        })  # fmt: skip


def _on_request(person: Person) -> Properties:
    """What Graph tells of a user only where ``$select`` names it."""
    return {"accountEnabled": True, "userType": "Guest" if person.kind == "guest" else "Member"}


def user_object(person: Person, asked: str = "") -> Properties:
    """Writes a user as a directory object, the way an owner is listed. ``asked``: the names in ``$select``."""
    given, _, family = person.name.partition(" ")
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": person.object_id,
        "businessPhones": [],
        "displayName": person.name,
        "givenName": given,
        "jobTitle": None,
        "mail": person.upn if person.upn.endswith(DOMAIN) else None,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": family,
        "userPrincipalName": person.upn,
        **{name: value for name, value in _on_request(person).items() if name in asked},
    }
