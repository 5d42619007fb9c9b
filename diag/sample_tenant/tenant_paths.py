"""Answers the paths about the tenant itself: organisation, licences, Conditional Access policies."""

from diag.sample_tenant.asking import Asking
from diag.sample_tenant.clock import stamp
from diag.sample_tenant.directory_paths import paged
from diag.sample_tenant.people import DOMAIN
from diag.sample_tenant.registrations import Properties

_PLANS = (
    ("41781fb2-bc02-4b7c-bd55-b576c07bb09d", "AAD_PREMIUM"),
    ("8a256a2b-b617-496d-b51b-e76466e88db0", "MFA_PREMIUM"),
    ("932ad362-64a8-4783-9106-97849a1a30b9", "ADALLOM_S_DISCOVERY"),
)
_P1 = "078d2b04-f1bd-4111-bbd4-b4b1b354cef4"


def organization(asking: Asking) -> bytes:
    """Answers the one organisation."""
    tenant = asking.tenant
    return paged(asking, "organization", [{
        "id": tenant.tenant_id,
        "deletedDateTime": None,
        "businessPhones": [],
        "city": "Hamburg",
        "country": None,
        "countryLetterCode": "DE",
        "createdDateTime": stamp(tenant.stage.at(-2900)),
        "displayName": "Contoso Sample",
        "marketingNotificationEmails": [],
        "postalCode": None,
        "preferredLanguage": "en",
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "state": None,
        "street": None,
        "technicalNotificationMails": [f"it@{DOMAIN}"],
        "tenantType": "AAD",
        "assignedPlans": [
            {"assignedDateTime": stamp(tenant.stage.at(-700)), "capabilityStatus": "Enabled",
             "service": "AADPremiumService", "servicePlanId": _PLANS[0][0]},
        ],
        "provisionedPlans": [],
        "verifiedDomains": [
            {"capabilities": "Email, OfficeCommunicationsOnline", "isDefault": True, "isInitial": False,
             "name": DOMAIN, "type": "Managed"},
        ],
    }])  # fmt: skip


def subscribed_skus(asking: Asking) -> bytes:
    """Answers the licences: Entra ID P1 for everybody."""
    sku: Properties = {
        "id": f"{asking.tenant.tenant_id}_{_P1}",
        "accountId": asking.tenant.mint.guid("account"),
        "accountName": "Contoso Sample",
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": asking.tenant.stage.crowd.size,
        "prepaidUnits": {"enabled": asking.tenant.stage.crowd.size + 20, "lockedOut": 0, "suspended": 0, "warning": 0},
        "servicePlans": [
            {"servicePlanId": plan, "servicePlanName": name, "provisioningStatus": "Success", "appliesTo": "User"}
            for plan, name in _PLANS
        ],
        "skuId": _P1,
        "skuPartNumber": "AAD_PREMIUM",
        "subscriptionIds": [asking.tenant.mint.guid("subscription")],
    }
    return paged(asking, "subscribedSkus", [sku])


def policies(asking: Asking) -> bytes:
    """Answers the Conditional Access policies, one request a second and no word on when to come back."""
    if asking.tenant.options.throttle:
        asking.tenant.policy_throttle.admit(asking.tenant.tenant_id)
    found = asking.tenant.stage.policies
    if asking.beta:
        found = [{name: value for name, value in each.items() if name != "templateId"} for each in found]
    return paged(asking, "identity/conditionalAccess/policies", found)
