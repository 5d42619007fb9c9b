"""Every credential of a query, however many there are."""

from msgspec.structs import replace

from diag.workflows.ports import CredentialQuery, StoredCredential, Transaction

_PAGE = 500


def all_credentials(transaction: Transaction, query: CredentialQuery) -> list[StoredCredential]:
    """What the query finds, page by page to the end; its own limit does not count."""
    found: list[StoredCredential] = []
    query = replace(query, limit=_PAGE)
    while page := transaction.credentials.find(query):
        found.extend(page)
        if len(page) < _PAGE:
            break
        query = replace(query, after=page[-1].keyset)
    return found
