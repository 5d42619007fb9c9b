"""Questions about the token that an API refuses: for whom it is, who issued it, what it permits."""

from typing import Literal

from msgspec import Struct

from diag.core.access_tokens import is_graph, issuer_tenant, issuer_version
from diag.core.facts import Facts
from diag.core.permissions import OPENID_SCOPES, is_guid, known_api, plain_name, same_api, shown_api
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed

_AUDIENCE, _EXPECTED = "token.audience", "failure.expected_audience"
_ISSUER, _EXPECTED_ISSUER = "token.issuer", "failure.expected_issuer"
_BOTH = {"audience": "the token's audience", "expected": "the audience the API expects"}
_ISSUERS = {"issuer": "the token's issuer", "expected_issuer": "the issuer the API expects"}


class PartArgs(Struct, frozen=True, forbid_unknown_fields=True):
    part: Literal["slash", "blank"]


def audience_of(facts: Facts) -> tuple[str, Read[str]]:
    """The token's audience with the fact it rests on: its claim, else what the API's error text prints."""
    claim, printed = facts.token.audience, facts.failure.resource
    if isinstance(claim, Found) or not (isinstance(printed, Found) and printed.source == "text"):
        return _AUDIENCE, claim
    return "failure.resource", printed


@predicate("token.audience_differs_in", needs=(_AUDIENCE, _EXPECTED), gives=_BOTH, args=PartArgs)
def audience_differs_in(facts: Facts, args: PartArgs) -> Verdict:
    """The token's audience and the one the API expects differ only in a final slash, or only in blanks around one."""
    fact, sent = audience_of(facts)
    expected = facts.failure.expected_audience
    if not isinstance(sent, Found) or not isinstance(expected, Found):
        return _lack((fact, sent), (_EXPECTED, expected))
    one, other = sent.value, expected.value
    said = f"The token's audience is “{one}”; the API expects “{other}”."
    seen = (observed(said, fact, sent),)
    if one == other:
        if args.part == "blank" and sent.source == "text" and expected.source == "text":
            said = f"The message prints both audiences as “{one}”: they differ in something that cannot be seen."
            return Yes((observed(said, fact, sent),), {"audience": one, "expected": other})
        return No(seen)
    same = one.strip() == other.strip() if args.part == "blank" else one.rstrip("/") == other.rstrip("/")
    return Yes(seen, {"audience": one, "expected": other}) if same else No(seen)


@predicate("token.is_id_token", needs=(_AUDIENCE, "failure.app_id", "token.scopes", "token.roles"), gives=_BOTH)
def is_id_token(facts: Facts, _: NoArgs) -> Verdict:
    """The token is issued to the client itself and carries neither scopes nor roles: an ID token."""
    sent, scopes, roles = facts.token.audience, facts.token.scopes, facts.token.roles
    for fact, read, name in (("token.scopes", scopes, "scp"), ("token.roles", roles, "roles")):
        if isinstance(read, Found) and read.value:
            return No((observed(f"The token carries {name}: {' '.join(read.value[:8])}.", fact, read),))
    if isinstance(sent, Found) and (not is_guid(sent.value) or known_api(sent.value) is not None):
        said = f"The token's audience is “{sent.value}”; an ID token's is the client's application ID."
        return No((observed(said, _AUDIENCE, sent),))
    client = facts.token.app_id if isinstance(facts.token.app_id, Found) else facts.failure.app_id
    if not isinstance(sent, Found) or not isinstance(client, Found):
        return _lack((_AUDIENCE, sent), ("failure.app_id", client))
    said = f"The token's audience is “{sent.value}”, the client is “{client.value}”."
    seen = (observed(said, _AUDIENCE, sent),)
    if plain_name(sent.value) != plain_name(client.value):
        return No(seen)
    if isinstance(scopes, Unread) and isinstance(roles, Unread):
        return Unknown(lacking("token.scopes").needs, seen, {"audience": sent.value})
    return Yes((*seen, observed("It carries neither scp nor roles.", "token.scopes", _told(scopes, sent))), {
        "audience": sent.value
    })  # fmt: skip


