"""A pasted error meets the stored registration of the application it names."""

from datetime import UTC, datetime

import msgspec

from diag.core.asked import asked_api, values_of
from diag.core.diagnosis import Diagnosis
from diag.core.enquiry import Enquiry
from diag.core.errors import StoreError
from diag.core.facts import Facts
from diag.core.identifiers import is_guid
from diag.core.read import Found, Unread, unreadable
from diag.core.reading import as_reads, is_told, values_in
from diag.core.registration import Application, ServicePrincipal
from diag.core.sign_in import Failure
from diag.workflows.diagnose import answer, read_paste
from diag.workflows.incidents import BEFORE_FAILURE, registration_facts, with_history, with_neighbours
from diag.workflows.ports import ApplicationLine, Clock, Database, KnowledgeBase, Transaction, Translator

_REGISTERED = ("application", "deleted_application")
"""What is the same wherever the application is used."""
_IN_TENANT = ("service_principal", "grants", "app_role_assignments", "assigned_principals", "access_policies")
"""What is true of one tenant only."""
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_TENANTS_AT_MOST = 500


def answer_with_registration(
    enquiry: Enquiry, knowledge_base: KnowledgeBase, database: Database, translator: Translator, clock: Clock
) -> Diagnosis:
    """The diagnosis, with what is stored of the application and the API that the enquiry names. Nothing is stored."""
    return answer(with_registration(enquiry, knowledge_base, database, translator, clock), knowledge_base)


def with_registration(
    enquiry: Enquiry, knowledge_base: KnowledgeBase, database: Database, translator: Translator, clock: Clock
) -> Enquiry:
    """The enquiry with what is stored of the application and the API that it names; itself where it names none.

    A registration that the enquiry brings itself is never mixed with the stored one. When the database cannot be used,
    the facts say that nobody could look, and why.
    """
    named = _named(enquiry, knowledge_base)
    wants_registration = _app_id(named) is not None and not _brings_registration(enquiry.facts)
    wants_resource = not _tells(enquiry.facts.resource) and asked_api(_with(named)) is not None
    if not wants_registration and not wants_resource:
        return enquiry
    try:
        with database.read() as transaction:
            facts = _stored_facts(enquiry.facts, named, transaction, translator, clock.now())
    except StoreError as error:
        facts = _unread(enquiry.facts, f"the stored registration cannot be read: {error}", error.hint)
    return msgspec.structs.replace(enquiry, facts=facts)


def _named(enquiry: Enquiry, knowledge_base: KnowledgeBase) -> Failure:
    """What request, record and text say of the failed attempt; the text only where the others are silent."""
    given = enquiry.facts.failure
    paste = read_paste(enquiry)
    if paste is None:
        return given
    code = enquiry.code or enquiry.sign_in_code or paste.read.code
    entry = knowledge_base.entry(code) if code else None
    values = {name: value for name, value in paste.read.values.items() if is_told(value)}
    if entry is not None:
        values |= values_in(entry, paste.read.window)
    told = {
        name: read
        for name, read in as_reads(values, "text").items()
        if isinstance(getattr(given, name, None), Unread) and isinstance(read, Found)
    }
    return msgspec.structs.replace(given, **told)


def _app_id(named: Failure) -> str | None:
    """The application ID, where what was sent as one is a GUID at all."""
    if not isinstance(named.app_id, Found):
        return None
    app_id = named.app_id.value.strip().lower()
    return app_id if is_guid(app_id) else None


def _stored_facts(
    given: Facts, named: Failure, transaction: Transaction, translator: Translator, now: datetime
) -> Facts:
    """The given facts with what is stored; unchanged where it is stored nowhere, or in tenants not told apart."""
    app_id = None if _brings_registration(given) else _app_id(named)
    tenant = _tenant_named(named)
    observed = named.observed_at
    # An instant that somebody typed may lie anywhere; what is stored does not.
    at = min(max(observed.value, _EARLIEST), now) if isinstance(observed, Found) else now
    line, others = _stored(transaction, tenant, app_id=app_id) if app_id else (None, 0)
    facts = given
    if line is not None:
        facts = _with_registration(given, named, line, tenant, at, transaction, translator, others=others)
    elif others:
        facts = _unread(given, *_not_told_apart(others))
    if not _tells(given.resource):
        facts = _with_resource(facts, named, line.tenant_id if line else tenant, at, transaction, translator)
    return facts


