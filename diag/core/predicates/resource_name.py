"""Questions about the name an API is asked for by: empty, malformed, a template's, another cloud's, a slip."""

from collections.abc import Iterator

from diag.core.asked import asked_api, asked_apis
from diag.core.facts import Facts
from diag.core.permissions import KNOWN_APIS, app_id_in, known_api, nearest
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found
from diag.core.resource_names import cloud_of, flaw_of, is_bare, is_of_global_cloud, login_cloud_in, placeholder_in
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed

_SENT = {"sent": "the name that was sent"}
_NAME_FACTS = ("failure.resource", "failure.scope")


def _no_name() -> Unknown:
    return lacking("failure.resource")


@predicate("resource.is_bare", needs=_NAME_FACTS, gives=_SENT)
def is_bare_name(facts: Facts, _: NoArgs) -> Verdict:
    """The API's name is a scheme with nothing behind it (``api://``)."""
    names = asked_apis(facts)
    if not names:
        return _no_name()
    for api in names:
        if is_bare(api.name):
            said = f"The API asked for is “{api.name}”: the part that should name it is empty."
            return Yes((observed(said, api.fact, api.read),), {"sent": f"“{api.name}”"})
    first = names[0]
    return No((observed(f"The API asked for is named: “{first.name}”.", first.fact, first.read),))


@predicate("resource.is_malformed", needs=_NAME_FACTS, gives=_SENT | {"flaw": "its form is wrong"})
def is_malformed(facts: Facts, _: NoArgs) -> Verdict:
    """The API's name is no well-formed URI or GUID: doubled scheme or slash, blanks, quotes."""
    names = asked_apis(facts)
    if not names:
        return _no_name()
    for api in names:
        flaw = flaw_of(api.name)
        if flaw and not is_bare(api.name):
            said = f"The API's name, “{api.name}”, is malformed: {flaw}."
            return Yes((observed(said, api.fact, api.read),), {"sent": f"“{api.name}”", "flaw": flaw})
    first = names[0]
    return No((observed(f"The API's name, “{first.name}”, is well formed.", first.fact, first.read),))


@predicate("resource.is_placeholder", needs=_NAME_FACTS, gives=_SENT)
def is_placeholder(facts: Facts, _: NoArgs) -> Verdict:
    """The API's name is text of a sample or template that was never replaced."""
    names = asked_apis(facts)
    if not names:
        return _no_name()
    for api in names:
        why = placeholder_in(api.name)
        if why:
            said = f"The API's name, “{api.name}”, was never filled in: {why}."
            return Yes((observed(said, api.fact, api.read),), {"sent": f"“{api.name}”"})
    first = names[0]
    return No((observed(f"The API's name, “{first.name}”, is no sample text.", first.fact, first.read),))


@predicate(
    "resource.belongs_to_other_cloud",
    needs=(*_NAME_FACTS, "failure.text"),
    gives=_SENT | {"cloud": "another national cloud"},
)
def belongs_to_other_cloud(facts: Facts, _: NoArgs) -> Verdict:
    """The API's host is of another national cloud than the one that signs in; without a sign-in host in the text the
    global cloud is assumed."""
    names = asked_apis(facts)
    if not names:
        return _no_name()
    text = facts.failure.text
    login = login_cloud_in(text.value) if isinstance(text, Found) else None
    for api in names:
        cloud = cloud_of(api.name) or ("global" if is_of_global_cloud(api.name) else None)
        if cloud is None or cloud == (login or "global"):
            continue
        signed = f", the sign-in to the {login} cloud" if login else ""
        said = f"The API “{api.name}” belongs to the {cloud} cloud{signed}."
        return Yes((observed(said, api.fact, api.read),), {"sent": f"“{api.name}”", "cloud": f"the {cloud} cloud"})
    first = names[0]
    return No((observed(f"The API's name, “{first.name}”, points to no other cloud.", first.fact, first.read),))


@predicate(
    "resource.is_nearly_named",
    needs=(*_NAME_FACTS, "application.identifier_uris", "resource.names"),
    gives=_SENT | {"registered": "the API's registered URI"},
)
def is_nearly_named(facts: Facts, _: NoArgs) -> Verdict:
    """The name differs from a well-known or registered API's by a slip: a letter or two, case, a slash, the scheme."""
    api = asked_api(facts)
    if api is None:
        return _no_name()
    if known_api(api.name) is not None:
        return No((observed(f"The API's name, “{api.name}”, is a well-known one.", api.fact, api.read),))
    registered = tuple(_registered_names(facts))
    sent = api.name.strip()
    for name in registered:
        if name == sent:
            return No((observed(f"The API's name, “{sent}”, is registered.", api.fact, api.read),))
    candidates = (*registered, *(uri for known in KNOWN_APIS for uri in known.uris))
    near = _slip(sent, candidates)
    if near:
        said = f"The API asked for, “{sent}”, nearly equals “{near}”, which exists."
        return Yes((observed(said, api.fact, api.read),), {"sent": f"“{sent}”", "registered": f"“{near}”"})
    if registered:
        return No((observed(f"No registered App ID URI is nearly equal to “{sent}”.", api.fact, api.read),))
    return Unknown(lacking("resource.names").needs, gives={"sent": f"“{sent}”"})


def _registered_names(facts: Facts) -> Iterator[str]:
    for read in (facts.application.identifier_uris, facts.resource.names):
        if isinstance(read, Found):
            yield from read.value


def _slip(sent: str, candidates: tuple[str, ...]) -> str | None:
    """The candidate that equals the name but for scheme, case, a path behind it or final slashes, or nearly does."""
    for candidate in candidates:
        if _bare(candidate) == _bare(sent) and candidate != sent:
            return candidate
        if known_api(candidate) is None or "://" not in candidate:
            continue
        host = _bare(sent).partition("/")[0]
        # An address below a service (a path, or one vault, server or organization of it) is not the service's own name.
        if _bare(sent).startswith(_bare(candidate) + "/") or host.endswith("." + _bare(candidate)):
            return candidate
    if app_id_in(sent):
        # Two GUIDs that differ in a letter are two applications rather than a slip of the pen.
        return None
    return nearest(sent, candidates)


def _bare(name: str) -> str:
    return name.casefold().rstrip("/").partition("://")[2] or name.casefold().rstrip("/")