@predicate(
    "token.is_for_other_api",
    needs=(_AUDIENCE, _EXPECTED, "token.header_nonce"),
    gives={"other_api": "another API", "expected": _BOTH["expected"]},
)
def is_for_other_api(facts: Facts, _: NoArgs) -> Verdict:
    """The token is for Microsoft Graph or another API of Microsoft's, while the API that refuses it is not that one."""
    fact, sent = audience_of(facts)
    nonce, expected = facts.token.header_nonce, facts.failure.expected_audience
    gives = {"expected": expected.value} if isinstance(expected, Found) else {}
    if isinstance(sent, Found):
        gives["other_api"] = shown_api(sent.value)
        seen = (observed(f"The token is for {shown_api(sent.value)}.", fact, sent),)
        if not is_graph(sent.value) and known_api(sent.value) is None:
            return No(seen)
        if isinstance(expected, Found) and same_api(sent.value.rstrip("/"), expected.value.rstrip("/")):
            return No(seen)
        return Yes(seen, gives)
    if isinstance(nonce, Found):
        said = "The token's header carries a nonce, as only access tokens for Microsoft Graph do."
        return Yes((observed(said, "token.header_nonce", nonce),), gives | {"other_api": "Microsoft Graph"})
    return lacking(_AUDIENCE, sent if isinstance(sent, Unread) else None)


@predicate(
    "token.audience_is_other_name",
    needs=(_AUDIENCE, _EXPECTED, "application.identifier_uris", "resource.names"),
    gives=_BOTH,
)
def audience_is_other_name(facts: Facts, _: NoArgs) -> Verdict:
    """The token's audience and the expected one are two names of the same API: its application ID and an App ID URI."""
    fact, sent = audience_of(facts)
    expected = facts.failure.expected_audience
    if not isinstance(sent, Found) or not isinstance(expected, Found):
        return _lack((fact, sent), (_EXPECTED, expected))
    gives = {"audience": sent.value, "expected": expected.value}
    said = f"The token's audience is “{sent.value}”; the API expects “{expected.value}”."
    seen = (observed(said, fact, sent),)
    one, other = sent.value.strip().rstrip("/"), expected.value.strip().rstrip("/")
    if one.casefold() == other.casefold():
        return No(seen)
    if same_api(one, other):
        return Yes(seen, gives)
    for names, where in ((_names(facts, "application"), "application"), (_names(facts, "resource"), "resource")):
        if {plain_name(one), plain_name(other)} <= names:
            said = f"Both “{sent.value}” and “{expected.value}” name the same registration."
            return Yes((observed(said, fact, sent),), gives)
        if where == "resource" and names:
            return No(seen)
    if plain_name(one) in _names(facts, "application") or plain_name(other) in _names(facts, "application"):
        return No(seen)
    return Unknown(lacking("application.identifier_uris").needs, (), gives)


@predicate("token.version_differs", needs=(_ISSUER, "token.version", _EXPECTED_ISSUER), gives=_ISSUERS)
def version_differs(facts: Facts, _: NoArgs) -> Verdict:
    """The token is of version 1.0 and the API validates version 2.0, or the reverse."""
    issuer, expected = _issuer(facts), facts.failure.expected_issuer
    if not isinstance(expected, Found):
        return _lack((_EXPECTED_ISSUER, expected))
    wanted = issuer_version(expected.value)
    if isinstance(issuer, Found):
        version, fact, read = issuer_version(issuer.value), _ISSUER, issuer
        said = f"The token's issuer is “{issuer.value}”; the API expects “{expected.value}”."
        gives = {"issuer": issuer.value, "expected_issuer": expected.value}
    elif isinstance(facts.token.version, Found):
        read, fact = facts.token.version, "token.version"
        version = "2.0" if read.value == "2.0" else "1.0"
        said = f"The token has version {version}; the API expects the issuer “{expected.value}”."
        gives = {"expected_issuer": expected.value}
    else:
        return _lack((_ISSUER, issuer))
    seen = (observed(said, fact, read),)
    if version is None or wanted is None:
        return No(seen)
    return Yes(seen, gives) if version != wanted else No(seen)


@predicate("token.is_of_other_tenant", needs=(_ISSUER, _EXPECTED_ISSUER), gives=_ISSUERS)
def is_of_other_tenant(facts: Facts, _: NoArgs) -> Verdict:
    """The token was issued for another tenant than the one whose issuer the API expects."""
    issuer, expected = _issuer(facts), facts.failure.expected_issuer
    if not isinstance(issuer, Found) or not isinstance(expected, Found):
        return _lack((_ISSUER, issuer), (_EXPECTED_ISSUER, expected))
    said = f"The token's issuer is “{issuer.value}”; the API expects “{expected.value}”."
    seen = (observed(said, _ISSUER, issuer),)
    ours, theirs = issuer_tenant(issuer.value), issuer_tenant(expected.value)
    if ours is None or theirs is None or ours == theirs:
        return No(seen)
    return Yes(seen, {"issuer": issuer.value, "expected_issuer": expected.value})


