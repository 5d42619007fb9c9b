"""A pasted error meets the stored registration of the application it names."""

from datetime import datetime

import msgspec

from diag.core.diagnosis import Diagnosis
from diag.core.enquiry import Enquiry
from diag.core.facts import Facts, Found, Unread
from diag.workflows.diagnose import answer, read_paste
from diag.workflows.incidents import BEFORE_FAILURE, registration_facts, with_history, with_neighbours
from diag.workflows.ports import Clock, Database, KnowledgeBase, Transaction, Translator

_STORED = (
    "application",
    "service_principal",
    "deleted_application",
    "grants",
    "app_role_assignments",
    "assigned_principals",
    "access_policies",
    "home_tenant_id",
)
"""What a stored registration tells, and a request may tell in its place."""


def answer_with_registration(
    enquiry: Enquiry, knowledge_base: KnowledgeBase, database: Database, translator: Translator, clock: Clock
) -> Diagnosis:
    """The diagnosis, with the stored registration where the enquiry names an application and brings none itself."""
    app_id = _named_application(enquiry)
    if app_id is None or not _brings_none(enquiry.facts):
        return answer(enquiry, knowledge_base)
    with database.read() as transaction:
        facts = _stored_facts(enquiry.facts, app_id, transaction, translator, clock.now())
    return answer(enquiry if facts is None else msgspec.structs.replace(enquiry, facts=facts), knowledge_base)


def _named_application(enquiry: Enquiry) -> str | None:
    """The client ID that the request or the text names."""
    given = enquiry.facts.failure.app_id
    if isinstance(given, Found):
        return given.value.strip().lower()
    paste = read_paste(enquiry)
    named = None if paste is None else paste.read.values.get("app_id")
    return named.strip().lower() if named else None


def _brings_none(facts: Facts) -> bool:
    return isinstance(facts.application.exists, Unread) and isinstance(facts.service_principal.exists, Unread)


def _stored_facts(
    given: Facts, app_id: str, transaction: Transaction, translator: Translator, now: datetime
) -> Facts | None:
    """The given facts with the stored registration; None when it is stored nowhere, or in tenants not told apart."""
    tenants = [line.tenant_id for line in transaction.registrations.applications(None, app_id, limit=3)]
    named = given.failure.tenant if isinstance(given.failure.tenant, Found) else given.failure.authority_tenant
    if len(tenants) > 1 and isinstance(named, Found):
        tenants = [tenant for tenant in tenants if tenant == named.value.lower()]
    if len(tenants) != 1:
        return None
    tenant_id = tenants[0]
    observed = given.failure.observed_at
    at = observed.value if isinstance(observed, Found) else now
    stored = registration_facts(tenant_id, app_id, at, transaction, translator)
    told = {name: getattr(stored, name) for name in _STORED if _is_untold(getattr(given, name))}
    facts = msgspec.structs.replace(given, **told)
    facts = with_history(facts, tenant_id, app_id, at - BEFORE_FAILURE, at, transaction)
    return with_neighbours(facts, tenant_id, app_id, transaction)


def _is_untold(value: object) -> bool:
    return isinstance(getattr(value, "exists", value), Unread)
