"""Answers `auditLogs/signIns` and `auditLogs/directoryAudits`.

Choices where the documentation is silent or contradicts itself, each the less comfortable one for a client:
`createdDateTime gt` and `lt` are accepted and have no effect; `$select`, `$skip`, `$count`, `$search` and `$expand` are
refused on sign-ins; a page that is exactly full has a nextLink even when nothing follows; and a filter that few rows
match gives short or empty pages with a nextLink.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import ceil, floor

from diag.sample_tenant import odata
from diag.sample_tenant.asking import Asking, collection, encode, selected
from diag.sample_tenant.bulk import RETENTION
from diag.sample_tenant.callers import INTERACTIVE, KINDS, NON_INTERACTIVE
from diag.sample_tenant.clock import DAY, stamp
from diag.sample_tenant.graph_errors import GraphError
from diag.sample_tenant.links import link, seal, unseal
from diag.sample_tenant.registrations import Properties
from diag.sample_tenant.signin_log import Key, Resolved

PAGE = 1000
SCAN = 20_000
"""Rows looked at for one page when the filter is not on time, kind or failure."""
EARLIEST = 90 * DAY

_EQ, _TEXT = frozenset({"eq"}), frozenset({"eq", "startswith"})
_FILTERS: Mapping[str, frozenset[str]] = {
    "id": _EQ, "userId": _EQ, "appId": _EQ, "appDisplayName": _TEXT, "userDisplayName": _TEXT,
    "createdDateTime": frozenset({"eq", "ge", "le", "gt", "lt"}), "userPrincipalName": _TEXT, "ipAddress": _TEXT,
    "clientAppUsed": _EQ, "conditionalAccessStatus": _EQ, "correlationId": _EQ, "resourceId": _EQ,
    "resourceDisplayName": _EQ, "status/errorCode": frozenset({"eq", "ne"}), "location/city": _TEXT,
    "location/countryOrRegion": _TEXT,
}  # fmt: skip
_BETA_FILTERS: Mapping[str, frozenset[str]] = {
    "signInEventTypes": frozenset({"eq", "ne"}), "servicePrincipalId": _TEXT, "servicePrincipalName": _TEXT,
    "originalRequestId": _EQ, "userAgent": _TEXT,
}  # fmt: skip
_READ: Mapping[str, Callable[[Resolved], object]] = {
    "id": lambda row: row.row_id,
    "originalRequestId": lambda row: row.row_id,
    "userId": lambda row: row.person.object_id if row.person else "",
    "userDisplayName": lambda row: row.person.name if row.person else "",
    "userPrincipalName": lambda row: row.person.upn if row.person else "",
    "appId": lambda row: row.caller.client.app_id,
    "appDisplayName": lambda row: row.caller.client.name,
    "createdDateTime": lambda row: stamp(row.instant),
    "ipAddress": lambda row: row.place.ip,
    "clientAppUsed": lambda row: ("Browser" if row.caller.device.browser else "Mobile Apps and Desktop clients")
    if row.caller.kind in (INTERACTIVE, NON_INTERACTIVE) else "",
    "conditionalAccessStatus": lambda row: "failure" if row.caller.error == 53003 else
    "success" if any(applied.result == "success" for applied in row.caller.policies) else "notApplied",
    "correlationId": lambda row: row.correlation,
    "resourceId": lambda row: row.caller.resource.app_id,
    "resourceDisplayName": lambda row: row.caller.resource.name,
    "status/errorCode": lambda row: row.caller.error,
    "location/city": lambda row: row.place.city,
    "location/countryOrRegion": lambda row: row.place.country,
    "servicePrincipalId": lambda row: "" if row.person else row.caller.client.principal_id,
    "servicePrincipalName": lambda row: "" if row.person else row.caller.client.name,
    "userAgent": lambda row: row.caller.device.agent,
}  # fmt: skip


def _read(row: Resolved, path: str) -> object:
    return _READ[path](row)


@dataclass
class Plan:
    """What a filter asks for."""

    kinds: tuple[str, ...] = (INTERACTIVE,)
    earliest: int | None = None
    latest: int = 1 << 40
    failed_only: bool = False
    rest: list[odata.Node] = field(default_factory=list)


def plan(asking: Asking) -> Plan:
    """Reads the filter of a request for sign-ins; raises GraphError 400 for what Graph refuses."""
    made = Plan()
    text = asking.options.get("$filter")
    if text is None:
        return made
    node = odata.parse(text)
    allowed = {**_FILTERS, **_BETA_FILTERS} if asking.beta else _FILTERS
    for path, operator, leaf in odata.leaves(node):
        if path not in allowed:
            name = path.partition("/")[0]
            text = f"Could not find a property named '{name}' on type 'microsoft.graph.signIn'."
            raise GraphError(400, "BadRequest", text)
        if operator not in allowed[path]:
            raise odata.invalid_filter()
        _check_value(asking, path, leaf)
    for term in odata.terms(node):
        _take(made, term)
    if made.earliest is not None and made.earliest < asking.tenant.clock.now() - EARLIEST:
        raise odata.invalid_filter()
    return made


def _check_value(asking: Asking, path: str, leaf: odata.Compare | odata.StartsWith) -> None:
    if isinstance(leaf, odata.StartsWith):
        return
    if (path == "createdDateTime") != isinstance(leaf.value, odata.Instant):
        raise odata.invalid_filter()
    if path == "status/errorCode":
        whole = isinstance(leaf.value, float) and leaf.value.is_integer()
        if not whole or (leaf.operator == "ne" and (leaf.value != 0 or not asking.tenant.options.ne_filter)):
            raise odata.invalid_filter()


def _take(made: Plan, term: odata.Node) -> None:
    match term:
        case odata.AnyOf(path="signInEventTypes"):
            made.kinds = _kinds(term.condition)
        case odata.Compare(path="createdDateTime", operator=operator, value=odata.Instant(seconds)):
            if operator in ("ge", "eq"):
                made.earliest = ceil(seconds) if made.earliest is None else max(made.earliest, ceil(seconds))
            if operator in ("le", "eq"):
                made.latest = min(made.latest, floor(seconds))
        case odata.Compare(path="status/errorCode", operator="ne"):
            made.failed_only = True
            made.rest.append(term)
        case _:
            if any(path == "signInEventTypes" for path, _, _ in odata.leaves(term)):
                made.kinds = _kinds_of_group(term)
                return
            if isinstance(term, odata.Compare) and term.path == "status/errorCode" and term.value != 0:
                made.failed_only = True
            made.rest.append(term)


def _kinds_of_group(term: odata.Node) -> tuple[str, ...]:
    """Reads `any(…) or any(…)`, which is another way to ask for several kinds."""
    if isinstance(term, odata.AnyOf) and term.path == "signInEventTypes":
        return _kinds(term.condition)
    if isinstance(term, odata.Both) and term.either:
        return _together({*_kinds_of_group(term.left), *_kinds_of_group(term.right)})
    raise odata.invalid_filter()


def _kinds(condition: odata.Node) -> tuple[str, ...]:
    wanted: set[str] = set()
    for _, operator, leaf in odata.leaves(condition):
        named = [kind for kind in KINDS if isinstance(leaf, odata.Compare) and leaf.value == kind]
        if not named or not isinstance(condition, odata.Compare | odata.Both):
            raise odata.invalid_filter()
        if operator == "ne":
            if not isinstance(condition, odata.Compare):
                raise odata.invalid_filter()
            # `ne` names no kind to mix: it gives all others, as in Microsoft's example.
            return tuple(kind for kind in KINDS if kind not in named)
        wanted.update(named)
    if isinstance(condition, odata.Both) and not condition.either:
        raise odata.invalid_filter()
    return _together(wanted)


def _together(wanted: set[str]) -> tuple[str, ...]:
    users = {INTERACTIVE, NON_INTERACTIVE}
    if wanted & users and wanted - users:
        raise GraphError(
            400, "BadRequest", "The filter for both user and service principal sign-in event types is not supported."
        )
    return tuple(kind for kind in KINDS if kind in wanted)


def list_sign_ins(asking: Asking) -> bytes:
    """Answers a page of sign-ins."""
    for name in ("select", "skip", "count", "search", "expand"):
        if f"${name}" in asking.options:
            raise GraphError(400, "BadRequest", f"Query option '{name.capitalize()}' is not allowed.")
    top = asking.top(PAGE, 1 << 30)
    top = min(top, PAGE)
    order = asking.options.get("$orderby", "createdDateTime desc").split()
    if order[:1] != ["createdDateTime"] or order[1:] not in ([], ["asc"], ["desc"]):
        raise GraphError(400, "BadRequest", "The order by clause is not supported.")
    ascending = order[1:] != ["desc"]
    made = plan(asking)
    tenant, log = asking.tenant, asking.tenant.log
    shape = [asking.beta, asking.options.get("$filter", ""), ascending]
    after: Key | None = None
    token = asking.options.get("$skiptoken")
    if token is not None:
        lost = GraphError(400, "BadRequest", "Token not found: token is either invalid or expired")
        payload = unseal(tenant.mint, token, lost)
        if payload[:3] != shape:
            raise lost
        after = (payload[3], payload[4], payload[5])
    now = tenant.clock.now()
    earliest = max(made.earliest or 0, now - RETENTION)
    rows: list[bytes] = []
    dialect = asking.dialect
    key = after
    more = False
    keys = log.keys(made.kinds, made.failed_only, earliest, min(made.latest, now), after, ascending)
    for looked, key in enumerate(keys, start=1):
        row = log.resolve(key)
        get = partial(_read, row)
        if all(odata.holds(term, get) for term in made.rest):
            rows.append(log.write(row, dialect))
        if len(rows) == top or looked == SCAN:
            more = True
            break
    next_link = None
    if more and key is not None:
        options = {name: value for name, value in asking.options.items() if name != "$skiptoken"}
        next_link = link(asking.url, options | {"$skiptoken": seal(tenant.mint, [*shape, *key])})
    return collection(asking.context("auditLogs/signIns"), rows, nextLink=next_link)


def get_sign_in(asking: Asking, row_id: str) -> bytes:
    """Answers one sign-in; v1.0 knows interactive ones only."""
    row = asking.tenant.log.find(row_id, asking.tenant.clock.now())
    if row is None or (not asking.beta and row.caller.kind != INTERACTIVE):
        raise GraphError(404, "ResourceNotFound", f"The sign-in '{row_id}' was not found.")
    context = encode({"@odata.context": asking.context("auditLogs/signIns/$entity")})
    return context[:-1] + b"," + asking.tenant.log.write(row, asking.dialect)[1:]


_AUDIT_FILTERS: Mapping[str, frozenset[str]] = {
    "id": _EQ, "activityDateTime": frozenset({"eq", "ge", "le"}), "activityDisplayName": _TEXT, "correlationId": _EQ,
    "loggedByService": _EQ, "category": _EQ, "result": _EQ, "operationType": _EQ, "initiatedBy/user/id": _EQ,
    "initiatedBy/user/displayName": _EQ, "initiatedBy/user/userPrincipalName": _TEXT, "initiatedBy/app/appId": _EQ,
    "initiatedBy/app/displayName": _EQ, "targetResources/id": _EQ, "targetResources/displayName": _TEXT,
}  # fmt: skip


def list_audits(asking: Asking) -> bytes:
    """Answers a page of directory audits, newest first."""
    for name in ("skip", "count", "search", "expand"):
        if f"${name}" in asking.options:
            raise GraphError(400, "BadRequest", f"Query option '{name.capitalize()}' is not allowed.")
    top = min(asking.top(PAGE, 1 << 30), PAGE)
    order = asking.options.get("$orderby", "activityDateTime desc").split()
    if order[:1] != ["activityDateTime"] or order[1:] not in ([], ["asc"], ["desc"]):
        raise GraphError(400, "BadRequest", "The order by clause is not supported.")
    ascending = order[1:] != ["desc"]
    text = asking.options.get("$filter", "")
    node = odata.parse(text) if text else None
    for path, operator, _ in odata.leaves(node) if node else ():
        if operator not in _AUDIT_FILTERS.get(path, ()):
            raise odata.invalid_filter()
    tenant = asking.tenant
    after: list[str] | None = None
    if "$skiptoken" in asking.options:
        lost = GraphError(400, "BadRequest", "Token not found: token is either invalid or expired")
        payload = unseal(tenant.mint, asking.options["$skiptoken"], lost)
        if payload[0] != "audits" or payload[1] != [text, ascending]:
            raise lost
        after = payload[2]
    oldest = stamp(tenant.clock.now() - RETENTION)
    found: list[Properties] = []
    for event in sorted(tenant.stage.audits, key=_audit_key, reverse=not ascending):
        key = list(_audit_key(event))
        if after is not None and (key <= after if ascending else key >= after):
            continue
        if event["activityDateTime"] < oldest or not (node is None or odata.matches(node, event)):
            continue
        found.append(event)
        if len(found) == top:
            break
    next_link = None
    if len(found) == top:
        options = {name: value for name, value in asking.options.items() if name != "$skiptoken"}
        token = seal(tenant.mint, ["audits", [text, ascending], list(_audit_key(found[-1]))])
        next_link = link(asking.url, options | {"$skiptoken": token})
    rows = [encode(selected(event, asking.options.get("$select"))) for event in found]
    return collection(asking.context("auditLogs/directoryAudits"), rows, nextLink=next_link)


def get_audit(asking: Asking, event_id: str) -> bytes:
    """Answers one directory audit."""
    for event in asking.tenant.stage.audits:
        if event["id"] == event_id:
            return encode({"@odata.context": asking.context("auditLogs/directoryAudits/$entity"), **event})
    raise GraphError(404, "ResourceNotFound", f"The audit event '{event_id}' was not found.")


def _audit_key(event: Properties) -> tuple[str, str]:
    return event["activityDateTime"], event["id"]
