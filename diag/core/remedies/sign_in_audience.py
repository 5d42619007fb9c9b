"""Changing which accounts may sign in to an application."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.remedies import fixing
from diag.core.remedies.quoting import plain
from diag.core.remedies.settings import setting_commands
from diag.core.remedies.subject import placeholder, subject_of, value
from diag.core.remedy import Commands, Fix, Rollback, remedy

_WHO = {
    "AzureADMyOrg": "accounts of this tenant alone (single tenant)",
    "AzureADMultipleOrgs": "accounts of any organisation's tenant (multitenant)",
    "AzureADandPersonalMicrosoftAccount": "accounts of any organisation and personal Microsoft accounts",
    "PersonalMicrosoftAccount": "personal Microsoft accounts alone",
}


class SetSignInAudience(Struct, frozen=True, forbid_unknown_fields=True):
    audience: str


@remedy("set_sign_in_audience", effect="widens", args=SetSignInAudience)
@fixing.own_registration
def set_sign_in_audience(facts: Facts, args: SetSignInAudience) -> Fix:
    """Sets which accounts may sign in: this tenant, any organisation, or personal accounts as well."""
    subject = subject_of(facts)
    audience = args.audience if args.audience in _WHO else placeholder("audience-value")
    current = value(facts.application.sign_in_audience)
    previous = current if current in _WHO else placeholder("previous-audience")
    portal = f"{fixing.PORTAL} > {subject.name} > Manage > Authentication > Supported account types"
    personal = "Personal" in audience

    def commands(wanted: str) -> Commands:
        api = {"requestedAccessTokenVersion": 2} if "Personal" in wanted else {}
        az = {"sign_in_audience": wanted} | ({"requested_access_token_version": "2"} if api else {})
        return setting_commands(
            subject,
            body={"signInAudience": wanted} | ({"api": api} if api else {}),
            az=az,
            terraform={"": {"sign_in_audience": wanted}}
            | ({"api": {"requested_access_token_version": 2}} if api else {}),
            portal=f"{portal}: choose {_WHO.get(wanted, 'the accounts wanted')}, Save.",
        )

    return fixing.fix(
        subject,
        do=f"Let {subject.name} accept {_WHO.get(args.audience, 'the accounts it is meant for')}. Until now: "
        f"{_WHO.get(str(current), plain(str(current)) if current else 'not read')}.",
        effect="widens",
        before=(
            "Ask whether people from other tenants are really meant to use the application; inviting the one person "
            "as a "
            "guest, or using this tenant's own authority, needs no change here.",
            "Check that the application itself decides which tenants and users it lets in: it must compare the tid "
            "claim "
            "with a list, because from then on Entra ID issues tokens to accounts outside this tenant.",
            "Affected: everybody who may sign in from then on, and the API behind it. Ask the application's "
            "owner and whoever answers for security to approve.",
        ),
        commands=commands(audience),
        caution="This affects everyone: sign-in is opened to accounts this tenant does not manage. App ID URIs must "
        "use a "
        "verified domain or api://<GUID> form for it to be accepted"
        + (
            "; personal accounts also need access token version 2, which changes tokens of its API."
            if personal
            else "."
        ),
        rollback=Rollback(
            "Set the audience back; accounts from other tenants lose access at once.", commands(previous)
        ),
        verify="Sign in with an account of the kind that failed, then with one that must not get in: the application "
        "itself "
        "turns that one away.",
    )
