"""The HTTP surface: token endpoint, discovery, and Graph in its two versions."""

from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from diag.sample_tenant import audit_paths, delta_paths, directory_paths, tenant_paths
from diag.sample_tenant.asking import Asking
from diag.sample_tenant.clock import http_date, stamp
from diag.sample_tenant.graph_errors import GraphError, no_segment
from diag.sample_tenant.tenant import Tenant
from diag.sample_tenant.token_endpoint import TokenEndpoint, discovery

_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_MOST_BODY = 64 * 1024
# Graph does not mind the case of its own names.
_SEGMENTS = {
    name.lower(): name
    for name in (
        "auditLogs", "signIns", "directoryAudits", "applications", "servicePrincipals", "delta", "owners",
        "federatedIdentityCredentials", "appRoleAssignments", "appRoleAssignedTo", "oauth2PermissionGrants",
        "directory", "deletedItems", "subscribedSkus", "organization", "identity", "conditionalAccess", "policies",
    )
}  # fmt: skip


class SampleServer:
    """Routes requests to the tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._tokens = TokenEndpoint(tenant)
        self._requests = 0

    def application(self) -> Starlette:
        """Gives the ASGI application."""
        graph = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return Starlette(
            routes=[
                Route("/v1.0/{path:path}", self._graph, methods=graph),
                Route("/beta/{path:path}", self._graph, methods=graph),
                Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self._discovery),
                Route("/{tenant}/.well-known/openid-configuration", self._discovery),
                Route("/{tenant}/discovery/v2.0/keys", self._keys),
                Route("/{tenant}/discovery/keys", self._keys),
            ]
        )

    def _base(self, request: Request) -> str:
        return f"{request.url.scheme}://{request.url.netloc}"

    async def _token(self, request: Request) -> Response:
        self._tenant.live.catch_up()
        body = await request.body()
        pairs = parse_qsl(body[:_MOST_BODY].decode("utf-8", "replace"), keep_blank_values=True)
        scheme, _, basic = request.headers.get("authorization", "").partition(" ")
        address = request.client.host if request.client else "127.0.0.1"
        reply = self._tokens.ask(
            request.path_params["tenant"], dict(pairs), basic if scheme.lower() == "basic" else None,
            self._base(request), address,
        )  # fmt: skip
        headers = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache", **self._date()}
        return Response(reply.body, reply.status, headers, "application/json; charset=utf-8")

    async def _discovery(self, request: Request) -> Response:
        second = "/v2.0/" in request.url.path
        name = request.path_params["tenant"]
        document = discovery(self._base(request), name, self._tenant.tenant_id, second)
        return JSONResponse(document, headers=self._date())

    async def _keys(self, request: Request) -> Response:
        # Only Graph tokens are issued here, and nobody but Graph may check those.
        return JSONResponse({"keys": []}, headers=self._date())

    def _date(self) -> dict[str, str]:
        return {"Date": http_date(self._tenant.clock.now())}

    async def _graph(self, request: Request) -> Response:
        self._tenant.live.catch_up()
        self._requests += 1
        now = self._tenant.clock.now()
        request_id = self._tenant.mint.guid("request", self._requests)
        client_request_id = request.headers.get("client-request-id", request_id)
        headers = {"request-id": request_id, "client-request-id": client_request_id, **self._date()}
        try:
            body, status = self._answer(request), 200
        except GraphError as error:
            headers |= error.headers
            body = error.body(request_id, client_request_id, stamp(now).removesuffix("Z"))
            status = error.status
        return Response(body, status, headers, _JSON if status == 200 else "application/json")

    def _answer(self, request: Request) -> bytes:
        app_id = self._authenticate(request)
        path: str = request.path_params["path"].strip("/")
        options = {_option(name): value for name, value in request.query_params.items()}
        asking = Asking(
            tenant=self._tenant,
            beta=request.url.path.startswith("/beta/"),
            base=self._base(request) + ("/beta" if request.url.path.startswith("/beta/") else "/v1.0"),
            path=path,
            options=options,
            app_id=app_id,
            late_members="include-unknown-enum-members" in request.headers.get("prefer", ""),
            eventual=request.headers.get("consistencylevel", "").lower() == "eventual",
        )
        segments = [_SEGMENTS.get(segment.lower(), segment) for segment in path.split("/")]
        if segments[0] == "auditLogs" and self._tenant.options.throttle:
            self._tenant.log_throttle.admit(app_id)
        handler = _handler(segments)
        if handler is None:
            raise no_segment(segments[-1])
        if request.method != "GET":
            raise GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        if app_id != self._tenant.reader_id:
            raise GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        return handler(asking)

    def _authenticate(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer":
            raise GraphError(401, "InvalidAuthenticationToken", "Access token is empty.")
        app_id = self._tokens.holder(token.strip())
        if app_id is None:
            known = token.count(".") == 2
            text = "Lifetime validation failed, the token is expired." if known else "IDX14100: JWT is not well formed."
            raise GraphError(401, "InvalidAuthenticationToken", text)
        return app_id


def _option(name: str) -> str:
    name = name.lower()
    # The dollar sign is optional in Graph.
    return name if name.startswith("$") else f"${name}"


def _handler(segments: list[str]) -> Callable[[Asking], bytes] | None:
    """Finds what answers a path; None when Graph has no such path here."""
    match segments:
        case [head, *_] if "(appId=" in head:
            return lambda asking: _by_app_id(asking, segments)
        case ["auditLogs", "signIns"]:
            return audit_paths.list_sign_ins
        case ["auditLogs", "signIns", row_id]:
            return lambda asking: audit_paths.get_sign_in(asking, row_id)
        case ["auditLogs", "directoryAudits"]:
            return audit_paths.list_audits
        case ["auditLogs", "directoryAudits", event_id]:
            return lambda asking: audit_paths.get_audit(asking, event_id)
        case [("applications" | "servicePrincipals") as name]:
            return lambda asking: directory_paths.list_objects(asking, name)
        case [("applications" | "servicePrincipals") as name, "delta" | "delta()" | "microsoft.graph.delta()"]:
            return lambda asking: delta_paths.delta(asking, name)
        case [("applications" | "servicePrincipals") as name, object_id]:
            return lambda asking: directory_paths.get_object(
                asking, name, directory_paths.collection_of(asking, name).find(object_id), object_id
            )
        case [("applications" | "servicePrincipals") as name, object_id, relation]:
            return lambda asking: directory_paths.related(asking, name, object_id, relation)
        case ["oauth2PermissionGrants"]:
            return directory_paths.list_grants
        case ["directory", "deletedItems", kind]:
            return lambda asking: directory_paths.deleted(asking, kind)
        case ["subscribedSkus"]:
            return tenant_paths.subscribed_skus
        case ["organization"]:
            return tenant_paths.organization
        case ["identity", "conditionalAccess", "policies"]:
            return tenant_paths.policies
    return None


def _by_app_id(asking: Asking, segments: list[str]) -> bytes:
    answer = directory_paths.by_app_id(asking, segments)
    if answer is None:
        raise no_segment(segments[-1])
    return answer
