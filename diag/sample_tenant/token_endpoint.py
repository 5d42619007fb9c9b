"""Imitates the token endpoint for client credentials, and what discovery says about it.

One application may read: the one whose id and secret are printed at the start. Attempts in the name of a story's
application fail as they would, and each becomes a new row of the sign-in log.
"""

import base64
import binascii
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import msgspec

from diag.sample_tenant.callers import NOBODY, SERVICE_PRINCIPAL, Caller, Party
from diag.sample_tenant.clock import parse_instant, stamp
from diag.sample_tenant.people import DATACENTRE, DOMAIN
from diag.sample_tenant.registrations import GRAPH_APP_ID, Properties
from diag.sample_tenant.tenant import Tenant

TOKEN_LIFE = 3599
ROLES = ("Application.Read.All", "AuditLog.Read.All", "Directory.Read.All", "Policy.Read.All")
_GRAPH_NAMES = ("https://graph.microsoft.com", GRAPH_APP_ID)


class Refused(Exception):
    """A token request that is answered with an error."""

    def __init__(self, status: int, error: str, code: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.code, self.text = status, error, code, text


class Reply(NamedTuple):
    """Status and body of an answer."""

    status: int
    body: bytes


class TokenEndpoint:
    """Issues tokens, remembers them, and turns refusals into sign-in rows."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._issued: dict[str, tuple[str, int]] = {}
        self._count = 0

    def holder(self, token: str) -> str | None:
        """Gives the application that holds a token; None when it was not issued here or has run out."""
        app_id, ends = self._issued.get(token, ("", 0))
        return app_id if ends > self._tenant.clock.now() else None

    def ask(self, tenant_name: str, form: dict[str, str], basic: str | None, issuer: str, address: str) -> Reply:
        """Answers a token request; `basic` is the value of an Authorization header with that scheme."""
        self._count += 1
        if basic is not None:
            form = _basic(basic) | form
        trace = self._tenant.mint.guid("trace", self._count)
        correlation = form.get("client-request-id") or self._tenant.mint.guid("token correlation", self._count)
        try:
            body = self._issue(tenant_name, form, issuer)
            self._log(form["client_id"], 0, address)
            return Reply(200, body)
        except Refused as refused:
            self._log(form.get("client_id", ""), refused.code, address)
            return Reply(refused.status, self._refusal(refused, trace, correlation))

    def _refusal(self, refused: Refused, trace: str, correlation: str) -> bytes:
        now = self._tenant.clock.now()
        moment = _spaced(now)
        body: dict[str, Any] = {
            "error": refused.error,
            "error_description": f"AADSTS{refused.code}: {refused.text} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {moment}",
            "error_codes": [refused.code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={refused.code}",
        }
        return msgspec.json.encode(body)

    def _issue(self, tenant_name: str, form: dict[str, str], issuer: str) -> bytes:
        tenant = self._tenant
        if tenant_name.lower() not in (tenant.tenant_id, DOMAIN):
            raise Refused(
                400, "invalid_request", 90002,
                f"Tenant '{tenant_name}' not found. Check that the tenant ID and the cloud are the right ones.",
            )  # fmt: skip
        grant = form.get("grant_type")
        if not grant:
            raise Refused(400, "invalid_request", 900144, _missing("grant_type"))
        if grant != "client_credentials":
            raise Refused(400, "unsupported_grant_type", 70003, f"The grant type '{grant}' is not supported here.")
        client = form.get("client_id")
        if not client:
            raise Refused(400, "invalid_request", 900144, _missing("client_id"))
        wanted = form.get("scope")
        if not wanted:
            raise Refused(400, "invalid_request", 900144, _missing("scope"))
        if not wanted.endswith("/.default"):
            text = f"The provided value for scope {wanted} is not valid. It needs the suffix /.default for this flow."
            raise Refused(400, "invalid_scope", 1002012, text)
        self._prove(client, form)
        resource = wanted.removesuffix("/.default").rstrip("/")
        # Graph is reached at this server's own address too, as it is at its host in other clouds.
        if resource not in _GRAPH_NAMES and not issuer.startswith(resource):
            text = f"The resource principal named {resource} was not found in the tenant named Contoso Sample."
            raise Refused(400, "invalid_resource", 500011, text)
        return self._grant(client, issuer)

    def _prove(self, client: str, form: dict[str, str]) -> None:
        tenant = self._tenant
        application = tenant.directory.applications.find_by_app_id(client)
        if application is None:
            text = f"Application with identifier '{client}' was not found in the directory 'Contoso Sample'."
            raise Refused(400, "unauthorized_client", 700016, text)
        principal = tenant.directory.service_principals.find_by_app_id(client)
        if principal and not principal["accountEnabled"]:
            text = f"Application '{client}'({principal['displayName']}) is disabled."
            raise Refused(400, "unauthorized_client", 7000112, text)
        secret = form.get("client_secret")
        if "client_assertion" in form:
            text = "Client assertion failed signature validation. No key of this application matches it."
            raise Refused(401, "invalid_client", 700027, text)
        if not secret:
            text = "'client_assertion' or 'client_secret' is required for the 'client_credentials' grant type."
            raise Refused(401, "invalid_client", 7000216, text)
        for key in application["passwordCredentials"]:
            if tenant.mint.secret(key["keyId"]) == secret:
                if (parse_instant(key["endDateTime"]) or 0) <= tenant.clock.now():
                    text = f"The provided client secret keys for app '{client}' are expired."
                    raise Refused(401, "invalid_client", 7000222, text)
                return
        text = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{client}'."
        )
        raise Refused(401, "invalid_client", 7000215, text)

    def _grant(self, client: str, issuer: str) -> bytes:
        now = self._tenant.clock.now()
        tid = self._tenant.tenant_id
        roles = list(ROLES) if client.lower() == self._tenant.reader_id else []
        claims = {
            "aud": "https://graph.microsoft.com", "iss": f"{issuer}/{tid}/", "iat": now, "nbf": now - 300,
            "exp": now + TOKEN_LIFE, "appid": client, "appidacr": "1", "idtyp": "app", "tid": tid, "roles": roles,
            "uti": self._tenant.mint.opaque("token", self._count, size=16), "ver": "1.0",
        }  # fmt: skip
        # Clients have no business with the inside of a Graph token; its signature is not one that could be checked.
        head = _part({"typ": "JWT", "alg": "RS256", "kid": self._tenant.mint.opaque("kid", size=20)})
        token = f"{head}.{_part(claims)}.{self._tenant.mint.opaque('signature', self._count, size=64)}"
        self._issued = {known: held for known, held in self._issued.items() if held[1] > now}
        self._issued[token] = (client.lower(), now + TOKEN_LIFE)
        body = {
            "token_type": "Bearer", "expires_in": TOKEN_LIFE, "ext_expires_in": TOKEN_LIFE, "access_token": token,
        }  # fmt: skip
        return msgspec.json.encode(body)

    def _log(self, client: str, code: int, address: str) -> None:
        """Adds the row of an attempt, if it was in the name of an application of the company."""
        tenant = self._tenant
        position = tenant.directory.applications.by_app_id.get(client.lower())
        gone = [each["appId"] for each in tenant.directory.deleted_applications]
        if code not in _LOGGED or (position is None and client not in gone):
            return
        party = Party(client, "", "", "") if position is None else tenant.stage.population.party(position)
        key_id = ""
        if position is not None and code in (0, 7000222):
            key_id = _key(tenant.directory.applications.at(position), tenant.clock.now(), ended=code != 0)
        resource = NOBODY if code == 500011 else tenant.stage.resource()
        caller = Caller(
            SERVICE_PRINCIPAL, party, resource, code, place=DATACENTRE._replace(ip=address), key_id=key_id,
            protocol="clientCredentials", credential="none" if position is None else "clientSecret",
        )  # fmt: skip
        tenant.log.add(tenant.clock.now(), caller)


_LOGGED = (0, 500011, 700016, 700027, 7000112, 7000215, 7000222)


def _key(application: Properties | None, now: int, ended: bool) -> str:
    keys = application["passwordCredentials"] if application else []
    return next((key["keyId"] for key in keys if ((parse_instant(key["endDateTime"]) or 0) <= now) == ended), "")


def _missing(name: str) -> str:
    return f"The request body must contain the following parameter: '{name}'."


def _basic(header: str) -> dict[str, str]:
    try:
        name, _, secret = base64.b64decode(header, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": unquote_plus(name), "client_secret": unquote_plus(secret)}


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()


def _spaced(instant: int) -> str:
    return stamp(instant).replace("T", " ")


def discovery(base: str, tenant_name: str, tenant_id: str, second: bool) -> dict[str, Any]:
    """Gives the OpenID discovery document of the v2.0 endpoint, or of the first one."""
    shared = tenant_name.lower() in ("common", "organizations")
    root = f"{base}/{tenant_name}"
    issued_for = "{tenantid}" if shared else tenant_id
    middle = "/oauth2/v2.0" if second else "/oauth2"
    return {
        "token_endpoint": f"{root}{middle}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{root}/discovery/v2.0/keys" if second else f"{root}/discovery/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{base}/{issued_for}/v2.0" if second else f"{base}/{issued_for}/",
        "request_uri_parameter_supported": False,
        "authorization_endpoint": f"{root}{middle}/authorize",
        "tenant_region_scope": "EU",
        "cloud_instance_name": "sample.example",
    }
