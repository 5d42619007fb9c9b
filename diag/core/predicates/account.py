"""Questions about the account that signs in: where it comes from, and whether the tenant knows it."""

from typing import Literal

from msgspec import Struct

from diag.core.directory import Identity
from diag.core.facts import Facts
from diag.core.identifiers import CONSUMER_TENANT
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import Evidence, Need, No, Unknown, Verdict, Yes, every, lacking, observed

AccountKind = Literal["personal", "other_organisation", "other_provider"]
NameKind = Literal["local", "external"]

_KIND_WORDS: dict[AccountKind, str] = {
    "personal": "a personal Microsoft account",
    "other_organisation": "an account of another organisation",
    "other_provider": "an account of another identity provider",
}


_NAME_WORDS: dict[NameKind, str] = {
    "local": "a sign-in name of its own in the tenant, as customers have them",
    "external": "an account of another provider",
}
_LOOKED_UP_BY_ID = 51004
"""The code that says that a federated user was not found by immutable ID."""
_OF_ISSUER: dict[str, AccountKind] = {"microsoftaccount": "personal", "externalazuread": "other_organisation"}
"""What the directory calls the providers of guests."""


class AccountArgs(Struct, frozen=True, forbid_unknown_fields=True):
    kinds: tuple[AccountKind, ...]


class NameArgs(Struct, frozen=True, forbid_unknown_fields=True):
    kind: NameKind


@predicate(
    "account.comes_from",
    needs=("failure.identity_provider", "failure.home_tenant_id", "failure.resource_tenant_id"),
    gives={"account_kind": "an outside account"},
    args=AccountArgs,
)
def comes_from(facts: Facts, args: AccountArgs) -> Verdict:
    """The account that signs in is of one of ``kinds``, by the message or by the record's home tenant."""
    failure = facts.failure
    if isinstance(failure.identity_provider, Found):
        provider = failure.identity_provider.value
        kind = _kind_of_provider(provider)
        seen = (
            observed(
                f"The account comes from “{provider}”: {_KIND_WORDS[kind]}.",
                "failure.identity_provider",
                failure.identity_provider,
            ),
        )
        return Yes(seen, {"account_kind": _KIND_WORDS[kind]}) if kind in args.kinds else No(seen)
    home, here = failure.home_tenant_id, failure.resource_tenant_id
    if isinstance(home, Found):
        if home.value.casefold() == CONSUMER_TENANT:
            kind = "personal"
        elif isinstance(here, Found):
            if home.value.casefold() == here.value.casefold():
                said = "The account belongs to the tenant it signs in to."
                return No((observed(said, "failure.home_tenant_id", home),))
            kind = "other_organisation"
        else:
            return lacking("failure.resource_tenant_id", here if isinstance(here, Unread) else None)
        seen = (observed(f"The account's home tenant is “{home.value}”.", "failure.home_tenant_id", home),)
        return Yes(seen, {"account_kind": _KIND_WORDS[kind]}) if kind in args.kinds else No(seen)
    return lacking(
        "failure.identity_provider",
        failure.identity_provider if isinstance(failure.identity_provider, Unread) else None,
    )


@predicate("account.is_in_tenant", needs=("user.exists",))
def is_in_tenant(facts: Facts, _: NoArgs) -> Verdict:
    """The tenant that was asked has a user object for the account."""
    read = facts.user.exists
    match read:
        case Found():
            return Yes((observed("The tenant has a user object for this account.", "user.exists", read),))
        case Missing():
            return No((observed("The tenant has no user object for this account.", "user.exists", read),))
        case Unread():
            return lacking("user", read)


@predicate("account.is_guest", needs=("user.user_type",))
def is_guest(facts: Facts, _: NoArgs) -> Verdict:
    """The tenant knows the account as a guest."""
    read = facts.user.user_type
    match read:
        case Found(value=kind):
            seen = (observed(f"The user object is of type “{kind}”.", "user.user_type", read),)
            return Yes(seen) if kind.casefold() == "guest" else No(seen)
        case Missing() if isinstance(facts.user.exists, Missing):
            return No((observed("The tenant has no user object for this account.", "user.user_type", read),))
        case Missing():
            return No((observed("The user object names no type.", "user.user_type", read),))
        case Unread():
            return lacking("user.user_type", read)


