"""Allowing and forbidding flows in which the client cannot prove who it is."""

from diag.core.facts import Facts
from diag.core.remedies import fixing
from diag.core.remedies.arguments import NoArgs
from diag.core.remedies.settings import setting_commands
from diag.core.remedies.subject import Subject, subject_of
from diag.core.remedy import Commands, Fix, Rollback, remedy


@remedy("allow_public_client_flows", effect="widens", args=NoArgs)
@fixing.own_registration
def allow_public_client_flows(facts: Facts, args: NoArgs) -> Fix:
    """Lets native clients sign users in without a client credential (device code, integrated Windows
    authentication)."""
    subject = subject_of(facts)
    return fixing.fix(
        subject,
        do=f"Allow public client flows on {subject.name}, if and only if its client runs on a person's device or in a "
        "terminal and cannot keep a secret. If it runs on a server, send its credential instead and change nothing "
        "here.",
        effect="widens",
        before=(
            "Make sure that the client is a native one: a registration that a server uses as well is better split in "
            "two.",
            "Affected: everybody who can sign in to this application, because anyone who knows its ID can then start a "
            "device code sign-in in its name. Check that Conditional Access covers device code flow.",
            "Ask the application's owner to approve.",
        ),
        commands=_commands(subject, True),
        caution="It also opens the password flow (ROPC), which skips multifactor authentication: do not use it.",
        rollback=Rollback("Forbid public client flows again.", _commands(subject, False)),
        verify="The client gets its tokens without a secret; a sign-in through the application's other clients still "
        "works.",
    )


@remedy("forbid_public_client_flows", effect="changes", args=NoArgs)
@fixing.own_registration
def forbid_public_client_flows(facts: Facts, args: NoArgs) -> Fix:
    """Ends flows without a client credential, for an application whose clients can all keep one."""
    subject = subject_of(facts)
    return fixing.fix(
        subject,
        do=f"Forbid public client flows on {subject.name}.",
        effect="changes",
        before=(
            "Look in the sign-in logs for clients that use device code, integrated Windows authentication or passwords "
            "with this application: they stop working.",
            "Ask the owners of those clients to approve.",
        ),
        commands=_commands(subject, False),
        caution="Native clients that redeem codes through a Mobile and desktop address are not affected.",
        rollback=Rollback("Allow public client flows again.", _commands(subject, True)),
        verify="The confidential clients still get tokens with their credential.",
    )


def _commands(subject: Subject, allowed: bool) -> Commands:
    return setting_commands(
        subject,
        body={"isFallbackPublicClient": allowed},
        az={"is_fallback_public_client": "true" if allowed else "false"},
        terraform={"": {"fallback_public_client_enabled": allowed}},
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Authentication > Settings > Allow public client flows > "
        f"{'Yes' if allowed else 'No'} > Save.",
    )
