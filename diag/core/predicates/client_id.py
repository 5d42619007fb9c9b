"""Questions about the client ID as it was sent: what it looks like and what else it might be the ID of."""

from msgspec import Struct

from diag.core.facts import Facts
from diag.core.identifiers import IdShape, id_shape, nearly_equal
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Missing, Unread
from diag.core.verdict import No, Verdict, Yes, lacking, observed

_RETIRED = {
    "d1ddf0e4-d672-4dae-b554-9d5bdfd93547": "Microsoft Intune PowerShell",
    "31359c7f-bd7e-475c-86db-fdb8c937548e": "PnP Management Shell",
}
"""Shared applications that were withdrawn for everybody, by application ID."""

_SHAPE_WORDS: dict[IdShape, str] = {
    "guid": "a GUID",
    "zero_guid": "a GUID of one repeated digit, as samples use it",
    "placeholder": "sample text that was never replaced",
    "address": "an address or URN, not a GUID",
    "malformed": "no complete GUID",
}


class IdShapeArgs(Struct, frozen=True, forbid_unknown_fields=True):
    shapes: tuple[IdShape, ...]


@predicate(
    "client_id.looks_like",
    needs=("failure.app_id",),
    gives={"sent_id": "an identifier of its own"},
    args=IdShapeArgs,
)
def looks_like(facts: Facts, args: IdShapeArgs) -> Verdict:
    """The client ID as sent has one of ``shapes``."""
    read = facts.failure.app_id
    match read:
        case Found(value=sent) if _is_masked(sent):
            return lacking("failure.app_id", Unread("the client ID is masked in the text"))
        case Found(value=sent):
            shape = id_shape(sent)
            seen = (observed(f"The client ID sent, “{sent}”, is {_SHAPE_WORDS[shape]}.", "failure.app_id", read),)
            return Yes(seen, {"sent_id": sent}) if shape in args.shapes else No(seen)
        case Missing():
            return No((observed("The request carries no client ID.", "failure.app_id", read),))
        case Unread():
            return lacking("failure.app_id", read)


@predicate(
    "client_id.is_object_id",
    needs=("failure.app_id", "application.object_id", "service_principal.object_id", "neighbours"),
    gives={"right_id": "<application-id>", "owner": "the application"},
)
def is_object_id(facts: Facts, _: NoArgs) -> Verdict:
    """The client ID as sent is the object ID of an application or service principal."""
    read = facts.failure.app_id
    if not isinstance(read, Found):
        return lacking("failure.app_id", read if isinstance(read, Unread) else None)
    sent = read.value.strip().casefold()
    for kind, fact, own in (
        ("the application", "application.object_id", facts.application.object_id),
        ("the service principal", "service_principal.object_id", facts.service_principal.object_id),
    ):
        if isinstance(own, Found) and own.value.casefold() == sent:
            said = f"“{sent}” is the object ID of {kind}, not its application ID."
            return Yes((observed(said, fact, own),), _right(facts))
    return _among_neighbours(facts, sent, "object_id", "an object ID of")


@predicate(
    "client_id.is_key_id",
    needs=("failure.app_id", "application.client_secrets", "application.certificates", "neighbours"),
    gives={"right_id": "<application-id>", "owner": "the application"},
)
def is_key_id(facts: Facts, _: NoArgs) -> Verdict:
    """The client ID as sent is the key ID of a client secret or certificate."""
    read = facts.failure.app_id
    if not isinstance(read, Found):
        return lacking("failure.app_id", read if isinstance(read, Unread) else None)
    sent = read.value.strip().casefold()
    secrets, certificates = facts.application.client_secrets, facts.application.certificates
    if isinstance(secrets, Found) and sent in {item.key_id for item in secrets.value}:
        said = f"“{sent}” is the ID of a client secret, not the application's ID."
        return Yes((observed(said, "application.client_secrets", secrets),), _right(facts))
    if isinstance(certificates, Found) and sent in {item.key_id for item in certificates.value}:
        said = f"“{sent}” is the ID of a certificate, not the application's ID."
        return Yes((observed(said, "application.certificates", certificates),), _right(facts))
    return _among_neighbours(facts, sent, "key_id", "the ID of a credential of")


@predicate(
    "client_id.is_nearly_registered",
    needs=("failure.app_id", "application.app_id", "neighbours"),
    gives={"right_id": "<application-id>", "owner": "the application"},
)
def is_nearly_registered(facts: Facts, _: NoArgs) -> Verdict:
    """The client ID as sent is that of a registered application but for a few characters, or a piece of it."""
    read = facts.failure.app_id
    if not isinstance(read, Found):
        return lacking("failure.app_id", read if isinstance(read, Unread) else None)
    sent, own = read.value.strip().strip("'\"").casefold(), facts.application.app_id
    if isinstance(own, Found) and own.value != sent and nearly_equal(sent, own.value):
        said = f"“{sent}” differs from the application's ID “{own.value}” in a few characters only."
        return Yes((observed(said, "application.app_id", own),), _right(facts))
    return _among_neighbours(facts, sent, "similar_app_id", "nearly the ID of")


@predicate(
    "client_id.is_retired",
    needs=("failure.app_id",),
    gives={"retired_application": "an application that was withdrawn"},
)
def is_retired(facts: Facts, _: NoArgs) -> Verdict:
    """The client ID is that of a shared application that its publisher has withdrawn for everybody."""
    read = facts.failure.app_id
    if not isinstance(read, Found):
        return lacking("failure.app_id", read if isinstance(read, Unread) else None)
    name = _RETIRED.get(read.value.strip().casefold())
    if name is None:
        return No((observed("The client ID is not one of a withdrawn shared application.", "failure.app_id", read),))
    said = f"“{read.value}” is the ID of {name}, which was withdrawn for all tenants."
    return Yes((observed(said, "failure.app_id", read),), {"retired_application": name})


def _among_neighbours(facts: Facts, sent: str, holds: str, what: str) -> Verdict:
    neighbours = facts.neighbours
    if isinstance(neighbours, Found):
        owner = next((item for item in neighbours.value if item.holds == holds), None)
        if owner is not None:
            said = f"“{sent}” is {what} “{owner.display_name}”, whose application ID is {owner.app_id}."
            gives = {"right_id": owner.app_id, "owner": f"“{owner.display_name}”"}
            return Yes((observed(said, "neighbours", neighbours),), gives)
        if neighbours.complete:
            said = f"“{sent}” is not {what} any application of the tenant."
            return No((observed(said, "neighbours", neighbours),))
        return lacking("neighbours", Unread("only a part of the tenant's applications was compared"))
    return lacking("neighbours", neighbours if isinstance(neighbours, Unread) else None)


def _right(facts: Facts) -> dict[str, str]:
    own = facts.application.app_id
    return {"right_id": own.value} if isinstance(own, Found) else {}


def _is_masked(text: str) -> bool:
    """Stars or dots alone: the poster removed the value, which says nothing about what was sent."""
    return not text.strip("*.•x-_ ") and "*" in text
