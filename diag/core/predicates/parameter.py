"""Questions about the request parameter that the message says is missing: was it left out, or sent and not read?

Which parameter is meant, the message says by a wording of the entry named ``lacks-<parameter>``.
"""

from diag.core.facts import Facts
from diag.core.facts import read as read_fact
from diag.core.predicate import NoArgs, predicate
from diag.core.read import Found, Unread
from diag.core.verdict import Evidence, No, Unknown, Verdict, Yes, lacking, observed

_FACTS = {
    "client_id": "failure.app_id",
    "scope": "failure.scope",
    "resource": "failure.resource",
    "redirect_uri": "failure.redirect_uri",
    "response_type": "failure.response_type",
    "client_secret": "failure.has_client_secret",
    "client_assertion": "failure.has_client_assertion",
    "code_verifier": "failure.has_code_verifier",
}
"""Parameters whose presence is a fact of the failure, as value or as yes and no."""

_NEEDS = ("failure.wordings", *_FACTS.values())
_LACKS = "lacks-"


@predicate("parameter.is_left_out", needs=_NEEDS, gives={"parameter": "a parameter"})
def is_left_out(facts: Facts, _: NoArgs) -> Verdict:
    """The parameter that the message misses is absent, or empty, in the request as it was described."""
    return _described(facts, wanted=False)


@predicate("parameter.is_sent", needs=_NEEDS, gives={"parameter": "a parameter"})
def is_sent(facts: Facts, _: NoArgs) -> Verdict:
    """The request as it was described carries the very parameter that the message misses."""
    return _described(facts, wanted=True)


def _described(facts: Facts, *, wanted: bool) -> Verdict:
    named = _named(facts)
    if named is None:
        return lacking("failure.wordings")
    gives = {"parameter": f"“{named}”"}
    said = Evidence(f"The message misses the parameter “{named}”.", "failure.wordings", "text")
    fact = _FACTS.get(named)
    if fact is None:
        return Unknown(lacking("failure.endpoint").needs, (said,), gives)
    value = read_fact(facts, fact)
    if isinstance(value, Unread):
        return Unknown(lacking(fact, value).needs, (said,), gives)
    sent = isinstance(value, Found) and value.value is not False and bool(str(value.value).strip())
    if sent:
        seen = observed(f"The client does set {named}.", fact, value)
    elif isinstance(value, Found) and isinstance(value.value, str):
        seen = observed(f"The request carries an empty {named}.", fact, value)
    else:
        seen = observed(f"The request carries no {named}.", fact, value)
    return Yes((said, seen), gives) if sent is wanted else No((said, seen))


def _named(facts: Facts) -> str | None:
    wordings = facts.failure.wordings
    if not isinstance(wordings, Found):
        return None
    name = next((item.removeprefix(_LACKS) for item in wordings.value if item.startswith(_LACKS)), None)
    return None if name is None else name.replace("-", "_")
