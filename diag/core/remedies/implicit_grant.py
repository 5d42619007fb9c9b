"""Turning off tokens that come straight from the authorization endpoint."""

from diag.core.facts import Facts
from diag.core.remedies import fixing
from diag.core.remedies.arguments import NoArgs
from diag.core.remedies.settings import setting_commands
from diag.core.remedies.subject import Subject, subject_of, value
from diag.core.remedy import Commands, Fix, Rollback, remedy


@remedy("disable_implicit_grant", effect="removes", args=NoArgs)
@fixing.own_registration
def disable_implicit_grant(facts: Facts, args: NoArgs) -> Fix:
    """Stops access tokens and ID tokens from being returned by the authorization endpoint (implicit and hybrid
    flow)."""
    subject = subject_of(facts)
    had_id_tokens = value(facts.application.implicit_id_tokens) is True
    undo = "Turn ID tokens on again, only for a confidential web application that receives them by form_post."
    return fixing.fix(
        subject,
        do=f"Turn off the implicit grant of {subject.name}, once its clients use the authorization code flow with "
        f"PKCE.",
        effect="removes",
        before=(
            "Find every client that asks for response_type id_token or token (the sign-in logs and each client's code "
            "show it); server frameworks often ask for “code id_token”. They stop working.",
            "Ask the owners of those clients to approve.",
        ),
        commands=_commands(subject, False, False),
        caution="Old single-page applications (ADAL.js, MSAL.js 1) live on this flow: move them to MSAL.js 2 or "
        "later first.",
        rollback=Rollback(
            undo
            if had_id_tokens
            else f"{undo} It is not known that they were on, so no command is shown; note it first.",
            _commands(subject, True, False) if had_id_tokens else None,
        ),
        verify="Sign in through each client: the request to /authorize carries response_type=code and completes.",
    )


def _commands(subject: Subject, id_tokens: bool, access_tokens: bool) -> Commands:
    body = {"enableIdTokenIssuance": id_tokens} | ({} if id_tokens else {"enableAccessTokenIssuance": access_tokens})
    az = (
        {"enable_id_token_issuance": "true"}
        if id_tokens
        else {
            "enable_id_token_issuance": "false",
            "enable_access_token_issuance": "false",
        }
    )
    implicit = {"id_token_issuance_enabled": id_tokens} | (
        {} if id_tokens else {"access_token_issuance_enabled": access_tokens}
    )
    return setting_commands(
        subject,
        body={"web": {"implicitGrantSettings": body}},
        az=az,
        terraform={"web": {"implicit_grant": implicit}},
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Authentication > Settings > Implicit grant and hybrid "
        f"flows: "
        f"{'tick ID tokens' if id_tokens else 'clear Access tokens and ID tokens'}, Save.",
    )
