"""The body of ``POST /api/v1/diagnose`` → ``Enquiry``.

Our own objects are read strictly, Microsoft Graph's tolerantly; absent means unread and null means missing, property by
property.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from diag.adapters.graph.wire import accounts, audit, credential_activity, failure, grants
from diag.adapters.graph.wire.activity import activity
from diag.adapters.graph.wire.application import application
from diag.adapters.graph.wire.common import Node, Unusable, is_guid, refused
from diag.adapters.graph.wire.credentials import federated_credentials
from diag.adapters.graph.wire.json_text import anything
from diag.adapters.graph.wire.merging import both, home_tenant
from diag.adapters.graph.wire.own import Own, value_of
from diag.adapters.graph.wire.policy import access_policies
from diag.adapters.graph.wire.service_principal import service_principal
from diag.adapters.graph.wire.token import token
from diag.core.directory import Change
from diag.core.enquiry import Enquiry
from diag.core.errors import BadInput
from diag.core.facts import Facts
from diag.core.read import Found, Missing, Read, Source, Unread
from diag.core.sign_in import Failure, SecretShape

LONGEST_PASTE = 256 * 1024
"""Bytes of UTF-8."""

TOP = ("text", "code", "symptom", "observed_at", "request", "registration", "sign_in", "token", "answers")
REQUEST = (
    "flow", "endpoint", "authority_tenant", "client_id", "redirect_uri", "scope", "resource", "prompt", "response_type",
    "has_client_secret", "has_client_assertion", "has_code_verifier", "has_origin_header", "behind_proxy",
    "user_agent_kind", "client_secret_shape", "assertion", "expected_audience", "expected_issuer",
)  # fmt: skip
SECRET_SHAPE = ("kind", "length", "hint", "has_special_characters")
ASSERTION = ("issuer", "subject", "audience", "thumbprint", "expires_at", "not_before")
REGISTRATION = (
    "application", "service_principal", "deleted_application", "oauth2_permission_grants", "app_role_assignments",
    "app_role_assigned_to", "federated_identity_credentials", "resource_service_principal", "directory_audits",
    "conditional_access_policies", "domain", "user", "device", "sign_in_activity", "app_credential_sign_in_activities",
    "hosts",
)  # fmt: skip
COLLECTIONS = (
    "oauth2_permission_grants", "app_role_assignments", "app_role_assigned_to", "federated_identity_credentials",
    "directory_audits", "conditional_access_policies", "app_credential_sign_in_activities",
)  # fmt: skip
FLOWS = (
    "authorization_code", "authorization_code_pkce", "implicit", "client_credentials", "on_behalf_of", "device_code",
    "ropc", "refresh_token", "silent", "saml", "ws_fed",
)  # fmt: skip
ENDPOINTS = ("authorize", "token")
USER_AGENTS = ("browser", "embedded_webview", "cli", "server", "mobile")
SECRET_KINDS = ("opaque", "guid", "placeholder", "reference")

_CODE = re.compile(r"(?:AADSTS)?\s*(\d{1,9})", re.ASCII | re.IGNORECASE)


def enquiry(body: bytes | Mapping[str, Any], received_at: datetime | None = None) -> Enquiry:
    """What the body asks; ``BadInput`` names the place of what cannot be used.

    ``received_at`` is when it came in: what it says of the registration was read then, or not long before.
    """
    top = Own(_decoded(body), "", TOP)
    sign_in = _record(top)
    code, symptom, paste = _code(top), top.text("symptom"), _paste(top)
    if code is None and not isinstance(symptom, Found) and paste is None and not isinstance(sign_in.given, Mapping):
        raise BadInput("the body: give at least one of text, code, symptom and sign_in")
    return Enquiry(
        text=paste,
        code=code,
        symptom=value_of(symptom),
        sign_in_code=failure.error_code(sign_in),
        sign_in_text=failure.status_text(sign_in),
        facts=_facts(top, sign_in, received_at),
    )


def _facts(top: Own, sign_in: Node, received_at: datetime | None) -> Facts:
    told = _told(top.part("request", REQUEST), top.moment("observed_at"))
    seen = failure.failure(sign_in) if isinstance(sign_in.given, Mapping) else Failure()
    attempt = both(told, seen)
    own = top.part("registration", REGISTRATION)
    # A null for the whole container says of no single object that somebody looked for it.
    given = own.given if isinstance(own.given, Mapping) else {}
    for name in COLLECTIONS:
        if not isinstance(given.get(name), (list, tuple, Mapping, type(None))):
            raise BadInput(f"registration.{name}: must be an array, or an object with “value”")
    held = Node(given, "registration", as_of=received_at)
    app, principal = application(_object(held, "application")), service_principal(_object(held, "service_principal"))
    if "federated_identity_credentials" in given:
        app = msgspec.structs.replace(
            app, federated_credentials=federated_credentials(held, "federated_identity_credentials")
        )
    return Facts(
        failure=attempt,
        application=app,
        service_principal=principal,
        deleted_application=application(_object(held, "deleted_application")),
        resource=service_principal(_object(held, "resource_service_principal")),
        grants=held.items("oauth2_permission_grants", grants.delegated_grant),
        app_role_assignments=held.items("app_role_assignments", grants.role_assignment),
        assigned_principals=held.items("app_role_assigned_to", grants.role_assignment),
        access_policies=access_policies(held, "conditional_access_policies"),
        changes=_changes(held, attempt),
        credential_uses=credential_activity.credential_uses(held, "app_credential_sign_in_activities"),
        hosts=credential_activity.hosts(held, "hosts"),
        user=accounts.user(_object(held, "user")),
        domain=accounts.domain(_object(held, "domain")),
        device=accounts.device(_object(held, "device")),
        token=token(_claims(top)),
        sign_in_activity=activity(_object(held, "sign_in_activity")),
        home_tenant_id=home_tenant(app, principal),
        answers=_answers(top),
    )


def _told(request: Own, observed_at: Read[Any]) -> Failure:
    assertion = request.part("assertion", ASSERTION)
    client = request.text("client_id")
    return Failure(
        observed_at=observed_at if isinstance(observed_at, Found) else Unread(),
        app_id=Found(_client_id(client.value), "request") if isinstance(client, Found) else client,
        authority_tenant=request.text("authority_tenant"),
        flow=request.choice("flow", FLOWS),
        endpoint=request.choice("endpoint", ENDPOINTS),
        redirect_uri=request.text("redirect_uri"),
        scope=request.text("scope"),
        resource=request.text("resource"),
        prompt=request.text("prompt"),
        response_type=request.text("response_type"),
        has_client_secret=request.flag("has_client_secret"),
        has_client_assertion=request.flag("has_client_assertion"),
        has_code_verifier=request.flag("has_code_verifier"),
        has_origin_header=request.flag("has_origin_header"),
        behind_proxy=request.flag("behind_proxy"),
        user_agent_kind=request.choice("user_agent_kind", USER_AGENTS),
        secret_shape=_secret_shape(request),
        assertion_issuer=assertion.text("issuer"),
        assertion_subject=assertion.text("subject"),
        assertion_audience=assertion.text("audience"),
        assertion_thumbprint=assertion.text("thumbprint"),
        assertion_not_before=assertion.moment("not_before"),
        assertion_expires_at=assertion.moment("expires_at"),
        expected_audience=request.text("expected_audience"),
        expected_issuer=request.text("expected_issuer"),
    )


def _secret_shape(request: Own) -> Read[SecretShape]:
    shape = request.part("client_secret_shape", SECRET_SHAPE)
    if isinstance(shape.given, (Missing, Unread)):
        return shape.given
    kind, hint = shape.choice("kind", SECRET_KINDS), value_of(shape.text("hint"))
    if not isinstance(kind, Found):
        raise BadInput(f"{shape.at('kind')}: needed, one of {', '.join(SECRET_KINDS)}")
    if hint is not None and len(hint) > 3:
        # More than the directory itself shows would be part of the secret.
        raise BadInput(f"{shape.at('hint')}: at most the first three characters of the secret")
    length, special = value_of(shape.number("length")), value_of(shape.flag("has_special_characters"))
    return Found(SecretShape(kind.value, length, hint, special), "request")


def _changes(held: Node, attempt: Failure) -> Read[tuple[Change, ...]]:
    """Joined, newest first; those after the failure are left out where its instant is known."""
    read = held.items("directory_audits", audit.change)
    if not isinstance(read, Found):
        return read
    at = value_of(attempt.observed_at)
    changes = tuple(item for item in audit.joined(read.value) if at is None or item.at <= at)
    return Found(changes, "history", read.as_of, read.complete)


def _record(top: Own) -> Node:
    return _single(top, "sign_in", "sign_in")


def _claims(top: Own) -> Node:
    if isinstance(top.given, Mapping) and isinstance(top.given.get("token"), str):
        raise BadInput("token: give the claims as an object, never the token itself; `diag token` prints them")
    return _single(top, "token", "token")


def _single(top: Own, name: str, source: Source) -> Node:
    given = top.given if isinstance(top.given, Mapping) else {}
    return _object(Node(given, "", source), name)


def _object(held: Node, name: str) -> Node:
    """One object of Graph's: as such, as the only element of a list, or Graph's error answer in its place."""
    path = f"{held.path}.{name}" if held.path else name
    given = held.given.get(name, Unread()) if isinstance(held.given, Mapping) else Unread()
    elements = given
    cut = False
    if isinstance(given, Mapping) and isinstance(given.get("value"), (list, tuple)):
        elements, cut = given["value"], "@odata.nextLink" in given
    if isinstance(elements, (list, tuple)):
        if len(elements) > 1:
            raise BadInput(f"{path}: holds {len(elements)} objects; give the one that is meant")
        given = elements[0] if elements else (Unread(f"{path} is only the first page") if cut else None)
    if given is None:
        given = Missing(held.source, held.as_of)
    if isinstance(given, Mapping):
        given = refused(given, held.source, held.as_of) or given
    if not isinstance(given, (Mapping, Missing, Unread)):
        raise BadInput(f"{path}: must be an object")
    return Node(given, path, held.source, held.as_of)


def _answers(top: Own) -> Mapping[str, bool]:
    given = top.given.get("answers") if isinstance(top.given, Mapping) else None
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise BadInput("answers: must be an object of true or false by question")
    for question, answer in given.items():
        if not isinstance(question, str) or not isinstance(answer, bool):
            raise BadInput(f"answers.{str(question)[:80]}: must be true or false")
    return dict(given)


def _code(top: Own) -> int | None:
    """The number of a code given as 50011, "50011" or "AADSTS50011"."""

    def parsed(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000_000:
            return value
        match = _CODE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None or int(match[1]) == 0:
            raise Unusable("must be a code such as 50011 or AADSTS50011")
        return int(match[1])

    return value_of(top.read("code", parsed))


def _paste(top: Own) -> str | None:
    def parsed(value: object) -> str:
        if not isinstance(value, str):
            raise Unusable("is no text")
        data = value.encode("utf-8", "replace")
        if len(data) > LONGEST_PASTE:
            raise Unusable(f"is {len(data)} bytes long; at most {LONGEST_PASTE} are read")
        return data.decode("utf-8")

    pasted = value_of(top.read("text", parsed))
    return pasted if pasted is not None and pasted.strip() else None


def _decoded(body: bytes | Mapping[str, Any]) -> object:
    if isinstance(body, Mapping):
        return body
    try:
        return anything(body)
    except msgspec.DecodeError as problem:
        raise BadInput(f"the body: is no JSON: {problem}") from None


def _client_id(given: str) -> str:
    """A GUID in lower case; anything else as it was sent, because its form is evidence."""
    stripped = given.strip().lower()
    return stripped if is_guid(stripped) else given
