"""Choosing the version of the access tokens that an API receives."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.remedies import fixing
from diag.core.remedies.api_registration import api_registration
from diag.core.remedies.settings import setting_commands
from diag.core.remedies.subject import Subject
from diag.core.remedy import Commands, Fix, Rollback, remedy


class SetAccessTokenVersion(Struct, frozen=True, forbid_unknown_fields=True):
    version: str = "2"


@remedy("set_access_token_version", effect="changes", args=SetAccessTokenVersion)
def set_access_token_version(facts: Facts, args: SetAccessTokenVersion) -> Fix:
    """Sets which version of access token Entra ID issues for the API, whichever endpoint its clients use."""
    api = api_registration(facts)
    subject = api.subject
    version = 1 if args.version.strip() == "1" else 2
    other = 3 - version
    return fixing.fix(
        subject,
        do=f"First let every instance of the API behind {subject.name} accept tokens of both versions; then have Entra "
        f"ID issue version {version}, by a setting in the API's own registration and not in the client's.",
        effect="changes",
        before=(
            "Deploy the API so that it accepts both issuers (https://sts.windows.net/<tenant>/ for version 1, "
            "https://login.microsoftonline.com/<tenant>/v2.0 for version 2) and both audiences (the App ID URI and the "
            "application ID).",
            "Look for code that reads claims which differ: appid and upn (version 1), azp and preferred_username "
            "(version "
            "2). Every client of the API is affected at its next token.",
            "Ask the API's owner to approve.",
        ),
        commands=api.commands(_commands(subject, version)),
        caution=f"Tokens issued before stay valid for about an hour, so both versions arrive for a while. An API "
        f"that only "
        f"knows version {other} refuses all calls from then on."
        + (" An application that takes personal accounts must stay at version 2." if version == 1 else ""),
        rollback=Rollback(f"Set it back to version {other}.", api.undo(_commands(subject, other))),
        verify=f"Get a new token for the API and read its ver claim: it is {version}.0, and the API accepts it.",
    )


def _commands(subject: Subject, version: int) -> Commands:
    return setting_commands(
        subject,
        body={"api": {"requestedAccessTokenVersion": version}},
        az={"requested_access_token_version": str(version)},
        terraform={"api": {"requested_access_token_version": version}},
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Manifest > Microsoft Graph App Manifest: api > "
        f"requestedAccessTokenVersion = {version}, Save.",
    )
