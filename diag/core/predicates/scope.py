"""Questions about the scope parameter: how it is written, and for which resources."""

import re
from typing import Literal

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.identifiers import AppId
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed

ScopeShape = Literal[
    "stray_characters",
    "separator",
    "empty_resource",
    "missing_scheme",
    "missing_slash",
    "default_mixed",
    "several_resources",
    "openid_missing",
    "bare_foreign_name",
    "single_permissions",
    "repeated",
]

OPENID_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
"""Scopes of no resource; client libraries add them unasked."""
_IDENTITY = frozenset({"profile", "email"})
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}|\\[nrt]|[\r\n\t\u00a0\u200b\ufeff]")
_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?:/|$)")
_GRAPH_FORM = re.compile(
    r"[A-Za-z0-9-]{2,60}\.(?:Read|Write|ReadWrite|ReadBasic|Send|Create|Manage|Export|Access|Invite|Subscribe|Selected|"
    r"AccessAsUser|Submit|Initiate|Join|Upload|Own|SignInAsUser|Control|FullControl)(?:\.[A-Za-z]{2,20}){0,3}",
    re.IGNORECASE,
)
_HALF_SCHEME = re.compile(r"(?:https?|api):/?(?!/)", re.IGNORECASE)
_GUID_SCOPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:/|$)")
_TLD_RUN = re.compile(
    r"(?:https?|api)://[^/]{1,253}(?:\.default|\.(?:com|net|org|io|us|cn|de)[A-Za-z]{1,60}(?:[._][A-Za-z_.]{1,100})?"
    # No host ends in a label with an underscore or a capital.
    r"|\.[a-z]{2,24}[A-Z_][A-Za-z_.]{1,100})$"
)
_GUID_RUN = re.compile(r"(?:api://)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[._a-z][^/]{1,200}$")

_SHAPE_WORDS: dict[ScopeShape, str] = {
    "stray_characters": "it holds escape sequences or invisible characters",
    "separator": "its parts are joined by something other than a blank",
    "empty_resource": "a part begins with a slash, so the API before it is missing",
    "missing_scheme": "a part begins with a host name instead of https:// or api://",
    "missing_slash": "the API and the permission run together without a slash",
    "default_mixed": "it mixes .default with single permissions",
    "several_resources": "it names permissions of more than one API",
    "openid_missing": "it asks for profile or email without openid",
    "bare_foreign_name": "a permission stands without its API, and its name is not one of Microsoft Graph's kind",
    "single_permissions": "it names single permissions and no .default",
    "repeated": "it names the same permission more than once",
}


class ScopeArgs(Struct, frozen=True, forbid_unknown_fields=True):
    shapes: tuple[ScopeShape, ...]


def scope_shapes(text: str) -> frozenset[ScopeShape]:
    """Every shape the scope parameter shows."""
    bare = _ESCAPED.sub(" ", text)
    parts = re.split(r"[\s,;|]+", bare.strip(" ,;|"))
    named = [part for part in parts if part.casefold() not in OPENID_SCOPES]
    resources = {resource for part in named if (resource := _resource(part)) is not None}
    defaults = [part for part in named if part.casefold().endswith("/.default")]
    plain = [part for part in named if "/" not in part and ":" not in part]
    tests: dict[ScopeShape, bool] = {
        "stray_characters": bool(_ESCAPED.search(text.strip("\r\n "))) or text != text.strip(" \t\r\n\u00a0"),
        "separator": bool(re.search(r"[,;|]", text)) or any("+" in part for part in parts),
        "empty_resource": any(part.startswith("/") for part in named),
        "missing_scheme": any(
            _HALF_SCHEME.match(part) or (_HOST.match(part.casefold()) and "/" in part) for part in named
        ),
        "missing_slash": any(_TLD_RUN.match(part) or _GUID_RUN.match(part) for part in named),
        "default_mixed": bool(defaults) and len(named) > len(defaults),
        "several_resources": len(resources) > 1,
        "openid_missing": bool(_IDENTITY & {part.casefold() for part in parts})
        and "openid" not in (part.casefold() for part in parts),
        "bare_foreign_name": any(
            not _GRAPH_FORM.fullmatch(part) and not _HOST.match(part.casefold()) for part in plain
        ),
        "single_permissions": bool(named) and not defaults,
        "repeated": _repeats(bare),
    }
    return frozenset(shape for shape, holds in tests.items() if holds)


@predicate("scope.is_written_with", needs=("failure.scope",), gives={"scope": "its scope"}, args=ScopeArgs)
def is_written_with(facts: Facts, args: ScopeArgs) -> Verdict:
    """The scope parameter shows one of ``shapes``; as the message prints it or as the request gives it."""
    read = facts.failure.scope
    match read:
        case Found(value=scope):
            seen = sorted(scope_shapes(scope) & set(args.shapes))
            if seen:
                said = f"The scope is “{scope}”: {' and '.join(_SHAPE_WORDS[shape] for shape in seen)}."
                return Yes((observed(said, "failure.scope", read),), {"scope": scope})
            said = (
                f"Of the scope “{scope}” it is not true that {' or that '.join(_SHAPE_WORDS[s] for s in args.shapes)}."
            )
            return No((observed(said, "failure.scope", read),))
        case Missing():
            return No((observed("The request carries no scope.", "failure.scope", read),))
        case Unread():
            return lacking("failure.scope", read)


@predicate(
    "scope.asks_for_other_api",
    needs=("failure.scope", "application.required_permissions"),
    gives={"scope": "its scope"},
)
def asks_for_other_api(facts: Facts, _: NoArgs) -> Verdict:
    """A permission stands in the scope without its API although the application requires an API besides Graph."""
    scope, required = facts.failure.scope, facts.application.required_permissions
    if not isinstance(scope, Found):
        return lacking("failure.scope", scope if isinstance(scope, Unread) else None)
    bare = [part for part in scope.value.split() if "/" not in part and part.casefold() not in OPENID_SCOPES]
    if not bare:
        return No((observed("Every permission in the scope names its API.", "failure.scope", scope),))
    if isinstance(required, Unread):
        return lacking("application.required_permissions", required)
    others = {item.resource_app_id for item in required.value} if isinstance(required, Found) else set()
    others.discard(_GRAPH)
    if others:
        said = (
            f"“{bare[0]}” names no API, and the application requires one besides Microsoft Graph ({sorted(others)[0]})."
        )
        return Yes((observed(said, "application.required_permissions", required),), {"scope": scope.value})
    if isinstance(required, Found) and not required.complete:
        return lacking("application.required_permissions", Unread("only a part of the list was read"))
    said = "The application requires no API besides Microsoft Graph."
    return No((observed(said, "application.required_permissions", required),))


_GRAPH = AppId("00000003-0000-0000-c000-000000000000")


def _repeats(scope: str) -> bool:
    """Whether a permission stands in it twice; a plus that nobody decoded parts permissions too."""
    parts = [part for part in re.split(r"[\s,;|+]+", scope.casefold()) if part]
    return len(set(parts)) < len(parts)


def _resource(part: str) -> str | None:
    """What stands before the permission, in lower case; None for a bare name, which Entra ID takes for Graph's."""
    lowered = part.casefold()
    if "://" in lowered:
        return lowered.rpartition("/")[0].rstrip("/") or lowered
    if _GUID_SCOPE.match(lowered) or (_HOST.match(lowered) and "/" in lowered):
        return lowered.partition("/")[0]
    return "https://graph.microsoft.com" if _GRAPH_FORM.fullmatch(part) else None