def _with_registration(
    given: Facts,
    named: Failure,
    line: ApplicationLine,
    tenant: str | None,
    at: datetime,
    transaction: Transaction,
    translator: Translator,
    *,
    others: int,
) -> Facts:
    """``others``: so many tenants hold the application, and which of them is meant is not known; 0 when it is."""
    stored = registration_facts(line.tenant_id, line.app_id, at, transaction, translator)
    home = stored
    if tenant == line.tenant_id and not line.has_registration and (owner := _home(transaction, line)):
        # The tenant in which it failed holds the service principal; the application's own tenant is watched too.
        home = registration_facts(owner, line.app_id, at, transaction, translator)
    taken = {name: getattr(home, name) for name in _REGISTERED}
    if isinstance(given.home_tenant_id, Unread):
        taken["home_tenant_id"] = stored.home_tenant_id
    # The failure may have happened in a customer's tenant: what is stored of ours proves nothing about that one.
    elsewhere = tenant != line.tenant_id if tenant is not None else others > 0
    if not elsewhere:
        taken |= {name: getattr(stored, name) for name in _IN_TENANT}
    facts = msgspec.structs.replace(given, **taken)
    if others:
        facts = _unread(facts, *_not_told_apart(others), registered=False)
    if isinstance(given.changes, Unread):
        facts = with_history(facts, line.tenant_id, line.app_id, at - BEFORE_FAILURE, at, transaction)
    if elsewhere:
        return facts
    around = with_neighbours(_with(named, facts), line.tenant_id, line.app_id, transaction)
    return msgspec.structs.replace(facts, neighbours=around.neighbours)


def _with_resource(
    facts: Facts, named: Failure, tenant: str | None, at: datetime, transaction: Transaction, translator: Translator
) -> Facts:
    """The facts with the API that the failure is about, where that API is stored."""
    api = asked_api(_with(named))
    if api is None:
        return facts
    app_id = values_of(api).get("api_app_id")
    uris = [api.name.strip(), api.name.strip().rstrip("/"), f"{api.name.strip().rstrip('/')}/"]
    line, _ = (
        _stored(transaction, tenant, app_id=app_id)
        if app_id
        else _stored(transaction, tenant, identifier_uris=list(dict.fromkeys(uris)))
    )
    if line is None or (tenant is not None and tenant != line.tenant_id):
        return facts
    objects = transaction.registrations.as_of(line.tenant_id, line.app_id, at)
    return msgspec.structs.replace(facts, resource=translator.resource(objects))


def _stored(
    transaction: Transaction,
    tenant: str | None,
    *,
    app_id: str | None = None,
    identifier_uris: list[str] | None = None,
) -> tuple[ApplicationLine | None, int]:
    """The one stored application that is meant, and in how many tenants it lies of which none is named.

    Meant is the named tenant's; else the only one there is; else, for an application ID, the one that is registered:
    the others are its service principals in further tenants.
    """
    registrations = transaction.registrations
    if tenant is not None:
        own = registrations.applications(tenant, app_id=app_id, identifier_uris=identifier_uris, limit=2)
        if own:
            return (own[0] if len(own) == 1 else None), 0
    found = registrations.applications(None, app_id=app_id, identifier_uris=identifier_uris, limit=_TENANTS_AT_MOST)
    if len(found) == 1:
        return found[0], 0
    registered = [line for line in found if line.has_registration]
    if app_id is None or len(registered) != 1:
        return None, len(found)
    return registered[0], len(found) if tenant is None else 0


def _home(transaction: Transaction, principal: ApplicationLine) -> str:
    """The watched tenant in which a service principal's application is registered; empty for none or several."""
    found = transaction.registrations.applications(None, app_id=principal.app_id, limit=_TENANTS_AT_MOST)
    homes = [line.tenant_id for line in found if line.has_registration]
    return homes[0] if len(homes) == 1 else ""


def _not_told_apart(tenants: int) -> tuple[str, str]:
    """Why nothing of one tenant is said, and what would settle it."""
    return (
        f"the application is stored for {tenants} tenants, and nothing says in which of them it failed",
        "Name the tenant by its GUID, as `authority_tenant` of the request or in the text.",
    )


def _tenant_named(named: Failure) -> str | None:
    """The tenant in which it failed, where it is named by its GUID; a domain or a display name cannot be compared."""
    for read in (named.tenant, named.authority_tenant):
        if isinstance(read, Found) and is_guid(read.value.strip().lower()):
            return read.value.strip().lower()
    return None


def _brings_registration(facts: Facts) -> bool:
    return any(_tells(getattr(facts, name)) for name in (*_REGISTERED, *_IN_TENANT))


def _tells(value: object) -> bool:
    """Whether anything in it was read, be it found or missing."""
    fields = getattr(value, "__struct_fields__", ())
    if "exists" in fields:
        return any(not isinstance(getattr(value, name), Unread) for name in fields)
    return not isinstance(value, Unread)


def _with(named: Failure, facts: Facts | None = None) -> Facts:
    return Facts(failure=named) if facts is None else msgspec.structs.replace(facts, failure=named)


def _unread(given: Facts, why: str, how: str, *, registered: bool = True) -> Facts:
    """The given facts where the store is silent: unread, and why; ``registered``: of the application itself, too."""
    silent = Unread(why, how)
    told = {name: silent for name in (*_IN_TENANT, "changes", "neighbours") if isinstance(getattr(given, name), Unread)}
    parts: dict[str, object] = {}
    if registered and not _brings_registration(given):
        parts["application"] = unreadable(Application, why, how)
    if not registered or not _brings_registration(given):
        parts["service_principal"] = unreadable(ServicePrincipal, why, how)
    return msgspec.structs.replace(given, **told, **parts)
