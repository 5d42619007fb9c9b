"""Questions about what stands around consent: who took it away, whose application it is, and who vouches for it."""

from diag.core.facts import Facts
from diag.core.permissions import is_guid
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

_WITHDRAWALS = (
    "remove delegated permission grant",
    "remove oauth2permissiongrant",
    "remove app role assignment from service principal",
    "revoke consent",
)
"""Audit activities that take consent away, in lower case."""


@predicate(
    "consent.was_withdrawn", needs=("changes",), gives={"withdrawn": "some day before the failure", "actor": "somebody"}
)
def was_withdrawn(facts: Facts, _: NoArgs) -> Verdict:
    """The audit log shows that a grant of this application was removed before the failure."""
    changes = facts.changes
    match changes:
        case Unread():
            return lacking("changes", changes)
        case Missing():
            return No((observed("The audit log shows no removed consent.", "changes", changes),))
        case Found(value=listed):
            for change in listed:
                if change.activity.casefold().rstrip(".").startswith(_WITHDRAWALS):
                    when = change.at.date().isoformat()
                    actor = f"“{change.actor}”" if change.actor else "somebody"
                    said = f"On {when} {actor} removed consent (“{change.activity}”)."
                    return Yes((observed(said, "changes", changes),), {"withdrawn": when, "actor": actor})
            if not changes.complete:
                return lacking("changes")
            return No((observed("The audit log shows no removed consent.", "changes", changes),))


@predicate(
    "consent.concerns_foreign_application",
    needs=(
        "application.sign_in_audience",
        "service_principal.owner_tenant_id",
        "home_tenant_id",
        "failure.resource_tenant_id",
        "failure.authority_tenant",
        "failure.tenant",
    ),
    gives={"tenant": "the user's tenant"},
)
def concerns_foreign_application(facts: Facts, _: NoArgs) -> Verdict:
    """The application belongs to another tenant than the one in which consent is wanting."""
    audience = facts.application.sign_in_audience
    if isinstance(audience, Found) and audience.value == "AzureADMyOrg":
        said = "The application serves its own tenant only."
        return No((observed(said, "application.sign_in_audience", audience),))
    seen: tuple[Evidence, ...] = ()
    if isinstance(audience, Found):
        seen = (
            observed("The application is registered for several tenants.", "application.sign_in_audience", audience),
        )
    owner = next(
        (r for r in (facts.service_principal.owner_tenant_id, facts.home_tenant_id) if isinstance(r, Found)), None
    )
    candidates = (
        (facts.failure.resource_tenant_id, "failure.resource_tenant_id"),
        (facts.failure.authority_tenant, "failure.authority_tenant"),
        (facts.failure.tenant, "failure.tenant"),
    )
    named = [(read, fact) for read, fact in candidates if isinstance(read, Found)]
    tenant = next(((read, fact) for read, fact in named if is_guid(read.value)), None)
    gives = {"tenant": f"“{named[0][0].value}”"} if named else {}
    if owner is None or tenant is None:
        fact = "home_tenant_id" if owner is None else "failure.authority_tenant"
        return Unknown(lacking(fact).needs, seen, gives)
    read, fact = tenant
    if read.value.casefold() == owner.value.casefold():
        return No((observed("The request goes to the tenant that owns the application.", fact, read),))
    said = f"The request goes to the tenant “{read.value}”; the application belongs to “{owner.value}”."
    return Yes((*seen, observed(said, fact, read)), {"tenant": f"“{read.value}”"})


@predicate(
    "consent.is_for_verified_publisher",
    needs=("service_principal.verified_publisher", "application.verified_publisher"),
)
def is_for_verified_publisher(facts: Facts, _: NoArgs) -> Verdict:
    """The application's publisher is verified, which users' consent may depend on."""
    for read, fact in (
        (facts.service_principal.verified_publisher, "service_principal.verified_publisher"),
        (facts.application.verified_publisher, "application.verified_publisher"),
    ):
        match read:
            case Found(value=name) if name:
                return Yes((observed(f"The publisher “{name}” is verified.", fact, read),))
            case Found() | Missing():
                return No((observed("The application's publisher is not verified.", fact, read),))
            case Unread():
                continue
    return lacking("service_principal.verified_publisher")
