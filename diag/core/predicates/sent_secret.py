"""Questions about the client secret that was sent: its form, and whose it is."""

from typing import Literal

from msgspec import Struct

from diag.core.credentials import instant, instant_words, shown, state_at, used
from diag.core.facts import Facts
from diag.core.predicate import NoArgs, predicate
from diag.core.predicates.client_secret import lack, secrets_of, undated, unlisted
from diag.core.read import Found, Missing, Read, Unread
from diag.core.sign_in import SecretShape
from diag.core.verdict import No, Unknown, Verdict, Yes, lacking, observed

_SECRETS = "application.client_secrets"
_SHAPE = "failure.secret_shape"


class LooksArgs(Struct, frozen=True, forbid_unknown_fields=True):
    kind: Literal["guid", "placeholder", "reference"]


@predicate("client_secret.looks_like", needs=(_SHAPE,), args=LooksArgs)
def looks_like(facts: Facts, args: LooksArgs) -> Verdict:
    """The configured secret has the form of a GUID, of a sample's placeholder, or of a reference nobody resolved."""
    shape = facts.failure.secret_shape
    if not isinstance(shape, Found):
        return _no_shape(shape)
    form = _FORMS.get(shape.value.kind, "an unknown kind of value")
    seen = (observed(f"The configured secret has the form of {form}.", _SHAPE, shape),)
    return Yes(seen) if shape.value.kind == args.kind else No(seen)


_FORMS = {
    "guid": "a GUID, as key IDs have and secret values have not",
    "placeholder": "a placeholder text",
    "reference": "a reference to a secret kept elsewhere",
    "opaque": "a random value",
}


@predicate(
    "client_secret.used_is_gone",
    needs=("failure.credential_key_id", _SECRETS, "failure.observed_at"),
    gives={"old_secret": "the former secret"},
)
def used_is_gone(facts: Facts, _: NoArgs) -> Verdict:
    """The secret that the record names is no longer among the application's valid ones."""
    if not isinstance(facts.failure.credential_key_id, Found):
        return lack("failure.credential_key_id", facts.failure.credential_key_id)
    read = secrets_of(facts)
    if not isinstance(read, Found):
        return unlisted(read)
    key_id = facts.failure.credential_key_id.value
    presented = used(facts, Found(tuple(read.value), read.source, read.as_of, read.complete))
    if isinstance(presented, Unread):
        return lacking(_SECRETS, presented)
    if isinstance(presented, Missing):
        statement = f"The record names the secret {key_id}, which the registration no longer lists."
        return Yes((observed(statement, _SECRETS, read),), {"old_secret": key_id})
    at = instant(facts)
    if not isinstance(at, Found):
        return undated(at)
    state = state_at(presented.value, at.value)
    name = shown(presented.value)
    statement = f"The record names the secret {name}, which was {_STATES[state]} {instant_words(facts)}."
    seen = (observed(statement, _SECRETS, read),)
    return Yes(seen, {"old_secret": shown(presented.value)}) if state == "ended" else No(seen)


_STATES = {"ended": "past its end", "live": "valid", "not_yet_valid": "not yet valid"}


@predicate(
    "client_secret.hint_is_registered",
    needs=(_SHAPE, _SECRETS),
    gives={"hinted_secret": "a registered secret", "hinted_key_id": ""},
)
def hint_is_registered(facts: Facts, _: NoArgs) -> Verdict:
    """The first three characters of the configured secret are those of a registered one."""
    shape = facts.failure.secret_shape
    if not isinstance(shape, Found) or not shape.value.hint:
        return _no_shape(shape)
    read = secrets_of(facts)
    if not isinstance(read, Found):
        return unlisted(read)
    same = [item for item in read.value if item.hint and item.hint == shape.value.hint[:3]]
    if same:
        statement = f"The configured secret begins like the registered {shown(same[0])}."
        gives = {"hinted_secret": f"the registered {shown(same[0])}"}
        if len(same) == 1 and read.complete:
            gives["hinted_key_id"] = same[0].key_id
        return Yes((observed(statement, _SECRETS, read),), gives)
    if not read.complete or any(not item.hint for item in read.value):
        return lacking(_SECRETS, Unread("not every registered client secret shows its first characters"))
    return No((observed("No registered client secret begins like the configured one.", _SECRETS, read),))


USUAL_LENGTH = 40
"""Characters of a secret that Entra ID makes today; older ones have 32 to 44."""


@predicate("client_secret.has_unusual_length", needs=(_SHAPE,), gives={"length": "another number of"})
def has_unusual_length(facts: Facts, _: NoArgs) -> Verdict:
    """The configured secret does not have the 40 characters of a secret that Entra ID makes today."""
    shape = facts.failure.secret_shape
    if not isinstance(shape, Found) or shape.value.length is None:
        return _no_shape(shape)
    length = shape.value.length
    statement = f"The configured secret has {length} characters; Entra ID makes them with {USUAL_LENGTH}."
    seen = (observed(statement, _SHAPE, shape),)
    return Yes(seen, {"length": str(length)}) if length != USUAL_LENGTH else No(seen)


@predicate("client_secret.has_special_characters", needs=(_SHAPE,))
def has_special_characters(facts: Facts, _: NoArgs) -> Verdict:
    """The configured secret holds characters that a form body, a shell or a configuration file gives a meaning to."""
    shape = facts.failure.secret_shape
    if not isinstance(shape, Found) or shape.value.has_special_characters is None:
        return _no_shape(shape)
    if shape.value.has_special_characters:
        return Yes((observed("The configured secret holds special characters.", _SHAPE, shape),))
    return No((observed("The configured secret holds letters and digits only.", _SHAPE, shape),))


@predicate(
    "client_secret.belongs_to_neighbour",
    needs=("failure.credential_key_id", "neighbours"),
    gives={"other_application": "another application"},
)
def belongs_to_neighbour(facts: Facts, _: NoArgs) -> Verdict:
    """The secret that the record names is registered on another application of the tenant."""
    if not isinstance(facts.failure.credential_key_id, Found):
        return lack("failure.credential_key_id", facts.failure.credential_key_id)
    match facts.neighbours:
        case Found(value=neighbours):
            for item in neighbours:
                if item.holds == "key_id":
                    statement = f"The secret that was sent is registered on “{item.display_name}” ({item.app_id})."
                    seen = (observed(statement, "neighbours", facts.neighbours),)
                    return Yes(seen, {"other_application": f"“{item.display_name}” ({item.app_id})"})
            if not facts.neighbours.complete:
                return lacking("neighbours", Unread("not every application of the tenant was compared"))
            return No((observed(_NO_NEIGHBOUR, "neighbours", facts.neighbours),))
        case Missing():
            return No((observed(_NO_NEIGHBOUR, "neighbours", facts.neighbours),))
        case Unread():
            return lacking("neighbours", facts.neighbours)


def _no_shape(shape: Read[SecretShape]) -> Unknown:
    return lacking(_SHAPE, shape if isinstance(shape, Unread) else None)


_NO_NEIGHBOUR = "No other application of the tenant holds the secret that was sent."
