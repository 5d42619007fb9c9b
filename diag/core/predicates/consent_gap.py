"""Questions about consent that the registration has outgrown."""

from diag.core.facts import Facts
from diag.core.permissions import shown_api
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.registration import DelegatedGrant
from diag.core.verdict import No, Verdict, Yes, lacking, observed


@predicate(
    "consent.lags_behind_registration",
    needs=("application.required_permissions", "grants", "resource.object_id", "resource.app_id", "resource.scopes"),
    gives={"permission": "the newer permission", "granted": "what is granted", "api": "the API that is asked for"},
)
def lags_behind_registration(facts: Facts, _: NoArgs) -> Verdict:
    """An administrator consented for all users, and the registration lists more on that API than was granted."""
    resource = facts.resource
    required, grants = facts.application.required_permissions, facts.grants
    if isinstance(grants, Unread):
        return lacking("grants", grants)
    if isinstance(required, Unread):
        return lacking("application.required_permissions", required)
    if not isinstance(resource.object_id, Found) or not isinstance(resource.app_id, Found):
        return lacking("resource.object_id")
    if not isinstance(resource.scopes, Found):
        return lacking("resource.scopes", resource.scopes if isinstance(resource.scopes, Unread) else None)
    held = _for_everyone(grants, resource.object_id.value)
    if not held:
        complete = not isinstance(grants, Found) or grants.complete
        none = observed("No consent for all users exists on the API that is asked for.", "grants", grants)
        return No((none,)) if complete else lacking("grants")
    listed = required.value if isinstance(required, Found) else ()
    wanted = {
        item.permission_id
        for item in listed
        if item.kind == "delegated" and item.resource_app_id == resource.app_id.value
    }
    granted = {scope.casefold() for grant in held for scope in grant.scopes}
    names = [scope.value for scope in resource.scopes.value if scope.id in wanted]
    absent = sorted(name for name in names if name.casefold() not in granted)
    shown = ", ".join(sorted({scope for grant in held for scope in grant.scopes}))
    if not absent:
        said = f"All delegated permissions that the registration lists on the API are granted: {shown}."
        return No((observed(said, "grants", grants),))
    said = f"The registration lists {', '.join(absent)}, which the consent for all users lacks. Granted: {shown}."
    gives = {"permission": " ".join(absent), "granted": shown, "api": shown_api(resource.app_id.value)}
    return Yes((observed(said, "grants", grants),), gives)


def _for_everyone(grants: Found[tuple[DelegatedGrant, ...]] | Missing, resource_object_id: str) -> list[DelegatedGrant]:
    if isinstance(grants, Missing):
        return []
    return [
        grant
        for grant in grants.value
        if grant.resource_object_id == resource_object_id and grant.consent_type == "AllPrincipals"
    ]
