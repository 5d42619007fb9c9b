"""Questions about a service principal's state: switched off, by whom, and whose application it is."""

from diag.core.facts import Facts
from diag.core.permissions import known_api
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Read, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed

MICROSOFT_TENANTS = frozenset({"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"})
"""Tenants that own Microsoft's own applications."""

MICROSOFT_CLIENTS = {
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Microsoft Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Microsoft Azure PowerShell",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e": "Microsoft Graph Command Line Tools",
    "d3590ed6-52b3-4102-aeff-aad2292ab01c": "Microsoft Office",
    "1fec8e78-bce4-4aaf-ab1b-5451cc387264": "Microsoft Teams",
    "de8bc8b5-d9f9-48b1-a8ad-b748da725064": "Graph Explorer",
    "872cd9fa-d31f-45e0-9eab-6e460a02d1f1": "Visual Studio",
    "aebc6443-996d-45c2-90f0-388ff96faa56": "Visual Studio Code",
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c": "Azure Portal",
}
"""Clients of Microsoft's that people use everywhere, by application ID."""

_OWNER = "service_principal.owner_tenant_id"
_BLOCKED = "DisabledDueToViolationOfServicesAgreement"


@predicate("service_principal.is_enabled", needs=("service_principal.account_enabled",))
def is_enabled(facts: Facts, _: NoArgs) -> Verdict:
    """The service principal is switched on in this tenant, so that tokens are issued for it."""
    read = facts.service_principal.account_enabled
    match read:
        case Found(value=True):
            return Yes((observed("The service principal is enabled.", "service_principal.account_enabled", read),))
        case Found():
            statement = "The service principal is disabled in this tenant (accountEnabled is false)."
            return No((observed(statement, "service_principal.account_enabled", read),))
        case Missing():
            # An absent service principal is no disabled one; another code stands for it.
            return Yes((observed("No service principal is disabled.", "service_principal.account_enabled", read),))
        case Unread():
            return lacking("service_principal.account_enabled", read)


@predicate(
    "application.is_blocked_by_microsoft",
    needs=("application.disabled_by_microsoft", "service_principal.disabled_by_microsoft"),
    gives={"status": "its status"},
)
def is_blocked_by_microsoft(facts: Facts, _: NoArgs) -> Verdict:
    """Microsoft has disabled the application for a violation of its terms or suspected abuse."""
    application, principal = facts.application.disabled_by_microsoft, facts.service_principal.disabled_by_microsoft
    both = (("application.disabled_by_microsoft", application), ("service_principal.disabled_by_microsoft", principal))
    for fact, read in both:
        if isinstance(read, Found) and read.value.casefold() == _BLOCKED.casefold():
            statement = f"Microsoft has set the status “{read.value}”."
            return Yes((observed(statement, fact, read),), {"status": read.value})
    for fact, read in both:
        if not isinstance(read, Unread):
            return No((observed("No block by Microsoft is recorded.", fact, read),))
    return lacking("application.disabled_by_microsoft", _unread(application))


@predicate(
    "application.is_microsofts_own",
    needs=("failure.app_id", _OWNER),
    gives={"product": "a product of Microsoft's"},
)
def is_microsofts_own(facts: Facts, _: NoArgs) -> Verdict:
    """The application belongs to Microsoft, by its owner tenant or because its ID is known in every tenant."""
    owner = facts.service_principal.owner_tenant_id
    name = facts.service_principal.display_name
    if isinstance(owner, Found):
        if owner.value.casefold() in MICROSOFT_TENANTS:
            product = name.value if isinstance(name, Found) else "a product of Microsoft's"
            return Yes((observed("Microsoft's own tenant owns the application.", _OWNER, owner),), {"product": product})
        return No((observed(f"Tenant {owner.value} owns the application.", _OWNER, owner),))
    sent = facts.failure.app_id
    if isinstance(sent, Found):
        app_id = sent.value.strip().casefold()
        api = known_api(app_id)
        product = MICROSOFT_CLIENTS.get(app_id) or (api.name if api else "")
        if product:
            statement = f"The application ID {app_id} is that of {product}."
            return Yes((observed(statement, "failure.app_id", sent),), {"product": product})
    if isinstance(facts.application.exists, Found):
        statement = "The registration is in this tenant, so the application is not Microsoft's."
        return No((observed(statement, "application", facts.application.exists),))
    return lacking(_OWNER, _unread(owner))


@predicate(
    "application.is_registered_elsewhere",
    needs=("application.exists", _OWNER, "home_tenant_id"),
    gives={"owner_tenant": "another tenant"},
)
def is_registered_elsewhere(facts: Facts, _: NoArgs) -> Verdict:
    """The application's registration is not in this tenant: somebody else owns it."""
    application, owner, home = facts.application.exists, facts.service_principal.owner_tenant_id, facts.home_tenant_id
    if isinstance(application, Found):
        return No((observed("The registration is in this tenant.", "application", application),))
    if isinstance(owner, Found) and isinstance(home, Found):
        same = owner.value.casefold() == home.value.casefold()
        statement = f"Tenant {owner.value} owns the application; the sign-in was for tenant {home.value}."
        seen = (observed(statement, _OWNER, owner),)
        return No(seen) if same else Yes(seen, {"owner_tenant": owner.value})
    if isinstance(application, Missing):
        statement = "No application with this client ID is registered in this tenant."
        return Yes((observed(statement, "application", application),))
    return lacking("application", application)


def _unread(read: Read[str]) -> Unread | None:
    return read if isinstance(read, Unread) else None
