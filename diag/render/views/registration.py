"""A registration as a page shows it: what is set, what is not set, and what nobody could read, told apart."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal, TypeVar

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.permissions import known_api
from diag.core.read import Found, Missing, Read, Unread
from diag.core.registration import (
    ApplicationPermission,
    DelegatedGrant,
    DelegatedPermission,
    FederatedCredential,
    Owner,
    RequiredPermission,
)
from diag.render import times

T = TypeVar("T")


class FieldView(Struct, frozen=True, kw_only=True):
    """One property with its value or why there is none."""

    label: str
    kind: Literal["values", "not_set", "unread"]
    """``not_set``: it is not there, or nobody tried to read it, which ``note`` says; ``unread``: reading it failed."""
    values: tuple[str, ...] = ()
    note: str = ""
    """Why it was not read, or what is worth knowing about the value."""
    code: bool = False
    """The values are identifiers or addresses."""


class Section(Struct, frozen=True):
    title: str
    fields: tuple[FieldView, ...]


class Presence(Struct, frozen=True):
    """Whether the object is there, belongs to another tenant, was looked for and is not there, or could not be read."""

    kind: Literal["there", "elsewhere", "missing", "unread"]
    note: str


def presence(read: Read[bool], what: str) -> Presence:
    match read:
        case Found():
            return Presence("there", "")
        case Missing():
            return Presence("missing", f"{what} is not in this tenant.")
        case Unread(why=why):
            return Presence("unread", f"{what} was not read: {why}.")


def registration_presence(facts: Facts, tenant_id: str) -> Presence:
    """Where the registration is; a service principal that another tenant owns has its registration there."""
    owner = facts.service_principal.owner_tenant_id
    if not isinstance(facts.application.exists, Found) and isinstance(owner, Found) and owner.value != tenant_id:
        return Presence(
            "elsewhere",
            f"This application is registered in another tenant, `{owner.value}`. Only its service principal is here; "
            "the registration's settings can be read and changed only there.",
        )
    return presence(facts.application.exists, "The registration")


def registration_sections(facts: Facts) -> tuple[Section, ...]:
    """The application's own properties, by what they decide."""
    app = facts.application
    return (
        Section(
            "Who may sign in",
            (
                field("Accounts admitted", app.sign_in_audience, _audience),
                field("Verified publisher", app.verified_publisher),
                field("Owners", app.owners, lambda all_: [_owner(one) for one in all_]),
                field("Created", app.created_at, lambda at: (times.shown(at),)),
                field("Disabled by Microsoft", app.disabled_by_microsoft),
                field("Notes", app.notes),
            ),
        ),
        Section(
            "Redirect URIs",
            (
                field("Web", app.web_redirect_uris, many, code=True),
                field("Single-page application", app.spa_redirect_uris, many, code=True),
                field("Mobile and desktop", app.public_client_redirect_uris, many, code=True),
                field("Public client flows", app.is_fallback_public_client, _allowed),
                field("Implicit ID tokens", app.implicit_id_tokens, _allowed),
                field("Implicit access tokens", app.implicit_access_tokens, _allowed),
            ),
        ),
        Section(
            "Federated credentials",
            (
                field(
                    "Trusts",
                    app.federated_credentials,
                    lambda all_: [_federated(one) for one in all_],
                    code=True,
                ),
            ),
        ),
        Section(
            "Permissions asked for",
            (field("API permissions", app.required_permissions, _required),),
        ),
        Section(
            "API it offers",
            (
                field("Application ID URIs", app.identifier_uris, many, code=True),
                field("Access token version", app.access_token_version, lambda version: (f"v{version}",)),
                field("Scopes", app.scopes, _switched, code=True),
                field("App roles", app.app_roles, _switched, code=True),
                field("Pre-authorised clients", app.pre_authorized_clients, many, code=True),
            ),
        ),
    )