@predicate("token.carries_permission", needs=("token.scopes", "token.roles"), gives={"carried": "what it carries"})
def carries_permission(facts: Facts, _: NoArgs) -> Verdict:
    """The token carries at least one delegated scope or role."""
    for fact, read in (("token.scopes", facts.token.scopes), ("token.roles", facts.token.roles)):
        if isinstance(read, Found) and read.value:
            carried = " ".join(read.value[:12])
            return Yes((observed(f"The token carries “{carried}”.", fact, read),), {"carried": carried})
    if not isinstance(facts.token.exists, Found):
        return lacking("token")
    if isinstance(facts.token.scopes, Unread) or isinstance(facts.token.roles, Unread):
        fact = "token.scopes" if isinstance(facts.token.scopes, Unread) else "token.roles"
        return lacking(fact)
    return No((observed("The token carries neither scp nor roles.", "token.roles", _told(facts.token.roles, None)),))


@predicate(
    "token.lacks_granted_scope",
    needs=("token.scopes", "grants", "resource.object_id"),
    gives={"lacking": "a permission", "carried": "other scopes"},
)
def lacks_granted_scope(facts: Facts, _: NoArgs) -> Verdict:
    """A delegated permission is granted to the client, and the token does not carry it: it was not asked for."""
    scopes, grants, api = facts.token.scopes, facts.grants, facts.resource.object_id
    if isinstance(scopes, Unread) or not isinstance(facts.token.exists, Found):
        return lacking("token.scopes", scopes if isinstance(scopes, Unread) else None)
    carried = scopes.value if isinstance(scopes, Found) else ()
    gives = {"carried": f"“{' '.join(carried[:12])}”" if carried else "no scopes"}
    seen = (observed(f"The token carries “{' '.join(carried[:12])}”." if carried else "The token carries no scp.",
                     "token.scopes", scopes),)  # fmt: skip
    if isinstance(grants, Unread):
        return Unknown(lacking("grants", grants).needs, seen, gives)
    held = {scope.casefold() for scope in carried} | OPENID_SCOPES
    granted = [
        scope
        for grant in (grants.value if isinstance(grants, Found) else ())
        if not isinstance(api, Found) or grant.resource_object_id.casefold() == api.value.casefold()
        for scope in grant.scopes
        if scope.casefold() not in held
    ]
    if granted:
        shown = ", ".join(dict.fromkeys(granted[:5]))
        said = observed(f"Granted and not in the token: {shown}.", "grants", grants)
        return Yes((*seen, said), gives | {"lacking": f"“{shown}”"})
    if isinstance(grants, Found) and not grants.complete:
        return Unknown(lacking("grants").needs, seen, gives)
    return No((*seen, observed("The token carries every scope that is granted.", "grants", grants)))


def _issuer(facts: Facts) -> Read[str]:
    printed = facts.failure.assertion_issuer
    if not isinstance(facts.token.issuer, Found) and isinstance(printed, Found) and printed.source == "text":
        return printed
    return facts.token.issuer


def _names(facts: Facts, of: Literal["application", "resource"]) -> set[str]:
    held = facts.application if of == "application" else facts.resource
    uris = facts.application.identifier_uris if of == "application" else facts.resource.names
    names = {plain_name(held.app_id.value)} if isinstance(held.app_id, Found) else set()
    return names | ({plain_name(uri) for uri in uris.value} if isinstance(uris, Found) else set())


def _told(read: Read[tuple[str, ...]], other: Found[str] | None) -> Found[object] | Missing:
    if isinstance(read, Unread):
        return Missing(other.source, other.as_of) if other else Missing("token")
    return Missing(read.source, read.as_of)


def _lack(*reads: tuple[str, Read[str]]) -> Unknown:
    needs: list[Unknown] = []
    for fact, read in reads:
        if not isinstance(read, Found):
            needs.append(lacking(fact, read if isinstance(read, Unread) else None))
    return Unknown(tuple(need for verdict in needs for need in verdict.needs))
