"""Puts a fix together: a value that no renderer takes closes that tool with the reason, placeholders are explained."""

import functools
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from diag.core.facts import Facts
from diag.core.remedies.quoting import UnsafeValue, plain
from diag.core.remedies.subject import WHERE, Subject, value
from diag.core.remedy import Commands, Effect, Fix, GraphRequest, Rollback, Unavailable

A = TypeVar("A", bound=Struct)
Text = str | Unavailable | Callable[[], str | Unavailable]
Requests = tuple[GraphRequest, ...] | Unavailable | Callable[[], tuple[GraphRequest, ...] | Unavailable]

_PLACEHOLDER = re.compile(r"<([a-z][a-z0-9-]{2,40})>")

OWNER = "An owner of the application, or Cloud Application Administrator, or Application Administrator"
SERVICE_PRINCIPAL_OWNER = (
    "An owner of the service principal, or Cloud Application Administrator, or Application Administrator"
)
PORTAL = "Microsoft Entra admin center > Entra ID > App registrations > All applications"
ENTERPRISE = "Microsoft Entra admin center > Entra ID > Enterprise apps"


def commands(*, az: Text, graph: Requests, powershell: Text, bicep: Text, terraform: Text, portal: str) -> Commands:
    """The five tools and the portal; each given as text, as why there is none, or as a function that renders it."""
    return Commands(
        az=_text(az),
        graph=_requests(graph),
        powershell=_text(powershell),
        bicep=_text(bicep),
        terraform=_text(terraform),
        portal=portal,
    )


def nowhere(reason: str, portal: str) -> Commands:
    """Commands that are withheld in every tool for one reason."""
    closed = Unavailable(reason)
    return Commands(az=closed, graph=closed, powershell=closed, bicep=closed, terraform=closed, portal=portal)


def fix(
    subject: Subject | None,
    *,
    do: str,
    effect: Effect | None,
    commands: Commands | None = None,
    before: tuple[str, ...] = (),
    caution: str = "",
    who: str = OWNER,
    rollback: Rollback | None = None,
    verify: str = "",
    snippets: Mapping[str, str] | None = None,
) -> Fix:
    """The fix, its ``do`` followed by where to find what stands in angle brackets in its commands and snippets;
    likewise the rollback's.
    """
    names = dict.fromkeys(placeholders_in(commands) if commands else [])
    names |= dict.fromkeys(_known_in(" ".join((snippets or {}).values())))
    sentences = [do, *_explained(list(names))]
    undo_names = placeholders_in(rollback.commands) if rollback and rollback.commands else []
    if "application-id" in names and subject is not None and subject.claimed_app_id:
        sentences.append(
            f"The failed request named “{subject.claimed_app_id}”; make sure that this is your application before you "
            "put it in."
        )
    if rollback is not None:
        rollback = replace(
            rollback, do=" ".join([rollback.do, *_explained([name for name in undo_names if name not in names])])
        )
    return Fix(
        do=" ".join(sentences),
        effect=effect,
        before=before,
        commands=commands,
        caution=caution,
        who=who,
        rollback=rollback,
        verify=verify,
        snippets=snippets or {},
    )


def own_registration(render: Callable[[Facts, A], Fix]) -> Callable[[Facts, A], Fix]:
    """For remedies that change the registration: closed where it lies in another tenant, or where there is none."""

    @functools.wraps(render)
    def where_it_is_ours(facts: Facts, args: A) -> Fix:
        given = render(facts, args)
        reason = not_ours(facts)
        if not reason or given.commands is None:
            return given
        return replace(
            given,
            do=f"Ask whoever owns the registration: {reason}. What they would do: {given.do}",
            commands=nowhere(reason, given.commands.portal),
            rollback=Rollback(given.rollback.do if given.rollback else "Nothing was changed here."),
        )

    return where_it_is_ours


def not_ours(facts: Facts) -> str:
    """Why the registration cannot be changed from this tenant; empty when it can, or when nobody knows."""
    principal = facts.service_principal
    if value(principal.type) == "ManagedIdentity":
        return "a managed identity has no registration and no credentials of its own to change"
    owner, home = value(principal.owner_tenant_id), value(facts.home_tenant_id)
    if owner and home and owner != home and not value(facts.application.exists):
        return f"it lies in the application's own tenant ({plain(str(owner), 60)}), where alone it can be changed"
    return ""


def _explained(names: list[str]) -> list[str]:
    """The sentence on where to find the values of these placeholders, if there are any."""
    if not names:
        return []
    listed = "; ".join(f"<{name}>: {WHERE[name]}" for name in names)
    return [f"Replace what stands in angle brackets. {listed}."]


def placeholders_in(given: Commands) -> list[str]:
    """Names of the known placeholders that the commands hold, in order, each once."""
    parts: list[str] = []
    for part in (given.az, given.powershell, given.bicep, given.terraform, given.portal):
        if isinstance(part, str) and "<" in part:
            parts.append(part)
    if not isinstance(given.graph, Unavailable):
        for request in given.graph:
            parts += [request.url, str(request.body)]
    return _known_in(" ".join(parts))


def _known_in(text: str) -> list[str]:
    if "<" not in text:
        return []
    return [name for name in dict.fromkeys(_PLACEHOLDER.findall(text)) if name in WHERE]


def _text(part: Text) -> str | Unavailable:
    try:
        return part() if callable(part) else part
    except UnsafeValue as unsafe:
        return Unavailable(unsafe.refused.why)


def _requests(part: Requests) -> tuple[GraphRequest, ...] | Unavailable:
    try:
        return part() if callable(part) else part
    except UnsafeValue as unsafe:
        return Unavailable(unsafe.refused.why)
