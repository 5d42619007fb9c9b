"""Questions about what sends the request and how: flow, kind of program, endpoint, authority, credentials, headers."""

from typing import Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.identifiers import CONSUMER_TENANT
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import Evidence, No, Verdict, Yes, lacking, observed

Flow = Literal[
    "authorization_code",
    "authorization_code_pkce",
    "implicit",
    "client_credentials",
    "on_behalf_of",
    "device_code",
    "ropc",
    "refresh_token",
    "silent",
    "saml",
    "ws_fed",
]
ClientKind = Literal["browser", "embedded_webview", "cli", "server", "mobile"]
Prompt = Literal["none", "login", "consent", "select_account", "create"]
AuthorityKind = Literal["common", "organizations", "consumers", "tenant"]

_FLOW_OF_PROTOCOL: dict[str, Flow] = {
    "devicecode": "device_code",
    "ropc": "ropc",
    "saml20": "saml",
    "wsfederation": "ws_fed",
}
"""Values of a record's authenticationProtocol that fix the flow, in lower case. ``oAuth2`` fixes none."""

_PROVE_ORIGIN = frozenset({9002325, 9002326})
"""Codes that Entra ID answers only to requests with an Origin header."""

_NOT_OAUTH = frozenset({"saml", "ws_fed"})


class FlowArgs(Struct, frozen=True, forbid_unknown_fields=True):
    flows: tuple[Flow, ...]


class KindArgs(Struct, frozen=True, forbid_unknown_fields=True):
    kinds: tuple[ClientKind, ...]


class EndpointArgs(Struct, frozen=True, forbid_unknown_fields=True):
    endpoint: Literal["authorize", "token"]


class PromptArgs(Struct, frozen=True, forbid_unknown_fields=True):
    values: tuple[Prompt, ...]


class ResponseTypeArgs(Struct, frozen=True, forbid_unknown_fields=True):
    asks_for: Literal["code", "token", "id_token"]


class AuthorityArgs(Struct, frozen=True, forbid_unknown_fields=True):
    kinds: tuple[AuthorityKind, ...]


@predicate(
    "client.uses_flow",
    needs=("failure.flow", "failure.event_type", "failure.protocol", "failure.response_type"),
    gives={"flow": "its flow"},
    args=FlowArgs,
)
def uses_flow(facts: Facts, args: FlowArgs) -> Verdict:
    """The failed request belongs to one of ``flows``; a record of a service principal's sign-in, or one whose protocol
    fixes the flow, answers too where the request was not described."""
    failure = facts.failure
    match failure.flow:
        case Found(value=flow):
            seen = (observed(f"The request uses the flow “{flow}”.", "failure.flow", failure.flow),)
            return Yes(seen, {"flow": flow}) if flow in args.flows else No(seen)
        case Missing():
            return No((observed("The request belongs to no flow of OAuth 2.0 or SAML.", "failure.flow", failure.flow),))
        case Unread():
            return _flow_by_record(facts, args)


def _flow_by_record(facts: Facts, args: FlowArgs) -> Verdict:
    failure = facts.failure
    if isinstance(failure.event_type, Found) and failure.event_type.value.casefold() == "serviceprincipal":
        seen = (observed("The record is a service principal's own sign-in.", "failure.event_type", failure.event_type),)
        return Yes(seen, {"flow": "client_credentials"}) if "client_credentials" in args.flows else No(seen)
    if isinstance(failure.protocol, Found):
        names = [name.strip().casefold() for name in failure.protocol.value.split(",")]
        flows = [_FLOW_OF_PROTOCOL[name] for name in names if name in _FLOW_OF_PROTOCOL]
        seen = (
            observed(f"The record's protocol is “{failure.protocol.value}”.", "failure.protocol", failure.protocol),
        )
        if flows:
            return Yes(seen, {"flow": flows[0]}) if flows[0] in args.flows else No(seen)
        if "oauth2" in names and _NOT_OAUTH.issuperset(args.flows):
            return No(seen)
    if isinstance(failure.response_type, Found) and _NOT_OAUTH.issuperset(args.flows):
        said = f"The request carries the response_type “{failure.response_type.value}”, which only OAuth has."
        return No((observed(said, "failure.response_type", failure.response_type),))
    return lacking("failure.flow", failure.flow if isinstance(failure.flow, Unread) else None)


