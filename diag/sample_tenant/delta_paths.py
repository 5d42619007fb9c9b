"""Answers delta queries: first everything, then what changed since a token.

An object that changed is answered with its id and the changed properties alone, the least that Graph promises.
The first round ends with an empty page that carries the deltaLink; several changes of one object since a token are
several entries.
"""

from diag.sample_tenant.asking import Asking, collection, encode, selected
from diag.sample_tenant.clock import DAY
from diag.sample_tenant.directory_paths import collection_of
from diag.sample_tenant.graph_errors import GraphError
from diag.sample_tenant.links import link, seal, unseal
from diag.sample_tenant.registrations import for_version

PAGE = 100
TOKEN_LIFE = 7 * DAY


def delta(asking: Asking, name: str) -> bytes:
    """Answers one page of a delta query."""
    options = asking.options
    if "$skiptoken" in options and "$deltatoken" in options:
        raise GraphError(400, "Request_BadRequest", "Only one of skiptoken and deltatoken may be given.")
    for option in ("$top", "$orderby", "$expand", "$skip", "$search", "$filter"):
        if option in options:
            raise GraphError(400, "Request_UnsupportedQuery", f"'{option}' is not supported on delta queries.")
    objects = collection_of(asking, name)
    select = options.get("$select")
    token = options.get("$deltatoken")
    if token == "latest":
        return collection(asking.context(name), [], deltaLink=_delta_link(asking, name, select, len(objects.log)))
    if token is not None:
        seen, _, select = _open(asking, name, token, "delta")
        return _changes(asking, name, seen, select)
    position, seen = 0, len(objects.log)
    if "$skiptoken" in options:
        position, seen, select = _open(asking, name, options["$skiptoken"], "first")
    rows: list[bytes] = []
    for place, found in objects.walk(position):
        if len(rows) == PAGE:
            break
        rows.append(encode(selected(for_version(found, asking.beta), select)))
        position = place + 1
    if not rows:
        return collection(asking.context(name), [], deltaLink=_delta_link(asking, name, select, seen))
    more = seal(asking.tenant.mint, ["first", name, position, asking.tenant.clock.now(), seen, select])
    return collection(asking.context(name), rows, nextLink=link(_address(asking, name), {"$skiptoken": more}))


def _address(asking: Asking, name: str) -> str:
    return f"{asking.base}/{name}/delta"


def _delta_link(asking: Asking, name: str, select: str | None, seen: int) -> str:
    token = seal(asking.tenant.mint, ["delta", name, seen, asking.tenant.clock.now(), 0, select])
    return link(_address(asking, name), {"$deltatoken": token})


def _open(asking: Asking, name: str, token: str, kind: str) -> tuple[int, int, str | None]:
    """Reads a token: its place, the end of the change log at its making, and the properties asked for."""
    start_again = {"Location": f"{_address(asking, name)}?$deltatoken="}
    gone = GraphError(410, "syncStateNotFound", "The sync state generation is not found; start again.", start_again)
    payload = unseal(asking.tenant.mint, token, gone)
    if payload[:2] != [kind, name] or payload[3] < asking.tenant.clock.now() - TOKEN_LIFE:
        raise gone
    return payload[2], payload[4], payload[5]


def _changes(asking: Asking, name: str, seen: int, select: str | None) -> bytes:
    objects = collection_of(asking, name)
    wanted = None if select is None else {each.strip() for each in select.split(",")}
    rows: list[bytes] = []
    end = min(len(objects.log), seen + PAGE)
    for change in objects.log[seen:end]:
        object_id = objects.ids[change.position]
        found = objects.at(change.position)
        if change.names is None:
            # A deleted object can be restored for thirty days, which delta calls changed.
            rows.append(encode({"id": object_id, "@removed": {"reason": "changed"}}))
        elif found is not None:
            names = [each for each in change.names if wanted is None or each in wanted]
            if names:
                rows.append(encode({"id": object_id, **{each: found[each] for each in names}}))
    if end < len(objects.log):
        token = seal(asking.tenant.mint, ["delta", name, end, asking.tenant.clock.now(), 0, select])
        return collection(asking.context(name), rows, nextLink=link(_address(asking, name), {"$deltatoken": token}))
    return collection(asking.context(name), rows, deltaLink=_delta_link(asking, name, select, end))
