"""Questions about the account that signs in: where it comes from, and whether the tenant knows it."""

from typing import Literal

from msgspec import Struct

from diag.core.facts import Facts, Found, Missing, Unread
from diag.core.identifiers import CONSUMER_TENANT
from diag.core.predicate import NoArgs, predicate
from diag.core.verdict import No, Verdict, Yes, lacking, observed

AccountKind = Literal["personal", "other_organisation", "other_provider"]

_KIND_WORDS: dict[AccountKind, str] = {
    "personal": "a personal Microsoft account",
    "other_organisation": "an account of another organisation",
    "other_provider": "an account of another identity provider",
}


class AccountArgs(Struct, frozen=True, forbid_unknown_fields=True):
    kinds: tuple[AccountKind, ...]


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


@predicate(
    "account.awaits_invitation", needs=("user.exists", "user.external_state"), gives={"guest_state": "not invited"}
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
            return Yes(seen, {"guest_state": value}) if value.casefold() == "pendingacceptance" else No(seen)
        case Missing():
            return No((observed("The user object carries no open invitation.", "user.external_state", state),))
        case Unread():
            return lacking("user.external_state", state)


def _kind_of_provider(provider: str) -> AccountKind:
    lowered = provider.casefold()
    if "live.com" in lowered or CONSUMER_TENANT in lowered or "microsoft account" in lowered:
        return "personal"
    if "sts.windows.net" in lowered or "login.microsoftonline" in lowered:
        return "other_organisation"
    return "other_provider"
