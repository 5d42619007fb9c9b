"""Codes that failures brought and no entry knows: counted, with what Microsoft itself said about them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.redaction import redact
from diag.workflows.ports import FailureQuery, KnowledgeBase, Transaction, Translator
from diag.workflows.ports_codes import SeenApplication, SeenCode

_APPLICATIONS = 20
_LOOKED_AT = 50
"""Latest failures of the code whose words are read; they repeat."""
_SAYINGS = 5
_LONGEST = 500


class UnknownCode(Struct, frozen=True, kw_only=True):
    """One tenant's failures with a code that no entry knows."""

    tenant_id: str
    code: int
    count: int
    first_seen: datetime
    last_seen: datetime
    applications: tuple[SeenApplication, ...]
    """Most failures first, at most 20."""
    said: tuple[str, ...]
    """Distinct reasons and details that the sign-in log gave, latest first, without secrets; untrusted text. Empty
    when the log said nothing or the records are no longer kept."""


def unknown_codes(
    transaction: Transaction,
    knowledge_base: KnowledgeBase,
    translator: Translator,
    *,
    tenant_id: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> list[UnknownCode]:
    """Latest seen first; ``after`` is the key (see ``key_of``) of the last item of the page before."""
    found = seen_unknown(transaction, knowledge_base, tenant_id)
    if after is not None:
        found = [one for one in found if _order(one) > _order_of_key(after)]
    return [_whole(one, transaction, translator) for one in found[:limit]]


def seen_unknown(
    transaction: Transaction, knowledge_base: KnowledgeBase, tenant_id: str | None = None
) -> list[SeenCode]:
    """The same codes with their counts alone."""
    known = {line.code for line in knowledge_base.codes()}
    return [one for one in transaction.seen_codes.codes(tenant_id) if one.code not in known and one.code]


def key_of(one: UnknownCode) -> str:
    """Where the item stands in the list: ``last_seen\\ncode\\ntenant_id``."""
    return f"{one.last_seen.isoformat()}\n{one.code}\n{one.tenant_id}"


def _order(one: SeenCode) -> tuple[float, int, str]:
    return (-one.last_seen.timestamp(), one.code, one.tenant_id)


def _order_of_key(key: str) -> tuple[float, int, str]:
    last_seen, _, rest = key.partition("\n")
    code, _, tenant_id = rest.partition("\n")
    return (-datetime.fromisoformat(last_seen).timestamp(), int(code), tenant_id)


def _whole(seen: SeenCode, transaction: Transaction, translator: Translator) -> UnknownCode:
    return UnknownCode(
        tenant_id=seen.tenant_id,
        code=seen.code,
        count=seen.count,
        first_seen=seen.first_seen,
        last_seen=seen.last_seen,
        applications=tuple(transaction.seen_codes.applications(seen.tenant_id, seen.code, _APPLICATIONS)),
        said=_said(seen, transaction, translator),
    )


def _said(seen: SeenCode, transaction: Transaction, translator: Translator) -> tuple[str, ...]:
    query = FailureQuery(tenant_id=seen.tenant_id, code=seen.code, interrupts=True, limit=_LOOKED_AT)
    said: dict[str, None] = {}
    for row in transaction.failures.find(query):
        for line in _lines(translator.enquiry(row, Facts()).sign_in_text or row.failure_reason):
            said.setdefault(line)
            if len(said) >= _SAYINGS:
                return tuple(said)
    return tuple(said)


def _lines(text: str) -> Sequence[str]:
    if not text.strip():
        return ()
    return [line.strip()[:_LONGEST] for line in redact(text[:4096]).text.splitlines() if line.strip()]