@predicate(
    "account.signs_in_by",
    needs=("user.identities", "user.user_type"),
    gives={"name_kind": "another sign-in name"},
    args=NameArgs,
)
def signs_in_by(facts: Facts, args: NameArgs) -> Verdict:
    """The user object's identities hold a sign-in name of its own (``local``) or another provider's (``external``)."""
    identities, kind = facts.user.identities, facts.user.user_type
    given = {"name_kind": _NAME_WORDS[args.kind]}
    if isinstance(identities, Found):
        item = next((item for item in identities.value if _name_kind(item) == args.kind), None)
        if item is not None:
            said = f"The user signs in by “{item.kind}” of “{item.issuer}”: {_NAME_WORDS[args.kind]}."
            return Yes((observed(said, "user.identities", identities),), given)
    if args.kind == "external" and isinstance(kind, Found) and kind.value.casefold() == "guest":
        return Yes((observed("The user object is a guest's.", "user.user_type", kind),), given)
    if isinstance(identities, Unread):
        return lacking("user.identities", identities)
    if isinstance(identities, Found) and not identities.complete:
        return lacking("user.identities", Unread("only a part of the user's identities was read"))
    said = f"None of the user's identities is {_NAME_WORDS[args.kind]}."
    return No((observed(said, "user.identities", identities),))


@predicate(
    "account.is_tied_elsewhere",
    needs=("user.identities", "failure.identity_provider", "failure.home_tenant_id"),
    gives={"tied_to": "another account", "account_kind": "the account that was used"},
)
def is_tied_elsewhere(facts: Facts, _: NoArgs) -> Verdict:
    """The guest object belongs to an account of another kind of provider than the one that signed in."""
    identities = facts.user.identities
    if isinstance(identities, Unread):
        return lacking("user.identities", identities)
    issuers = (
        [item.issuer for item in identities.value if _name_kind(item) == "external"]
        if isinstance(identities, Found)
        else []
    )
    if not issuers and _is_member(facts):
        return _looked_up_at_home()
    if not issuers:
        if isinstance(identities, Found) and not identities.complete:
            return lacking("user.identities", Unread("only a part of the user's identities was read"))
        return No(
            (observed("The user object is tied to no account of another provider.", "user.identities", identities),)
        )
    tied = {_OF_ISSUER.get(issuer.casefold(), "other_provider") for issuer in issuers}
    seen = observed(f"The guest object is tied to “{', '.join(issuers)}”.", "user.identities", identities)
    used = comes_from(facts, AccountArgs(("personal", "other_organisation", "other_provider")))
    kind = next((kind for kind, words in _KIND_WORDS.items() if words == _given(used)), None)
    if not isinstance(used, Yes) or kind is None:
        return _with_evidence(used, seen)
    if kind not in tied:
        gives = {"tied_to": f"“{', '.join(issuers)}”", "account_kind": _KIND_WORDS[kind]}
        return Yes((seen, *used.evidence), gives)
    if kind == "other_organisation":
        # The directory does not say which organisation the guest object is tied to.
        return Unknown((Need("user", "Compare the organisation of the account with the guest's own"),), (seen,))
    return No((seen, *used.evidence))


