"""Which API a failed request is about, from the error's text, the resource parameter or the scopes."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.permissions import app_id_in, known_api, plain_name, resources_asked, shown_api
from diag.core.read import Found

API_WORDS = {
    "resource": "the API that is asked for",
    "api": "the API that is asked for",
    "api_app_id": "the API's application ID",
}
"""Stand-ins for what ``values_of`` gives."""


class Asked(Struct, frozen=True):
    """An API that the failed request names."""

    name: str
    fact: str
    read: Found[str]


def asked_apis(facts: Facts) -> tuple[Asked, ...]:
    """The APIs the failed request names, the error's own first; empty when nothing says."""
    found: list[Asked] = []
    resource, scope = facts.failure.resource, facts.failure.scope
    if isinstance(resource, Found) and resource.value.strip():
        found.append(Asked(resource.value, "failure.resource", resource))
    if isinstance(scope, Found):
        found.extend(Asked(name, "failure.scope", scope) for name in resources_asked(scope.value))
    return tuple(found)


def asked_api(facts: Facts) -> Asked | None:
    """The one API the failure is about: what error or request name, else the only one the scopes name."""
    every = asked_apis(facts)
    if every and every[0].fact == "failure.resource":
        return every[0]
    return every[0] if len({plain_name(api.name) for api in every}) == 1 else None


def values_of(api: Asked | None) -> dict[str, str]:
    """``resource``: the application ID where the name tells it, else the name; ``api``: the same for a sentence;
    ``api_app_id``: the application ID, absent where the name does not tell it."""
    if api is None:
        return {}
    known = known_api(api.name)
    app_id = known.app_id if known else app_id_in(api.name)
    values = {"resource": app_id or api.name.strip(), "api": shown_api(api.name)}
    return values | {"api_app_id": app_id} if app_id else values
