"""Why a credential raises no alert, decided beside all credentials of the same object."""

from collections.abc import Callable, Sequence

from diag.core.expiry import quiet_because
from diag.core.inventory import CredentialRow
from diag.workflows.ports import CredentialQuery, StoredCredential, Transaction

Reason = Callable[[StoredCredential], str]

_OF_ONE_OBJECT = 500


def reasons(found: Sequence[StoredCredential], stores: Transaction) -> Reason:
    """The reason of each credential found, empty where alerts are raised.

    A list may be filtered or cut, so the credentials of an object that could be quiet are read whole.
    """
    siblings: dict[tuple[str, str], list[CredentialRow]] = {}
    for item in found:
        key = (item.tenant_id, item.credential.owner_object_id)
        if key not in siblings and _may_be_quiet(item.credential):
            query = CredentialQuery(tenant_id=item.tenant_id, app_id=item.credential.app_id, limit=_OF_ONE_OBJECT)
            siblings[key] = [
                other.credential
                for other in stores.credentials.find(query)
                if other.credential.owner_object_id == item.credential.owner_object_id
            ]

    def reason(item: StoredCredential) -> str:
        return quiet_because(item.credential, siblings.get((item.tenant_id, item.credential.owner_object_id), []))

    return reason


def _may_be_quiet(credential: CredentialRow) -> bool:
    """Only an inactive credential is judged by its siblings."""
    return not credential.active