@predicate(
    "account.differs_from_immutable_id",
    needs=("failure.account", "user.immutable_id", "domain.authentication_type"),
    gives={"looked_up": "one value", "stored": "another, or none"},
)
def differs_from_immutable_id(facts: Facts, _: NoArgs) -> Verdict:
    """What the identity provider sent as the user's name is not the immutable ID that the user object holds.

    Where the message does not show what was sent, a user of a federated domain whom AADSTS51004 did not find answers.
    """
    stored, sent = facts.user.immutable_id, facts.failure.account
    match stored:
        case Unread():
            return lacking("user.immutable_id", stored)
        case Missing() if isinstance(facts.user.exists, Missing):
            return No((observed("There is no user object to compare with.", "user.immutable_id", stored),))
        case Missing():
            none = observed("The user object holds no immutable ID.", "user.immutable_id", stored)
            return Yes(
                (none,), {"stored": "none", **({"looked_up": f"“{sent.value}”"} if isinstance(sent, Found) else {})}
            )
        case Found(value=held):
            if not isinstance(sent, Found):
                return _not_found_by_provider(facts, held)
            if sent.value == held:
                return No((observed(f"The user object holds “{held}”, as was sent.", "user.immutable_id", stored),))
            said = f"“{sent.value}” was looked up, while the user object holds “{held}”."
            gives = {"looked_up": f"“{sent.value}”", "stored": f"“{held}”"}
            return Yes((observed(said, "user.immutable_id", stored),), gives)


@predicate(
    "account.awaits_invitation",
    needs=("user.exists", "user.external_state"),
    gives={"guest_state": "not invited, or has not accepted yet"},
)
def awaits_invitation(facts: Facts, _: NoArgs) -> Verdict:
    """The tenant has no user object for the account, or its invitation was not accepted yet."""
    user = facts.user
    match user.exists:
        case Missing():
            said = observed("The tenant has no user object for this account.", "user.exists", user.exists)
            return Yes((said,), {"guest_state": "not invited"})
        case Unread():
            return lacking("user", user.exists)
        case Found():
            return _state(facts)


def _state(facts: Facts) -> Verdict:
    state = facts.user.external_state
    match state:
        case Found(value=value):
            seen = (observed(f"The guest's invitation is “{value}”.", "user.external_state", state),)
            if value.casefold() == "pendingacceptance":
                return Yes(seen, {"guest_state": "invited and has not accepted yet"})
            return No(seen)
        case Missing() if _is_member(facts):
            return _looked_up_at_home()
        case Missing():
            return No((observed("The user object carries no open invitation.", "user.external_state", state),))
        case Unread():
            return lacking("user.external_state", state)


def _not_found_by_provider(facts: Facts, held: str) -> Verdict:
    domain = facts.domain.authentication_type
    if facts.failure.code == _LOOKED_UP_BY_ID and isinstance(domain, Found) and domain.value.casefold() == "federated":
        said = f"The domain is federated: its users are looked up by immutable ID, and “{held}” was not what was sent."
        return Yes((observed(said, "domain.authentication_type", domain),), {"stored": f"“{held}”"})
    return every([lacking("failure.account"), lacking("domain")])


def _is_member(facts: Facts) -> bool:
    kind = facts.user.user_type
    return isinstance(kind, Found) and kind.value.casefold() == "member"


def _looked_up_at_home() -> Verdict:
    """Somebody gave the account's object in its own tenant, which says nothing about a guest object elsewhere."""
    return lacking(
        "user", Unread(how="Look the user up in the tenant that was asked: the object given is its own tenant's")
    )


def _name_kind(identity: Identity) -> NameKind | None:
    kind = identity.kind.casefold()
    if kind == "userprincipalname":
        return None
    return "external" if kind == "federated" else "local"


def _given(verdict: Verdict) -> str:
    return "" if isinstance(verdict, No) else verdict.gives.get("account_kind", "")


def _with_evidence(used: Verdict, seen: Evidence) -> Verdict:
    """Unknown or no for want of an outside account; what the guest object is tied to stays visible."""
    if isinstance(used, Unknown):
        return Unknown(used.needs, (seen, *used.evidence))
    return No((seen, *used.evidence))


def _kind_of_provider(provider: str) -> AccountKind:
    lowered = provider.casefold()
    if "live.com" in lowered or CONSUMER_TENANT in lowered or "microsoft account" in lowered:
        return "personal"
    if "sts.windows.net" in lowered or "login.microsoftonline" in lowered:
        return "other_organisation"
    return "other_provider"
