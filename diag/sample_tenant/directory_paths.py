"""Answers the directory's paths: applications, service principals, what hangs on them, and the tenant itself."""

import re
from collections.abc import Callable, Iterable

from diag.sample_tenant import odata
from diag.sample_tenant.asking import Asking, collection, encode, selected
from diag.sample_tenant.directory import Collection, user_object
from diag.sample_tenant.graph_errors import GraphError, no_segment, not_found
from diag.sample_tenant.links import link, seal, unseal
from diag.sample_tenant.registrations import Properties, for_version

PAGE = 100
MOST = 999
_BY_APP_ID = re.compile(r"(applications|servicePrincipals)\(appId='([^']*)'\)$")
_ADVANCED = ("ne", "not", "endswith")


def collection_of(asking: Asking, name: str) -> Collection:
    """Gives the collection of a path segment."""
    directory = asking.tenant.directory
    return directory.applications if name == "applications" else directory.service_principals


def list_objects(asking: Asking, name: str) -> bytes:
    """Answers a page of applications or service principals in the order of their creation."""
    known = {"$top", "$skiptoken", "$select", "$filter", "$count"}
    for option in asking.options:
        if option.startswith("$") and option not in known:
            raise GraphError(400, "Request_UnsupportedQuery", f"Unsupported query option '{option}'.")
    top = asking.top(PAGE, MOST)
    objects = collection_of(asking, name)
    text = asking.options.get("$filter", "")
    node = _directory_filter(asking, text) if text else None
    start = 0
    if "$skiptoken" in asking.options:
        lost = GraphError(400, "Directory_ExpiredPageToken", "The specified page token value has expired.")
        payload = unseal(asking.tenant.mint, asking.options["$skiptoken"], lost)
        if payload[:2] != [name, text]:
            raise lost
        start = payload[2]
    rows: list[bytes] = []
    token: str | None = None
    for position, found in objects.walk(start):
        if len(rows) == top:
            token = seal(asking.tenant.mint, [name, text, position])
            break
        properties = for_version(found, asking.beta)
        if node is None or odata.matches(node, properties):
            rows.append(encode(selected(properties, asking.options.get("$select"))))
    count = None
    if asking.eventual and asking.options.get("$count") == "true" and start == 0:
        count = sum(node is None or odata.matches(node, for_version(each, asking.beta)) for _, each in objects.walk(0))
    options = {key: value for key, value in asking.options.items() if key != "$skiptoken"}
    next_link = link(asking.url, options | {"$skiptoken": token}) if token else None
    return collection(asking.context(name), rows, count=count, nextLink=next_link)


def _directory_filter(asking: Asking, text: str) -> odata.Node:
    node = odata.parse(text)
    advanced = asking.eventual and asking.options.get("$count") == "true"
    for path, operator, _ in odata.leaves(node):
        if path.startswith("passwordCredentials") or (operator in _ADVANCED and not advanced):
            text = f"Unsupported or invalid query filter clause specified for property '{path}'."
            raise GraphError(400, "Request_UnsupportedQuery", text)
    return node


def get_object(asking: Asking, name: str, found: Properties | None, asked: str) -> bytes:
    """Answers one application or service principal."""
    if found is None:
        raise not_found(asked)
    properties = selected(for_version(found, asking.beta), asking.options.get("$select"))
    return encode({"@odata.context": asking.context(f"{name}/$entity"), **properties})


def related(asking: Asking, name: str, object_id: str, relation: str) -> bytes:
    """Answers what hangs on one object."""
    directory = asking.tenant.directory
    if collection_of(asking, name).find(object_id) is None:
        raise not_found(object_id)
    position = collection_of(asking, name).position_of[object_id.lower()]
    of = object_id.lower()
    chosen = asking.options.get("$select") or ""
    sources: dict[tuple[str, str], Callable[[], Iterable[Properties]]] = {
        ("applications", "owners"): lambda: (user_object(one, chosen) for one in directory.owners_of(of)),
        ("applications", "federatedIdentityCredentials"): lambda: directory.federated.get(of, []),
        ("servicePrincipals", "owners"): lambda: (user_object(one, chosen) for one in directory.owners_of(of)),
        ("servicePrincipals", "appRoleAssignments"): lambda: (
            each for each in directory.assignments if each["principalId"] == of
        ),
        ("servicePrincipals", "appRoleAssignedTo"): lambda: (
            each for each in directory.assignments if each["resourceId"] == of
        ),
        ("servicePrincipals", "oauth2PermissionGrants"): lambda: directory.grants_of(position),
    }
    source = sources.get((name, relation))
    if source is None:
        raise no_segment(relation)
    objects = list(source())
    if asking.beta and relation.startswith("appRole"):
        objects = [_renamed(each, "createdDateTime", "creationTimestamp") for each in objects]
    return paged(asking, f"{name}('{of}')/{relation}", objects)


def _renamed(properties: Properties, old: str, new: str) -> Properties:
    return {new if name == old else name: value for name, value in properties.items()}


def paged(asking: Asking, context: str, objects: list[Properties], default: int = PAGE) -> bytes:
    """Answers a page of a list that is at hand as a whole."""
    top = asking.top(default, MOST)
    start = 0
    if "$skiptoken" in asking.options:
        lost = GraphError(400, "Directory_ExpiredPageToken", "The specified page token value has expired.")
        payload = unseal(asking.tenant.mint, asking.options["$skiptoken"], lost)
        if payload[0] != context:
            raise lost
        start = payload[1]
    text = asking.options.get("$filter")
    if text:
        node = _directory_filter(asking, text)
        objects = [each for each in objects if odata.matches(node, each)]
    rows = [encode(selected(each, asking.options.get("$select"))) for each in objects[start : start + top]]
    next_link = None
    if start + top < len(objects):
        options = {key: value for key, value in asking.options.items() if key != "$skiptoken"}
        next_link = link(asking.url, options | {"$skiptoken": seal(asking.tenant.mint, [context, start + top])})
    return collection(asking.context(context), rows, nextLink=next_link)


def list_grants(asking: Asking) -> bytes:
    """Answers all delegated grants of the tenant."""
    directory = asking.tenant.directory
    every = [grant for position in range(len(directory.app_ids)) for grant in directory.grants_of(position)]
    return paged(asking, "oauth2PermissionGrants", every)


def by_app_id(asking: Asking, segments: list[str]) -> bytes | None:
    """Answers the paths that name an object by its application id; None when the path is not one of them."""
    match = _BY_APP_ID.match(segments[0])
    if match is None or len(segments) > 2:
        return None
    name, app_id = match.groups()
    found = collection_of(asking, name).find_by_app_id(app_id)
    if len(segments) == 1 or found is None:
        return get_object(asking, name, found, app_id)
    return related(asking, name, found["id"], segments[1])


def deleted(asking: Asking, kind: str) -> bytes:
    """Answers the deleted items of a kind, which are kept for thirty days."""
    directory = asking.tenant.directory
    kind = kind.removeprefix("microsoft.").removeprefix("graph.").lower()
    if kind == "application":
        gone = [for_version(each, asking.beta) for each in directory.deleted_applications]
        return paged(asking, "applications", gone)
    if kind == "serviceprincipal":
        gone = [for_version(each, asking.beta) for each in directory.deleted_service_principals]
        return paged(asking, "servicePrincipals", gone)
    raise no_segment(kind)