def service_principal_sections(facts: Facts) -> tuple[Section, ...]:
    """The service principal's properties, and what was granted to it."""
    principal = facts.service_principal
    return (
        Section(
            "Service principal",
            (
                field("Object ID", principal.object_id, code=True),
                field("Sign-in", principal.account_enabled, lambda on: ("enabled" if on else "switched off",)),
                field("Assignment", principal.assignment_required, lambda on: ("required" if on else "not required",)),
                field("Kind", principal.type),
                field("Home tenant", principal.owner_tenant_id, code=True),
                field("Names", principal.names, many, code=True),
                field("Reply URLs", principal.reply_urls, many, code=True),
                field("Single sign-on", principal.single_sign_on_mode),
            ),
        ),
        Section(
            "Granted",
            (
                field(
                    "Delegated permissions",
                    facts.grants,
                    lambda all_: [_granted(grant) for grant in all_],
                    code=True,
                ),
                field(
                    "Application permissions",
                    facts.app_role_assignments,
                    lambda all_: [f"{one.resource_name or one.resource_object_id}: {one.app_role_id}" for one in all_],
                    code=True,
                ),
                field(
                    "Assigned users, groups and clients",
                    facts.assigned_principals,
                    lambda all_: [one.principal_name or one.principal_object_id for one in all_],
                ),
            ),
        ),
    )


def field(
    label: str, read: Read[T], show: Callable[[T], Iterable[str]] | None = None, *, code: bool = False
) -> FieldView:
    """A property's view; ``show`` turns its value into texts, by default the value itself."""
    match read:
        case Found(value=value, complete=complete):
            values = tuple(show(value)) if show else (str(value),)
            note = "" if complete else "The list was cut short: there may be more."
            if not any(values) and not note:
                return FieldView(label=label, kind="not_set", note="none" if isinstance(value, tuple) else "")
            return FieldView(label=label, kind="values", values=values, note=note, code=code)
        case Missing():
            return FieldView(label=label, kind="not_set")
        case Unread(why=why) if why == Unread().why:
            return FieldView(label=label, kind="not_set", note="not read yet: it is read when a diagnosis asks for it")
        case Unread(why=why):
            return FieldView(label=label, kind="unread", note=why)


def many(values: Iterable[Any]) -> Iterable[str]:
    return (str(value) for value in values)


def as_of(facts: Facts) -> datetime | None:
    """When the registration, or else the service principal, was last read."""
    for read in (facts.application.exists, facts.service_principal.exists):
        if not isinstance(read, Unread) and read.as_of is not None:
            return read.as_of
    return None


def _audience(value: str) -> tuple[str, ...]:
    words = {
        "AzureADMyOrg": "this tenant's accounts only",
        "AzureADMultipleOrgs": "accounts of any organisation",
        "AzureADandPersonalMicrosoftAccount": "accounts of any organisation, and personal Microsoft accounts",
        "PersonalMicrosoftAccount": "personal Microsoft accounts only",
    }
    return (f"{value}: {words[value]}" if value in words else value,)


def _allowed(value: bool) -> tuple[str, ...]:
    return ("allowed",) if value else ("not allowed",)


def _switched(offered: Iterable[DelegatedPermission | ApplicationPermission]) -> list[str]:
    return [one.value if one.enabled else f"{one.value} (switched off)" for one in offered]


def _federated(one: FederatedCredential) -> str:
    subject = one.subject or one.expression or "no subject"
    return f"{one.name}: {one.issuer} · {subject} · {', '.join(one.audiences)}"


def _owner(one: Owner) -> str:
    known = [word for word, holds in (("guest", one.guest), ("switched off", one.enabled is False)) if holds]
    return f"{one.name} ({', '.join(known)})" if known else one.name


def _granted(grant: DelegatedGrant) -> str:
    return f"{' '.join(grant.scopes)} ({'for everyone' if grant.consent_type == 'AllPrincipals' else 'for one user'})"


def _required(permissions: Iterable[RequiredPermission]) -> list[str]:
    by_api: dict[str, list[str]] = {}
    for permission in permissions:
        by_api.setdefault(permission.resource_app_id, []).append(permission.kind)
    lines: list[str] = []
    for app_id, kinds in by_api.items():
        api = known_api(app_id)
        delegated, own = kinds.count("delegated"), kinds.count("application")
        parts = [f"{delegated} delegated" if delegated else "", f"{own} application" if own else ""]
        lines.append(f"{api.name if api else app_id}: {', '.join(part for part in parts if part)}")
    return lines
