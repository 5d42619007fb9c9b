"""Names for incidents whose sign-in records name no application: those of one that was deleted do not."""

from collections.abc import Sequence

import msgspec

from diag.core.incidents import Incident
from diag.core.read import Found
from diag.workflows.incidents import registration_facts
from diag.workflows.ports import Transaction, Translator


def with_names(incidents: Sequence[Incident], transaction: Transaction, translator: Translator) -> list[Incident]:
    """The incidents, each without an application's name with the one that its stored registration has, live or deleted.

    The name is the registration's own only; what is stored nowhere stays without.
    """
    names: dict[tuple[str, str], str] = {}
    named = []
    for incident in incidents:
        app_id = incident.fingerprint.app_id
        if incident.app_name or not app_id:
            named.append(incident)
            continue
        key = (incident.tenant_id, app_id)
        if key not in names:
            names[key] = _name(*key, transaction, translator)
        named.append(msgspec.structs.replace(incident, app_name=names[key]))
    return named


def _name(tenant_id: str, app_id: str, transaction: Transaction, translator: Translator) -> str:
    facts = registration_facts(tenant_id, app_id, None, transaction, translator)
    for held in (facts.application, facts.deleted_application):
        if isinstance(held.display_name, Found) and held.display_name.value:
            return held.display_name.value
    return ""