@predicate(
    "client.is_kind",
    needs=("failure.user_agent_kind",),
    gives={"client_kind": "a program of unknown kind"},
    args=KindArgs,
)
def is_kind(facts: Facts, args: KindArgs) -> Verdict:
    """What sends the request is one of ``kinds``."""
    read = facts.failure.user_agent_kind
    match read:
        case Found(value=kind):
            seen = (observed(f"The request is sent by {_KINDS.get(kind, kind)}.", "failure.user_agent_kind", read),)
            return Yes(seen, {"client_kind": _KINDS.get(kind, kind)}) if kind in args.kinds else No(seen)
        case Missing():
            return No((observed("The request names no kind of client.", "failure.user_agent_kind", read),))
        case Unread():
            return lacking("failure.user_agent_kind", read)


_KINDS = {
    "browser": "code in a browser",
    "embedded_webview": "a web view inside an app",
    "cli": "a command-line or desktop program",
    "server": "a server",
    "mobile": "a mobile app",
}


@predicate("client.calls_endpoint", needs=("failure.endpoint",), args=EndpointArgs)
def calls_endpoint(facts: Facts, args: EndpointArgs) -> Verdict:
    """The request that failed went to the endpoint ``endpoint``."""
    read = facts.failure.endpoint
    match read:
        case Found(value=endpoint):
            seen = (observed(f"The failed request went to the {endpoint} endpoint.", "failure.endpoint", read),)
            return Yes(seen) if endpoint == args.endpoint else No(seen)
        case Missing():
            return No((observed("The failed request went to neither endpoint.", "failure.endpoint", read),))
        case Unread():
            return lacking("failure.endpoint", read)


@predicate("client.sends_secret", needs=("failure.has_client_secret",))
def sends_secret(facts: Facts, _: NoArgs) -> Verdict:
    """The request carries a client secret."""
    return _sent(facts.failure.has_client_secret, "failure.has_client_secret", "a client_secret")


@predicate("client.sends_assertion", needs=("failure.has_client_assertion",))
def sends_assertion(facts: Facts, _: NoArgs) -> Verdict:
    """The request carries a client assertion (certificate or federated token)."""
    return _sent(facts.failure.has_client_assertion, "failure.has_client_assertion", "a client_assertion")


@predicate("client.sends_code_verifier", needs=("failure.has_code_verifier",))
def sends_code_verifier(facts: Facts, _: NoArgs) -> Verdict:
    """The token request carries a code verifier (PKCE)."""
    return _sent(facts.failure.has_code_verifier, "failure.has_code_verifier", "a code_verifier")


@predicate("client.sends_origin", needs=("failure.has_origin_header", "failure.origin"), gives={"origin": "its origin"})
def sends_origin(facts: Facts, _: NoArgs) -> Verdict:
    """The token request carries an Origin header, as requests from a web page do; two codes prove it by themselves."""
    origin = facts.failure.origin
    if isinstance(origin, Found):
        seen = (observed(f"The request came with the origin “{origin.value}”.", "failure.origin", origin),)
        return Yes(seen, {"origin": origin.value})
    code = facts.failure.code
    if isinstance(facts.failure.has_origin_header, Unread) and code in _PROVE_ORIGIN:
        said = f"Entra ID answers AADSTS{code} only to requests with an Origin header."
        return Yes((Evidence(said, "failure.text", "text"),))
    return _sent(facts.failure.has_origin_header, "failure.has_origin_header", "an Origin header")


