"""What the stored sign-ins show of how an application is used."""

from datetime import datetime, timedelta

from diag.core.read import Found, Read, Unread
from diag.core.sign_in import Attempts, SignInActivity
from diag.workflows.ports import CredentialQuery, Transaction

_LOOKED_BACK = timedelta(days=30)
_CREDENTIALS = 200
_NOT_KEPT = Unread(
    "successful sign-ins of users are not kept here",
    "Look at the application's line in Graph's reports/servicePrincipalSignInActivities (beta)",
)


def sign_in_activity(stores: Transaction, tenant_id: str, app_id: str, now: datetime) -> SignInActivity:
    """What is stored of the last 30 days; a success counts where the log named the application's own credential."""
    held = stores.credentials.find(CredentialQuery(tenant_id=tenant_id, app_id=app_id, limit=_CREDENTIALS))
    used = [item.last_used for item in held if item.last_used is not None]
    itself: Read[datetime] = Unread("no success with a credential of its own is stored, and not every one is")
    if used:
        itself = Found(max(used), "sign_in", now)
    attempts: Read[tuple[Attempts, ...]] = Unread("the sign-in log was not read yet")
    logs = [
        item for item in stores.progress.all() if item.tenant_id == tenant_id and item.source.startswith("sign_ins:")
    ]
    if any(item.succeeded_at for item in logs):
        whole = bool(logs) and all(item.succeeded_at for item in logs)
        ways = tuple(stores.failures.attempts(tenant_id, app_id, now - _LOOKED_BACK))
        attempts = Found(ways, "sign_in", now, whole)
    return SignInActivity(as_itself=itself, for_users=_NOT_KEPT, attempts=attempts)
