"""Questions about the API that is asked for: which it is, its service principal in the tenant, who lists it."""

from typing import Any

from msgspec import Struct

from diag.core.asked import API_WORDS, asked_api, asked_apis, values_of
from diag.core.facts import Facts
from diag.core.permissions import (
    KNOWN_APIS,
    app_id_in,
    guids_after,
    known_api,
    plain_name,
    same_api,
    shown_api,
)
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed

_NAME_FACTS = ("failure.resource", "failure.scope")


class ApiArgs(Struct, frozen=True, forbid_unknown_fields=True):
    app_ids: tuple[str, ...]


def _no_name() -> Unknown:
    return lacking("failure.resource")


@predicate("resource.is_named", needs=_NAME_FACTS, gives=API_WORDS)
def is_named(facts: Facts, _: NoArgs) -> Verdict:
    """The failed request names the API it is about."""
    api = asked_api(facts)
    if api is None:
        return _no_name()
    return Yes((observed(f"The API asked for is {shown_api(api.name)}.", api.fact, api.read),), values_of(api))


@predicate("resource.is_missing_from_tenant", needs=("resource.exists", *_NAME_FACTS), gives=API_WORDS)
def is_missing_from_tenant(facts: Facts, _: NoArgs) -> Verdict:
    """The tenant holds no service principal of the API that is asked for."""
    api = asked_api(facts)
    gives = values_of(api)
    match facts.resource.exists:
        case Missing() as read:
            shown = f", {shown_api(api.name)}," if api else " that is asked for"
            return Yes((observed(f"The API{shown} has no service principal in the tenant.", "resource", read),), gives)
        case Found() as read:
            return No((observed("The API has a service principal in the tenant.", "resource", read),))
        case Unread() as why:
            return Unknown(lacking("resource", why).needs, gives=gives)


@predicate("resource.is_named_by_application_id", needs=_NAME_FACTS, gives=API_WORDS)
def is_named_by_application_id(facts: Facts, _: NoArgs) -> Verdict:
    """The API is named by the default URI ``api://<application ID>`` of its own registration."""
    api = asked_api(facts)
    if api is None:
        return _no_name()
    app_id = app_id_in(api.name)
    if app_id and api.name.strip().casefold().startswith("api://"):
        said = f"The API is asked for by the default form “{api.name}”, which exists once somebody has set it."
        return Yes((observed(said, api.fact, api.read),), values_of(api))
    return No(
        (observed(f"The API's name, “{api.name}”, has not the form api://<application ID>.", api.fact, api.read),)
    )


@predicate(
    "resource.lacks_identifier",
    needs=(
        "failure.resource",
        "application.app_id",
        "application.identifier_uris",
        "resource.app_id",
        "resource.names",
    ),
    gives=API_WORDS
    | {"uri": "the URI that was sent", "sent": "the URI that was sent", "registered": "another App ID URI, or none,"},
)
def lacks_identifier(facts: Facts, _: NoArgs) -> Verdict:
    """The API whose application ID stands in the requested URI has not that URI among its App ID URIs."""
    api = asked_api(facts)
    if api is None:
        return _no_name()
    app_id = app_id_in(api.name) or _known_id_in(api.name, facts)
    if app_id is None:
        return No((observed(f"The API's name, “{api.name}”, holds no application ID.", api.fact, api.read),))
    gives = {**values_of(api), "uri": api.name.strip(), "sent": f"“{api.name.strip()}”"}
    wanted = api.name.strip().rstrip("/").casefold()
    for owner, names, fact in (
        (facts.application.app_id, facts.application.identifier_uris, "application.identifier_uris"),
        (facts.resource.app_id, facts.resource.names, "resource.names"),
    ):
        if not (isinstance(owner, Found) and owner.value.casefold() == app_id):
            continue
        if isinstance(names, Found) and wanted in {name.rstrip("/").casefold() for name in names.value}:
            return No((observed(f"The API lists “{api.name}” among its App ID URIs.", fact, names),))
        if isinstance(names, Missing) or (isinstance(names, Found) and names.complete):
            listed = ", ".join(f"“{name}”" for name in names.value) if isinstance(names, Found) and names.value else ""
            held = f"it lists {listed}" if listed else "it lists none"
            said = f"The API {app_id} has no App ID URI “{api.name}”: {held}."
            return Yes((observed(said, fact, names),), gives | {"registered": listed or "none"})
    need = "resource.names" if isinstance(facts.resource.app_id, Found) else "application.identifier_uris"
    return Unknown(lacking(need).needs, gives=gives)


