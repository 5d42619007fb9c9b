"""Applications, service principals and what hangs on them; implements the port ``Directory``."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, assert_never

import msgspec

from diag.adapters.graph.client import Family, GraphClient
from diag.adapters.graph.sdk import asked
from diag.adapters.graph.wire.json_text import decoded
from diag.adapters.graph.wire.registration import details, removed_object, whole_object
from diag.core.errors import NotFound
from diag.core.inventory import DetailKind, ObjectKind, RegistrationObject, TenantKind
from diag.workflows.ports import DirectoryPage

_AT_ONCE = 8
"""Objects read side by side after a delta page; the throttle budget sets the pace."""

_OWNER = ["id", "displayName", "userPrincipalName", "mail", "accountEnabled", "userType"]
"""What is needed to reach an owner; telephone numbers and the rest of the person are not asked for."""

_DELTA_PATHS: dict[ObjectKind, Callable[[Any], Any]] = {
    "application": lambda root: root.applications.delta,
    "service_principal": lambda root: root.service_principals.delta,
}
_TENANT_PATHS: dict[TenantKind, Callable[[Any], Any]] = {
    "deleted_applications": lambda root: root.directory.deleted_items.graph_application,
    "access_policies": lambda root: root.identity.conditional_access.policies,
    "licences": lambda root: root.subscribed_skus,
}

_log = logging.getLogger(__name__)

_Object = dict[str, Any]


class _Page(msgspec.Struct):
    value: list[_Object]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")
    delta_link: str | None = msgspec.field(default=None, name="@odata.deltaLink")


_PAGE = msgspec.json.Decoder(_Page)
_OBJECT = msgspec.json.Decoder(_Object)


class GraphDirectory:
    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def delta(self, kind: ObjectKind, link: str | None) -> AsyncIterator[DirectoryPage]:
        """All objects (``link`` None), or what changed since, every one of them whole.

        A later round promises the changed properties only, so each object it names is read again; one that has gone
        meanwhile is left out, the next round reports it. ``delta_link`` is on the last page.
        """
        pages = self._client.pages("directory", self._client.builder(_DELTA_PATHS[kind]), _decoded, link=link)
        async for page in pages:
            removed = [gone for item in page.value if (gone := removed_object(kind, item)) is not None]
            changed = [item for item in page.value if "@removed" not in item]
            objects = _whole(kind, changed) if link is None else await self._read_again(kind, changed)
            yield DirectoryPage(objects, removed, page.delta_link)

    async def read(self, kind: ObjectKind, object_id: str) -> RegistrationObject:
        """One object whole; ``NotFound`` when it is not there."""
        builder = self._client.builder(lambda root: _item(root, kind, object_id))
        given = await self._client.get("directory", asked(builder), _decoded_object)
        return whole_object(kind, given)

    async def detail(self, kind: DetailKind, object_id: str, app_id: str) -> RegistrationObject:
        """One detail collection of an object, to its last page; ``NotFound`` when the object is not there."""
        query = {"select": _OWNER} if kind in ("owners", "service_principal_owners") else None
        found = await self._all("directory", self._client.builder(lambda root: _detail(root, kind, object_id)), query)
        return details(kind, object_id, app_id, found)

    async def tenant_wide(self, kind: TenantKind) -> RegistrationObject:
        family: Family = "policies" if kind == "access_policies" else "directory"
        return details(kind, kind, "", await self._all(family, self._client.builder(_TENANT_PATHS[kind])))

    async def _all(self, family: Family, builder: Any, query: Mapping[str, object] | None = None) -> list[_Object]:
        found: list[_Object] = []
        async for page in self._client.pages(family, builder, _decoded, query=query):
            found += page.value
        return found

    async def _read_again(self, kind: ObjectKind, changed: Sequence[_Object]) -> list[RegistrationObject]:
        ids = list(dict.fromkeys(str(item["id"]) for item in changed if item.get("id")))
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(object_id: str) -> RegistrationObject | None:
            async with gate:
                try:
                    return await self.read(kind, object_id)
                except NotFound:
                    return None

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(object_id)) for object_id in ids]
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None
        return [found for task in tasks if (found := task.result()) is not None]


def _item(root: Any, kind: ObjectKind, object_id: str) -> Any:
    if kind == "application":
        return root.applications.by_application_id(object_id)
    return root.service_principals.by_service_principal_id(object_id)


def _detail(root: Any, kind: DetailKind, object_id: str) -> Any:
    match kind:
        case "federated_credentials":
            return _item(root, "application", object_id).federated_identity_credentials
        case "owners":
            return _item(root, "application", object_id).owners
        case "service_principal_owners":
            return _item(root, "service_principal", object_id).owners
        case "grants":
            return _item(root, "service_principal", object_id).oauth2_permission_grants
        case "app_role_assignments":
            return _item(root, "service_principal", object_id).app_role_assignments
        case "assigned_principals":
            return _item(root, "service_principal", object_id).app_role_assigned_to
        case _:
            assert_never(kind)


def _whole(kind: ObjectKind, items: Sequence[Mapping[str, object]]) -> list[RegistrationObject]:
    objects = [whole_object(kind, item) for item in items]
    nameless = sum(1 for item in objects if not item.object_id)
    if nameless:
        _log.warning("Graph listed %d objects of kind %s without an id; they cannot be kept", nameless, kind)
    return [item for item in objects if item.object_id]


def _decoded(body: bytes) -> tuple[_Page, str | None]:
    page = decoded(body, _PAGE)
    return page, page.next_link


def _decoded_object(body: bytes) -> _Object:
    found = decoded(body, _OBJECT)
    if "id" not in found:
        # An error inside a 200, or something else that is no object of the directory.
        raise msgspec.ValidationError("the object has no id")
    return found