@predicate("client.sends_resource", needs=("failure.resource",), gives={"resource": "a resource"})
def sends_resource(facts: Facts, _: NoArgs) -> Verdict:
    """The request carries the parameter resource; an API that only the message names does not count."""
    read = facts.failure.resource
    match read:
        case Found(value=resource, source="request"):
            said = f"The request carries the parameter resource, “{resource}”."
            return Yes((observed(said, "failure.resource", read),), {"resource": resource})
        case Missing():
            return No((observed("The request carries no parameter resource.", "failure.resource", read),))
        case Found():
            return lacking("failure.resource")
        case Unread():
            return lacking("failure.resource", read)


@predicate("client.is_behind_proxy", needs=("failure.behind_proxy",))
def is_behind_proxy(facts: Facts, _: NoArgs) -> Verdict:
    """A proxy, gateway or load balancer stands in front of the client."""
    read = facts.failure.behind_proxy
    match read:
        case Found(value=True):
            return Yes(
                (observed("A proxy or load balancer stands in front of the client.", "failure.behind_proxy", read),)
            )
        case Found() | Missing():
            return No((observed("No proxy stands in front of the client.", "failure.behind_proxy", read),))
        case Unread():
            return lacking("failure.behind_proxy", read)


@predicate("client.sends_prompt", needs=("failure.prompt",), gives={"prompt": "its prompt"}, args=PromptArgs)
def sends_prompt(facts: Facts, args: PromptArgs) -> Verdict:
    """The request's prompt parameter is one of ``values``."""
    read = facts.failure.prompt
    match read:
        case Found(value=prompt):
            seen = (observed(f"The request carries prompt “{prompt}”.", "failure.prompt", read),)
            return Yes(seen, {"prompt": prompt}) if prompt in args.values else No(seen)
        case Missing():
            return No((observed("The request carries no prompt parameter.", "failure.prompt", read),))
        case Unread():
            return lacking("failure.prompt", read)


@predicate(
    "client.asks_response_type",
    needs=("failure.response_type",),
    gives={"response_type": "its response type"},
    args=ResponseTypeArgs,
)
def asks_response_type(facts: Facts, args: ResponseTypeArgs) -> Verdict:
    """The request's response_type contains ``asks_for`` (its values stand apart by blanks)."""
    read = facts.failure.response_type
    match read:
        case Found(value=response_type):
            seen = (observed(f"The request asks for response_type “{response_type}”.", "failure.response_type", read),)
            return Yes(seen, {"response_type": response_type}) if args.asks_for in response_type.split() else No(seen)
        case Missing():
            return No((observed("The request carries no response_type.", "failure.response_type", read),))
        case Unread():
            return lacking("failure.response_type", read)


@predicate(
    "client.calls_authority",
    needs=("failure.authority_tenant",),
    gives={"authority": "one tenant’s endpoint"},
    args=AuthorityArgs,
)
def calls_authority(facts: Facts, args: AuthorityArgs) -> Verdict:
    """The endpoint that was called belongs to one of ``kinds``; ``tenant`` is any single tenant's GUID or domain."""
    read = facts.failure.authority_tenant
    match read:
        case Found(value=tenant):
            seen = (observed(f"The request goes to the endpoint of “{tenant}”.", "failure.authority_tenant", read),)
            return Yes(seen, {"authority": tenant}) if authority_kind(tenant) in args.kinds else No(seen)
        case Missing():
            return No((observed("The request's address names no tenant.", "failure.authority_tenant", read),))
        case Unread():
            return lacking("failure.authority_tenant", read)


def authority_kind(tenant: str) -> AuthorityKind:
    """The kind of an endpoint by its tenant segment; the consumers' tenant ID counts as ``consumers``."""
    name = tenant.strip().casefold()
    if name == "common":
        return "common"
    if name == "organizations":
        return "organizations"
    return "consumers" if name in ("consumers", CONSUMER_TENANT) else "tenant"


def _sent(read: Read[bool], fact: str, thing: str) -> Verdict:
    match read:
        case Found(value=True):
            return Yes((observed(f"The request carries {thing}.", fact, read),))
        case Found() | Missing():
            return No(
                (observed(f"The request carries no {thing.removeprefix('an ').removeprefix('a ')}.", fact, read),)
            )
        case Unread():
            return lacking(fact, read)
