"""What kind of program a registration most likely belongs to, from what is registered and from how it signs in.

What is registered says what somebody meant; a token that was issued says what happens; a failed attempt says little,
because anybody can send an application's ID. Where the three say nothing, the answer is that one cannot tell.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from diag.core.entry import Confidence
from diag.core.facts import Facts
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import Evidence, Need, observed

Kind = Literal["web_app", "single_page_app", "native_app", "daemon", "api", "saml_app", "managed_identity"]

NAMES: dict[Kind, str] = {
    "web_app": "a web application on a server",
    "single_page_app": "a single-page application",
    "native_app": "a desktop, mobile or command-line program",
    "daemon": "a daemon that acts as itself",
    "api": "an API",
    "saml_app": "an application with single sign-on by SAML",
    "managed_identity": "a managed identity",
}
FLOWS: dict[Kind, tuple[str, ...]] = {
    "web_app": ("web-app",),
    "single_page_app": ("single-page-app",),
    "native_app": ("mobile-app", "desktop-app", "command-line", "input-limited"),
    "daemon": ("daemon", "pipeline", "outside-workload"),
    "api": ("api-for-user",),
    "saml_app": (),
    "managed_identity": ("azure-workload",),
}
"""The flows of ``kb/flows.yaml`` that such a program uses."""

FOR_USERS: frozenset[Kind] = frozenset({"web_app", "single_page_app", "native_app"})
"""Kinds to which people sign in by OAuth 2.0."""

_RANK: dict[Confidence, int] = {"certain": 0, "likely": 1, "possible": 2}


class LikelyKind(Struct, frozen=True):
    kind: Kind
    confidence: Confidence
    """certain: registered for it and seen to do it; likely: one of the two; possible: a hint only."""
    evidence: tuple[Evidence, ...]


class LikelyKinds(Struct, frozen=True):
    kinds: tuple[LikelyKind, ...]
    """Surest first; several where one registration serves several; empty: one cannot tell."""
    needs: tuple[Need, ...]
    """What was not read and could add a kind, or make one surer."""


def likely_kinds(facts: Facts) -> LikelyKinds:
    """The kinds that speak from these facts, each with what speaks for it."""
    principal = facts.service_principal
    if isinstance(principal.type, Found) and principal.type.value == "ManagedIdentity":
        said = observed(
            "Its service principal is of the type managed identity.", "service_principal.type", principal.type
        )
        return LikelyKinds((LikelyKind("managed_identity", "certain", (said,)),), ())
    found = [*registered_kinds(facts)]
    found = [_surer(item, found, facts) for item in found]
    for item in _used_kinds(facts):
        if item.kind not in {other.kind for other in found}:
            found.append(item)
    return LikelyKinds(tuple(sorted(found, key=lambda item: _RANK[item.confidence])), _needs(facts))


def registered_kinds(facts: Facts) -> tuple[LikelyKind, ...]:
    """The kinds that the registration is made for, by its platforms, switches, credentials and exposed permissions."""
    application, principal = facts.application, facts.service_principal
    found: list[LikelyKind] = []
    saml = isinstance(principal.single_sign_on_mode, Found) and principal.single_sign_on_mode.value == "saml"
    if saml and isinstance(principal.single_sign_on_mode, Found):
        said = observed(
            "Single sign-on is set to SAML.", "service_principal.single_sign_on_mode", principal.single_sign_on_mode
        )
        found.append(LikelyKind("saml_app", "likely", (said,)))
    platforms: tuple[tuple[Kind, str, Read[tuple[str, ...]], str], ...] = (
        ("web_app", "application.web_redirect_uris", application.web_redirect_uris, "Web"),
        ("single_page_app", "application.spa_redirect_uris", application.spa_redirect_uris, "Single-page application"),
        (
            "native_app",
            "application.public_client_redirect_uris",
            application.public_client_redirect_uris,
            "Mobile and desktop applications",
        ),
    )
    for kind, fact, read, name in platforms:
        # A SAML application's addresses stand in the same list as those of a web application.
        if isinstance(read, Found) and read.value and not (saml and kind == "web_app"):
            count = len(read.value)
            plural = "s are" if count > 1 else " is"
            said = observed(f"{count} redirect URI{plural} registered under {name}.", fact, read)
            found.append(LikelyKind(kind, "likely", (said,)))
    public = application.is_fallback_public_client
    if isinstance(public, Found) and public.value and not any(item.kind == "native_app" for item in found):
        said = observed("Public client flows are allowed.", "application.is_fallback_public_client", public)
        found.append(LikelyKind("native_app", "likely" if no_redirect_uri(facts) else "possible", (said,)))
    exposed = _exposed(facts)
    if exposed:
        found.append(LikelyKind("api", "likely", exposed))
    held = _credentials(facts)
    if held and no_redirect_uri(facts) and not any(item.kind in FOR_USERS for item in found):
        # An API in the middle has a credential and no address, too; it is one by what it exposes.
        sure: Confidence = "possible" if exposed else "likely"
        none = Evidence("No redirect URI is registered on any platform.", "application.redirect_uris", held[0].source)
        found.append(LikelyKind("daemon", sure, (*held, none)))
    return tuple(found)


def no_redirect_uri(facts: Facts) -> bool:
    """Whether all three platforms were read to their ends, and hold nothing."""
    application = facts.application
    lists = (application.web_redirect_uris, application.spa_redirect_uris, application.public_client_redirect_uris)
    if not isinstance(application.exists, Found):
        return False
    return all(
        isinstance(read, Missing) or (isinstance(read, Found) and read.complete and not read.value) for read in lists
    )


def _credentials(facts: Facts) -> tuple[Evidence, ...]:
    application = facts.application
    held: tuple[tuple[str, Read[Any], str], ...] = (
        ("application.client_secrets", application.client_secrets, "client secret"),
        ("application.certificates", application.certificates, "certificate"),
        ("application.federated_credentials", application.federated_credentials, "federated credential"),
    )
    return tuple(
        observed(f"It has {len(read.value)} {name}{'s' if len(read.value) > 1 else ''}.", fact, read)
        for fact, read, name in held
        if isinstance(read, Found) and read.value
    )


def _exposed(facts: Facts) -> tuple[Evidence, ...]:
    """Scopes that it offers, and app roles that applications may be given."""
    application = facts.application
    found: list[Evidence] = []
    if isinstance(application.scopes, Found) and application.scopes.value:
        count = len(application.scopes.value)
        said = f"It exposes {count} delegated permission{'s' if count > 1 else ''}."
        found.append(observed(said, "application.scopes", application.scopes))
    if isinstance(application.app_roles, Found):
        roles = [role for role in application.app_roles.value if "Application" in role.allowed_member_types]
        if roles:
            said = f"It exposes {len(roles)} application permission{'s' if len(roles) > 1 else ''}."
            found.append(observed(said, "application.app_roles", application.app_roles))
    return tuple(found)


def _surer(item: LikelyKind, found: Sequence[LikelyKind], facts: Facts) -> LikelyKind:
    """Certain where a token that was issued can only have come from this kind."""
    activity = facts.sign_in_activity
    if item.kind == "daemon" and isinstance(activity.as_itself, Found):
        return LikelyKind("daemon", "certain", (*item.evidence, _as_itself(activity.as_itself)))
    platforms = [other.kind for other in found if other.kind in FOR_USERS or other.kind == "api"]
    if item.kind in FOR_USERS and platforms == [item.kind] and isinstance(activity.for_users, Found):
        said = observed(
            f"It got a token for a user, last on {activity.for_users.value:%Y-%m-%d}.",
            "sign_in_activity.for_users",
            activity.for_users,
        )
        return LikelyKind(item.kind, "certain", (*item.evidence, said))
    return item


def _used_kinds(facts: Facts) -> list[LikelyKind]:
    """Kinds that only the sign-ins speak for."""
    activity = facts.sign_in_activity
    found: list[LikelyKind] = []
    if isinstance(activity.as_itself, Found):
        found.append(LikelyKind("daemon", "likely", (_as_itself(activity.as_itself),)))
    elif isinstance(activity.attempts, Found):
        tried = [item for item in activity.attempts.value if "servicePrincipal" in item.event_type.split(",")]
        if tried:
            count = sum(item.count for item in tried)
            said = (
                f"{count} sign-in{'s' if count > 1 else ''} without a user failed. That proves little: anybody can "
                "send an application's ID."
            )
            found.append(
                LikelyKind("daemon", "possible", (observed(said, "sign_in_activity.attempts", activity.attempts),))
            )
    if isinstance(activity.attempts, Found):
        protocols = {name.strip().lower() for item in activity.attempts.value for name in item.protocol.split(",")}
        for name, kind, what in (
            ("devicecode", "native_app", "by device code"),
            ("ropc", "native_app", "with a password sent by a program"),
            ("saml20", "saml_app", "by SAML"),
        ):
            if name in protocols:
                said = f"Sign-ins {what} were tried."
                evidence = observed(said, "sign_in_activity.attempts", activity.attempts)
                found.append(LikelyKind(kind, "possible", (evidence,)))  # type: ignore[arg-type]
    kept: dict[Kind, LikelyKind] = {}
    for item in found:
        kept.setdefault(item.kind, item)
    return list(kept.values())


def _as_itself(read: Found[datetime]) -> Evidence:
    said = f"It got a token as itself, without a user, last on {read.value:%Y-%m-%d}."
    return observed(said, "sign_in_activity.as_itself", read)


def _needs(facts: Facts) -> tuple[Need, ...]:
    application, activity = facts.application, facts.sign_in_activity
    asked: tuple[tuple[str, Read[Any]], ...] = (
        ("application", application.exists),
        (
            "application.redirect_uris",
            application.redirect_uris if isinstance(application.exists, Found) else Missing(),
        ),
        ("sign_in_activity.as_itself", activity.as_itself),
        ("sign_in_activity.for_users", activity.for_users),
    )
    return tuple(
        Need(fact, read.how or (read.why if read != Unread() else ""))
        for fact, read in asked
        if isinstance(read, Unread)
    )
