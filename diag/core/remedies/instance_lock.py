"""Keeping other tenants from adding credentials to their service principals of a multi-tenant application."""

from diag.core.facts import Facts
from diag.core.remedies import fixing
from diag.core.remedies.arguments import NoArgs
from diag.core.remedies.settings import setting_commands
from diag.core.remedies.subject import Subject, subject_of
from diag.core.remedy import Commands, Fix, Rollback, Unavailable, remedy


@remedy("lock_instance_properties", effect="changes", args=NoArgs)
@fixing.own_registration
def lock_instance_properties(facts: Facts, args: NoArgs) -> Fix:
    """Turns the app instance property lock on for all sensitive properties: credentials of the application's service
    principals can then be changed by its own tenant alone."""
    subject = subject_of(facts)
    return fixing.fix(
        subject,
        do=f"Lock the sensitive properties of every service principal of {subject.name}.",
        effect="changes",
        before=(
            "Ask the customers who run the application with a credential or a SAML signing certificate of their own: "
            "they can no longer change those on their side, and their sign-in stops when it ends.",
            "Ask the application's owner to approve.",
        ),
        commands=_commands(subject, True),
        caution="Credentials that were added to a service principal before stay valid: the lock ends additions, it "
        "removes nothing.",
        rollback=Rollback("Turn the lock off again.", _commands(subject, False)),
        verify="In a tenant that uses the application, adding a credential to its service principal is refused.",
    )


def _commands(subject: Subject, on: bool) -> Commands:
    lock = {"isEnabled": on, "allProperties": on}
    return setting_commands(
        subject,
        body={"servicePrincipalLockConfiguration": lock},
        az={},
        terraform=Unavailable("the azuread provider has no attribute for the lock; set it with az or in the portal"),
        portal=f"{fixing.PORTAL} > {subject.name} > Manage > Authentication > Settings > App instance property lock > "
        f"{'Enable property lock, All properties' if on else 'clear Enable property lock'} > Save.",
    )