def _known_id_in(name: str, facts: Facts) -> str | None:
    """The application ID that ends a name such as ``api://<host>/<guid>`` (Teams tabs and bots), where it is one that
    was read: a GUID in that place may as well be a tenant's."""
    last = name.strip().rstrip("/").rpartition("/")[2].casefold().removeprefix("botid-")
    owners = (facts.application.app_id, facts.resource.app_id)
    return next((last for owner in owners if isinstance(owner, Found) and owner.value.casefold() == last), None)


@predicate(
    "resource.is_required",
    needs=("failure.resource", "failure.text", "application.required_permissions"),
    gives=API_WORDS | {"listed": "the APIs it lists"},
)
def is_required(facts: Facts, _: NoArgs) -> Verdict:
    """The client's registration lists the requested API under its API permissions; the error's own list counts too."""
    apis = asked_apis(facts)
    if not apis:
        return _no_name()
    api = apis[0]
    text, required = facts.failure.text, facts.application.required_permissions
    printed = (
        guids_after("List of valid resources from app registration", text.value) if isinstance(text, Found) else ()
    )
    if printed and isinstance(text, Found):
        listed, fact, complete = printed, "failure.text", True
        read: Found[Any] | Missing = text
    elif isinstance(required, Found):
        listed = tuple(dict.fromkeys(str(item.resource_app_id) for item in required.value))
        fact, complete, read = "application.required_permissions", required.complete, required
    elif isinstance(required, Missing):
        listed, fact, complete, read = (), "application.required_permissions", True, required
    else:
        return Unknown(lacking("application.required_permissions", required).needs, gives=values_of(api))
    shown = ", ".join(shown_api(name) for name in listed) or "none"
    gives = {**values_of(api), "listed": shown}
    if any(same_api(name, other.name) for name in listed for other in apis):
        return Yes((observed(f"The registration lists {shown_api(api.name)} among its APIs.", fact, read),), gives)
    comparable = known_api(api.name) is not None or app_id_in(api.name) is not None
    if not complete or (listed and not comparable and not _all_known(listed)):
        return Unknown(lacking("failure.resource").needs, gives=gives)
    said = f"The APIs the registration lists ({shown}) do not include {shown_api(api.name)}."
    return No((observed(said, fact, read),))


def _all_known(app_ids: tuple[str, ...]) -> bool:
    """Whether each listed API's names are known, so that a URI that is none of them is another API."""
    return all((api := known_api(app_id)) is not None and api.uris for app_id in app_ids)


@predicate("resource.is_one_of", needs=_NAME_FACTS, gives=API_WORDS, args=ApiArgs)
def is_one_of(facts: Facts, args: ApiArgs) -> Verdict:
    """The API that is asked for is one of the well-known ``app_ids``."""
    names = asked_apis(facts)
    if not names:
        return _no_name()
    for api in names:
        if any(same_api(app_id, api.name) for app_id in args.app_ids):
            said = f"The API asked for is {shown_api(api.name)}."
            return Yes((observed(said, api.fact, api.read),), values_of(api))
    first = names[0]
    return No((observed(f"The API asked for is {shown_api(first.name)}.", first.fact, first.read),))


@predicate("resource.is_retired", needs=_NAME_FACTS, gives=API_WORDS)
def is_retired(facts: Facts, _: NoArgs) -> Verdict:
    """The API that is asked for is one that Microsoft has retired (Azure AD Graph)."""
    return is_one_of(facts, ApiArgs(tuple(api.app_id for api in KNOWN_APIS if api.retired)))


@predicate("resource.is_licensed_service", needs=_NAME_FACTS, gives=API_WORDS)
def is_licensed_service(facts: Facts, _: NoArgs) -> Verdict:
    """The API belongs to a Microsoft service that a tenant gets with a subscription (Power BI, Dynamics, Intune…)."""
    return is_one_of(facts, ApiArgs(tuple(api.app_id for api in KNOWN_APIS if api.licensed)))


@predicate(
    "resource.is_client_itself", needs=("failure.resource", "failure.app_id", "application.app_id"), gives=API_WORDS
)
def is_client_itself(facts: Facts, _: NoArgs) -> Verdict:
    """The client asks for a token for its own application ID."""
    api = asked_api(facts)
    if api is None:
        return _no_name()
    client = next(
        (read for read in (facts.application.app_id, facts.failure.app_id) if isinstance(read, Found)),
        None,
    )
    if client is None:
        return lacking("failure.app_id")
    if plain_name(api.name) == client.value.casefold():
        said = f"The client asks for a token for itself: “{api.name}” is its own application ID."
        return Yes((observed(said, api.fact, api.read),), values_of(api))
    return No((observed(f"The API asked for, {shown_api(api.name)}, is not the client itself.", api.fact, api.read),))
